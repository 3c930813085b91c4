// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>

#include "vault/store/recovery_slot.hpp"
#include "vault/store/state.hpp"

namespace coffret::store {

Act::Act(Vault::State& state, Transaction transaction)
    : state_(&state),
      transaction_(std::move(transaction)),
      keys_(state.keyring),
      head_(state.head) {}

Result<Act> Act::begin(Vault::State& state) {
  if (state.read_only) return errc::other_version;
  if (state.retired) return errc::device_cloned;
  COFFRET_TRY(auto transaction, Transaction::begin(state.db));
  return Act{state, std::move(transaction)};
}

Control& Act::control() {
  if (!control_) {
    control_ = state_->control;
    for (; puts_ > 0; --puts_) control_->count_put(put_time_);
  }
  return *control_;
}

Result<void> Act::add(const protocol::SignedEntry& entry, const Opened& opened) {
  const protocol::Head at{.seq = opened.entry.seq, .hash = protocol::entry_hash(entry.body)};
  const bool is_control = opened.operation.type != OperationType::document_put;
  COFFRET_CHECK(state_->log.add(entry, at, is_control));
  if (is_control || control_) {
    COFFRET_CHECK(control().apply(opened));
  } else {
    ++puts_;
    put_time_ = std::max(put_time_, opened.entry.time);
  }
  head_ = at;
  return {};
}

Result<Opened> Act::write(const Operation& operation, protocol::Entry entry,
                          std::vector<Envelope> envelopes, const NewSigner* signer) {
  COFFRET_TRY(auto payload, decode_payload(operation));
  const Bytes plain = wire::encode(operation);
  if (plain.size() > max_operation) return errc::too_large;
  const auto* key = state_->keyring.log_key(entry.epoch);
  if (key == nullptr) return errc::not_found;
  auto sealed =
      crypto::Sealer::seal(*key, {state_->owner.vault, entry.epoch}, plain, state_->env.random);
  const Bytes blob = wire::encode(
      OperationBlob{.envelopes = std::move(envelopes), .sealed = std::move(sealed).take()});

  entry.vault = state_->owner.vault;
  entry.seq = head_.seq + 1;
  entry.previous = head_.hash;
  entry.device = signer == nullptr ? state_->owner.device : signer->device;
  const auto signed_entry =
      protocol::sign_entry(entry, blob, signer == nullptr ? *state_->signer : signer->signer);
  Opened opened{std::move(entry), operation, std::move(payload)};
  COFFRET_CHECK(add(signed_entry, opened));
  return opened;
}

Result<Opened> Act::append(const Operation& operation, std::vector<ObjectId> puts,
                           std::vector<ObjectId> drops) {
  protocol::Entry entry;
  entry.epoch = folded().epoch();
  entry.time = state_->now();
  entry.puts = std::move(puts);
  entry.drops = std::move(drops);
  return write(operation, std::move(entry), {}, nullptr);
}

Result<Opened> Act::take(const protocol::SignedEntry& entry) {
  COFFRET_TRY(auto opened, control().admit(entry, head_, state_->keyring));
  COFFRET_CHECK(add(entry, opened));
  return opened;
}

Result<Opened> Act::take_live(const protocol::SignedEntry& entry) {
  COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
  if (body.seq > head_.seq + 1) head_ = {.seq = body.seq - 1, .hash = body.previous};
  return take(entry);
}

Result<Opened> Act::renew(const protocol::SignedEntry& entry) {
  COFFRET_TRY(auto opened, keys_before().open(entry));
  if (start_of(opened.payload) != nullptr)
    return start_epoch(opened.payload, keys_before().vault_key(opened.entry.epoch));
  // The same number may stand for another epoch: ours was not needed behind theirs.
  const auto* sealed_with = keys_before().vault_key(opened.entry.epoch);
  const auto* key = state_->keyring.vault_key(folded().epoch());
  if (key == nullptr || sealed_with == nullptr) return errc::not_found;
  if (opened.entry.epoch != folded().epoch() || !crypto::same(*key, *sealed_with)) {
    auto again = opened.entry;
    again.epoch = folded().epoch();
    const auto operation = state_->rewrapped(opened.operation, keys_before(), again.epoch);
    return write(operation, std::move(again), {}, nullptr);
  }
  opened.entry.seq = head_.seq + 1;
  opened.entry.previous = head_.hash;
  opened.entry.device = state_->owner.device;  // another's, where a backup brought it back
  const auto again = protocol::sign_entry(opened.entry, entry.operation, *state_->signer);
  COFFRET_CHECK(add(again, opened));
  return opened;
}

Result<void> Act::rewind(const protocol::Head& to) {
  COFFRET_CHECK(state_->require_behind(to.seq));
  COFFRET_CHECK(state_->log.drop_after(to.seq));
  Control fresh;
  const auto folded = state_->log.walk([&](const Link& link) -> Result<void> {
    if (link.history) return {};
    if (!link.control) {
      fresh.count_put(link.time);
      return {};
    }
    COFFRET_TRY(const auto entry, state_->log.at(link.at.seq));
    COFFRET_TRY(const auto opened, fresh.admit(entry, link.before, state_->keyring));
    return fresh.apply(opened);
  });
  if (folded.has_error()) return folded.error();
  if (*folded != to) return errc::local_state_tampered;
  state_->keyring.forget_after(fresh.epoch());
  control_ = std::move(fresh);
  puts_ = 0;
  put_time_ = 0;
  head_ = to;
  rewound_ = true;
  return {};
}

Result<void> Act::commit(const std::optional<protocol::Head>& server) {
  // A rewound log no longer holds the head that the file names: first say where it may end.
  if (rewound_) COFFRET_CHECK(state_->keep(head_));
  COFFRET_CHECK(transaction_.commit());
  committed_ = true;
  const auto sheet = state_->control.recovery();
  if (control_) {
    state_->control = std::move(*control_);
    ++state_->folds;
  }
  keys_.keep();
  for (; puts_ > 0; --puts_) state_->control.count_put(put_time_);
  state_->head = head_;
  // What others signed is never this device's to push, even when the head file cannot be written.
  if (server) state_->server = *server;
  const auto kept = state_->keep();
  // At a log's beginning there was no sheet: whoever makes the vault writes the first slot.
  if (!sheet.is_zero() && sheet != state_->control.recovery()) renew_recovery_slot(*state_);
  return kept;
}

}  // namespace coffret::store
