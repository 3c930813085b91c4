// SPDX-License-Identifier: EUPL-1.2
//
// manifest.hpp: the list of what a parcel of a protected link holds, signed by the device that made
// it (PROTOCOL.md §7).
//
// It travels sealed: the server never sees one. Nothing in it is believed before verify_manifest.
// Units: UTC seconds; bytes of the files before they were cut into parts.
// Errors: malformed, too_large, other_version; unknown_policy (a right this build does not know);
// unauthenticated (signature, chain, or another link or version than the asked one).
#ifndef COFFRET_SYNC_PROTOCOL_MANIFEST_HPP
#define COFFRET_SYNC_PROTOCOL_MANIFEST_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/grant.hpp"
#include "coffret/ids.hpp"
#include "coffret/signer.hpp"
#include "sync/protocol/device.hpp"

namespace coffret::protocol {

inline constexpr std::string_view manifest_type = "coffret-manifest+jwt";
inline constexpr std::size_t parcel_part = 4u << 20;      // bytes of plaintext, at most
inline constexpr std::size_t max_manifest = parcel_part;  // bytes of the compact JWS
inline constexpr std::size_t max_manifest_files = 1000;
inline constexpr std::size_t max_manifest_parts = 4095;  // of all files; the manifest is one more
inline constexpr std::size_t max_manifest_text = 4096;   // bytes of each text
inline constexpr std::size_t max_chain = 16;             // certificates
inline constexpr std::size_t max_reply = 256;            // bytes

struct ManifestFile {
  std::string name;  // of a file to be written: coffret/file_name.hpp, again by whoever reads it
  std::string type;  // media type
  std::string title;
  std::string date;  // ISO 8601, or empty
  std::string author;
  std::uint64_t size = 0;
  Sha256 sha256;
  std::vector<FileId> parts;  // at least one, which together are at least `size` bytes
  bool operator==(const ManifestFile&) const = default;
};

struct Manifest {
  LinkId link;
  std::uint32_t version = 1;  // n of K_n
  VaultId vault;
  std::int64_t issued_at = 0;
  std::int64_t expires_at = 0;
  std::string owner;
  std::string to;
  std::string purpose;
  std::uint8_t rights = 0;  // bits of Right
  std::string patient_name;
  std::string patient_birth_date;  // ISO 8601, or empty
  std::vector<ManifestFile> files;
  std::vector<SignedCertificate> chain;  // from the signing device up to one the root certified
  SigningPublicKey root;
  Bytes introduction{};  // for a paired caregiver (caregiver.hpp), with its MAC; else empty
  // What follows the '#' of the deposit link for an answer (PROTOCOL.md §14); else empty. Whoever
  // would answer judges it.
  std::string reply{};
  bool operator==(const Manifest&) const = default;
};

// The payload, one form. Unknown members are ignored when it is read.
std::string manifest_json(const Manifest& manifest);
Result<Manifest> read_manifest(std::string_view payload);

std::string sign_manifest(const Manifest& manifest, const Signer& device);

struct VerifiedManifest {
  Manifest manifest;
  DeviceId device;  // that signed it
};
// Signature, chain from the signing key to the root, vault, link and version. The root is whatever
// the manifest says: that it is somebody's is the reader's to judge.
Result<VerifiedManifest> verify_manifest(std::string_view compact, const LinkId& link,
                                         std::uint32_t version);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_MANIFEST_HPP
