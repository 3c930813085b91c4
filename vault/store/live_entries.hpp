// SPDX-License-Identifier: EUPL-1.2
//
// live_entries.hpp: which entries of a log make up the vault's state, so that folding them alone
// says the same as folding all (rule 1 of the checkpoints, vault/DESIGN.md §17).
//
// Kept:
//   - everything about who signs and reads (genesis, epochs, devices, sheets), persons' names,
//   taken
//     in histories, and what this build does not know;
//   - each document's puts, the removal that stands, its last assignment, and of each field the
//     amendment that counts; with a removal also the entry whose time it counts from;
//   - of a purged document the purge alone: it says that nothing brings the document back;
//   - grants with all their versions, the first revocation and acknowledgement; of what replaces
//     itself (identity, server, access log, note about the server, checkpoint that is one) the
//     last;
//   - the last entry, which the log goes on from.
// So the set grows with what the vault holds and ever held, not with how often it changed. What is
// shown of the past (earlier amendments of a field) comes with the history.
//
// A change of the rule is another number (checkpoint.hpp): the set is compared as a whole.
// Threads: a value.
#ifndef COFFRET_VAULT_STORE_LIVE_ENTRIES_HPP
#define COFFRET_VAULT_STORE_LIVE_ENTRIES_HPP

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "vault/store/keyring.hpp"
#include "vault/store/operation.hpp"

namespace coffret::store {

class LiveEntries {
 public:
  // The next entry, admitted and applied (Control): the log's order.
  void take(const Opened& opened);

  std::vector<std::uint64_t> seqs() const;  // ascending
  // Of the newest checkpoint announced; 0: none.
  std::uint64_t checkpoint() const noexcept { return checkpoint_; }

 private:
  using Seq = std::uint64_t;  // 0: none

  struct OfDocument {
    std::vector<Seq> puts;
    Seq removed = 0;
    Seq clock = 0;  // the entry whose time the removal counts from
    Seq purged = 0;
    Seq title = 0;
    Seq date = 0;
    Seq kind = 0;
    Seq note = 0;
    Seq assigned = 0;
  };
  struct OfGrant {
    Seq decided = 0;
    Seq revoked = 0;
    Seq acknowledged = 0;
  };

  void take(Seq seq, const Opened& opened, const DocumentPut& put);
  void take(Seq seq, const Opened& opened, const DocumentRemoved& removed);
  void take(Seq seq, const Opened& opened, const DocumentRestored& restored);
  void take(Seq seq, const Opened& opened, const DocumentAmended& amended);
  void take(Seq seq, const Opened& opened, const DocumentAssigned& assigned);
  void take(Seq seq, const Opened& opened, const GrantDecided& decided);
  void take(Seq seq, const Opened& opened, const GrantRevoked& revoked);
  void take(Seq seq, const Opened& opened, const GrantAcknowledged& acknowledged);
  void take(Seq seq, const Opened& opened, const PersonIdentified& identified);
  void take(Seq seq, const Opened& opened, const ServerPinned& pinned);
  void take(Seq seq, const Opened& opened, const AccessCheckpoint& checkpoint);
  void take(Seq seq, const Opened& opened, const ServerRestored& restored);
  void take(Seq seq, const Opened& opened, const std::monostate& unknown);
  template <class Kept>
  void take(Seq seq, const Opened&, const Kept&) {
    always_.push_back(seq);
  }
  static void add(std::set<Seq>& to, const OfDocument& document);

  std::vector<Seq> always_;
  std::map<DocumentId, OfDocument> documents_;
  std::map<GrantId, OfGrant> grants_;
  std::map<PersonId, Seq> identities_;
  Seq server_ = 0;
  Seq access_ = 0;
  std::uint64_t access_size_ = 0;
  std::uint64_t server_epoch_ = 0;
  Seq checkpoint_ = 0;
  std::int64_t clock_ = 0;  // the latest time of an entry so far, as Control has it
  Seq clock_at_ = 0;
  Seq last_ = 0;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_LIVE_ENTRIES_HPP
