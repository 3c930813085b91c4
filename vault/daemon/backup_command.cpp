// SPDX-License-Identifier: EUPL-1.2
//
// The commands `backup` and `backup verify`.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "coffret/time.hpp"
#include "vault/backup/writer.hpp"
#include "vault/crypto/backup_keys.hpp"
#include "vault/daemon/backup_access.hpp"
#include "vault/daemon/backup_words.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/store/history.hpp"
#include "vault/store/log_pins.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t rows_at_once = 500;

// The vault at the moment of the backup.
struct Moment {
  store::VaultStatus status;
  AgreementPublicKey recovery;
  std::vector<crypto::AgeRecipient> recipients;
  const Signer* signer = nullptr;
};

Result<Moment> this_moment(Call& call) {
  return call.with([](store::Vault& vault) -> Result<Moment> {
    // A backup holds the log from its first entry on: said before anything is judged or written.
    if (store::History{vault}.progress()) return errc::history_unread;
    Moment moment;
    COFFRET_TRY(moment.status, vault.status());
    moment.recovery = vault.recovery_key();
    COFFRET_TRY(const auto own, vault.export_identity(vault.epoch()));
    moment.recipients = {crypto::age_recipient(moment.recovery), crypto::age_recipient(own)};
    moment.signer = &vault.signer();
    return moment;
  });
}

// FILE, or the vault's own name in a folder.
std::string set_path(const std::string& out, const VaultId& vault) {
  std::error_code ec;
  if (!std::filesystem::is_directory(out, ec)) return out;
  return out + "/coffret-" + vault.text().substr(0, 8) + ".age";
}

Result<void> judge_folder(Call& call, const std::string& base) {
  const auto folder = std::filesystem::path{base}.parent_path();
  std::error_code ec;
  if (folder.empty() || std::filesystem::is_directory(folder, ec)) return {};
  call.detail = folder.string();
  return errc::file_not_found;
}

// What the set has already, or nothing where a full file is to begin a new chain.
struct Continued {
  std::optional<backup::Chain> chain;
  std::uint32_t number = 1;
  protocol::Head after;
  std::string damaged;  // what is wrong with what is there; empty: nothing
};

// The last head of the set that is also on this log: what was pending may have been rewritten.
Result<std::optional<protocol::Head>> common_head(Call& call, const backup::Manifest& last) {
  return call.with([&](store::Vault& vault) -> Result<std::optional<protocol::Head>> {
    for (const auto& head : {last.head, last.acknowledged}) {
      if (head.seq == 0) continue;
      const auto ours = vault.entry_hash(head.seq);
      if (ours.has_error() && ours.error() != errc::not_found) return ours.error();
      if (ours.has_value() && *ours == head.hash) return std::optional{head};
    }
    return std::optional<protocol::Head>{};
  });
}

bool is_age(const Disk& disk, const std::string& path) {
  constexpr std::string_view first_line = "age-encryption.org/v";
  Bytes start(first_line.size());
  const auto have = disk.read_at(path, 0, start);
  return have.has_value() && *have == start.size() && as_text(start) == first_line;
}

// Every byte of it: what is put on top of a file that is damaged comes back no more than that one.
Result<void> verify_links(Call& call, const Session::Hold& hold, const backup::Chain& chain,
                          const backup::Opener& opener, backup::Damage& damage) {
  COFFRET_TRY(const auto devices,
              call.with([](store::Vault& vault) -> Result<std::vector<store::DeviceView>> {
                return vault.devices();
              }));
  COFFRET_CHECK(judge_signers(chain, devices, damage));
  const auto between = [&hold]() -> Result<void> {
    return hold.asked_to_stop() ? Result<void>{errc::stopping} : Result<void>{};
  };
  COFFRET_CHECK(backup::read_chain(call.service.environment().disk, chain, opener,
                                   {.between = between}, damage));
  return {};
}

// A set that is damaged or lacks a file stays as it is, and a full file beside it makes it good.
Result<Continued> begun_again(Call& call, Continued whole, const error_code& error,
                              const backup::Damage& damage) {
  const auto told = tell_damage(call, error, damage);
  const errc code = to_errc(error);
  if (damage.file.empty() || (code != errc::backup_damaged && code != errc::unauthenticated))
    return told;
  whole.damaged = std::exchange(call.detail, {});
  return whole;
}

Result<Continued> continued(Call& call, const Session::Hold& hold, const std::string& base,
                            const Moment& moment) {
  const auto& disk = call.service.environment().disk;
  Continued whole;
  COFFRET_TRY(const auto last, backup::last_number(disk, base));
  whole.number = last + 1;
  if (whole.number > backup::max_number) return errc::too_large;
  if (last > 0 && !is_age(disk, backup::part_path(base, last))) {
    call.detail = base;  // a letter, a photograph: not ours to continue
    return errc::file_exists;
  }
  if (last == 0 || call.flag("full")) return whole;
  COFFRET_TRY(const auto opener, vault_opener(call));
  backup::Damage damage;
  auto chain = backup::open_chain(disk, base, opener, damage);
  if (chain.has_error() && to_errc(chain.error()) == errc::wrong_recovery_key) {
    call.detail = base;  // another vault's, or no backup at all
    return errc::file_exists;
  }
  if (chain.has_error()) return begun_again(call, std::move(whole), chain.error(), damage);
  if (chain->last().vault != moment.status.vault) {
    call.detail = base;
    return errc::file_exists;
  }
  // Another sheet opens nothing of the old files: all of it once more, for the new one.
  if (chain->last().recovery != moment.recovery || chain->links.size() >= backup::max_chain)
    return whole;
  COFFRET_TRY(const auto head, common_head(call, chain->last()));
  if (!head) return whole;
  const auto sound = verify_links(call, hold, *chain, opener, damage);
  if (sound.has_error()) return begun_again(call, std::move(whole), sound.error(), damage);
  return Continued{std::move(*chain), last + 1, *head, {}};
}

struct Objects {
  std::vector<backup::Held> fresh;
  std::uint64_t missing = 0;
  std::map<ObjectId, DocumentId> documents;  // of those that are here
  std::vector<DocumentId> damaged;  // here, and not what they have to be: among the missing
};
// Those that the log keeps and no file of the set has yet, as far as they are on this device.
Result<Objects> objects_to_write(Call& call, const std::optional<backup::Chain>& chain) {
  std::set<ObjectId> had;
  if (chain)
    for (const auto& link : chain->links)
      for (const auto& held : link.manifest.manifest.objects) had.insert(held.object);
  std::map<ObjectId, std::uint64_t> here;
  Objects objects;
  for (std::int64_t number = 0;;) {
    COFFRET_TRY(const auto rows, call.with([&](store::Vault& vault) {
      return vault.arrived_after(number, rows_at_once);
    }));
    if (rows.empty()) break;
    number = rows.back().number;
    for (const auto& row : rows)
      if (row.document.present) {
        here.emplace(row.document.locator.object, row.document.locator.length);
        objects.documents.emplace(row.document.locator.object, row.document.id);
      }
  }
  COFFRET_TRY(const auto kept, call.with([](store::Vault& v) { return v.kept_objects(); }));
  for (const auto& id : kept) {
    if (had.contains(id)) continue;
    if (const auto found = here.find(id); found != here.end())
      objects.fresh.push_back({id, found->second});
    else
      ++objects.missing;
  }
  return objects;
}

// One document that is damaged here keeps no other from being backed up. All of them are read only
// when one was found, so that a sound vault is read once.
Result<void> leave_out_damaged(Call& call, const Session::Hold& hold, Objects& objects) {
  std::vector<backup::Held> whole;
  for (const auto& held : objects.fresh) {
    if (hold.asked_to_stop()) return errc::stopping;
    const auto sealed = call.with([&](store::Vault& vault) { return vault.object(held.object); });
    if (sealed.has_value() && sealed->view().size() == held.size) {
      whole.push_back(held);
      continue;
    }
    if (sealed.has_error() && to_errc(sealed.error()) != errc::damaged) return sealed.error();
    objects.damaged.push_back(objects.documents.at(held.object));
    ++objects.missing;
  }
  objects.fresh = std::move(whole);
  return {};
}

backup::Source source_of(Call& call, const Session::Hold& hold, const Moment& moment) {
  backup::Source source;
  source.entries = [&call](std::uint64_t after, std::size_t limit) {
    return call.with([&](store::Vault& vault) { return vault.entries_after(after, limit); });
  };
  source.object = [&call](const ObjectId& id) {
    return call.with([&](store::Vault& vault) { return vault.object(id); });
  };
  source.go_on = [&call, &hold](std::uint64_t done, std::uint64_t total) -> Result<void> {
    if (hold.asked_to_stop()) return errc::stopping;
    (void)call.answer.progress(Object{{"done", done}, {"total", total}});
    return {};
  };
  source.signer = moment.signer;
  return source;
}

backup::Manifest manifest_of(Call& call, const Moment& moment, const Continued& so_far,
                             const Objects& objects) {
  auto& environment = call.service.environment();
  backup::Manifest manifest;
  manifest.vault = moment.status.vault;
  manifest.set = so_far.chain ? so_far.chain->last().set : environment.random.make<backup::SetId>();
  manifest.number = so_far.number;
  if (so_far.chain) manifest.previous = so_far.chain->links.back().manifest.hash;
  manifest.made_at = to_rfc3339(environment.clock.now());
  manifest.device = moment.status.device;
  manifest.recovery = moment.recovery;
  manifest.after = so_far.after;
  manifest.head = moment.status.head;
  manifest.acknowledged = moment.status.server_head;
  manifest.documents = moment.status.documents;
  manifest.missing = objects.missing;
  manifest.objects = objects.fresh;
  return manifest;
}

Object told(const backup::Manifest& manifest, const std::string& path, std::size_t files) {
  return {{"out", path},
          {"files", files},
          {"full", manifest.full()},
          {"documents", manifest.documents},
          {"missing", manifest.missing},
          {"objects", manifest.objects.size()},
          {"entries", manifest.head.seq - manifest.after.seq},
          {"head", {{"seq", manifest.head.seq}, {"hash", manifest.head.hash.text()}}},
          {"date", manifest.made_at}};
}

// Nothing came since: the set says all there is, and is as old as what it says.
Object unchanged(const backup::Chain& chain) {
  auto result = told(chain.last(), chain.links.back().path, chain.links.size());
  result["unchanged"] = true;
  result["bytes"] = 0;
  return result;
}

bool is_unchanged(const Continued& so_far, const Moment& moment, const Objects& objects) {
  return so_far.chain && so_far.chain->last().head == moment.status.head && objects.fresh.empty() &&
         objects.missing == so_far.chain->last().missing;
}

// A backup that left something out without a word would pass for a good one.
Result<Object> with_damaged(Call& call, Object result, const Objects& objects) {
  auto& named = result["damaged"].emplace_array();
  for (const auto& id : objects.damaged) {
    COFFRET_TRY(const auto document,
                call.with([&](store::Vault& vault) { return vault.document(id.text()); }));
    named.push_back(Object{{"id", id.text()}, {"title", shown_title(document.entry)}});
  }
  result["exit_status"] = objects.damaged.empty() ? 0 : row(errc::damaged).exit_status;
  return result;
}

Result<Object> write_next(Call& call, const Session::Hold& hold, const Moment& moment,
                          const Continued& so_far, const Objects& objects,
                          const std::string& base) {
  const auto manifest = manifest_of(call, moment, so_far, objects);
  COFFRET_TRY(const auto opener, vault_opener(call));
  const backup::Target target{.disk = &call.service.environment().disk,
                              .random = &call.service.environment().random,
                              .path = backup::part_path(base, manifest.number),
                              .recipients = moment.recipients,
                              .opener = opener,
                              .read_me = backup_read_me()};
  COFFRET_TRY(const auto bytes,
              backup::write_part(manifest, source_of(call, hold, moment), target));
  keep_last_backup(call.service, {manifest.made_at, manifest.set, manifest.number});
  const auto files = so_far.chain ? so_far.chain->links.size() + 1 : 1;
  auto result = told(manifest, target.path, files);
  result["unchanged"] = false;
  result["damaged_before"] = nullptr;
  if (!so_far.damaged.empty()) result["damaged_before"] = so_far.damaged;
  result["bytes"] = bytes;
  return result;
}

}  // namespace

Result<Object> make_backup(Call& call) {
  // No sync meanwhile: it could rewrite what is pending, or erase what is being read.
  const std::lock_guard one_at_a_time{call.service.syncing()};
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(const auto moment, this_moment(call));
  COFFRET_TRY(const auto out, path_argument(call, "out"));
  const auto base = set_path(out, moment.status.vault);
  COFFRET_CHECK(judge_folder(call, base));
  COFFRET_TRY(const auto so_far, continued(call, hold, base, moment));
  COFFRET_TRY(auto objects, objects_to_write(call, so_far.chain));
  if (is_unchanged(so_far, moment, objects))
    return with_damaged(call, unchanged(*so_far.chain), objects);
  auto made = write_next(call, hold, moment, so_far, objects, base);
  if (made.has_error() && to_errc(made.error()) == errc::damaged) {
    COFFRET_CHECK(leave_out_damaged(call, hold, objects));
    if (objects.damaged.empty()) return made.error();  // something else is
    made = is_unchanged(so_far, moment, objects)
               ? Result<Object>{unchanged(*so_far.chain)}
               : write_next(call, hold, moment, so_far, objects, base);
  }
  if (made.has_error()) return made.error();
  return with_damaged(call, std::move(*made), objects);
}

namespace {

struct Checked {
  backup::Chain chain;
  backup::Verified verified;
};

// With the sheet: the log itself says who may sign. Without: this vault's fold does.
Result<Checked> verified_by_sheet(Call& call, const std::string& base, backup::Damage& damage) {
  COFFRET_TRY(const auto input, recovery_input(call));
  const auto opener = recovery_opener(input);
  const auto& disk = call.service.environment().disk;
  COFFRET_TRY(auto chain, backup::open_chain(disk, base, opener, damage));
  std::vector<protocol::SignedEntry> log;
  const auto take = [&](const backup::Entries& given) -> Result<void> {
    log.resize(static_cast<std::size_t>(given.after));
    log.insert(log.end(), given.entries.begin(), given.entries.end());
    return {};
  };
  COFFRET_TRY(const auto verified,
              backup::read_chain(disk, chain, opener, {.entries = take}, damage));
  COFFRET_TRY(const auto pins, store::pins_in_log(input.seed, log));
  COFFRET_CHECK(judge_signers(chain, pins.devices, damage));
  return Checked{std::move(chain), verified};
}

Result<Checked> verified_by_vault(Call& call, const std::string& base, backup::Damage& damage) {
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(const auto opener, vault_opener(call));
  const auto& disk = call.service.environment().disk;
  COFFRET_TRY(auto chain, backup::open_chain(disk, base, opener, damage));
  COFFRET_TRY(const auto devices,
              call.with([](store::Vault& vault) -> Result<std::vector<store::DeviceView>> {
                return vault.devices();
              }));
  COFFRET_CHECK(judge_signers(chain, devices, damage));
  const auto between = [&]() -> Result<void> {
    return hold.asked_to_stop() ? Result<void>{errc::stopping} : Result<void>{};
  };
  COFFRET_TRY(const auto verified,
              backup::read_chain(disk, chain, opener, {.between = between}, damage));
  return Checked{std::move(chain), verified};
}

// The end of a set says nothing of files that came after it; this vault remembers.
Result<void> judge_newest(Call& call, const std::string& base, const backup::Chain& chain,
                          backup::Damage& damage) {
  const auto last = read_last_backup(call.service);
  if (!last || last->set != chain.last().set || last->number <= chain.last().number) return {};
  damage = {backup::Fault::stale, backup::part_path(base, last->number)};
  return errc::backup_damaged;
}

}  // namespace

Result<Object> verify_backup(Call& call) {
  COFFRET_TRY(const auto path, path_argument(call, "from"));
  COFFRET_TRY(const auto base, existing_set(call, path));
  backup::Damage damage;
  auto checked = has_recovery(call) ? verified_by_sheet(call, base, damage)
                                    : verified_by_vault(call, base, damage);
  if (checked.has_error()) return tell_damage(call, checked.error(), damage);
  if (auto newest = judge_newest(call, base, checked->chain, damage); newest.has_error())
    return tell_damage(call, newest.error(), damage);
  const auto& last = checked->chain.last();
  boost::json::array outdated;
  for (const auto& file : checked->chain.outdated) outdated.emplace_back(file);
  return Object{{"ok", true},
                {"files", checked->chain.links.size()},
                {"documents", last.documents},
                {"verified", checked->verified.objects},
                {"entries", checked->verified.entries},
                {"missing", checked->verified.missing},
                {"outdated", std::move(outdated)},
                {"head", {{"seq", last.head.seq}, {"hash", last.head.hash.text()}}},
                {"date", last.made_at}};
}

}  // namespace coffret::daemon
