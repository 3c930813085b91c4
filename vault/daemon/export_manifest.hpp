// SPDX-License-Identifier: EUPL-1.2
//
// export_manifest.hpp: the list of the files of an export, signed by the device that made it, and
// how an importer recognises its own again.
//
//   manifest.json   the list, in the clear
//   manifest.jws    the same bytes as a compact JWS (EdDSA), type "coffret-export+jwt"
//   SHA256SUMS      every other file, as sha256sum -c reads it
//
// Errors: malformed, too_large, other_version; unauthenticated (signature, or a file that differs).
// Threads: pure functions.
#ifndef COFFRET_VAULT_DAEMON_EXPORT_MANIFEST_HPP
#define COFFRET_VAULT_DAEMON_EXPORT_MANIFEST_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/protocol/device.hpp"
#include "vault/daemon/export_record.hpp"

namespace coffret::daemon {

inline constexpr std::string_view export_manifest_type = "coffret-export+jwt";
inline constexpr std::size_t max_export_manifest = 64u << 20;  // bytes of JSON

struct ListedFile {
  std::string name;
  std::uint64_t size = 0;
  Sha256 sha256;
};

std::string export_manifest(const ExportedRecord& record, const std::vector<ListedFile>& files,
                            const std::vector<protocol::SignedCertificate>& chain,
                            const SigningPublicKey& root);
std::string sha256_sums(const std::vector<ListedFile>& files);

// What an importer needs of a document that comes back. Short, and without characters that control
// a terminal or turn the writing direction; the rest is for the importer to judge.
struct ReturningDocument {
  std::string file;  // relative; no component climbs
  // Of the file as it was taken out; none in a list that does not say.
  std::optional<Sha256> sha256;
  // wire::encode of the DocumentEntry as it was put: what an archive had said of the file beside
  // it. For the reader, as a reading::Member's metadata; empty: nothing.
  Bytes entry;
  std::string original_name;
  std::string date;
  DateSource date_source = DateSource::document;
  std::string source;
  std::string person;  // whose record; empty: the owner's
  std::string owner;   // of the vault that made the list, as they called themselves
  // It names somebody else, and was in that record all the same: its person had said so.
  bool other_patient = false;
  bool signed_here = false;  // by a device of the vault that reads it (export_signature.hpp)
  std::optional<std::string> title;  // as the person had changed it; the rest likewise
  std::optional<std::string> amended_date;
  std::optional<CodedValue> kind;
  std::optional<std::string> note;
};
Result<std::vector<ReturningDocument>> read_export_manifest(std::string_view json);

// In whose name the list speaks: proved only by its signature. Texts as of a ReturningDocument.
struct ExportAuthority {
  VaultId vault;
  SigningPublicKey root;
  std::vector<protocol::SignedCertificate> chain;
  std::string owner;
  std::string made_at;
};
Result<ExportAuthority> read_export_authority(std::string_view json);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_EXPORT_MANIFEST_HPP
