// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/backup_access.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>

#include "vault/crypto/backup_keys.hpp"

namespace coffret::daemon {
namespace {

constexpr std::string_view file_prefix = "coffret-";
constexpr std::string_view file_suffix = ".age";

std::string memory_path(Service& service) {
  return service.config().directory + "/last_backup";
}

std::string_view fault_words(backup::Fault fault, Language language) {
  const bool french = language == Language::french;
  switch (fault) {
    case backup::Fault::missing:
      return french ? "ce fichier manque" : "this file is missing";
    case backup::Fault::cut:
      return french ? "ce fichier est coupé avant sa fin" : "this file is cut before its end";
    case backup::Fault::altered:
      return french ? "le contenu de ce fichier a changé" : "the content of this file has changed";
    case backup::Fault::misplaced:
      return french ? "ce fichier n'est pas celui que la suite attend à cette place"
                    : "this file is not the one that belongs in this place";
    case backup::Fault::incomplete:
      return french ? "des documents que le journal nomme n'y sont pas"
                    : "documents that the log names are not in it";
    case backup::Fault::stale:
      return french ? "la suite la plus récente, que ce coffre se rappelle avoir écrite, manque"
                    : "the newest file, which this vault remembers having written, is missing";
    case backup::Fault::none:
      break;
  }
  return {};
}

}  // namespace

Result<std::string> path_argument(const Call& call, const std::string& name) {
  if (const auto hex = call.text(name + "_hex"); !hex.empty()) {
    COFFRET_TRY(const auto raw, from_hex(hex));
    return to_text(raw);
  }
  auto path = call.text(name);
  if (path.empty()) return errc::usage;
  return path;
}

Result<std::string> existing_set(Call& call, const std::string& path) {
  std::error_code ec;
  if (!std::filesystem::is_directory(path, ec)) return backup::base_path(path);
  COFFRET_TRY(const auto names, call.service.environment().disk.list(path));
  std::vector<std::string> sets;
  for (const auto& name : names) {
    const auto base = backup::base_path(name);
    if (base.starts_with(file_prefix) && base.ends_with(file_suffix)) sets.push_back(base);
  }
  std::sort(sets.begin(), sets.end());
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  call.detail = path;
  if (sets.empty()) return errc::file_not_found;
  if (sets.size() > 1) return errc::usage;
  call.detail.clear();
  return path + "/" + sets.front();
}

Result<backup::Opener> vault_opener(Call& call) {
  auto identities = std::make_shared<std::vector<crypto::AgeIdentity>>();
  COFFRET_CHECK(call.with([&](store::Vault& vault) -> Result<void> {
    for (std::uint32_t epoch = vault.epoch(); epoch > 0; --epoch) {
      auto identity = vault.export_identity(epoch);
      if (identity.has_value()) identities->push_back(std::move(*identity));
    }
    return {};
  }));
  return backup::Opener{[identities](ByteView beginning) -> Result<crypto::AgeReader> {
    Result<crypto::AgeReader> opened{errc::wrong_passphrase};
    for (const auto& identity : *identities) {
      opened = crypto::AgeReader::open(beginning, identity);
      if (opened.has_value() || opened.error() != errc::wrong_passphrase) break;
    }
    return opened;
  }};
}

backup::Opener recovery_opener(const RecoveryInput& input) {
  auto identity = std::make_shared<crypto::AgeIdentity>(crypto::recovery_identity(input.seed));
  return [identity](ByteView beginning) { return crypto::AgeReader::open(beginning, *identity); };
}

Result<void> judge_signers(const backup::Chain& chain,
                           const std::vector<store::DeviceView>& devices, backup::Damage& damage) {
  for (const auto& link : chain.links) {
    const auto& device = link.manifest.manifest.device;
    const auto known = std::find_if(devices.begin(), devices.end(),
                                    [&](const auto& one) { return one.id == device; });
    if (known != devices.end() && known->signing_key == link.manifest.key) continue;
    damage = {backup::Fault::misplaced, link.path};
    return errc::unauthenticated;
  }
  return {};
}

error_code tell_damage(Call& call, const error_code& error, const backup::Damage& damage) {
  if (damage.file.empty()) return error;
  call.detail = damage.file;
  const errc code = to_errc(error);
  if (code != errc::backup_damaged && code != errc::unauthenticated) return error;
  const auto words = fault_words(damage.fault, call.language);
  if (!words.empty())
    call.detail += (call.language == Language::french ? " : " : ": ") + std::string{words};
  return error;
}

std::optional<LastBackup> read_last_backup(Service& service) {
  const auto file = service.environment().disk.read(memory_path(service), 256);
  if (file.has_error()) return std::nullopt;
  // "<date> <set> <number>"
  const auto line = as_text(*file);
  const auto first = line.find(' ');
  const auto second = line.find(' ', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  LastBackup last;
  last.date = line.substr(0, first);
  const auto set = backup::SetId::parse(line.substr(first + 1, second - first - 1));
  const auto digits = line.substr(second + 1);
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), last.number);
  if (set.has_error() || ec != std::errc{} || end != digits.data() + digits.size())
    return std::nullopt;
  last.set = *set;
  return last;
}

void keep_last_backup(Service& service, const LastBackup& last) {
  const auto line = last.date + " " + last.set.text() + " " + std::to_string(last.number);
  (void)service.environment().disk.replace(memory_path(service), as_bytes(line));
}

}  // namespace coffret::daemon
