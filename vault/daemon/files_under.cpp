// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/files_under.hpp"

#include <algorithm>

#include "vault/daemon/export_return.hpp"

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;

bool left_by_a_desktop(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') || name == "__MACOSX" || name == "Thumbs.db" ||
         name == "desktop.ini";
}

void walk(const fs::path& directory, const std::string& vault, std::vector<fs::path>& files) {
  if (is_within(directory, vault)) return;
  // Of an export of ours the documents alone: the rest tells of them.
  if (auto own = documents_of_export(directory)) {
    files.insert(files.end(), own->begin(), own->end());
    return;
  }
  std::vector<fs::path> names;
  std::error_code ec;
  for (fs::directory_iterator it{directory, ec}, end; !ec && it != end; it.increment(ec))
    if (!left_by_a_desktop(it->path())) names.push_back(it->path());
  if (ec) files.push_back(directory);
  std::sort(names.begin(), names.end());
  for (const auto& path : names) {
    const auto status = fs::symlink_status(path, ec);
    if (fs::is_directory(status))
      walk(path, vault, files);
    else if (fs::is_regular_file(status))
      files.push_back(path);
  }
}

}  // namespace

bool is_within(const fs::path& path, const std::string& folder) {
  std::error_code ec;
  const auto inner = fs::weakly_canonical(path, ec);
  const auto outer = ec ? fs::path{} : fs::weakly_canonical(folder, ec);
  if (ec || outer.empty()) return false;
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

std::vector<fs::path> files_under(const std::vector<std::string>& paths, const std::string& vault) {
  std::vector<fs::path> files;
  for (const auto& path : paths) {
    std::error_code ec;
    if (fs::is_directory(fs::status(path, ec)))
      walk(path, vault, files);
    else
      files.emplace_back(path);
  }
  return files;
}

}  // namespace coffret::daemon
