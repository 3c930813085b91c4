// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/checkpoint_judge.hpp"

#include <algorithm>
#include <utility>

namespace coffret::store {
namespace {

// Keys come first, on trust: the judgement of the entries takes them with it when it fails.
Result<void> learn_keys(std::span<const protocol::SignedEntry> entries, Keyring& keyring) {
  std::vector<protocol::SignedEntry> starts;
  std::uint32_t last = 0;
  for (const auto& entry : entries) {
    COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
    if (std::exchange(last, body.epoch) != body.epoch) starts.push_back(entry);
  }
  keyring.descend(starts);
  return {};
}

errc alarm(const error_code& error) {
  const errc value = to_errc(error);
  return value == errc::conflict ? errc::fork_detected : value;
}

}  // namespace

Result<Control> judge_checkpoint(const protocol::Head& at,
                                 std::span<const protocol::SignedEntry> entries, Keyring& keyring) {
  COFFRET_CHECK(learn_keys(entries, keyring));
  Control control;
  protocol::Head head;
  for (const auto& entry : entries) {
    COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
    if (body.seq <= head.seq) return errc::malformed;
    // Over a gap the entry's own word for what is before it holds until the history is read.
    if (body.seq != head.seq + 1) head = {.seq = body.seq - 1, .hash = body.previous};
    const auto opened = control.admit(entry, head, keyring);
    if (opened.has_error()) return alarm(opened.error());
    COFFRET_CHECK(control.apply(*opened));
    head = {.seq = body.seq, .hash = protocol::entry_hash(entry.body)};
  }
  if (head != at || at.seq == 0) return errc::fork_detected;
  return control;
}

Result<void> judge_announcer(const Control& now, const Opened& announcing) {
  const auto device = now.devices().find(announcing.entry.device);
  if (device == now.devices().end()) return errc::unauthenticated;
  if (device->second.removed) return errc::device_removed;
  return {};
}

Result<Descent> descends(const protocol::Head& head, const protocol::Head& at,
                         std::span<const protocol::SignedEntry> entries,
                         std::span<const protocol::SignedEntry> behind) {
  if (head.seq == 0) return Descent::shown;
  const auto same = [&](const protocol::SignedEntry& entry) {
    return protocol::entry_hash(entry.body) == head.hash ? Descent::shown : Descent::contradicted;
  };
  if (head.seq > at.seq) {
    const std::uint64_t place = head.seq - at.seq - 1;
    if (place >= behind.size()) return Descent::contradicted;
    return same(behind[static_cast<std::size_t>(place)]);
  }
  for (const auto& entry : entries) {
    COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
    if (body.seq == head.seq) return same(entry);
    // What an entry says of the one before it is signed too.
    if (body.seq == head.seq + 1)
      return body.previous == head.hash ? Descent::shown : Descent::contradicted;
  }
  return Descent::not_yet;
}

Result<HistoryCheck> HistoryCheck::begin(const protocol::Head& at,
                                         std::span<const protocol::SignedEntry> entries,
                                         const Keyring& keyring, const protocol::Head& remembered) {
  if (at.seq == 0 || entries.empty()) return errc::malformed;
  HistoryCheck check{at, keyring, remembered};
  COFFRET_CHECK(learn_keys(entries, check.keyring_));
  for (const auto& entry : entries) {
    COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
    check.claimed_.emplace(body.seq, protocol::entry_hash(entry.body));
  }
  return check;
}

Result<HistoryCheck> HistoryCheck::resume(const protocol::Head& at,
                                          std::span<const protocol::Head> claimed,
                                          const Keyring& keyring,
                                          const protocol::Head& remembered) {
  if (at.seq == 0 || claimed.empty()) return errc::malformed;
  HistoryCheck check{at, keyring, remembered};
  for (const auto& one : claimed) check.claimed_.emplace(one.seq, one.hash);
  return check;
}

Result<void> HistoryCheck::next(const protocol::SignedEntry& entry, const Seen& seen) {
  if (done()) return errc::malformed;
  const auto opened = control_.admit(entry, head_, keyring_);
  if (opened.has_error()) return alarm(opened.error());
  COFFRET_CHECK(control_.apply(*opened));
  live_.take(*opened);
  const protocol::Head here{.seq = opened->entry.seq, .hash = protocol::entry_hash(entry.body)};
  const auto claimed = claimed_.find(here.seq);
  if (claimed != claimed_.end() && claimed->second != here.hash) return errc::fork_detected;
  if (here.seq == remembered_.seq && here.hash != remembered_.hash) return errc::fork_detected;
  if (here.seq == at_.seq && here.hash != at_.hash) return errc::fork_detected;
  head_ = here;
  if (seen) COFFRET_CHECK(seen(entry, *opened));
  return done() ? compare() : Result<void>{};
}

// The checkpoint keeps what the rule keeps: nothing left out, nothing too much.
Result<void> HistoryCheck::compare() const {
  const auto live = live_.seqs();
  const bool same = std::equal(live.begin(), live.end(), claimed_.begin(), claimed_.end(),
                               [](std::uint64_t seq, const auto& one) { return seq == one.first; });
  if (!same) return errc::fork_detected;
  return {};
}

Result<void> HistoryCheck::take(std::span<const protocol::SignedEntry> slice, const Seen& seen) {
  for (const auto& entry : slice) COFFRET_CHECK(next(entry, seen));
  return {};
}

}  // namespace coffret::store
