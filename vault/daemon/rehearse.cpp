// SPDX-License-Identifier: EUPL-1.2
//
// The command `rehearse`: a restore into a scratch store, with the sheet, from a backup or from the
// server; opened, and compared with the vault.
#include "vault/daemon/rehearse.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>

#include "sync/client/account.hpp"
#include "sync/client/log.hpp"
#include "sync/client/objects.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/restore.hpp"
#include "vault/daemon/restore_proof.hpp"
#include "vault/daemon/syncer.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t rows_at_once = 200;

// Whatever way the rehearsal ends.
class Scratch {
 public:
  explicit Scratch(const Service& service) : service_(service) { wipe_rehearsal(service); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    vault.reset();
    wipe_rehearsal(service_);
  }
  std::optional<store::Vault> vault;

 private:
  const Service& service_;
};

// What the restore is made of, wherever it comes from.
struct Material {
  std::vector<protocol::SignedEntry> log;
  protocol::Head acknowledged;
  std::string date;
  std::function<Result<void>(const TakeObject&)> objects;
  bool from_server = false;
};

class Differences {
 public:
  // At most as many as a person reads.
  void add(std::string_view what, const std::string& item) {
    if (list_.size() < 50)
      list_.push_back(
          Object{{"kind", boost::json::string_view{what.data(), what.size()}}, {"item", item}});
    ++count_;
  }
  std::uint64_t count() const noexcept { return count_; }
  const boost::json::array& list() const noexcept { return list_; }

 private:
  boost::json::array list_;
  std::uint64_t count_ = 0;
};

using Views = std::map<DocumentId, store::DocumentView>;
template <class With>
Result<Views> all_documents(const With& with) {
  Views all;
  for (std::int64_t number = 0;;) {
    COFFRET_TRY(auto rows, with([&](store::Vault& vault) {
                  return vault.arrived_after(number, rows_at_once);
                }));
    if (rows.empty()) return all;
    number = rows.back().number;
    for (auto& row : rows) all.insert_or_assign(row.document.id, std::move(row.document));
  }
}

// All that is listed of a document.
Bytes listed(const store::DocumentView& view) {
  Bytes bytes = wire::encode(view.entry);
  append(bytes, view.person.view());
  append(bytes, wire::encode(view.amended));
  bytes.push_back(view.removed_at ? 1 : 0);
  bytes.push_back(view.quarantined ? 1 : 0);
  return bytes;
}

// How far the two logs are the same, and which of them goes on from there.
struct Shared {
  std::uint64_t until = 0;
  bool here_goes_on = false;
  bool there_goes_on = false;

  bool whole() const noexcept { return !here_goes_on && !there_goes_on; }
};

bool begins_with(const std::vector<protocol::SignedEntry>& log, const protocol::Head& head) {
  return head.seq > 0 && head.seq <= log.size() &&
         protocol::entry_hash(log[static_cast<std::size_t>(head.seq) - 1].body) == head.hash;
}

Result<Shared> shared_log(store::Vault& live, const Material& material, Differences& differences) {
  COFFRET_TRY(const auto status, live.status());
  const protocol::Head end{material.log.size(), protocol::entry_hash(material.log.back().body)};
  const auto shared = [&](const protocol::Head& head) {
    return Shared{head.seq, head != status.head, head != end};
  };
  for (const auto& head : {end, material.acknowledged}) {
    if (head.seq == 0) continue;
    const auto ours = live.entry_hash(head.seq);
    if (ours.has_error() && ours.error() != errc::not_found) return ours.error();
    if (ours.has_error() || *ours != head.hash) continue;
    // A server that ends before what it acknowledged has lost it: nothing that a sync would mend.
    if (material.from_server && head.seq < status.server_head.seq)
      differences.add("log", std::to_string(head.seq + 1));
    return shared(head);
  }
  // Another device has written to the server since this one heard of it: no fault of the copy.
  if (begins_with(material.log, status.server_head)) return shared(status.server_head);
  differences.add("log", std::to_string(std::max(material.acknowledged.seq, std::uint64_t{1})));
  return Shared{};
}

struct Compared {
  Differences differences;
  std::uint64_t verified = 0;
  std::uint64_t newer = 0;      // came here after the backup
  std::uint64_t elsewhere = 0;  // another device brought them, and this one has not heard of them
  std::uint64_t missing = 0;    // bodies that this device does not hold either
  boost::json::array damaged;   // whole in the copy, and not on this device
};

class Comparison {
 public:
  Comparison(Call& call, store::Vault& scratch, const Shared& shared, Compared& into)
      : call_(call), scratch_(scratch), shared_(shared), into_(into) {}

  Result<void> run() {
    COFFRET_TRY(const auto live, all_documents([this](auto touch) { return call_.with(touch); }));
    COFFRET_TRY(const auto there, all_documents([this](auto touch) { return touch(scratch_); }));
    for (const auto& [id, view] : there) {
      if (live.contains(id)) continue;
      if (shared_.there_goes_on && view.seq > shared_.until)
        ++into_.elsewhere;
      else
        into_.differences.add("document_unknown_here", id.text());
    }
    std::uint64_t done = 0;
    for (const auto& [id, view] : live) {
      (void)call_.answer.progress(Object{{"done", ++done}, {"total", live.size()}});
      COFFRET_CHECK(one(view, there));
    }
    return {};
  }

 private:
  Result<void> one(const store::DocumentView& live, const Views& there) {
    const auto here = call_.with([&](store::Vault& vault) { return vault.entry_as_put(live.id); });
    if (here.has_error() && here.error() == errc::not_found) return {};  // purged
    if (here.has_error()) return here.error();
    const auto found = there.find(live.id);
    if (found == there.end()) {
      if (live.seq > shared_.until)
        ++into_.newer;
      else
        into_.differences.add("document_missing", live.id.text());
      return {};
    }
    const auto& restored = found->second;
    const auto put = scratch_.entry_as_put(live.id);
    // Removed for good by another device, and this one has not heard of it.
    if (shared_.there_goes_on && put.has_error() && put.error() == errc::not_found) return {};
    if (put.has_error() || wire::encode(*put) != wire::encode(*here) ||
        restored.sha256 != live.sha256 || restored.size != live.size ||
        (shared_.whole() && listed(restored) != listed(live)))
      into_.differences.add("entry", live.id.text());
    return body(live, restored);
  }

  Result<void> body(const store::DocumentView& live, const store::DocumentView& restored) {
    if (!restored.present) {
      ++into_.missing;
      if (live.present && live.seq <= shared_.until)
        into_.differences.add("body_missing", live.id.text());
      return {};
    }
    const auto bytes = scratch_.body(live.id);
    if (bytes.has_error() || crypto::sha256(*bytes) != live.sha256) {
      into_.differences.add("body", live.id.text());
      return {};
    }
    // What is said to be the same was read on both sides.
    const auto own = live.present ? call_.with([&](store::Vault& vault) -> Result<void> {
      COFFRET_CHECK(vault.body(live.id));
      return {};
    })
                                  : Result<void>{};
    if (own.has_error() && own.error() != errc::damaged) return own;
    if (own.has_error())
      into_.damaged.push_back(Object{{"id", live.id.text()}, {"title", shown_title(live.entry)}});
    else
      ++into_.verified;
    return {};
  }

  Call& call_;
  store::Vault& scratch_;
  const Shared& shared_;
  Compared& into_;
};

Result<Material> from_backup(Call& call, const RecoveryInput& input, backup::Damage& damage) {
  COFFRET_TRY(const auto path, path_argument(call, "from"));
  COFFRET_TRY(const auto base, existing_set(call, path));
  COFFRET_TRY(auto read, read_backup(call, input, base, damage));
  const auto& last = read.chain.last();
  Material material{std::move(read.log), last.acknowledged, last.made_at, {}, false};
  material.objects = [&call, &input, &damage,
                      chain = std::move(read.chain)](const TakeObject& take) {
    return give_objects(call, chain, input, take, damage);
  };
  return material;
}

// With the sheet's own key, as on a machine that has nothing else.
Result<Material> from_server(Call& call, const RecoveryInput& input, store::Vault*& scratch) {
  COFFRET_TRY(auto contacted, pinned_server(call));
  auto server = std::make_shared<client::Server>(std::move(contacted));
  std::shared_ptr<Signer> root = crypto::make_signer(crypto::root_seed(input.seed));
  COFFRET_TRY(const auto vault, client::find_vault(*server, *root));
  COFFRET_TRY(auto log, client::pull_whole(*server, *root, vault));
  if (log.empty()) return errc::not_found;
  const protocol::Head head{log.size(), protocol::entry_hash(log.back().body)};
  Material material{
      std::move(log), head, to_rfc3339(call.service.environment().clock.now()), {}, true};
  material.objects = [&call, &scratch, server, root,
                      vault](const TakeObject& take) -> Result<void> {
    COFFRET_TRY(const auto missing, scratch->missing_objects());
    std::uint64_t done = 0;
    for (const auto& wanted : missing) {
      const auto object = client::download(*server, *root, vault, wanted.object, wanted.size);
      // Told as a body that is missing, by the comparison.
      if (object.has_error() && object.error() == errc::not_found) continue;
      if (object.has_error()) return object.error();
      const auto taken = take(wanted.object, *object);
      if (taken.has_error()) return taken.error();
      (void)call.answer.progress(Object{{"done", ++done}, {"total", missing.size()}});
    }
    return {};
  };
  return material;
}

SecretText untold_passphrase(Random& random) {
  const auto word = random.make<Id<32, struct RehearsalTag>>().text();
  return SecretText::make([&](MutableByteView space) {
    std::copy(word.begin(), word.end(), space.begin());
    return word.size();
  });
}

Result<void> restore_and_compare(Call& call, const RecoveryInput& input, const Material& material,
                                 Scratch& scratch, store::Vault*& vault, Compared& compared) {
  const auto& config = call.service.config();
  auto environment = call.service.environment();
  const store::VaultConfig place{.directory = rehearsal_path(call.service),
                                 .owner = {},
                                 .device_name = config.device_name,
                                 .cost = config.cost};
  COFFRET_TRY(auto restored,
              store::Vault::restore(place, input.seed, material.log, material.acknowledged,
                                    untold_passphrase(environment.random), environment));
  scratch.vault.emplace(std::move(restored));
  vault = &*scratch.vault;
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_CHECK(
      material.objects([&](const ObjectId& id, const ReceivedObject& object) -> Result<DocumentId> {
        if (hold.asked_to_stop()) return errc::stopping;
        return vault->store_object(id, object);
      }));
  COFFRET_TRY(const auto shared, call.with([&](store::Vault& live) {
    return shared_log(live, material, compared.differences);
  }));
  return Comparison{call, *vault, shared, compared}.run();
}

// The rows name each of them; this is what stands beside the error.
std::string detail_of(const Differences& differences, Language language) {
  const bool french = language == Language::french;
  const auto count = differences.count();
  if (count == 1) return french ? "Une différence a été trouvée." : "One difference was found.";
  return french ? std::to_string(count) + " différences ont été trouvées."
                : std::to_string(count) + " differences were found.";
}

Result<Object> told(Call& call, const Material& material, const Compared& compared) {
  const bool server = call.text("from").empty() && call.text("from_hex").empty();
  const auto now = call.service.environment().clock.now();
  if (compared.differences.count() > 0) {
    for (const auto& one : compared.differences.list()) (void)call.answer.row(one.get_object());
    call.detail = detail_of(compared.differences, call.language);
    return errc::rehearsal_failed;
  }
  // What no device and no server gave back proves nothing of it: the proof there was stays.
  const bool proven = compared.missing == 0;
  if (proven) COFFRET_CHECK(keep_restore_proof(call.service, now));
  const auto proof = read_restore_proof(call.service);
  const errc found = !compared.damaged.empty() ? errc::damaged
                     : proven                  ? errc::ok
                                               : errc::body_missing;
  const int status = found == errc::ok ? 0 : row(found).exit_status;
  return Object{{"ok", proven},
                {"source", server ? "server" : "backup"},
                {"documents", compared.verified + compared.missing + compared.damaged.size()},
                {"damaged", compared.damaged},
                {"verified", compared.verified},
                {"missing", compared.missing},
                {"newer", compared.newer},
                {"elsewhere", compared.elsewhere},
                {"date", material.date},
                {"last_proven_restore",
                 proof ? boost::json::value(to_rfc3339(*proof)) : boost::json::value(nullptr)},
                {"exit_status", status}};
}

}  // namespace

std::string rehearsal_path(const Service& service) {
  return service.config().directory + "/rehearsal";
}

void wipe_rehearsal(const Service& service) noexcept {
  std::error_code ignored;
  std::filesystem::remove_all(rehearsal_path(service), ignored);
}

Result<Object> rehearse(Call& call) {
  if (call.service.session().locked()) return errc::locked;
  const std::lock_guard one_at_a_time{call.service.syncing()};
  COFFRET_TRY(const auto input, recovery_input(call));
  const bool backup = !call.text("from").empty() || !call.text("from_hex").empty();
  backup::Damage damage;
  store::Vault* vault = nullptr;
  Scratch scratch{call.service};
  const auto material = backup ? from_backup(call, input, damage) : from_server(call, input, vault);
  if (material.has_error()) return tell_damage(call, material.error(), damage);
  Compared compared;
  const auto done = restore_and_compare(call, input, *material, scratch, vault, compared);
  if (done.has_error()) return tell_damage(call, done.error(), damage);
  return told(call, *material, compared);
}

}  // namespace coffret::daemon
