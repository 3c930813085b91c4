// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/watched_folders.hpp"

#include <algorithm>

#include "coffret/wire.hpp"

namespace coffret::daemon {
namespace {

constexpr std::string_view file_name = "watched";
constexpr std::uint32_t version = 1;

struct Folders {
  std::vector<WatchedFolder> folders;

  template <class A>
  void serialize(A& a) {
    a(folders);
  }
};

bool within_limits(const std::vector<WatchedFolder>& folders) {
  return folders.size() <= max_watched &&
         std::all_of(folders.begin(), folders.end(), [](const WatchedFolder& folder) {
           return !folder.directory.empty() && folder.directory.size() <= max_watched_path &&
                  folder.move_to.size() <= max_watched_path;
         });
}

std::string path_in(const std::string& vault_directory) {
  return vault_directory + "/" + std::string{file_name};
}

// The key was wrapped in some epoch of the log; there are few.
Result<crypto::ConfigKey> unwrapped(store::Vault& vault, const SealedFolders& file) {
  for (std::uint32_t epoch = 1;; ++epoch) {
    auto key = vault.unwrap<crypto::ConfigKey>(epoch, crypto::WrapPurpose::document, file.id.view(),
                                               version, file.wrapped_key);
    if (key.has_value() || key.error() == errc::not_found) return key;
  }
}

Result<std::vector<WatchedFolder>> opened(store::Vault& vault, ByteView bytes) {
  COFFRET_TRY(const auto file, decode_sealed_folders(bytes));
  COFFRET_TRY(const auto key, unwrapped(vault, file));
  COFFRET_TRY(const auto plain, crypto::Sealer::open_file(key, vault.id(), file_name, file.sealed));
  return decode_folders(plain);
}

}  // namespace

Result<SealedFolders> decode_sealed_folders(ByteView file) {
  if (file.size() > max_watched_file) return errc::malformed;
  return wire::decode<SealedFolders>(file);
}

Result<std::vector<WatchedFolder>> decode_folders(ByteView opened) {
  COFFRET_TRY(auto decoded, wire::decode<Folders>(opened));
  if (!within_limits(decoded.folders)) return errc::malformed;
  return std::move(decoded.folders);
}

std::vector<WatchedFolder> read_watched(store::Vault& vault, const std::string& vault_directory,
                                        const Disk& disk) {
  const auto file = disk.read(path_in(vault_directory), max_watched_file);
  if (file.has_error()) return {};
  auto folders = opened(vault, *file);
  return folders.has_value() ? std::move(*folders) : std::vector<WatchedFolder>{};
}

Result<void> keep_watched(store::Vault& vault, const std::string& vault_directory,
                          store::Environment& environment,
                          const std::vector<WatchedFolder>& folders) {
  if (!within_limits(folders)) return errc::too_large;
  const auto key = crypto::make_key<crypto::ConfigKey>(environment.random);
  SealedFolders file;
  file.id = environment.random.make<ObjectId>();
  file.wrapped_key = vault.wrap(crypto::WrapPurpose::document, file.id.view(), version, key);
  file.sealed = crypto::Sealer::seal_file(key, vault.id(), file_name,
                                          wire::encode(Folders{folders}), environment.random);
  return environment.disk.replace(path_in(vault_directory), wire::encode(file));
}

}  // namespace coffret::daemon
