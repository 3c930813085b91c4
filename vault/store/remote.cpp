// SPDX-License-Identifier: EUPL-1.2
//
// What goes to the server and what comes from it: entries and objects.
#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "vault/crypto/parcel.hpp"
#include "vault/store/follower.hpp"
#include "vault/store/state.hpp"

namespace coffret::store {
namespace {

constexpr std::size_t max_push = 4u << 20;  // bytes of entries in one append

protocol::Head head_of(const protocol::Entry& entry, const protocol::SignedEntry& whole) {
  return {.seq = entry.seq, .hash = protocol::entry_hash(whole.body)};
}

// Own entries that were cut off by others', with the rows of the documents they put.
struct Displaced {
  protocol::SignedEntry entry;
  std::optional<DocumentPut> put;
  std::optional<std::int64_t> row;
  bool known = false;  // the server has it already, from another device
};

// A vault that was restored from a backup wrote again what its first device had not sent yet. When
// that device sends it after all, it is the very same sealed operation: one act, not two. A put is
// also known by what it puts: behind another epoch it was sealed anew.
class Displacement {
 public:
  explicit Displacement(std::vector<Displaced>& own) {
    for (auto& one : own) {
      by_operation_.emplace(protocol::operation_hash(one.entry.operation), &one);
      if (one.put) by_version_.emplace(std::pair{one.put->document, one.put->version}, &one);
    }
  }
  Displaced* same_act(const protocol::SignedEntry& theirs, const Opened& opened) const {
    if (const auto found = by_operation_.find(protocol::operation_hash(theirs.operation));
        found != by_operation_.end())
      return found->second->known ? nullptr : found->second;
    const auto* put = std::get_if<DocumentPut>(&opened.payload);
    if (put == nullptr) return nullptr;
    const auto found = by_version_.find({put->document, put->version});
    if (found == by_version_.end() || found->second->known) return nullptr;
    return found->second->put->locator == put->locator ? found->second : nullptr;
  }

 private:
  std::map<ObjectId, Displaced*> by_operation_;
  std::map<std::pair<DocumentId, std::uint32_t>, Displaced*> by_version_;
};

// Why an entry of another device, which the server does not show where it stands here, keeps what
// the server shows from being taken in. In front of this device's own enrolment it came from a
// backup, and its device has sent other entries since: no history was changed. Behind it, it was
// taken from the server once (a crash kept that from being remembered), and is now shown otherwise.
errc foreign(const Vault::State& state, std::uint64_t seq) {
  const auto& devices = state.control.devices();
  const auto own = devices.find(state.owner.device);
  return own != devices.end() && seq < own->second.since ? errc::restored_otherwise
                                                         : errc::fork_detected;
}

Result<std::vector<Displaced>> displaced(Vault::State& state, std::uint64_t after) {
  std::vector<Displaced> own;
  COFFRET_TRY(auto entries, state.log.after(after, static_cast<std::size_t>(state.head.seq)));
  for (auto& entry : entries) {
    COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
    if (body.device != state.owner.device) return foreign(state, body.seq);
    Displaced one{.entry = std::move(entry), .put = {}, .row = {}};
    const auto row = state.documents.by_seq(body.seq);
    if (row.has_error() && row.error() != errc::not_found) return row.error();
    if (row.has_value()) {
      COFFRET_TRY(const auto opened, state.keyring.open(one.entry));
      one.row = row->row;
      if (const auto* put = std::get_if<DocumentPut>(&opened.payload)) one.put = *put;
    }
    own.push_back(std::move(one));
  }
  return own;
}

Result<void> take_remote(Vault::State& state, Act& act, const protocol::SignedEntry& entry,
                         Follower& follower, const Displacement& own, Accepted& accepted) {
  const auto opened = act.take(entry);
  if (opened.has_error()) {
    if (opened.error() == errc::conflict) return errc::fork_detected;
    // Signed by a device of ours, or it would be nobody's; a body of another suite is only claimed.
    if (opened.error() == errc::other_version && protocol::decode_entry(entry.body).has_value())
      state.read_only = true;
    // An epoch that no entry began: whoever says so did not sign it.
    return opened.error() == errc::not_found ? error_code{errc::unauthenticated} : opened.error();
  }
  if (opened->entry.device == state.owner.device) return errc::device_cloned;
  ++accepted.entries;
  if (auto* same = own.same_act(entry, *opened); same != nullptr) {
    same->known = true;
    if (same->row) return state.documents.set_seq(*same->row, opened->entry.seq);
    return follower.take(*opened);
  }
  if (const auto* put = std::get_if<DocumentPut>(&opened->payload))
    accepted.documents.push_back(put->document);
  return follower.take(*opened);
}

// An own entry that moved, behind all that is there now. False: it is not needed any more.
Result<bool> write_again(Vault::State& state, Act& act, Follower& follower, const Displaced& one) {
  COFFRET_TRY(const bool outdated, follower.outdated(one.entry, act));
  if (outdated) return false;
  COFFRET_TRY(const auto retold, follower.retold(one.entry, act));
  if (retold) {
    COFFRET_TRY(const auto again, act.append(*retold));
    COFFRET_CHECK(follower.take(again));
    return true;
  }
  COFFRET_TRY(const auto opened, act.renew(one.entry));
  if (one.row)
    COFFRET_CHECK(state.documents.set_seq(*one.row, opened.entry.seq));
  else
    COFFRET_CHECK(follower.take(opened));
  return true;
}

// The entries behind our remembered end of the server's log, in one transaction: theirs, then ours
// signed again.
Result<Accepted> merge(Vault::State& state, const protocol::Head& base,
                       std::span<const protocol::SignedEntry> theirs) {
  Accepted accepted;
  COFFRET_TRY(auto own, displaced(state, base.seq));
  COFFRET_TRY(auto act, Act::begin(state));
  if (!own.empty()) COFFRET_CHECK(act.rewind(base));
  Follower follower{state};
  const Displacement acts{own};
  for (const auto& entry : theirs)
    COFFRET_CHECK(take_remote(state, act, entry, follower, acts, accepted));
  const protocol::Head server = act.head();
  for (const auto& one : own) {
    if (one.known) continue;
    COFFRET_TRY(const bool written, write_again(state, act, follower, one));
    if (written) ++accepted.rebased;
  }
  COFFRET_CHECK(follower.finish(act.folded()));
  COFFRET_CHECK(act.commit(server));
  COFFRET_CHECK(state.finish_erasing());
  return accepted;
}

// Which own entries wait for room: what puts one of `objects`, and what speaks of a document that
// such an entry puts.
class Waiting {
 public:
  explicit Waiting(std::span<const ObjectId> objects) : objects_(objects.begin(), objects.end()) {}

  bool holds(const Opened& opened) {
    const auto& puts = opened.entry.puts;
    const bool waits = std::any_of(puts.begin(), puts.end(),
                                   [&](const auto& id) { return objects_.contains(id); }) ||
                       speaks_of_one(opened.operation.payload);
    if (const auto* put = std::get_if<DocumentPut>(&opened.payload); put != nullptr && waits)
      documents_.push_back(put->document);
    return waits;
  }

 private:
  // Identifiers are random: where the bytes of one stand, it is meant.
  bool speaks_of_one(ByteView payload) const {
    return std::any_of(documents_.begin(), documents_.end(), [&](const DocumentId& id) {
      const auto bytes = id.view();
      return std::search(payload.begin(), payload.end(), bytes.begin(), bytes.end()) !=
             payload.end();
    });
  }

  std::set<ObjectId> objects_;
  std::vector<DocumentId> documents_;
};

// How far the server's entries are the very ones that are pending here: their answer was lost.
Result<std::size_t> common(const Vault::State& state,
                           const std::vector<protocol::SignedEntry>& theirs, protocol::Head& base) {
  std::size_t same = 0;
  for (; same < theirs.size() && base.seq < state.head.seq; ++same) {
    COFFRET_TRY(const auto entry, protocol::decode_entry(theirs[same].body));
    const auto head = head_of(entry, theirs[same]);
    COFFRET_TRY(const auto ours, state.log.hash_at(base.seq + 1));
    if (head.seq != base.seq + 1 || head.hash != ours) break;
    base = head;
  }
  return same;
}

// What the newest of the pending entries means for who may sign at the server. Puts are many and
// mean nothing: they are known by their objects.
Result<void> note_signers(const Vault::State& state, Pending& pending) {
  const auto& entry = pending.entries.back();
  COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
  if (!body.puts.empty()) return {};
  COFFRET_TRY(const auto opened, state.keyring.open(entry));
  if (const auto* added = std::get_if<DeviceAdded>(&opened.payload))
    pending.added.push_back(added->certificate);
  if (const auto* removed = std::get_if<DeviceRemoved>(&opened.payload)) {
    if (removed->replacement) pending.added.push_back(removed->replacement->certificate);
    pending.removed.push_back(removed->device);
  }
  if (const auto* replaced = std::get_if<RecoveryReplaced>(&opened.payload))
    pending.recovery = *replaced;
  return {};
}

}  // namespace

Result<Pending> Vault::pending_after(const protocol::Head& base, std::size_t limit) const {
  COFFRET_CHECK(state_->require_behind(base.seq));
  Pending pending{.base = base, .entries = {}, .objects = {}};
  COFFRET_TRY(auto entries, state_->log.after(base.seq, limit));
  std::size_t bytes = 0;
  for (auto& entry : entries) {
    bytes += entry.body.size() + entry.operation.size();
    if (bytes > max_push && !pending.entries.empty()) break;
    COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
    pending.objects.insert(pending.objects.end(), body.puts.begin(), body.puts.end());
    pending.entries.push_back(std::move(entry));
    COFFRET_CHECK(note_signers(*state_, pending));
    if (pending.recovery) break;
  }
  return pending;
}

Result<void> Vault::mark_pushed(const protocol::Head& head) {
  if (head.seq < state_->server.seq || head.seq > state_->head.seq) return errc::fork_detected;
  COFFRET_TRY(const auto ours, state_->log.hash_at(head.seq));
  if (ours != head.hash) return errc::fork_detected;
  const auto before = std::exchange(state_->server, head);
  auto kept = state_->keep();
  if (kept.has_error()) state_->server = before;
  return kept;
}

Result<Accepted> Vault::accept_remote(const protocol::EntryPage& page) {
  auto& state = *state_;
  if (page.head.seq < state.server.seq) return errc::server_rolled_back;
  if (page.head.seq == state.server.seq && page.head.hash != state.server.hash)
    return errc::fork_detected;
  if (page.entries.empty()) return Accepted{};

  COFFRET_TRY(const auto first, protocol::decode_entry(page.entries.front().body));
  if (first.seq != state.server.seq + 1) return errc::malformed;
  if (first.previous != state.server.hash) return errc::fork_detected;
  COFFRET_TRY(const auto last, protocol::decode_entry(page.entries.back().body));
  const auto last_head = head_of(last, page.entries.back());
  if (last.seq > page.head.seq) return errc::malformed;
  if (last.seq == page.head.seq && last_head != page.head) return errc::fork_detected;

  protocol::Head base = state.server;
  COFFRET_TRY(const std::size_t same, common(state, page.entries, base));
  if (same > 0) COFFRET_CHECK(mark_pushed(base));
  if (same == page.entries.size()) return Accepted{};
  auto merged = merge(state, base, std::span{page.entries}.subspan(same));
  if (merged.has_error() && merged.error() == errc::device_cloned) state.retire();
  return merged;
}

Result<protocol::Head> Vault::set_back(std::span<const ObjectId> objects) {
  auto& state = *state_;
  COFFRET_TRY(auto own, displaced(state, state.server.seq));
  Waiting waiting{objects};
  std::vector<Displaced> ahead;
  std::vector<Displaced> behind;
  std::size_t in_place = 0;  // entries ahead that nothing stands before
  for (auto& one : own) {
    COFFRET_TRY(const auto opened, state.keyring.open(one.entry));
    if (waiting.holds(opened)) {
      behind.push_back(std::move(one));
      continue;
    }
    if (behind.empty()) ++in_place;
    ahead.push_back(std::move(one));
  }
  if (in_place == ahead.size()) return head_at(state.server.seq + in_place);

  COFFRET_TRY(auto act, Act::begin(state));
  COFFRET_CHECK(act.rewind(state.server));
  Follower follower{state};
  for (const auto& one : ahead) COFFRET_CHECK(write_again(state, act, follower, one));
  const protocol::Head last = act.head();
  for (const auto& one : behind) COFFRET_CHECK(write_again(state, act, follower, one));
  COFFRET_CHECK(follower.finish(act.folded()));
  COFFRET_CHECK(act.commit(std::nullopt));
  COFFRET_CHECK(state.finish_erasing());
  return last;
}

Result<SealedObject> Vault::object(const ObjectId& id) const {
  COFFRET_TRY(const auto row, state_->documents.by_object(id));
  COFFRET_TRY(const auto document, state_->stored(row));
  COFFRET_TRY(const auto body, state_->body(document));
  COFFRET_TRY(const auto key, state_->document_key(document));
  auto sealed = crypto::Sealer::seal(
      key, {state_->owner.vault, document.put().document, document.put().version}, body);
  if (protocol::object_id(sealed.view()) != id) return errc::damaged;
  return sealed;
}

Result<std::vector<MissingObject>> Vault::missing_objects() const {
  std::vector<MissingObject> missing;
  COFFRET_TRY(const auto rows, state_->documents.missing());
  missing.reserve(rows.size());
  for (const auto& row : rows) {
    COFFRET_TRY(const auto id, DocumentId::parse(row.name));
    missing.push_back({row.object, id, crypto::object_size(row.size)});
  }
  return missing;
}

Result<DocumentId> Vault::store_object(const ObjectId& id, const ReceivedObject& object) {
  auto& state = *state_;
  COFFRET_TRY(const auto row, state.documents.by_object(id));
  COFFRET_TRY(const auto document, state.stored(row));
  const auto& put = document.put();
  if (row.place != Place::missing) return put.document;
  if (protocol::object_id(object.bytes) != id) return errc::unauthenticated;
  COFFRET_TRY(const auto key, state.document_key(document));
  COFFRET_TRY(
      const auto body,
      crypto::Sealer::open(key, {state.owner.vault, put.document, put.version}, object, put.size));
  if (crypto::sha256(body) != put.sha256) return errc::unauthenticated;

  const bool large = body.size() > max_row_body;
  if (large) COFFRET_CHECK(state.env.disk.replace(state.directory.object(id), object.bytes));
  COFFRET_TRY(auto transaction, Transaction::begin(state.db));
  if (!large) COFFRET_CHECK(state.documents.add_body(row.row, body));
  COFFRET_CHECK(state.documents.set_place(row.row, large ? Place::file : Place::row));
  COFFRET_CHECK(transaction.commit());
  return put.document;
}

}  // namespace coffret::store
