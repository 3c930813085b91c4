// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>

#include "vault/store/state.hpp"

namespace coffret::store {

Act::Act(Vault::State& state, Transaction transaction)
    : state_(&state), transaction_(std::move(transaction)), head_(state.head) {}

Result<Act> Act::begin(Vault::State& state) {
  if (state.read_only) return errc::other_version;
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

Result<Opened> Act::append(const Operation& operation, std::vector<ObjectId> puts,
                           std::vector<Envelope> envelopes, std::vector<ObjectId> drops) {
  COFFRET_TRY(auto payload, decode_payload(operation));
  const Bytes plain = wire::encode(operation);
  if (plain.size() > max_operation) return errc::too_large;

  const crypto::OperationContext context{state_->owner.vault, folded().epoch()};
  const auto* key = state_->keyring.log_key(context.epoch);
  if (key == nullptr) return errc::not_found;
  auto sealed = crypto::Sealer::seal(*key, context, plain, state_->env.random);
  const Bytes blob = wire::encode(
      OperationBlob{.envelopes = std::move(envelopes), .sealed = std::move(sealed).take()});

  protocol::Entry entry{.vault = state_->owner.vault,
                        .seq = head_.seq + 1,
                        .previous = head_.hash,
                        .epoch = context.epoch,
                        .device = state_->owner.device,
                        .time = state_->now(),
                        .puts = std::move(puts),
                        .drops = std::move(drops),
                        .operation = {}};
  const auto signed_entry = protocol::sign_entry(entry, blob, *state_->signer);
  Opened opened{std::move(entry), operation, std::move(payload)};
  COFFRET_CHECK(add(signed_entry, opened));
  return opened;
}

Result<Opened> Act::take(const protocol::SignedEntry& entry) {
  COFFRET_TRY(auto opened, control().admit(entry, head_, state_->keyring));
  COFFRET_CHECK(add(entry, opened));
  return opened;
}

Result<Opened> Act::renew(const protocol::SignedEntry& entry) {
  COFFRET_TRY(auto opened, state_->keyring.open(entry));
  opened.entry.seq = head_.seq + 1;
  opened.entry.previous = head_.hash;
  const auto again = protocol::sign_entry(opened.entry, entry.operation, *state_->signer);
  COFFRET_CHECK(add(again, opened));
  return opened;
}

Result<void> Act::rewind(const protocol::Head& to) {
  COFFRET_CHECK(state_->log.drop_after(to.seq));
  Control fresh;
  const auto folded = state_->log.walk([&](const Link& link) -> Result<void> {
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
  control_ = std::move(fresh);
  puts_ = 0;
  put_time_ = 0;
  head_ = to;
  rewound_ = true;
  return {};
}

Result<void> Act::commit() {
  // A rewound log no longer holds the head that the file names: first say where it may end.
  if (rewound_) COFFRET_CHECK(state_->keep(head_));
  COFFRET_CHECK(transaction_.commit());
  if (control_) state_->control = std::move(*control_);
  for (; puts_ > 0; --puts_) state_->control.count_put(put_time_);
  state_->head = head_;
  return state_->keep();
}

}  // namespace coffret::store
