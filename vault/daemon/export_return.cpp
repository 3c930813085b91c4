// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/export_return.hpp"

#include <fstream>

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;

// Errors: not_found; too_large; those of the list.
Result<std::vector<ReturningDocument>> list_in(const fs::path& folder) {
  const fs::path path = folder / "manifest.json";
  std::error_code ec;
  if (fs::symlink_status(path, ec).type() != fs::file_type::regular) return errc::not_found;
  const auto size = fs::file_size(path, ec);
  if (ec) return errc::io;
  if (size > max_export_manifest) return errc::too_large;
  std::string json(static_cast<std::size_t>(size), '\0');
  std::ifstream file{path, std::ios::binary};
  if (!file.read(json.data(), static_cast<std::streamsize>(json.size()))) return errc::io;
  return read_export_manifest(json);
}

}  // namespace

std::optional<std::vector<fs::path>> documents_of_export(const fs::path& folder) {
  const auto list = list_in(folder);
  if (list.has_error()) return std::nullopt;
  std::vector<fs::path> files;
  for (const auto& document : *list) files.push_back(folder / document.file);
  return files;
}

const ReturningDocument* Returning::find(const fs::path& file) {
  // An export keeps its documents two folders down: documents/2020/name.
  const fs::path documents = file.parent_path().parent_path();
  if (documents.filename() != "documents") return nullptr;
  const fs::path folder = documents.parent_path();
  auto [known, fresh] = exports_.try_emplace(folder.string());
  if (fresh) {
    auto list = list_in(folder);
    if (list.has_value())
      for (auto& document : *list) {
        std::string name = document.file;
        known->second.emplace(std::move(name), std::move(document));
      }
  }
  const auto found = known->second.find(file.lexically_relative(folder).generic_string());
  return found == known->second.end() ? nullptr : &found->second;
}

}  // namespace coffret::daemon
