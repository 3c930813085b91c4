// SPDX-License-Identifier: EUPL-1.2
//
// checkpoints.hpp: an open vault writes a checkpoint of its log (checkpoint.hpp).
//
// write() is one entry, pending like any other. Its parts are kept nowhere here: they follow from
// the log and are made again when they are to leave (Vault::unsealed). The objects of the
// checkpoint before are dropped by the same entry, so that the server has either; it frees them
// thirty days later. Behind another device's entries it is not written again, but left out: a new
// one costs less than the question whether it is still worth its room.
//
// Both calls read and open the whole log: seconds for a long one.
// Errors: those of vault.hpp.
// Ownership: borrows the Vault. Threads: the vault's strand.
#ifndef COFFRET_VAULT_STORE_CHECKPOINTS_HPP
#define COFFRET_VAULT_STORE_CHECKPOINTS_HPP

#include "vault/store/checkpoint.hpp"
#include "vault/store/transfer.hpp"
#include "vault/store/vault.hpp"

namespace coffret::store {

class Checkpoints {
 public:
  explicit Checkpoints(Vault& vault) noexcept;

  // Whether the entries since the last one are many against the live ones (checkpoint_due). Never
  // for a device that has not read the whole log itself: it would hand on what it only believes.
  // Costs a look at the whole log once the entries are many, and then not before there are more.
  Result<bool> due();
  // Errors: conflict (something is pending: only what the server has is covered), history_unread,
  // too_large (also when its parts are more than `room` bytes: nothing is written, and it is not
  // due again before the log is longer).
  Result<void> write(std::uint64_t room = ~std::uint64_t{0});

 private:
  Vault::State* state_;
};

// Whether an entry announces a checkpoint.
bool announces_checkpoint(const Opened& opened) noexcept;

// A part that a pending entry names, made again. Errors: not_found (none names it); damaged (what
// is here makes another one).
Result<Unsealed> unsealed_part(const Vault::State& state, const ObjectId& object);

// How large it is when it is sealed. Errors: not_found (none names it).
Result<std::uint64_t> part_size(const Vault::State& state, const ObjectId& object);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_CHECKPOINTS_HPP
