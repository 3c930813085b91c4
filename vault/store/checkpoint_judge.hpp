// SPDX-License-Identifier: EUPL-1.2
//
// checkpoint_judge.hpp: what a device may believe of a checkpoint, at once and in the end.
//
// At once (judge_checkpoint): every entry in it was signed by a device that the entries before it
// enrol, and the last one is the named head. The log behind that head is then judged as ever, the
// announcing entry with it, and judge_announcer asks that its device was not removed since.
// In the end (HistoryCheck): the history leads from the first entry to that head, holds these very
// entries, and the live ones of it are these and no others. Until then a writer may have left
// something out: a document, a removal, an amendment. Not who signs: a removed device and a new
// sheet began an epoch, and what follows it is not believed without the entry that began it.
//
// Errors: fork_detected (does not chain, or another set than the history has), unauthenticated,
// malformed, other_version, device_removed and recovery_replaced as Control::admit.
// Threads: values.
#ifndef COFFRET_VAULT_STORE_CHECKPOINT_JUDGE_HPP
#define COFFRET_VAULT_STORE_CHECKPOINT_JUDGE_HPP

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "vault/store/checkpoint.hpp"
#include "vault/store/control.hpp"
#include "vault/store/keyring.hpp"
#include "vault/store/live_entries.hpp"

namespace coffret::store {

// `entries`: of open_checkpoint. The keys of its epochs join the ring on trust, as judge() has it.
Result<Control> judge_checkpoint(const protocol::Head& at,
                                 std::span<const protocol::SignedEntry> entries, Keyring& keyring);

// `now`: folded to the end of the log. A device that was removed may have been another's hand when
// it wrote: what it announced does not count, whenever it did so. Errors: device_removed.
Result<void> judge_announcer(const Control& now, const Opened& announcing);

// Whether `head`, of a sheet or an inviting device, can be on the history that `entries` lead to.
enum class Descent : std::uint8_t {
  shown,        // it is among the entries
  not_yet,      // it lies before `at`, where there are gaps: the history will tell
  contradicted  // another entry has its number, or it lies beyond the end
};
// `behind`: the entries from `at` on.
Result<Descent> descends(const protocol::Head& head, const protocol::Head& at,
                         std::span<const protocol::SignedEntry> entries,
                         std::span<const protocol::SignedEntry> behind);

// The history up to a checkpoint, read in slices of any size.
class HistoryCheck {
 public:
  // `remembered`: a head that must lie on the history (a sheet's, an inviter's); seq 0: none.
  // Errors: malformed (the entries are none).
  static Result<HistoryCheck> begin(const protocol::Head& at,
                                    std::span<const protocol::SignedEntry> entries,
                                    const Keyring& keyring, const protocol::Head& remembered = {});
  // The same where the entries themselves are in a vault, whose keyring this is.
  static Result<HistoryCheck> resume(const protocol::Head& at,
                                     std::span<const protocol::Head> claimed,
                                     const Keyring& keyring, const protocol::Head& remembered);

  // The entries behind verified(), oldest first; `seen` is given each one that passed. After an
  // error nothing more is to be given: the history, or the checkpoint, is not what it was said to
  // be.
  using Seen = std::function<Result<void>(const protocol::SignedEntry&, const Opened&)>;
  Result<void> take(std::span<const protocol::SignedEntry> slice, const Seen& seen = {});

  const protocol::Head& verified() const noexcept { return head_; }
  // The fold of the history so far.
  const Control& folded() const noexcept { return control_; }
  // Whether the entry of this number is among the checkpoint's.
  bool claims(std::uint64_t seq) const { return claimed_.contains(seq); }
  bool done() const noexcept { return head_.seq == at_.seq; }

 private:
  HistoryCheck(const protocol::Head& at, const Keyring& keyring, const protocol::Head& remembered)
      : at_(at), remembered_(remembered), keyring_(keyring) {}
  Result<void> next(const protocol::SignedEntry& entry, const Seen& seen);
  Result<void> compare() const;

  protocol::Head at_;
  protocol::Head remembered_;
  Keyring keyring_;
  std::map<std::uint64_t, EntryHash> claimed_;  // the checkpoint's entries by number
  Control control_;
  LiveEntries live_;
  protocol::Head head_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_CHECKPOINT_JUDGE_HPP
