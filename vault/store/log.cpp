// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/log.hpp"

#include <utility>

namespace coffret::store {
namespace {

// The integers of our rows are counts that fit; SQLite's are signed.
std::int64_t stored(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}
std::uint64_t loaded(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

// Which entries may follow each other on a walk.
class Passage {
 public:
  enum class Part : std::uint8_t { none, state, history };

  explicit Passage(const KeptGap* gap) : gap_(gap) {}

  // `gap`: entries are missing before it.
  Part next(const protocol::Head& at, bool gap) {
    if (gap_ == nullptr || at.seq > gap_->at.seq) return gap ? Part::none : Part::state;
    broken_ = broken_ || gap;
    if (place_ < gap_->live.size() && gap_->live[place_].seq == at.seq)
      return gap_->live[place_++].hash == at.hash ? Part::state : Part::none;
    // Live ones that were passed are missing; history is there from the first entry on, or not.
    const bool missing = place_ < gap_->live.size() && gap_->live[place_].seq < at.seq;
    return broken_ || missing ? Part::none : Part::history;
  }
  // Whether all that has to be there was.
  bool over() const { return gap_ == nullptr || place_ == gap_->live.size(); }

 private:
  const KeptGap* gap_;
  std::size_t place_ = 0;
  bool broken_ = false;
};

Result<protocol::SignedEntry> read_entry(const Statement& row) {
  protocol::SignedEntry entry;
  entry.body = to_bytes(row.blob(0));
  COFFRET_TRY(entry.signature, Signature::from(row.blob(1)));
  entry.operation = to_bytes(row.blob(2));
  return entry;
}

}  // namespace

Result<protocol::Head> Log::walk(const std::function<Result<void>(const Link&)>& visit) const {
  COFFRET_TRY(auto rows, db_->prepare("SELECT seq, control, body FROM entries ORDER BY seq"));
  protocol::Head head;
  Passage passage{gap_};
  for (;;) {
    COFFRET_TRY(const bool more, rows.step());
    if (!more) return passage.over() ? Result<protocol::Head>{head} : errc::local_state_tampered;
    const ByteView body = rows.blob(2);
    const auto entry = protocol::decode_entry(body);
    if (entry.has_error() || loaded(rows.int64(0)) != entry->seq) return errc::local_state_tampered;
    const protocol::Head at{.seq = entry->seq, .hash = protocol::entry_hash(body)};
    const bool gap = entry->seq > head.seq + 1;
    if (gap) head = {.seq = entry->seq - 1, .hash = entry->previous};
    if (entry->seq != head.seq + 1 || entry->previous != head.hash)
      return errc::local_state_tampered;
    const auto part = passage.next(at, gap);
    if (part == Passage::Part::none) return errc::local_state_tampered;
    const Link link{.before = head,
                    .at = at,
                    .control = rows.int64(1) != 0,
                    .history = part == Passage::Part::history,
                    .time = entry->time,
                    .body = body};
    COFFRET_CHECK(visit(link));
    head = link.at;
  }
}

Result<protocol::SignedEntry> Log::at(std::uint64_t seq) const {
  COFFRET_TRY(auto* row, db_->use("SELECT body, signature, blob FROM entries JOIN operations "
                                  "USING (seq) WHERE seq = ?1"));
  COFFRET_TRY(const bool found, row->bind(1, stored(seq)).step());
  if (!found) return errc::not_found;
  auto entry = read_entry(*row);
  row->reset();
  return entry;
}

Result<EntryHash> Log::hash_at(std::uint64_t seq) const {
  if (seq == 0) return EntryHash{};
  COFFRET_TRY(auto* row, db_->use("SELECT body FROM entries WHERE seq = ?1"));
  COFFRET_TRY(const bool found, row->bind(1, stored(seq)).step());
  if (!found) return errc::not_found;
  const auto hash = protocol::entry_hash(row->blob(0));
  row->reset();
  return hash;
}

Result<std::vector<protocol::SignedEntry>> Log::after(std::uint64_t seq, std::size_t limit) const {
  COFFRET_TRY(auto* rows,
              db_->use("SELECT body, signature, blob FROM entries JOIN operations USING (seq) "
                       "WHERE seq > ?1 ORDER BY seq LIMIT ?2"));
  rows->bind(1, stored(seq)).bind(2, stored(limit));
  std::vector<protocol::SignedEntry> entries;
  for (;;) {
    COFFRET_TRY(const bool more, rows->step());
    if (!more) return entries;
    COFFRET_TRY(auto entry, read_entry(*rows));
    entries.push_back(std::move(entry));
  }
}

Result<void> Log::add(const protocol::SignedEntry& entry, const protocol::Head& at, bool control) {
  COFFRET_TRY(auto* row, db_->use("INSERT INTO entries(seq, control, body, signature) "
                                  "VALUES(?1, ?2, ?3, ?4)"));
  row->bind(1, stored(at.seq)).bind(2, control ? 1 : 0).bind(3, entry.body);
  COFFRET_CHECK(row->bind(4, entry.signature.view()).run());
  COFFRET_TRY(auto* blob, db_->use("INSERT INTO operations(seq, blob) VALUES(?1, ?2)"));
  return blob->bind(1, stored(at.seq)).bind(2, entry.operation).run();
}

Result<void> Log::drop_after(std::uint64_t seq) {
  COFFRET_TRY(auto* blobs, db_->use("DELETE FROM operations WHERE seq > ?1"));
  COFFRET_CHECK(blobs->bind(1, stored(seq)).run());
  COFFRET_TRY(auto* rows, db_->use("DELETE FROM entries WHERE seq > ?1"));
  return rows->bind(1, stored(seq)).run();
}

Result<std::uint64_t> Log::count_until(std::uint64_t seq) const {
  COFFRET_TRY(auto* query, db_->use("SELECT count(*) FROM entries WHERE seq <= ?1"));
  COFFRET_TRY(const bool found, query->bind(1, stored(seq)).step());
  const auto count = found ? loaded(query->int64(0)) : 0;
  query->reset();
  return count;
}

}  // namespace coffret::store
