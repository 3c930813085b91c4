// SPDX-License-Identifier: EUPL-1.2
//
// checkpoint.hpp: the entries that make up the vault's state at one place of its log, sealed, for a
// device that is to start from them instead of from all the history (vault/DESIGN.md §17).
//
// A checkpoint holds entries as they were signed, not a copy of what they say: whoever starts from
// it judges each by its signature, as ever, so its writer can leave out but cannot forge. What was
// left out is found when the history is read (checkpoint_judge.hpp). Which entries are in it
// follows from the log alone (live_entries.hpp).
//
// Flow: compose() → parts to the server as objects, operation into an entry that puts them
// → announcement_of() → open_checkpoint() → judge_checkpoint().
//
// Units: bytes; sequence numbers count from 1.
// Errors of reading: malformed, too_large (a bound below), other_version (format or rule),
// unauthenticated (an object that is not the named one, or does not open).
// Threads: pure functions.
#ifndef COFFRET_VAULT_STORE_CHECKPOINT_HPP
#define COFFRET_VAULT_STORE_CHECKPOINT_HPP

#include <cstdint>
#include <span>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/random.hpp"
#include "coffret/sealed.hpp"
#include "vault/crypto/keys.hpp"
#include "vault/store/keyring.hpp"
#include "vault/store/operation.hpp"
#include "vault/store/transfer.hpp"

namespace coffret::store {

inline constexpr std::uint8_t checkpoint_format = 1;
inline constexpr std::uint16_t live_rule = 1;  // which entries are in it: live_entries.hpp

// Specification: a part travels in a pack (PROTOCOL.md §5), so that with its padding, at most an
// eighth, it stays below 4 MiB. The whole is held in memory where it is read: 448 MiB.
inline constexpr std::size_t max_part = 7u << 19;  // bytes of a part before sealing
inline constexpr std::size_t max_checkpoint_parts = 128;
inline constexpr std::uint64_t max_checkpoint_entries = 500'000;

// How many entries behind the last checkpoint (or from the first entry) are worth another one: as
// many as a new device would save, and never few. Each one costs its live entries once.
constexpr bool checkpoint_due(std::uint64_t entries_since, std::uint64_t live) {
  constexpr std::uint64_t least = 4096;
  return entries_since > least && entries_since / 2 > live;
}

// The payload of the announcing entry, whose `puts` are the parts' objects in this order.
struct CheckpointWritten {
  struct Part {
    ObjectId object;
    std::uint64_t size = 0;  // before sealing

    template <class A>
    void serialize(A& a) {
      a(object, size);
    }
    bool operator==(const Part&) const = default;
  };

  std::uint8_t format = checkpoint_format;
  std::uint16_t rule = live_rule;
  protocol::Head at;          // the last entry it covers; its hash stands for all before it
  std::uint64_t entries = 0;  // in all parts
  std::vector<Part> parts;
  Bytes wrapped_key;  // of the parts, under the log key of the entry's epoch

  template <class A>
  void serialize(A& a) {
    a(format, rule, at, entries, parts, wrapped_key);
  }
  bool operator==(const CheckpointWritten&) const = default;
};

// The plaintext of one part: entries in the log's order, behind those of the part before.
struct CheckpointPart {
  std::uint8_t format = checkpoint_format;
  protocol::Head at;
  std::uint32_t number = 0;  // from 1
  std::uint32_t parts = 0;
  std::vector<protocol::SignedEntry> entries;

  template <class A>
  void serialize(A& a) {
    a(format, at, number, parts, entries);
  }
  bool operator==(const CheckpointPart&) const = default;
};

Result<CheckpointWritten> decode_checkpoint(ByteView payload);
// The entries are not yet verified; that they are entries in ascending order is.
Result<CheckpointPart> decode_checkpoint_part(ByteView plaintext);

struct ComposedCheckpoint {
  Operation operation;
  std::vector<SealedObject> parts;
  std::vector<ObjectId> objects;  // the parts' names
};
// `live`: the live entries up to and with the one at `at`, as they were signed. `key`: the log key
// of the epoch in which the announcing entry will stand.
// Errors: too_large, malformed (not ascending, or does not end at `at`).
Result<ComposedCheckpoint> compose_checkpoint(const VaultId& vault, const protocol::Head& at,
                                              std::span<const protocol::SignedEntry> live,
                                              const crypto::LogKey& key, Random& random);

// What an entry announces, when it is such an entry. Its own signature and place in the chain were
// judged where it was opened. Errors: also malformed (covers what is not before it, or puts other
// objects than it names), not_found (announces nothing).
Result<CheckpointWritten> announcement_of(const Opened& opened);

// All parts, in order, with the keys that are here. Errors: also not_found (no key for the entry's
// epoch).
Result<std::vector<protocol::SignedEntry>> open_checkpoint(const Opened& announcing,
                                                           const Keyring& keyring,
                                                           std::span<const ReceivedObject> parts);

// One of its parts before sealing, from the same live entries. Errors: as announcement_of; also
// not_found (names no such part, or no key), damaged (from these entries another part comes).
Result<Unsealed> part_again(const Opened& announcing, const Keyring& keyring,
                            std::span<const protocol::SignedEntry> live, const ObjectId& object);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_CHECKPOINT_HPP
