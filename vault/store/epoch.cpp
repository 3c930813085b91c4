// SPDX-License-Identifier: EUPL-1.2
//
// How an epoch begins: its key, who is given it, and what is wrapped anew because of it.
#include <algorithm>

#include "vault/store/state.hpp"

namespace coffret::store {
namespace {

using crypto::WrapPurpose;

Operation operation_of(const Payload& payload) {
  return std::visit(
      [](const auto& what) -> Operation {
        if constexpr (std::is_same_v<std::decay_t<decltype(what)>, std::monostate>)
          return {};
        else
          return make_operation(what);
      },
      payload);
}

// Who reads from the epoch on that `payload` starts: every device that is enrolled behind it, and
// the latest sheet.
Result<std::vector<AgreementPublicKey>> readers_after(const Control& control,
                                                      const Payload& payload) {
  const auto* removed = std::get_if<DeviceRemoved>(&payload);
  std::vector<AgreementPublicKey> readers;
  for (const auto& [id, device] : control.devices())
    if (!device.removed && (removed == nullptr || removed->device != id))
      readers.push_back(device.agreement_key);
  if (removed != nullptr && removed->replacement) {
    COFFRET_TRY(const auto certificate,
                protocol::decode_certificate(removed->replacement->certificate.body));
    readers.push_back(certificate.agreement_key);
  }
  // A vault that no device could open any more would be its owner's loss.
  if (readers.empty()) return errc::denied;
  const auto* replaced = std::get_if<RecoveryReplaced>(&payload);
  readers.push_back(replaced == nullptr ? control.recovery() : replaced->recovery);
  return readers;
}

}  // namespace

Result<std::vector<Envelope>> Act::seal_to(const std::vector<AgreementPublicKey>& readers,
                                           std::uint32_t epoch) const {
  const auto* key = state_->keyring.vault_key(epoch);
  if (key == nullptr) return errc::not_found;
  std::vector<Envelope> envelopes;
  for (const auto& reader : readers) {
    COFFRET_TRY(auto sealed, crypto::Sealer::seal_envelope(reader, {state_->owner.vault, epoch},
                                                           *key, state_->env.random));
    envelopes.push_back({reader, std::move(sealed)});
  }
  return envelopes;
}

Result<Opened> Act::begin_log(const Genesis& genesis,
                              const std::vector<AgreementPublicKey>& readers) {
  protocol::Entry entry;
  entry.epoch = folded().epoch();
  entry.time = state_->now();
  COFFRET_TRY(auto envelopes, seal_to(readers, entry.epoch));
  return write(make_operation(genesis), std::move(entry), std::move(envelopes), nullptr);
}

Result<Opened> Act::start_epoch(Payload payload, const crypto::VaultKey* key,
                                const NewSigner* signer) {
  auto* start = start_of(payload);
  if (start == nullptr) return errc::internal;
  const crypto::OperationContext context{state_->owner.vault, folded().epoch() + 1};
  const auto* before = state_->keyring.vault_key(context.epoch - 1);
  if (before == nullptr) return errc::not_found;
  auto& random = state_->env.random;
  auto fresh =
      key == nullptr ? crypto::make_key<crypto::VaultKey>(random) : crypto::duplicate(*key);
  start->epoch = context.epoch;
  start->previous_key = crypto::Sealer::seal_previous(fresh, context, *before, random);
  state_->keyring.keep(context.epoch, std::move(fresh));
  // What every later reader depends on is read back before anything does.
  COFFRET_CHECK(state_->keyring.check_previous(*start));
  COFFRET_TRY(const auto readers, readers_after(folded(), payload));
  COFFRET_TRY(auto envelopes, seal_to(readers, context.epoch));

  protocol::Entry entry;
  entry.epoch = context.epoch;
  entry.time = state_->now();
  return write(operation_of(payload), std::move(entry), std::move(envelopes), signer);
}

// What an operation wraps (DESIGN.md §2): a type that wraps another key belongs here too.
Operation Vault::State::rewrapped(const Operation& operation, const Keyring& before,
                                  std::uint32_t epoch) const {
  const auto* to = keyring.log_key(epoch);
  auto payload = decode_payload(operation);
  if (to == nullptr || payload.has_error()) return operation;
  const auto anew = [&](Bytes& wrapped, WrapPurpose purpose, ByteView id, std::uint32_t version) {
    const crypto::WrapContext context{owner.vault, purpose, to_bytes(id), version};
    using Inner = Secret<32, struct RewrappedTag>;
    if (crypto::Sealer::unwrap<Inner>(*to, context, wrapped).has_value()) return;
    for (std::uint32_t from = before.latest(); from > 0; --from) {
      const auto* key = before.log_key(from);
      if (key == nullptr) continue;
      const auto inner = crypto::Sealer::unwrap<Inner>(*key, context, wrapped);
      if (inner.has_error()) continue;
      wrapped = crypto::Sealer::wrap(*to, context, *inner, env.random);
      return;
    }
  };
  if (auto* put = std::get_if<DocumentPut>(&*payload))
    anew(put->wrapped_key, WrapPurpose::document, put->document.view(), put->version);
  else if (auto* decided = std::get_if<GrantDecided>(&*payload)) {
    anew(decided->wrapped_link_secret, WrapPurpose::link, decided->link.view(), 1);
    anew(decided->wrapped_server_half, WrapPurpose::server_half, decided->link.view(), 1);
  } else if (auto* published = std::get_if<GrantPublished>(&*payload)) {
    anew(published->wrapped_server_half, WrapPurpose::server_half, published->link.view(),
         published->version);
  } else if (auto* made = std::get_if<DepositLinkMade>(&*payload)) {
    anew(made->wrapped_key, WrapPurpose::deposit, made->link.view(), deposit_key_version);
  } else {
    return operation;
  }
  auto again = operation;
  again.payload = operation_of(*payload).payload;
  return again;
}

Result<void> Vault::start_epoch() {
  COFFRET_TRY(auto act, Act::begin(*state_));
  COFFRET_TRY([[maybe_unused]] const auto opened, act.start_epoch(EpochStarted{}));
  return act.commit();
}

Result<void> Vault::remove_device(const DeviceId& id) {
  const auto known = device(id);
  if (!known) return errc::not_found;
  if (known->removed) return {};
  if (id == device()) return errc::denied;
  COFFRET_TRY(auto act, Act::begin(*state_));
  COFFRET_TRY([[maybe_unused]] const auto opened,
              act.start_epoch(DeviceRemoved{.device = id, .replacement = {}, .epoch = {}}));
  return act.commit();
}

protocol::SignedCertificate Vault::certify(const DeviceId& other,
                                           const SigningPublicKey& signing_key,
                                           const AgreementPublicKey& agreement_key) {
  return protocol::sign_certificate({.vault = id(),
                                     .device = other,
                                     .signing_key = signing_key,
                                     .agreement_key = agreement_key,
                                     .enrolled_at = state_->now(),
                                     .issuer = protocol::Issuer::device,
                                     .issuer_device = device()},
                                    signer());
}

Result<Bytes> Vault::seal_epoch_to(const AgreementPublicKey& reader) const {
  const auto* key = state_->keyring.vault_key(epoch());
  if (key == nullptr) return errc::not_found;
  return crypto::Sealer::seal_envelope(reader, {id(), epoch()}, *key, random());
}

Result<void> Vault::add_device(const DeviceAdded& added) {
  COFFRET_TRY([[maybe_unused]] const auto head, append(make_operation(added)));
  return {};
}

Result<void> Vault::replace_recovery(const crypto::RecoverySeed& seed) {
  const auto ours = device(device());
  if (!ours) return errc::damaged;
  const auto root = crypto::make_signer(crypto::root_seed(seed));
  const RecoveryReplaced replaced{
      .root = root->public_key(),
      .recovery = crypto::public_key(crypto::recovery_agreement_key(seed)),
      .certificate = protocol::sign_certificate({.vault = id(),
                                                 .device = ours->id,
                                                 .signing_key = ours->signing_key,
                                                 .agreement_key = ours->agreement_key,
                                                 .enrolled_at = state_->now(),
                                                 .issuer = protocol::Issuer::root,
                                                 .issuer_device = {}},
                                                *root),
      .epoch = {}};
  COFFRET_TRY(auto act, Act::begin(*state_));
  COFFRET_TRY([[maybe_unused]] const auto opened, act.start_epoch(replaced));
  return act.commit();
}

Result<crypto::RecoverySeed> Vault::renew_recovery() {
  auto seed = crypto::make_key<crypto::RecoverySeed>(state_->env.random);
  COFFRET_CHECK(replace_recovery(seed));
  return seed;
}

}  // namespace coffret::store
