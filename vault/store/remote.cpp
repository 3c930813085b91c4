// SPDX-License-Identifier: EUPL-1.2
//
// What goes to the server and what comes from it: entries and objects.
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
  std::optional<std::int64_t> row;
};

Result<std::vector<Displaced>> displaced(Vault::State& state, std::uint64_t after) {
  std::vector<Displaced> own;
  COFFRET_TRY(auto entries, state.log.after(after, static_cast<std::size_t>(state.head.seq)));
  for (auto& entry : entries) {
    COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
    // Taken from the server once (a crash kept that from being remembered), now shown otherwise.
    if (body.device != state.owner.device) return errc::fork_detected;
    const auto row = state.documents.by_seq(body.seq);
    if (row.has_error() && row.error() != errc::not_found) return row.error();
    own.push_back({std::move(entry),
                   row.has_value() ? std::optional{row->row} : std::optional<std::int64_t>{}});
  }
  return own;
}

Result<void> take_remote(Vault::State& state, Act& act, const protocol::SignedEntry& entry,
                         Follower& follower, Accepted& accepted) {
  const auto opened = act.take(entry);
  if (opened.has_error())
    return opened.error() == errc::conflict ? error_code{errc::fork_detected} : opened.error();
  if (opened->entry.device == state.owner.device) return errc::device_cloned;
  ++accepted.entries;
  if (const auto* put = std::get_if<DocumentPut>(&opened->payload))
    accepted.documents.push_back(put->document);
  return follower.take(*opened);
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
  for (const auto& entry : theirs)
    COFFRET_CHECK(take_remote(state, act, entry, follower, accepted));
  const protocol::Head server = act.head();
  for (const auto& [entry, row] : own) {
    COFFRET_TRY(const bool outdated, follower.outdated(entry, act.folded()));
    if (outdated) continue;
    COFFRET_TRY(const auto opened, act.renew(entry));
    if (row)
      COFFRET_CHECK(state.documents.set_seq(*row, opened.entry.seq));
    else
      COFFRET_CHECK(follower.take(opened));
    ++accepted.rebased;
  }
  COFFRET_CHECK(follower.finish(act.folded()));
  // The head file may name the server's new head only once the log holds it: commit writes it with
  // the old one first, and `keep` here with the new.
  COFFRET_CHECK(act.commit());
  state.server = server;
  COFFRET_CHECK(state.keep());
  COFFRET_CHECK(state.finish_erasing());
  return accepted;
}

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

}  // namespace

Result<Pending> Vault::pending(std::size_t limit) const {
  Pending pending{.base = state_->server, .entries = {}, .objects = {}};
  COFFRET_TRY(auto entries, state_->log.after(state_->server.seq, limit));
  std::size_t bytes = 0;
  for (auto& entry : entries) {
    bytes += entry.body.size() + entry.operation.size();
    if (bytes > max_push && !pending.entries.empty()) break;
    COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
    pending.objects.insert(pending.objects.end(), body.puts.begin(), body.puts.end());
    pending.entries.push_back(std::move(entry));
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
  if (merged.has_error() && merged.error() == errc::other_version) state.read_only = true;
  return merged;
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
  for (const auto& row : rows) {
    COFFRET_TRY(const auto document, state_->stored(row));
    const auto& put = document.put();
    missing.push_back({put.locator.object, put.document, put.locator.length});
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
