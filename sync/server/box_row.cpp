// SPDX-License-Identifier: EUPL-1.2
//
// What a box takes: one rule for whoever asks before sending and for whoever sends.
#include <algorithm>

#include "sync/server/records.hpp"

namespace coffret::server {

bool BoxRow::takes_deposits(std::int64_t now) const noexcept {
  return !closed && !held && !suspended && now < terms.expires_at;
}

std::uint64_t BoxRow::room(const Account& account, std::int64_t now) const noexcept {
  const Quota& quota = account.quota;
  const Usage& used = account.used;
  if (!takes_deposits(now) || deposits >= terms.deposits || used.objects >= quota.objects) return 0;
  const auto left = [](std::uint64_t limit, std::uint64_t taken) {
    return limit > taken ? limit - taken : 0;
  };
  // What waits to be freed counts as in check_quota: leaving and refusing in turns fills no disk.
  return std::min({max_deposit, left(terms.bytes, bytes), left(quota.bytes, used.bytes),
                   left(2 * quota.bytes, used.bytes + used.dropped_bytes)});
}

}  // namespace coffret::server
