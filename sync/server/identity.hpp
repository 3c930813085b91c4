// SPDX-License-Identifier: EUPL-1.2
//
// identity.hpp: the association's identity key, and the self-signed TLS certificate for those who
// have no other.
//
// The key's seed lies in a file of mode 0600, and in memory that is locked and wiped. Its
// fingerprint is what every member pins.
// Errors: never_initialised (no file), already_initialised, damaged (not a seed), io, disk_full.
// Threads: an Identity may be used from any thread.
#ifndef COFFRET_SYNC_SERVER_IDENTITY_HPP
#define COFFRET_SYNC_SERVER_IDENTITY_HPP

#include <memory>
#include <string>
#include <string_view>

#include "coffret/disk.hpp"
#include "coffret/error.hpp"
#include "coffret/random.hpp"
#include "coffret/signer.hpp"

namespace coffret::server {

class Identity final : public Signer {
 public:
  static Result<void> create(const std::string& path, Disk& disk, Random& random);
  static Result<std::unique_ptr<Identity>> load(const std::string& path, const Disk& disk);
  ~Identity() override;
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  const SigningPublicKey& public_key() const noexcept override { return public_key_; }
  Signature sign(SignatureLabel label, ByteView message) const override;
  const Fingerprint& fingerprint() const noexcept { return fingerprint_; }

 private:
  explicit Identity(ByteView seed);
  std::uint8_t* secret_;  // sodium_malloc, 64 bytes
  SigningPublicKey public_key_;
  Fingerprint fingerprint_;
};

struct SelfSigned {
  std::string certificate;  // PEM
  std::string key;          // PEM
};

// ECDSA P-256, which every TLS client knows; names: `host` and this machine's loopback.
// Valid two years, because the pin, not the date, is what members rely on.
Result<SelfSigned> make_certificate(std::string_view host);

// SHA-256 of the DER SubjectPublicKeyInfo of a PEM certificate (the first of a chain).
// Errors: malformed.
Result<Sha256> spki_of(std::string_view certificate_pem);

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_IDENTITY_HPP
