// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret-recover/opening.hpp"

#include <map>

#include "coffret/file_name.hpp"
#include "sync/protocol/signature.hpp"
#include "vault/crypto/backup_keys.hpp"
#include "vault/crypto/sealer.hpp"
#include "vault/store/log_pins.hpp"

namespace coffret::recover {
namespace {

using store::LoggedDocument;

Result<std::vector<protocol::SignedEntry>> whole_log(const Disk& disk, const backup::Chain& chain,
                                                     const backup::Opener& opener,
                                                     backup::Damage& damage) {
  std::vector<protocol::SignedEntry> log;
  const auto take = [&](const backup::Entries& given) -> Result<void> {
    log.resize(static_cast<std::size_t>(given.after));
    log.insert(log.end(), given.entries.begin(), given.entries.end());
    return {};
  };
  COFFRET_TRY([[maybe_unused]] const auto verified,
              backup::read_chain(disk, chain, opener, {.entries = take}, damage));
  return log;
}

Result<void> judge_signers(const backup::Chain& chain, const store::LogPins& pins,
                           backup::Damage& damage) {
  for (const auto& link : chain.links) {
    bool known = false;
    for (const auto& device : pins.devices)
      known = known || (device.id == link.manifest.manifest.device &&
                        device.signing_key == link.manifest.key);
    if (known) continue;
    damage = {backup::Fault::misplaced, link.path};
    return errc::unauthenticated;
  }
  return {};
}

std::string name_of(const LoggedDocument& document) {
  const auto& entry = document.entry;
  const auto title = entry.title.empty() ? entry.file_name : entry.title;
  const auto date = entry.date.substr(0, 10);
  return safe_file_name(date.empty() ? title : date + " " + title, entry.media_type);
}

class Folder {
 public:
  Folder(Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}

  Result<void> begin() {
    if (disk_.list(path_).has_value() || disk_.size(path_).has_value()) return errc::file_exists;
    COFFRET_CHECK(disk_.make_directory(path_));
    return disk_.make_directory(path_ + "/removed");
  }
  Result<void> add(const LoggedDocument& document, ByteView body) {
    const std::string folder = document.removed ? "removed/" : "";
    const auto name = folder + (document.removed ? removed_ : current_).add(name_of(document));
    index_ += name + "\n    " + document.person + " · " + document.entry.date + " · " +
              document.entry.title + "\n";
    return disk_.write_at(path_ + "/" + name, 0, body);
  }
  Result<void> finish() { return disk_.write_at(path_ + "/INDEX.txt", 0, as_bytes(index_)); }

 private:
  Disk& disk_;
  std::string path_;
  DistinctNames current_;
  DistinctNames removed_;
  std::string index_;
};

}  // namespace

Result<Taken> open_backup(Disk& disk, const std::string& from, const std::string& out,
                          const crypto::RecoverySeed& seed, backup::Damage& damage) {
  const auto identity = crypto::recovery_identity(seed);
  const backup::Opener opener = [&](ByteView beginning) {
    return crypto::AgeReader::open(beginning, identity);
  };
  COFFRET_TRY(const auto chain, backup::open_chain(disk, backup::base_path(from), opener, damage));
  COFFRET_TRY(auto log, whole_log(disk, chain, opener, damage));
  COFFRET_TRY(const auto pins, store::pins_in_log(seed, log));
  COFFRET_CHECK(judge_signers(chain, pins, damage));
  COFFRET_TRY(const auto documents, store::documents_in_log(seed, log));
  log.clear();
  std::map<ObjectId, const LoggedDocument*> wanted;
  for (const auto& document : documents) wanted.emplace(document.object, &document);

  Folder folder{disk, out};
  COFFRET_CHECK(folder.begin());
  Taken taken{0, 0, chain.last().made_at};
  const auto object = [&](const ObjectId& id, Bytes&& bytes) -> Result<void> {
    const auto found = wanted.find(id);
    if (found == wanted.end()) return {};
    const auto& document = *found->second;
    COFFRET_TRY(
        const auto body,
        crypto::Sealer::open(document.key, {chain.last().vault, document.id, document.version},
                             ReceivedObject{std::move(bytes)}, document.size));
    if (protocol::sha256(body) != document.sha256) return errc::unauthenticated;
    wanted.erase(found);
    ++taken.documents;
    return folder.add(document, body);
  };
  COFFRET_TRY([[maybe_unused]] const auto again,
              backup::read_chain(disk, chain, opener, {.object = object}, damage));
  taken.missing = wanted.size();
  COFFRET_CHECK(folder.finish());
  return taken;
}

}  // namespace coffret::recover
