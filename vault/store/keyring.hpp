// SPDX-License-Identifier: EUPL-1.2
//
// keyring.hpp: the keys that open the log, by epoch, and entries opened with them.
//
// A key that comes in an envelope is tried on its entry and kept only when the caller, who judged
// the entry's signature, says so: a stranger's entry leaves nothing behind. A Keyring is a value; a
// copy shares the keys, which nobody can change.
// Errors: unauthenticated (a seal), malformed (what was sealed), not_found (an epoch whose key is
// not here and that has no envelope for us), other_version.
#ifndef COFFRET_VAULT_STORE_KEYRING_HPP
#define COFFRET_VAULT_STORE_KEYRING_HPP

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "sync/protocol/entry.hpp"
#include "vault/crypto/keyslot.hpp"
#include "vault/store/operation.hpp"

namespace coffret::store {

// An entry with what it says.
struct Opened {
  protocol::Entry entry;
  Operation operation;
  Payload payload;
};

class Keyring {
 public:
  // Takes the keyslot's vault key as that of its epoch; the agreement key opens other epochs'
  // envelopes.
  Keyring(const VaultId& vault, const crypto::LocalSecrets& secrets);
  // For a rebuild: every epoch's key comes from an envelope to the recovery key.
  Keyring(const VaultId& vault, crypto::AgreementKey agreement_key);

  const VaultId& vault() const noexcept { return vault_; }
  const crypto::LogKey* log_key(std::uint32_t epoch) const noexcept;
  std::uint32_t latest() const noexcept {  // epoch whose key is here; 0: none
    return epochs_.empty() ? 0 : epochs_.rbegin()->first;
  }
  // The vault key of an epoch. Null when it is not here.
  const crypto::VaultKey* vault_key(std::uint32_t epoch) const noexcept;
  // What it is called when a verified entry starts an epoch and has no envelope for us.
  errc excluded() const noexcept;

  // Decodes the body and opens the operation, which the body's hash must name, with the keys that
  // are here. Signatures are not judged.
  Result<Opened> open(const protocol::SignedEntry& entry) const;

  class EpochKeys;
  using Kept = std::shared_ptr<const EpochKeys>;
  struct Candidate {
    Opened opened;
    Kept fresh;  // from the envelope; null when the key was here
  };
  // The same for an entry that may start an epoch.
  Result<Candidate> open_new(const protocol::SignedEntry& entry) const;
  void keep(Kept keys);
  void keep(std::uint32_t epoch, crypto::VaultKey key);
  void keep_all(const Keyring& other);
  // A rewound log no longer holds what started later epochs.
  void forget_after(std::uint32_t epoch);

  // Keys of the epochs that `starts` began, newest first, and so of the ones before: each is here,
  // or in an envelope, or sealed under the next one's. Taken on trust: the caller judges the whole
  // log afterwards, or has it under a MAC.
  void descend(std::span<const protocol::SignedEntry> starts);
  // Errors: malformed (what a start says of the previous key is not that key).
  Result<void> check_previous(const EpochStarted& start) const;

 private:
  Result<Kept> from_envelope(std::uint32_t epoch, const std::vector<Envelope>& envelopes) const;
  Result<Opened> open_with(const protocol::Entry& entry, OperationBlob blob,
                           const crypto::LogKey& key) const;

  VaultId vault_;
  std::shared_ptr<const crypto::AgreementKey> agreement_key_;
  bool recovery_;
  std::map<std::uint32_t, Kept> epochs_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_KEYRING_HPP
