// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/state.hpp"

#include <algorithm>
#include <set>

#include "vault/crypto/parcel.hpp"
#include "vault/store/parameters.hpp"
#include "vault/store/schema.hpp"

namespace coffret::store {
namespace {

constexpr std::string_view plain_header{"SQLite format 3\0", 16};
constexpr std::uint64_t max_object = std::uint64_t{80} << 20;  // bytes; PROTOCOL.md §5

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
      keyring(owner.vault, secrets),
      db(std::move(connection)),
      log(db),
      documents(db),
      search(db),
      facts(db) {}

Result<std::unique_ptr<Vault::State>> Vault::State::make(Environment environment, Directory place,
                                                         const crypto::KeyslotOwner& owner,
                                                         const crypto::LocalSecrets& secrets) {
  auto& disk = environment.disk;
  COFFRET_CHECK(disk.replace(place.parameters(), as_bytes(format_parameters({}))));
  // Made by us, so that it and the log beside it are readable by nobody else whatever the umask.
  COFFRET_CHECK(disk.replace(place.database(), {}));
  COFFRET_TRY(auto db, Connection::open(place.database(), secrets.store_key));
  COFFRET_CHECK(db.execute(schema));
  return std::make_unique<State>(environment, std::move(place), owner, secrets, std::move(db));
}

Result<std::unique_ptr<Vault::State>> Vault::State::load(Environment environment, Directory place,
                                                         const crypto::KeyslotOwner& owner,
                                                         const crypto::LocalSecrets& secrets) {
  const auto& disk = environment.disk;
  const auto parameters = disk.read(place.parameters(), 4096);
  if (parameters.has_error())
    return parameters.error() == errc::not_found ? error_code{errc::damaged} : parameters.error();
  COFFRET_TRY([[maybe_unused]] const auto known, parse_parameters(as_text(*parameters)));
  COFFRET_CHECK(check_file(place.database(), disk));
  COFFRET_TRY(auto db, Connection::open(place.database(), secrets.store_key));
  auto state =
      std::make_unique<State>(environment, std::move(place), owner, secrets, std::move(db));
  COFFRET_CHECK(state->load_log());
  COFFRET_CHECK(state->remove_orphans());
  return state;
}

Result<void> Vault::State::fold(const Link& link, std::uint64_t vouched) {
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

Result<void> Vault::State::load_log() {
  const auto file = env.disk.read(directory.head(), head_file_limit);
  if (file.has_error()) return local(file.error());
  COFFRET_TRY(const auto kept, decode_head(*file, owner.device, head_key));

  // Documents' entries up to here were judged when they came; the MAC and the chain vouch for them.
  const std::uint64_t vouched = kept.next ? kept.server.seq : kept.head.seq;
  bool reaches_head = false;
  bool reaches_server = kept.server.seq == 0;
  const auto end = log.walk([&](const Link& link) -> Result<void> {
    reaches_head = reaches_head || link.at == kept.head || link.at == kept.next;
    reaches_server = reaches_server || link.at == kept.server;
    return fold(link, vouched);
  });
  if (end.has_error()) return local(end.error());
  if (!reaches_head || !reaches_server) return errc::local_state_tampered;

  head = *end;
  server = kept.server;
  latest = kept.latest;
  COFFRET_TRY(const auto rows, documents.count());
  if (!read_only && rows != control.puts()) return errc::local_state_tampered;
  if (head == kept.head && !kept.next) return {};
  // What the file says is older, and true: on a full disk it can wait, and what is kept be read.
  const auto written = keep();
  if (written.has_error() && written.error() != errc::disk_full) return written.error();
  return {};
}

// Sealed files that no row names: left by an act that was not acknowledged.
Result<void> Vault::State::remove_orphans() {
  COFFRET_TRY(const auto names, env.disk.list(directory.objects()));
  if (names.empty()) return {};
  std::set<std::string> named;
  COFFRET_TRY(const auto rows, documents.all());
  for (const auto& row : rows)
    if (row.place == Place::file) named.insert(row.object.text());
  for (const auto& name : names)
    if (!named.contains(name)) COFFRET_CHECK(env.disk.remove(directory.objects() + "/" + name));
  return {};
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
  if (const auto* amended = control.amended(shown.id)) {
    shown.amended = *amended;
    apply(amended, shown.entry);
  }
  COFFRET_TRY(const auto* known, versions());
  shown.replaced_by = known->replaced_by(row.row);
  return shown;
}

Result<const Versions*> Vault::State::versions() {
  if (versions_ && versions_at_ == head) return &*versions_;
  std::vector<Relative> relatives;
  COFFRET_TRY(auto rows, documents.current());
  relatives.reserve(rows.size());
  standings_.clear();
  for (auto& row : rows) {
    COFFRET_TRY(const auto id, DocumentId::parse(row.name));
    auto& lineage = row.lineage;
    if (const auto* person = control.assigned(id)) {
      lineage.person = *person;
      lineage.quarantined = false;
    }
    const bool removed = control.removed_at(id).has_value();
    standings_[row.row] = {lineage.person, removed, lineage.quarantined};
    relatives.push_back({.row = row.row,
                         .id = id,
                         .seq = row.seq,
                         .removed = removed,
                         .lineage = std::move(lineage)});
  }
  versions_.emplace(std::move(relatives));
  versions_at_ = head;
  return &*versions_;
}

Result<bool> Vault::State::may_list(std::int64_t row, const DocumentFilter& filter) {
  COFFRET_TRY(const auto* known, versions());
  const auto at = standings_.find(row);
  if (at == standings_.end()) return false;
  const auto& [person, removed, quarantined] = at->second;
  if (removed != filter.removed || (filter.person && person != *filter.person)) return false;
  if (removed) return true;
  return quarantined == filter.quarantined && (filter.superseded || !known->replaced_by(row));
}

Result<DocumentRow> Vault::State::find(const DocumentId& id) const {
  if (control.purged(id)) return errc::not_found;
  return documents.by_prefix(id.text());
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

Result<Bytes> Vault::State::body(const Stored& document) {
  const auto& put = document.put();
  Bytes body;
  switch (document.row.place) {
    case Place::row: {
      COFFRET_TRY(body, documents.body(document.row.row));
      break;
    }
    case Place::file: {
      auto sealed = env.disk.read(directory.object(put.locator.object), max_object);
      if (sealed.has_error()) return errc::damaged;
      COFFRET_TRY(const auto key, document_key(document));
      auto opened = crypto::Sealer::open(key, {owner.vault, put.document, put.version},
                                         ReceivedObject{std::move(*sealed)}, put.size);
      if (opened.has_error()) return errc::damaged;
      body = std::move(*opened);
      break;
    }
    default:
      return errc::not_found;
  }
  if (body.size() != put.size || crypto::sha256(body) != put.sha256) return errc::damaged;
  return body;
}

}  // namespace coffret::store
