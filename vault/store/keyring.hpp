// SPDX-License-Identifier: EUPL-1.2
//
// keyring.hpp: the keys that open the log, by epoch, and entries opened with them.
//
// Errors: unauthenticated (a seal), malformed (what was sealed), not_found (an epoch whose key is
// not here).
#ifndef COFFRET_VAULT_STORE_KEYRING_HPP
#define COFFRET_VAULT_STORE_KEYRING_HPP

#include <cstdint>
#include <map>
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
  // The vault key of an epoch, for a keyslot. Null when it is not here.
  const crypto::VaultKey* vault_key(std::uint32_t epoch) const noexcept;

  // Decodes the body and opens the operation, which the body's hash must name. An entry that
  // carries envelopes starts its epoch: the key in ours joins the ring. Signatures are not judged
  // here.
  // Errors: also other_version.
  Result<Opened> open(const protocol::SignedEntry& entry);

 private:
  void add(std::uint32_t epoch, crypto::VaultKey key);
  Result<void> take_envelope(std::uint32_t epoch, const std::vector<Envelope>& envelopes);

  VaultId vault_;
  crypto::AgreementKey agreement_key_;
  std::map<std::uint32_t, crypto::VaultKey> vault_keys_;
  std::map<std::uint32_t, crypto::LogKey> log_keys_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_KEYRING_HPP
