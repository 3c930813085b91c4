// SPDX-License-Identifier: EUPL-1.2
#include "vault/redeem/deposit.hpp"

#include <algorithm>

#include "sync/client/deposits.hpp"
#include "vault/crypto/sealer.hpp"
#include "vault/redeem/door.hpp"

namespace coffret::redeem {

bool is_deposit_link(const SecretText& text) {
  const auto parsed = crypto::parse_deposit_link(text);
  return parsed.has_value() || to_errc(parsed.error()) != errc::malformed;
}

Result<Deposited> deposit(const SecretText& text, const crypto::Depositor& from,
                          const std::vector<crypto::DepositedFile>& files,
                          const std::optional<Fingerprint>& pin,
                          const client::Environment& environment) {
  COFFRET_TRY(const auto link, crypto::parse_deposit_link(text));
  RedeemOptions options;
  options.pin = pin;
  COFFRET_TRY(auto server, meet(link.base_url, options, environment, [&](const auto& fingerprint) {
                return std::equal(link.server.begin(), link.server.end(),
                                  fingerprint.bytes.begin());
              }));
  COFFRET_TRY(const auto box, client::box_info(server, link.id));
  if (crypto::key_hash(box.key) != link.key) return errc::key_changed;
  const DepositPlace place{link.id, environment.random.make<DepositId>()};
  COFFRET_TRY(const auto sealed,
              crypto::Sealer::seal(box.key, place, from, to_unix(environment.clock.now()), files,
                                   environment.random));
  if (sealed.size() > box.bytes) return errc::too_large;
  COFFRET_CHECK(client::send_deposit(server, place, sealed));
  return Deposited{place.deposit, sealed.size(), box.expires_at};
}

}  // namespace coffret::redeem
