// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/keyring.hpp"

#include <utility>

#include "vault/crypto/sealer.hpp"

namespace coffret::store {

class Keyring::EpochKeys {
 public:
  EpochKeys(const VaultId& id, std::uint32_t number, crypto::VaultKey key)
      : epoch(number), log(crypto::log_key(key, id, number)), vault(std::move(key)) {}

  std::uint32_t epoch;
  crypto::LogKey log;
  crypto::VaultKey vault;
};

namespace {

struct Framed {
  protocol::Entry entry;
  OperationBlob blob;
};

// The entry's two parts, which its body binds together.
Result<Framed> framed(const VaultId& vault, const protocol::SignedEntry& entry) {
  Framed frame;
  COFFRET_TRY(frame.entry, protocol::decode_entry(entry.body));
  if (frame.entry.vault != vault) return errc::unauthenticated;
  if (entry.operation.size() > protocol::max_operation_size) return errc::too_large;
  if (protocol::operation_hash(entry.operation) != frame.entry.operation)
    return errc::unauthenticated;
  COFFRET_TRY(frame.blob, wire::decode<OperationBlob>(entry.operation));
  return frame;
}

}  // namespace

Keyring::Keyring(const VaultId& vault, const crypto::LocalSecrets& secrets)
    : vault_(vault),
      agreement_key_(
          std::make_shared<const crypto::AgreementKey>(crypto::duplicate(secrets.agreement_key))),
      recovery_(false) {
  keep(secrets.epoch, crypto::duplicate(secrets.vault_key));
}

Keyring::Keyring(const VaultId& vault, crypto::AgreementKey agreement_key)
    : vault_(vault),
      agreement_key_(std::make_shared<const crypto::AgreementKey>(std::move(agreement_key))),
      recovery_(true) {}

void Keyring::keep(Kept keys) {
  if (keys) epochs_.insert_or_assign(keys->epoch, std::move(keys));
}

void Keyring::keep(std::uint32_t epoch, crypto::VaultKey key) {
  keep(std::make_shared<const EpochKeys>(vault_, epoch, std::move(key)));
}

void Keyring::keep_all(const Keyring& other) {
  for (const auto& [epoch, keys] : other.epochs_) epochs_.try_emplace(epoch, keys);
}

void Keyring::forget_after(std::uint32_t epoch) {
  epochs_.erase(epochs_.upper_bound(epoch), epochs_.end());
}

const crypto::LogKey* Keyring::log_key(std::uint32_t epoch) const noexcept {
  const auto found = epochs_.find(epoch);
  return found == epochs_.end() ? nullptr : &found->second->log;
}

const crypto::VaultKey* Keyring::vault_key(std::uint32_t epoch) const noexcept {
  const auto found = epochs_.find(epoch);
  return found == epochs_.end() ? nullptr : &found->second->vault;
}

errc Keyring::excluded() const noexcept {
  return recovery_ ? errc::recovery_replaced : errc::device_removed;
}

Result<Keyring::Kept> Keyring::from_envelope(std::uint32_t epoch,
                                             const std::vector<Envelope>& envelopes) const {
  const auto ours = crypto::public_key(*agreement_key_);
  for (const auto& envelope : envelopes) {
    if (envelope.recipient != ours) continue;
    COFFRET_TRY(auto key,
                crypto::Sealer::open_envelope(*agreement_key_, {vault_, epoch}, envelope.sealed));
    return Kept{std::make_shared<const EpochKeys>(vault_, epoch, std::move(key))};
  }
  return errc::not_found;
}

Result<Opened> Keyring::open_with(const protocol::Entry& entry, OperationBlob blob,
                                  const crypto::LogKey& key) const {
  Opened opened;
  opened.entry = entry;
  COFFRET_TRY(const auto plain,
              crypto::Sealer::open(key, {vault_, entry.epoch}, {.bytes = std::move(blob.sealed)}));
  COFFRET_TRY(opened.operation, decode_operation(plain));
  COFFRET_TRY(opened.payload, decode_payload(opened.operation));
  return opened;
}

Result<Opened> Keyring::open(const protocol::SignedEntry& entry) const {
  COFFRET_TRY(auto frame, framed(vault_, entry));
  const auto* key = log_key(frame.entry.epoch);
  if (key == nullptr) return errc::not_found;
  return open_with(frame.entry, std::move(frame.blob), *key);
}

Result<Keyring::Candidate> Keyring::open_new(const protocol::SignedEntry& entry) const {
  COFFRET_TRY(auto frame, framed(vault_, entry));
  Candidate candidate;
  const auto* key = log_key(frame.entry.epoch);
  if (key == nullptr) {
    COFFRET_TRY(candidate.fresh, from_envelope(frame.entry.epoch, frame.blob.envelopes));
    key = &candidate.fresh->log;
  }
  const bool enveloped = !frame.blob.envelopes.empty();
  COFFRET_TRY(candidate.opened, open_with(frame.entry, std::move(frame.blob), *key));
  // Envelopes are for whoever has to learn a new epoch's key, and for nothing else.
  const bool starts = starts_epoch(candidate.opened.payload);
  if (starts != enveloped) return errc::malformed;
  return candidate;
}

void Keyring::descend(std::span<const protocol::SignedEntry> starts) {
  for (auto entry = starts.rbegin(); entry != starts.rend(); ++entry) {
    auto candidate = open_new(*entry);
    // Not for us, or not what it seems: the judgement of the log tells which.
    if (candidate.has_error()) continue;
    keep(candidate->fresh);
    const auto* start = start_of(candidate->opened.payload);
    const auto* key = vault_key(candidate->opened.entry.epoch);
    if (start == nullptr || key == nullptr || log_key(start->epoch - 1) != nullptr) continue;
    auto previous =
        crypto::Sealer::open_previous(*key, {vault_, start->epoch}, start->previous_key);
    if (previous.has_value()) keep(start->epoch - 1, std::move(*previous));
  }
}

Result<void> Keyring::check_previous(const EpochStarted& start) const {
  const auto* key = vault_key(start.epoch);
  const auto* before = vault_key(start.epoch - 1);
  if (key == nullptr || before == nullptr) return {};
  const auto sealed =
      crypto::Sealer::open_previous(*key, {vault_, start.epoch}, start.previous_key);
  if (sealed.has_error() || !crypto::same(*sealed, *before)) return errc::malformed;
  return {};
}

}  // namespace coffret::store
