// SPDX-License-Identifier: EUPL-1.2
//
// ways_out.hpp: the ways out of an alarm, as far as they concern the log here (vault/DESIGN.md
// §16).
//
// follow(): the history shown by the server takes the place of the one known here since `base`, and
// what only the one here held is taken in behind it, as new entries of this device. Nothing is
// lost: the entries of the history that is left are kept, as they were signed, in
// `branch-<seq>-<hash>.entries`.
// Errors of every call: those of vault.hpp.
// Ownership: borrows the Vault. Threads: the vault's strand.
#ifndef COFFRET_VAULT_STORE_WAYS_OUT_HPP
#define COFFRET_VAULT_STORE_WAYS_OUT_HPP

#include <set>
#include <span>
#include <string>
#include <vector>

#include "vault/store/vault.hpp"

namespace coffret::store {

inline constexpr std::size_t max_branches = 32;  // files of evidence

// What an entry of a branch is about, in words that the caller chooses.
struct BranchEntry {
  std::uint64_t seq = 0;
  std::int64_t time = 0;
  DeviceId device;
  OperationType type{};
  std::string title;  // of the document it puts or changes, as far as it is known; else empty
};

struct Followed {
  std::uint64_t taken = 0;            // entries of the history that is followed
  std::uint64_t carried = 0;          // own entries taken in behind them
  std::vector<BranchEntry> left_out;  // what could not be: a device to be invited again, a body
                                      // that is nowhere
  std::string evidence;               // the file's name; empty: nothing was left
};

// One history: how its entries begin to differ, and that they follow.
struct Branch {
  protocol::Head base;
  std::vector<protocol::SignedEntry> entries;

  template <class A>
  void serialize(A& a) {
    a(base, entries);
  }
};

class WaysOut {
 public:
  explicit WaysOut(Vault& vault) noexcept : vault_(&vault) {}

  // Of the newest note about a restored server that was taken in; 0: none.
  std::uint64_t server_epoch() const;
  // Errors: not_found (past the end), history_unread (not read yet); seq 0 has the zero hash.
  Result<EntryHash> hash_at(std::uint64_t seq) const;
  // The number of the entry behind which the log here has no gaps; 0: it never had or has any.
  std::uint64_t whole_from() const noexcept;
  // As they were signed, oldest first: at most `limit`, and 4 MiB.
  Result<std::vector<protocol::SignedEntry>> entries(std::uint64_t after, std::size_t limit) const;
  // Objects put behind `seq` whose body is not on this device.
  Result<std::vector<ObjectId>> without_body(std::uint64_t after) const;

  // The entries of a branch, judged as a stranger's behind `base`, which is in the log here.
  // Errors: fork_detected (does not follow base), unauthenticated, other_version.
  Result<std::vector<BranchEntry>> describe(const protocol::Head& base,
                                            std::span<const protocol::SignedEntry> entries) const;
  // The same of the entries here.
  Result<std::vector<BranchEntry>> describe_own(std::uint64_t after) const;

  // `unavailable`: objects that neither this device nor the server has.
  // Errors: also device_cloned (it holds entries of this device that it never wrote),
  // device_removed (it removes this device), denied (it does not know this device, which only
  // another one vouches for).
  Result<Followed> follow(const protocol::Head& base, std::span<const protocol::SignedEntry> theirs,
                          const std::set<ObjectId>& unavailable);

  // What `old`, a vault of the same log on a device that was retired, holds and no server has:
  // taken in as new entries of this device. `old` stays as it is. Errors: unauthenticated (another
  // vault).
  Result<Followed> carry_from(Vault& old);

  // The body of a document that is damaged or gone here, as the server keeps it. What lay here is
  // replaced when the new one was found to be the named one. Errors: not_found, unauthenticated.
  Result<void> repair_body(const ObjectId& id, const ReceivedObject& object);

  // The same from the document's original file: its object is made again from it, byte for byte.
  // Errors: not_found, unauthenticated (another file).
  Result<void> restore_body(const DocumentId& id, ByteView original);

  // Whether a copy of this device has written: it signs nothing any more.
  bool retired() const noexcept;

  // For this room's other classes that stand beside a Vault (checkpoints.hpp).
  static Vault::State& state_of(Vault& vault) noexcept { return *vault.state_; }

 private:
  Vault* vault_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_WAYS_OUT_HPP
