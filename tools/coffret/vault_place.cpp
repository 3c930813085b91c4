// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/vault_place.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace coffret::cli {

namespace fs = std::filesystem;

bool holds_a_vault(const fs::path& directory) {
  std::error_code ec;
  return fs::exists(fs::symlink_status(directory / "keyslot", ec)) ||
         fs::exists(fs::symlink_status(directory / "store.db", ec));
}

Result<void> VaultPlace::make(const fs::path& directory) {
  std::error_code ec;
  auto missing = fs::absolute(directory, ec).lexically_normal();
  if (ec) return errc::io;
  if (!missing.has_filename()) missing = missing.parent_path();  // "DIR/"
  for (; !fs::exists(fs::symlink_status(missing, ec)) && missing.has_relative_path();
       missing = missing.parent_path())
    made_.push_back(missing);
  const mode_t before = ::umask(0077);
  fs::create_directories(directory, ec);
  (void)::umask(before);
  return ec ? Result<void>{errc::io} : Result<void>{};
}

void VaultPlace::take_back() {
  // A folder that somebody put something into stays, and so do those above it.
  for (const auto& folder : made_)
    if (::rmdir(folder.c_str()) != 0) return;
}

}  // namespace coffret::cli
