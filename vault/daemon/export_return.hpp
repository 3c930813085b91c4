// SPDX-License-Identifier: EUPL-1.2
//
// export_return.hpp: an export that is imported again. Its list says which of its files are the
// documents, how each was called and dated when it was first received, what had come with it, whose
// record it was in and what the person had changed, so that the same entries come back. It is
// believed as far as the metadata of an archive is: a document of its own words is held against it
// (merge.hpp), and one that names another patient is set apart wherever the list puts it; unless
// the list says that the person had kept it all the same, in a record of this very name. Whoever
// could write that could as well have written the name into the document; and the import tells it.
//
// Only of a list that a device of this vault signed it is believed that an entry was typed in by
// the person, and only of a file that is the listed one to the byte.
//
// Threads: not thread-safe.
#ifndef COFFRET_VAULT_DAEMON_EXPORT_RETURN_HPP
#define COFFRET_VAULT_DAEMON_EXPORT_RETURN_HPP

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coffret/disk.hpp"
#include "vault/daemon/export_manifest.hpp"
#include "vault/daemon/export_signature.hpp"

namespace coffret::daemon {

// The documents of an export in this folder, in the order of its list; none: it is not an export.
std::optional<std::vector<std::filesystem::path>> documents_of_export(
    const std::filesystem::path& folder);

// The vault that an export comes back to.
struct ReturnsTo {
  VaultId vault;
  std::vector<store::DeviceView> devices;
};

class Returning {
 public:
  explicit Returning(ReturnsTo to) : to_(std::move(to)) {}

  // What the list says of this file; null when it is not of an export.
  const ReturningDocument* find(const std::filesystem::path& file);
  // Of each export that a file was of, by its folder: who signed its list.
  const std::map<std::string, SignedExport>& signed_exports() const noexcept { return signed_; }

 private:
  using Documents = std::map<std::string, ReturningDocument>;
  Documents read(const std::filesystem::path& folder);

  ReturnsTo to_;
  std::map<std::string, Documents> exports_;  // by folder; empty for one that is no export
  std::map<std::string, SignedExport> signed_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_EXPORT_RETURN_HPP
