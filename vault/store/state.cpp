// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/state.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "coffret/file_upgrade.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/store/checkpoint_judge.hpp"
#include "vault/store/migration.hpp"
#include "vault/store/parameters.hpp"
#include "vault/store/schema.hpp"

namespace coffret::store {
namespace {

constexpr std::string_view plain_header{"SQLite format 3\0", 16};

// What went wrong with a file of ours, as the person is told: an absent or contradicted one was
// taken away or replaced.
errc local(const error_code& error) {
  switch (const errc value = to_errc(error)) {
    case errc::io:
    case errc::disk_full:
    case errc::damaged:
    case errc::other_version:
    case errc::in_use:
      return value;
    default:
      return errc::local_state_tampered;
  }
}

Result<void> check_file(const std::string& path, const Disk& disk) {
  Bytes start(plain_header.size());
  const auto read = disk.read_at(path, 0, start);
  if (read.has_error()) return read.error() == errc::not_found ? errc::damaged : read.error();
  if (*read == start.size() && as_text(start) == plain_header) return errc::local_state_tampered;
  return {};
}

}  // namespace

Vault::State::State(Environment environment, Directory place,
                    const crypto::KeyslotOwner& keyslot_owner, const crypto::LocalSecrets& secrets,
                    Connection connection)
    : env(environment),
      directory(std::move(place)),
      owner(keyslot_owner),
      signer(crypto::make_signer(secrets.signing_seed)),
      head_key(crypto::head_key(secrets.vault_key, owner.vault, secrets.epoch)),
      slot{.epoch = secrets.epoch,
           .vault_key = crypto::duplicate(secrets.vault_key),
           .signing_seed = crypto::duplicate(secrets.signing_seed),
           .agreement_key = crypto::duplicate(secrets.agreement_key),
           .store_key = crypto::duplicate(secrets.store_key)},
      keyring(owner.vault, secrets),
      db(std::move(connection)),
      log(db),
      documents(db),
      search(db),
      facts(db) {}

Vault::State::~State() = default;

Result<std::unique_ptr<Vault::State>> Vault::State::make(Environment environment, Directory place,
                                                         const crypto::KeyslotOwner& owner,
                                                         const crypto::LocalSecrets& secrets) {
  auto& disk = environment.disk;
  COFFRET_CHECK(disk.replace(place.parameters(), as_bytes(format_parameters({}))));
  // Made by us, so that it and the log beside it are readable by nobody else whatever the umask.
  COFFRET_CHECK(disk.replace(place.database(), {}));
  COFFRET_TRY(auto db, Connection::open(place.database(), secrets.store_key));
  COFFRET_CHECK(db.execute(schema));
  COFFRET_CHECK(db.execute(beside));
  COFFRET_CHECK(db.execute(indexes));
  auto state =
      std::make_unique<State>(environment, std::move(place), owner, secrets, std::move(db));
  COFFRET_CHECK(state->search.prepare());
  return state;
}

Result<std::unique_ptr<Vault::State>> Vault::State::load(Environment environment, Directory place,
                                                         const crypto::KeyslotOwner& owner,
                                                         const crypto::LocalSecrets& secrets,
                                                         const Keyring* known) {
  const auto& disk = environment.disk;
  const auto parameters = disk.read(place.parameters(), 4096);
  if (parameters.has_error())
    return parameters.error() == errc::not_found ? error_code{errc::damaged} : parameters.error();
  COFFRET_TRY(const auto stated, parse_parameters(as_text(*parameters)));
  if (stated.format < store_format)
    COFFRET_CHECK(migrate(place, secrets.store_key, {stated.format, store_format}, migrations(),
                          environment));
  // Best effort: an old database kept too long is no reason not to open the new one.
  (void)FileUpgrade::forget_old(place.path(), "store.db", to_unix(environment.clock.now()),
                                environment.disk);
  COFFRET_CHECK(check_file(place.database(), disk));
  COFFRET_TRY(auto db, Connection::open(place.database(), secrets.store_key));
  auto state =
      std::make_unique<State>(environment, std::move(place), owner, secrets, std::move(db));
  if (known != nullptr) state->keyring.keep_all(*known);
  if (state->db.execute(beside).has_error()) COFFRET_CHECK(state->db.execute(beside_for_now));
  COFFRET_CHECK(state->search.prepare());
  COFFRET_CHECK(state->load_gap());
  COFFRET_CHECK(state->load_log(secrets.epoch));
  // Without them all is found, only slower: a full disk keeps nobody from reading.
  (void)state->db.execute(indexes);
  COFFRET_CHECK(state->remove_orphans());
  state->retired = disk.size(state->directory.retired()).has_value();
  return state;
}

Result<void> Vault::State::fold(const Link& link, std::uint64_t vouched) {
  // Folded when it is whole: a part of it may say what a later one takes back.
  if (link.history) return {};
  if (read_only) return {};
  if (!link.control && link.at.seq <= vouched) {
    control.count_put(link.time);
    return {};
  }
  COFFRET_TRY(const auto entry, log.at(link.at.seq));
  if (!std::equal(entry.body.begin(), entry.body.end(), link.body.begin(), link.body.end()))
    return errc::local_state_tampered;
  const auto opened = control.admit(entry, link.before, keyring);
  if (opened.has_error() && opened.error() == errc::other_version) {
    read_only = true;
    return {};
  }
  if (opened.has_error()) return opened.error();
  const bool is_control = opened->operation.type != OperationType::document_put;
  if (is_control != link.control) return errc::local_state_tampered;
  return control.apply(*opened);
}

// The history is taken in entry by entry, and its last one only when all of it was found good: a
// log that is whole up to the checkpoint has nothing left to be read, whatever the file says.
Result<void> Vault::State::load_gap() {
  const auto file = env.disk.read(directory.history(), gap_file_limit);
  if (file.has_error() && file.error() == errc::not_found) return {};
  if (file.has_error()) return local(file.error());
  COFFRET_TRY(auto kept, decode_gap(*file, owner.device, head_key));
  COFFRET_TRY(const auto count, log.count_until(kept.at.seq));
  if (count == kept.at.seq) {
    end_gap();
    return {};
  }
  gap = std::make_unique<const KeptGap>(std::move(kept));
  log.allow(gap.get());
  return {};
}

Result<void> Vault::State::begin_gap(KeptGap begun) {
  COFFRET_CHECK(env.disk.replace(directory.history(), encode_gap(begun, head_key)));
  COFFRET_CHECK(env.disk.replace(directory.parameters(),
                                 as_bytes(format_parameters({.format = gap_store_format}))));
  gap = std::make_unique<const KeptGap>(std::move(begun));
  log.allow(gap.get());
  return {};
}

void Vault::State::end_gap() noexcept {
  log.allow(nullptr);
  gap.reset();
  reading = {};
  const auto stated = env.disk.replace(directory.parameters(), as_bytes(format_parameters({})));
  if (stated.has_value()) (void)env.disk.remove(directory.history());
}

Result<void> Vault::State::require_behind(std::uint64_t seq) const {
  return gap && seq < gap->at.seq ? Result<void>{errc::history_unread} : Result<void>{};
}

Result<EntryHash> Vault::State::hash_at(std::uint64_t seq) const {
  auto hash = log.hash_at(seq);
  if (hash.has_error() && hash.error() == errc::not_found && gap && seq < gap->at.seq)
    return errc::history_unread;
  return hash;
}

// A device that came when epochs had gone by has in its keyslot the key of its first one: those
// before are found from there, each sealed under the next. What is read here is under the MAC of
// the head file, and judged right after.
Result<void> Vault::State::learn_earlier_keys(std::uint32_t epoch) {
  std::vector<protocol::SignedEntry> starts;
  std::uint32_t last = 1;
  const auto end = log.walk([&](const Link& link) -> Result<void> {
    if (!link.control) return {};
    COFFRET_TRY(const auto body, protocol::decode_entry(link.body));
    if (body.epoch > epoch || std::exchange(last, body.epoch) == body.epoch) return {};
    COFFRET_TRY(auto entry, log.at(link.at.seq));
    starts.push_back(std::move(entry));
    return {};
  });
  if (end.has_error()) return local(end.error());
  keyring.descend(starts);
  return {};
}

Result<void> Vault::State::load_log(std::uint32_t slot_epoch) {
  const auto file = env.disk.read(directory.head(), head_file_limit);
  if (file.has_error()) return local(file.error());
  COFFRET_TRY(const auto kept, decode_head(*file, owner.device, head_key));
  if (slot_epoch > 1) COFFRET_CHECK(learn_earlier_keys(slot_epoch));

  // Documents' entries up to here were judged when they came; the MAC and the chain vouch for them.
  const std::uint64_t vouched = kept.next ? kept.server.seq : kept.head.seq;
  bool reaches_head = false;
  bool reaches_server = kept.server.seq == 0;
  // What others signed came from the server: a crash between the commit and the head file may have
  // kept that from being remembered. It is not ours to push, and a server that shows less now is
  // caught. What stands before this device's own enrolment, or before the first server was pinned,
  // came from no server but from a backup; unless the file says that a rebase was under way, which
  // only puts there what the server showed.
  protocol::Head seen = kept.server;
  const auto end = log.walk([&](const Link& link) -> Result<void> {
    if (link.at.seq > kept.server.seq &&
        (kept.next || (control.server() && control.devices().contains(owner.device)))) {
      COFFRET_TRY(const auto entry, protocol::decode_entry(link.body));
      if (entry.device != owner.device) seen = link.at;
    }
    if (gap && link.at.seq == reading.stored.seq + 1) reading.stored = link.at;
    reaches_head = reaches_head || link.at == kept.head || link.at == kept.next;
    reaches_server = reaches_server || link.at == kept.server;
    return fold(link, vouched);
  });
  if (end.has_error()) return local(end.error());
  if (!reaches_head || !reaches_server) return errc::local_state_tampered;

  head = *end;
  server = seen;
  latest = kept.latest;
  COFFRET_TRY(const auto rows, documents.count());
  if (!read_only && rows != control.puts()) return errc::local_state_tampered;
  if (head == kept.head && server == kept.server && !kept.next) return {};
  // What the file says is older, and true: on a full disk it can wait, and what is kept be read.
  const auto written = keep();
  if (written.has_error() && written.error() != errc::disk_full) return written.error();
  return {};
}

// Sealed files that no row names: left by an act that was not acknowledged. The first bytes of an
// object that is still to come stay.
Result<void> Vault::State::remove_orphans() {
  COFFRET_TRY(const auto names, env.disk.list(directory.objects()));
  if (names.empty()) return {};
  std::set<std::string> named;
  COFFRET_TRY(const auto rows, documents.all());
  for (const auto& row : rows)
    if (row.place == Place::file) named.insert(row.object.text());
  for (const auto& row : rows)
    if (row.place == Place::missing) named.insert(arriving_name(row.object));
  for (const auto& name : names)
    if (!named.contains(name)) COFFRET_CHECK(env.disk.remove(directory.objects() + "/" + name));
  return {};
}

// Whoever takes the file away gains nothing: the next exchange with the server finds out again.
void Vault::State::retire() noexcept {
  retired = true;
  (void)env.disk.replace(directory.retired(), {});
}

std::int64_t Vault::State::now() {
  latest = std::max(latest, to_unix(env.clock.now()));
  return latest;
}

Result<void> Vault::State::keep(std::optional<protocol::Head> next) {
  const KeptHead kept{
      .device = owner.device, .head = head, .next = next, .server = server, .latest = latest};
  return env.disk.replace(directory.head(), encode_head(kept, head_key));
}

Result<Stored> Vault::State::stored(const DocumentRow& row) {
  const auto entry = log.at(row.seq);
  if (entry.has_error()) return local(entry.error());
  auto opened = keyring.open(*entry);
  if (opened.has_error()) return local(opened.error());
  const auto* put = std::get_if<DocumentPut>(&opened->payload);
  if (put == nullptr || opened->entry.seq != row.seq) return errc::local_state_tampered;
  COFFRET_CHECK(compare(row, *opened, *put));
  return Stored{row, std::move(*opened)};
}

Result<DocumentView> Vault::State::view(const DocumentRow& row) {
  COFFRET_TRY(const auto document, stored(row));
  auto shown = make_view(row, document.opened, document.put());
  shown.removed_at = control.removed_at(shown.id);
  if (const auto* person = control.assigned(shown.id)) {
    shown.person = *person;
    shown.quarantined = false;
  }
  shown.filed = shown.person;
  shown.person = control.record_of(shown.filed);
  if (const auto* kept = control.copy_of(shown.id)) shown.same_as = *kept;
  if (const auto* amended = control.amended(shown.id)) {
    shown.amended = *amended;
    apply(amended, shown.entry);
  }
  COFFRET_TRY(const auto* known, versions());
  shown.replaced_by = known->replaced_by(row.row);
  return shown;
}

DocumentId Vault::State::standing(const DocumentId& id) const {
  return control.purged(id) ? control.stands_for(id) : id;
}

Result<DocumentRow> Vault::State::find(const DocumentId& id) const {
  const auto there = standing(id);
  if (control.purged(there)) return errc::not_found;
  return documents.by_prefix(there.text());
}

Result<crypto::DocumentKey> Vault::State::document_key(const Stored& document) const {
  const auto& put = document.put();
  const auto* key = keyring.log_key(document.opened.entry.epoch);
  if (key == nullptr) return errc::not_found;
  return crypto::Sealer::unwrap<crypto::DocumentKey>(
      *key,
      {owner.vault, crypto::WrapPurpose::document, to_bytes(put.document.view()), put.version},
      put.wrapped_key);
}

Result<StoredBody> Vault::State::stored_body(const Stored& document) {
  const auto& put = document.put();
  if (document.row.place == Place::row) {
    COFFRET_TRY(auto body, documents.body(document.row.row));
    return StoredBody{std::move(body), put.size, put.sha256};
  }
  if (document.row.place == Place::missing) return errc::body_missing;
  if (document.row.place != Place::file) return errc::not_found;
  COFFRET_TRY(auto key, document_key(document));
  return StoredBody{StoredBody::Sealed{&env.disk,
                                       directory.object(put.locator.object),
                                       std::move(key),
                                       {owner.vault, put.document, put.version}},
                    put.size, put.sha256};
}

Result<Bytes> Vault::State::body(const Stored& document) {
  COFFRET_TRY(auto body, stored_body(document));
  return std::move(body).read();
}

}  // namespace coffret::store
