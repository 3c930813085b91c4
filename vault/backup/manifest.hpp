// SPDX-License-Identifier: EUPL-1.2
//
// manifest.hpp: what one file of a backup holds, signed by the device that made it
// (vault/DESIGN.md §14): a compact JWS (EdDSA) of type "coffret-backup+jwt" over JSON.
//
// A set is a file and its increments, numbered from 1. Each names the manifest before it by its
// SHA-256; a full one names none and begins a new chain.
// Errors: malformed, too_large, other_version; unauthenticated (the signature).
// Threads: pure functions.
#ifndef COFFRET_VAULT_BACKUP_MANIFEST_HPP
#define COFFRET_VAULT_BACKUP_MANIFEST_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/signer.hpp"
#include "sync/protocol/entry.hpp"

namespace coffret::backup {

inline constexpr std::size_t max_manifest = 64u << 20;  // bytes, as signed
inline constexpr std::uint32_t max_number = 99'999;     // files of a set
inline constexpr std::uint64_t max_size = std::uint64_t{1} << 40;

using SetId = Id<16, struct BackupSetTag>;

struct Page {
  std::uint64_t size = 0;
  Sha256 sha256;
};
struct Held {
  ObjectId object;  // BLAKE2b-256 of its bytes
  std::uint64_t size = 0;
};

struct Manifest {
  VaultId vault;
  SetId set;
  std::uint32_t number = 1;
  Sha256 previous;  // of the manifest before, as signed; zero: a full one
  std::string made_at;
  DeviceId device;
  AgreementPublicKey recovery;  // the sheet's that opens the file
  protocol::Head after;         // the log's entries behind this one are in the file
  protocol::Head head;          // up to here
  protocol::Head acknowledged;  // by the server, at the time
  std::uint64_t documents = 0;  // that the person then had
  std::uint64_t missing = 0;    // objects of the log that the device did not hold
  std::uint64_t read_me = 0;    // bytes
  std::vector<Page> pages;
  std::vector<Held> objects;

  bool full() const noexcept { return previous.is_zero(); }
};

std::string sign_manifest(const Manifest& manifest, const Signer& signer);

struct SignedManifest {
  Manifest manifest;
  SigningPublicKey key;  // trusted only where the log enrols it as the device
  Sha256 hash;           // of the signed text
};
Result<SignedManifest> read_manifest(std::string_view signed_text);

}  // namespace coffret::backup

#endif  // COFFRET_VAULT_BACKUP_MANIFEST_HPP
