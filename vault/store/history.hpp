// SPDX-License-Identifier: EUPL-1.2
//
// history.hpp: a vault that began at a checkpoint reads what lies before it, page by page.
//
// Each page is judged (HistoryCheck) and kept in one transaction, and the last one only when the
// checkpoint was found to hold what the history says it has to: until then nothing of the history
// is part of the state. Then the log is whole, its fold made anew from all of it, and the file
// `history` removed. An unlock finds how far it was in the log itself.
//
// The entries are kept, not only their hashes: they are what a device needs to give a restored
// server its history back, to write a backup, and to show what the other side of a fork holds, and
// every device that came before has them.
//
// Flow: while progress() tells something: catch_up() until it is true, then take() the pages behind
// progress()->read.
// Errors: those of vault.hpp. Ownership: borrows the Vault. Threads: the vault's strand.
#ifndef COFFRET_VAULT_STORE_HISTORY_HPP
#define COFFRET_VAULT_STORE_HISTORY_HPP

#include <cstdint>
#include <optional>

#include "vault/store/vault.hpp"

namespace coffret::store {

struct HistoryProgress {
  std::uint64_t read = 0;     // entries of the history that are here, from the first one on
  std::uint64_t of = 0;       // that there are
  DeviceId writer;            // of the checkpoint
  bool contradicted = false;  // all was read, and the checkpoint held something else
};

class History {
 public:
  explicit History(Vault& vault) noexcept;

  // Null: the log here is whole.
  std::optional<HistoryProgress> progress() const;

  // What is here already is judged again after an unlock, at most `limit` entries at a time. True:
  // all of it was. Errors: fork_detected, as take().
  Result<bool> catch_up(std::size_t limit);

  // The entries behind progress()->read, oldest first, as the server shows them; those behind the
  // checkpoint are left alone. True: the log is whole now.
  // Errors: fork_detected (they do not lead to the checkpoint, or it held other entries than they
  // make live), server_rolled_back (the log ends before the checkpoint), unauthenticated,
  // malformed, other_version; conflict (catch_up is not done). Nothing was kept then.
  Result<bool> take(const protocol::EntryPage& page);

 private:
  Vault::State* state_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_HISTORY_HPP
