// SPDX-License-Identifier: EUPL-1.2
//
// copies.hpp: one document that two devices put while apart, made one again.
//
// The one kept is the one whose entry comes first in the log that the server acknowledged: every
// device knows the same one, and no clock is asked. What the person changed of the copy is made
// again to the one kept, field by field where that is the later change; of two notes both stay. The
// copy is then removed by an entry that names the one kept (SameDocument). Its bytes are erased at
// once, here and on the server, where they are the very same bytes and lie here under the one kept;
// otherwise they stay in the trash, and go when anything removed goes.
//
// Only documents that are in no trash are joined: whichever was removed stays so, and the other
// stays. What was written apart and comes later follows (follower.hpp): a change of the copy is
// made to the one kept, and a removal of the one kept is left out, since its device did not know
// that the other was alive.
//
// Errors of every call: those of vault.hpp.
// Ownership: borrows the Vault. Threads: the vault's strand.
#ifndef COFFRET_VAULT_STORE_COPIES_HPP
#define COFFRET_VAULT_STORE_COPIES_HPP

#include <vector>

#include "vault/store/vault.hpp"

namespace coffret::store {

// Of an id that more documents carry than this nothing is concluded.
inline constexpr std::size_t most_namesakes = 64;

enum class Sameness : std::uint8_t {
  bytes,     // the same file
  document,  // written in another way: its bytes are others
};

class Copies {
 public:
  explicit Copies(Vault& vault) noexcept;

  // Whether the log says nothing new since done(). Also true where this device may not judge: it
  // has not read the whole log, or writes nothing any more.
  bool looked() const noexcept;
  void done() noexcept;

  struct Pair {
    DocumentId kept;
    DocumentId copy;
  };
  // Acknowledged, in no trash, with the same bytes; the body of the one kept lies here.
  Result<std::vector<Pair>> of_same_bytes() const;
  // Acknowledged, in no trash, read by this release, with the same own id; each list in the log's
  // order.
  Result<std::vector<std::vector<DocumentId>>> of_same_id() const;
  // Whether they were found not to be one before, or the person parted them.
  bool apart(const Pair& pair) const;
  void found_apart(const Pair& pair);

  // Idempotent. Errors: also not_found (one of them is not there), conflict (the one kept came
  // later, or either is removed).
  Result<void> join(const Pair& pair, Sameness sameness);

 private:
  Vault::State* state_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_COPIES_HPP
