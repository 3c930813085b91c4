// SPDX-License-Identifier: EUPL-1.2
//
// age.hpp: the age v1 file format (C2SP age.md), for what leaves the vault as one encrypted file
// that the stock program opens.
//
//   file   := header nonce[16] chunk+        chunk: 64 KiB of plaintext (the last one less), 16
//   more header := "age-encryption.org/v1" LF stanza+ "---" SP mac LF
//
// Written: either one passphrase (scrypt), or X25519 recipients; the format forbids both at once.
// Read: the same two, one canonical spelling; other kinds of stanza are passed over.
// Memory is bounded whatever the size: a chunk is held, never the file.
//
// Units: sizes are bytes; a work factor is the base-2 logarithm of scrypt's N (r = 8, p = 1).
// Errors: malformed; too_large (header); unsupported (no stanza that this key could open);
// weak_parameters (a work factor over the limit); wrong_passphrase (no stanza opened);
// unauthenticated (a header or chunk that does not match).
// Threads: a writer or reader belongs to one thread at a time.
#ifndef COFFRET_VAULT_CRYPTO_AGE_HPP
#define COFFRET_VAULT_CRYPTO_AGE_HPP

#include <cstdint>
#include <string_view>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/random.hpp"
#include "coffret/secret.hpp"

namespace coffret::crypto {

using AgeRecipient = Id<32, struct AgeRecipientTag>;     // X25519 public key
using AgeIdentity = Secret<32, struct AgeIdentityTag>;   // its private half
using AgePayloadKey = Secret<32, struct AgePayloadTag>;  // of one file
using AgeFileKey = std::span<const std::uint8_t, 16>;    // this room's own

inline constexpr std::size_t age_chunk = 64 * 1024;
inline constexpr std::size_t age_header_limit = 64 * 1024;
inline constexpr std::size_t age_recipient_limit = 20;
inline constexpr unsigned age_work_factor = 18;        // of what is written: 256 MiB, about 1 s
inline constexpr unsigned age_work_factor_limit = 20;  // of what is read: 1 GiB

// "age1…", Bech32 (BIP 173). Errors: malformed.
Result<AgeRecipient> parse_age_recipient(std::string_view text);
// "AGE-SECRET-KEY-1…". Errors: malformed.
Result<AgeIdentity> parse_age_identity(const SecretText& text);

class AgeWriter {
 public:
  // `out` receives the beginning of the file. The passphrase is taken in Unicode NFC.
  // Errors: malformed (an empty passphrase, no recipient or too many, a recipient of low order).
  static Result<AgeWriter> to_passphrase(const SecretText& passphrase, unsigned work_factor,
                                         Random& random, Bytes& out);
  static Result<AgeWriter> to_recipients(const std::vector<AgeRecipient>& recipients,
                                         Random& random, Bytes& out);

  // Appends to `out` what is ready; then, once, the end. A file without its end opens for nobody.
  void write(ByteView plaintext, Bytes& out);
  void finish(Bytes& out);

 private:
  explicit AgeWriter(AgePayloadKey key) : key_(std::move(key)) {}
  static AgeWriter start(AgeFileKey file_key, std::string_view stanzas, Random& random, Bytes& out);
  void seal_chunk(bool last, Bytes& out);

  AgePayloadKey key_;
  std::uint64_t chunk_ = 0;
  Bytes held_;  // plaintext of the chunk being filled: the last one is known only at the end
};

class AgeReader {
 public:
  // `file`: its beginning, at least the header and 16 bytes, or the whole.
  static Result<AgeReader> open(ByteView file, const SecretText& passphrase);
  static Result<AgeReader> open(ByteView file, const AgeIdentity& identity);

  std::size_t payload_at() const noexcept { return payload_at_; }
  // The plaintext of the next chunk: age_chunk + 16 bytes, the last one what is left of the file.
  Result<Bytes> chunk(ByteView sealed, bool last);
  // The next chunk is this one, counted from 0.
  void go_to(std::uint64_t chunk) noexcept { chunk_ = chunk; }

 private:
  AgeReader(AgePayloadKey key, std::size_t payload_at)
      : key_(std::move(key)), payload_at_(payload_at) {}
  template <class Unwrap>
  static Result<AgeReader> open_with(ByteView file, Unwrap&& unwrap);

  AgePayloadKey key_;
  std::size_t payload_at_;
  std::uint64_t chunk_ = 0;
};

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_AGE_HPP
