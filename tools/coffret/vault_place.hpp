// SPDX-License-Identifier: EUPL-1.2
//
// vault_place.hpp: the folder that a vault is made in; it leaves no trace of a vault that was not.
//
// Threads: not thread-safe.
#ifndef COFFRET_TOOLS_COFFRET_VAULT_PLACE_HPP
#define COFFRET_TOOLS_COFFRET_VAULT_PLACE_HPP

#include <filesystem>
#include <vector>

#include "coffret/error.hpp"

namespace coffret::cli {

// Whether there is a vault, or what is left of one.
bool holds_a_vault(const std::filesystem::path& directory);

class VaultPlace {
 public:
  // Makes the folder, private, and those above it that are missing. Errors: io.
  Result<void> make(const std::filesystem::path& directory);
  // Takes away what make() made, as far as nothing is in it.
  void take_back();
  bool made() const noexcept { return !made_.empty(); }

 private:
  std::vector<std::filesystem::path> made_;  // the innermost first
};

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_VAULT_PLACE_HPP
