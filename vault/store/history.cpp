// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/history.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "vault/store/checkpoint_judge.hpp"
#include "vault/store/state.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::store {
namespace {

constexpr std::size_t behind_at_a_time = 256;  // entries

using Slice = std::span<const protocol::SignedEntry>;

Result<HistoryCheck*> check_of(Vault::State& state) {
  auto& reading = state.reading;
  if (!reading.check) {
    reading.puts.clear();
    COFFRET_TRY(auto check, HistoryCheck::resume(state.gap->at, state.gap->live, state.keyring,
                                                 state.gap->remembered));
    reading.check = std::make_unique<HistoryCheck>(std::move(check));
  }
  return reading.check.get();
}

// After an error what was read is to be judged again from what is stored.
error_code given_up(Vault::State& state, const error_code& why) {
  auto& reading = state.reading;
  // All of it chained and was signed, and says something else than the checkpoint did.
  if (why == errc::fork_detected && reading.check && reading.check->done())
    reading.contradicted = errc::fork_detected;
  reading.check.reset();
  reading.puts.clear();
  return why;
}

// What is here was judged when it came: where it fails now, it was changed here.
error_code as_stored(const HistoryCheck& check, const error_code& why) {
  const bool judged = why == errc::unauthenticated || why == errc::malformed ||
                      (why == errc::fork_detected && !check.done());
  return judged ? error_code{errc::local_state_tampered} : why;
}

// Documents that the checkpoint has not: they were purged. A row of them is all that is left, as it
// is on a device that was there.
Result<void> add_purged(Vault::State& state) {
  for (const auto seq : state.reading.puts) {
    COFFRET_TRY(const auto entry, state.log.at(seq));
    COFFRET_TRY(const auto opened, state.keyring.open(entry));
    const auto* put = std::get_if<DocumentPut>(&opened.payload);
    if (put == nullptr) return errc::local_state_tampered;
    COFFRET_TRY(const auto row, state.documents.add(opened, *put, Place::missing));
    COFFRET_CHECK(state.documents.purge(row));
  }
  return {};
}

// The fold of everything, now that nothing is missing.
Result<Control> fold_of_all(const Vault::State& state) {
  Control folded = state.reading.check->folded();
  for (std::uint64_t seq = state.gap->at.seq; seq < state.head.seq;) {
    COFFRET_TRY(const auto next, state.log.after(seq, behind_at_a_time));
    if (next.empty()) return errc::local_state_tampered;
    for (const auto& entry : next) {
      const auto opened = state.keyring.open(entry);
      // What this build does not know ends the fold, as at an unlock.
      if (opened.has_error() && opened.error() == errc::other_version && state.read_only)
        return folded;
      COFFRET_CHECK(opened);
      COFFRET_CHECK(folded.apply(*opened));
      seq = opened->entry.seq;
    }
  }
  return folded;
}

// Judged, stored, and with the last of them all is said that follows from it.
Result<bool> keep(Vault::State& state, HistoryCheck& check, Slice entries) {
  auto& reading = state.reading;
  COFFRET_TRY(auto transaction, Transaction::begin(state.db));
  const auto add = [&](const protocol::SignedEntry& entry, const Opened& opened) -> Result<void> {
    if (check.claims(opened.entry.seq)) return {};
    const bool put = opened.operation.type == OperationType::document_put;
    if (put) reading.puts.push_back(opened.entry.seq);
    const protocol::Head at{.seq = opened.entry.seq, .hash = protocol::entry_hash(entry.body)};
    return state.log.add(entry, at, !put);
  };
  COFFRET_CHECK(check.take(entries, add));
  if (!check.done()) {
    COFFRET_CHECK(transaction.commit());
    reading.stored = check.verified();
    return false;
  }
  COFFRET_CHECK(add_purged(state));
  COFFRET_TRY(auto folded, fold_of_all(state));
  COFFRET_CHECK(transaction.commit());
  state.control = std::move(folded);
  ++state.folds;
  state.end_gap();
  return true;
}

}  // namespace

History::History(Vault& vault) noexcept : state_(&WaysOut::state_of(vault)) {}

std::optional<HistoryProgress> History::progress() const {
  const auto& gap = state_->gap;
  if (!gap) return std::nullopt;
  return HistoryProgress{.read = state_->reading.stored.seq,
                         .of = gap->at.seq,
                         .writer = gap->writer,
                         .contradicted = state_->reading.contradicted != errc::ok};
}

Result<bool> History::catch_up(std::size_t limit) {
  auto& state = *state_;
  if (!state.gap) return true;
  COFFRET_TRY(auto* check, check_of(state));
  auto& reading = state.reading;
  const auto left = reading.stored.seq - check->verified().seq;
  if (left == 0) return true;
  COFFRET_TRY(const auto entries,
              state.log.after(check->verified().seq, std::min<std::uint64_t>(limit, left)));
  const auto note = [&](const protocol::SignedEntry&, const Opened& opened) -> Result<void> {
    if (opened.operation.type == OperationType::document_put && !check->claims(opened.entry.seq))
      reading.puts.push_back(opened.entry.seq);
    return {};
  };
  const auto taken = check->take(entries, note);
  if (taken.has_error()) return given_up(state, as_stored(*check, taken.error()));
  return check->verified().seq == reading.stored.seq;
}

Result<bool> History::take(const protocol::EntryPage& page) {
  auto& state = *state_;
  if (!state.gap) return true;
  if (state.reading.contradicted != errc::ok) return state.reading.contradicted;
  COFFRET_TRY(auto* check, check_of(state));
  if (check->verified() != state.reading.stored) return errc::conflict;
  if (page.head.seq < state.gap->at.seq) return errc::server_rolled_back;
  const auto left = state.gap->at.seq - check->verified().seq;
  const auto count = std::min<std::uint64_t>(page.entries.size(), left);
  if (count == 0) return errc::malformed;
  auto kept = keep(state, *check, Slice{page.entries}.first(static_cast<std::size_t>(count)));
  if (kept.has_error()) return given_up(state, kept.error());
  return kept;
}

}  // namespace coffret::store
