// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/pairings.hpp"

#include <algorithm>

namespace coffret::server {

void Pairings::forget_old(Timestamp now) {
  std::erase_if(open_, [&](const auto& one) { return one.second.until <= now; });
}

Result<Pairings::Rendezvous*> Pairings::find(const protocol::PairingId& id, Timestamp now) {
  const auto found = open_.find(id);
  if (found == open_.end() || found->second.until <= now) return errc::pairing_expired;
  return &found->second;
}

Result<void> Pairings::open(const VaultId& vault, const protocol::PairingId& id, Timestamp now) {
  const std::lock_guard lock{mutex_};
  forget_old(now);
  if (const auto found = open_.find(id); found != open_.end())
    return found->second.vault == vault ? Result<void>{} : Result<void>{errc::conflict};
  const auto of_vault = std::count_if(open_.begin(), open_.end(),
                                      [&](const auto& one) { return one.second.vault == vault; });
  if (open_.size() >= most || static_cast<std::size_t>(of_vault) >= most_of_a_vault)
    return errc::rate_limited;
  open_[id] = {.vault = vault, .until = now + protocol::pairing_time, .messages = {}};
  return {};
}

Result<void> Pairings::put(const protocol::PairingId& id, protocol::PairingStep step,
                           ByteView message, Timestamp now) {
  const std::lock_guard lock{mutex_};
  COFFRET_TRY(auto* rendezvous, find(id, now));
  auto& kept = rendezvous->messages.at(static_cast<std::size_t>(step));
  if (kept)
    return std::ranges::equal(*kept, message) ? Result<void>{} : Result<void>{errc::conflict};
  kept = to_bytes(message);
  return {};
}

Result<Bytes> Pairings::get(const protocol::PairingId& id, protocol::PairingStep step,
                            Timestamp now) {
  const std::lock_guard lock{mutex_};
  COFFRET_TRY(const auto* rendezvous, find(id, now));
  const auto& kept = rendezvous->messages.at(static_cast<std::size_t>(step));
  if (!kept) return errc::not_found;
  return *kept;
}

}  // namespace coffret::server
