// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/keyring.hpp"

#include <utility>

#include "vault/crypto/sealer.hpp"

namespace coffret::store {

Keyring::Keyring(const VaultId& vault, const crypto::LocalSecrets& secrets)
    : vault_(vault), agreement_key_(crypto::duplicate(secrets.agreement_key)) {
  add(secrets.epoch, crypto::duplicate(secrets.vault_key));
}

Keyring::Keyring(const VaultId& vault, crypto::AgreementKey agreement_key)
    : vault_(vault), agreement_key_(std::move(agreement_key)) {}

void Keyring::add(std::uint32_t epoch, crypto::VaultKey key) {
  log_keys_.insert_or_assign(epoch, crypto::log_key(key, vault_, epoch));
  vault_keys_.insert_or_assign(epoch, std::move(key));
}

const crypto::LogKey* Keyring::log_key(std::uint32_t epoch) const noexcept {
  const auto found = log_keys_.find(epoch);
  return found == log_keys_.end() ? nullptr : &found->second;
}

const crypto::VaultKey* Keyring::vault_key(std::uint32_t epoch) const noexcept {
  const auto found = vault_keys_.find(epoch);
  return found == vault_keys_.end() ? nullptr : &found->second;
}

Result<void> Keyring::take_envelope(std::uint32_t epoch, const std::vector<Envelope>& envelopes) {
  if (log_key(epoch) != nullptr) return {};
  const auto ours = crypto::public_key(agreement_key_);
  for (const auto& envelope : envelopes) {
    if (envelope.recipient != ours) continue;
    COFFRET_TRY(auto key,
                crypto::Sealer::open_envelope(agreement_key_, {vault_, epoch}, envelope.sealed));
    add(epoch, std::move(key));
    return {};
  }
  return errc::not_found;
}

Result<Opened> Keyring::open(const protocol::SignedEntry& entry) {
  Opened opened;
  COFFRET_TRY(opened.entry, protocol::decode_entry(entry.body));
  if (opened.entry.vault != vault_) return errc::unauthenticated;
  if (entry.operation.size() > protocol::max_operation_size) return errc::too_large;
  if (protocol::operation_hash(entry.operation) != opened.entry.operation)
    return errc::unauthenticated;

  COFFRET_TRY(auto blob, wire::decode<OperationBlob>(entry.operation));
  const std::uint32_t epoch = opened.entry.epoch;
  if (!blob.envelopes.empty()) COFFRET_CHECK(take_envelope(epoch, blob.envelopes));
  const auto* key = log_key(epoch);
  if (key == nullptr) return errc::not_found;
  COFFRET_TRY(const auto plain,
              crypto::Sealer::open(*key, {vault_, epoch}, {.bytes = std::move(blob.sealed)}));
  COFFRET_TRY(opened.operation, decode_operation(plain));
  COFFRET_TRY(opened.payload, decode_payload(opened.operation));
  return opened;
}

}  // namespace coffret::store
