// SPDX-License-Identifier: EUPL-1.2
//
// Grants, the owner's side (PROTOCOL.md §6).
#include "sync/protocol/messages.hpp"
#include "sync/server/opening.hpp"
#include "sync/server/routes.hpp"

namespace coffret::server {
namespace {

// The policy as its own device signed it. Errors: unauthenticated, unknown_policy, malformed.
Result<protocol::Policy> signed_policy(const Call& call, const protocol::SignedPolicy& body) {
  COFFRET_TRY(const auto stated, protocol::decode_policy(body.body));
  const auto device = call.service.ports.records.device(call.target.vault, stated.device);
  if (device.has_error())
    return device.error() == errc::not_found ? errc::unauthenticated : to_errc(device.error());
  if (device->removed) return errc::unauthenticated;
  COFFRET_TRY(auto policy, protocol::verify_policy(body, device->key));
  if (policy.vault != call.target.vault || policy.link != call.target.link)
    return errc::unauthenticated;
  return policy;
}

// Stores S before the policy that names it. A link that is already published is judged first:
// its half must not be touched by someone else, or by an older version.
Result<void> store_half(const Call& call, const protocol::Policy& policy, const ServerHalf& half) {
  const Ports& ports = call.service.ports;
  const auto kept = ports.records.grant(policy.link);
  if (kept.has_error() && kept.error() != errc::not_found) return kept.error();
  if (kept.has_value()) {
    if (kept->vault != policy.vault) return errc::not_found;
    COFFRET_TRY(const Published before, published(*kept));
    if (before.policy.version >= policy.version) return {};  // publish() tells repeat from conflict
  }
  return ports.halves.put(policy.link, policy.version, half);
}

}  // namespace

Reply publish_grant(const Call& call) {
  const Ports& ports = call.service.ports;
  COFFRET_TRY(const auto asked, protocol::decode_publication(call.request.body));
  COFFRET_TRY(const auto policy, signed_policy(call, asked.policy));
  if (to_unix(call.now) >= policy.expires_at) return errc::link_not_active;
  if (asked.server_half.is_zero() != (policy.delivery == Delivery::shl)) return errc::malformed;

  const auto guard = call.service.links.hold(policy.link);
  if (policy.delivery == Delivery::link) COFFRET_CHECK(store_half(call, policy, asked.server_half));
  COFFRET_CHECK(ports.records.publish(policy, asked.policy, call.now));
  COFFRET_CHECK(ports.halves.destroy(policy.link, policy.version));
  return record_answer(wire::encode(
      protocol::Applied{ports.identity.sign(SignatureLabel::applied, asked.policy.body)}));
}

Reply grant_status(const Call& call) {
  COFFRET_TRY(auto row, call.service.ports.records.grant(call.target.link));
  if (row.vault != call.target.vault) return errc::not_found;
  COFFRET_TRY(const Published grant, published(std::move(row)));
  return json_answer(200, protocol::to_json(protocol::GrantStatus{
                              state_of(grant.row, grant.policy, to_unix(call.now)),
                              grant.row.openings_used, grant.row.wrong_passcodes}));
}

Reply revoke_grant(const Call& call) {
  const Ports& ports = call.service.ports;
  const auto kept = ports.records.grant(call.target.link);
  if (kept.has_error() && kept.error() != errc::not_found) return kept.error();
  if (kept.has_value() && kept->vault == call.target.vault) {
    COFFRET_TRY(
        const GrantRow row,
        ports.records.change(call.target.link, [&](GrantRow& r, Timestamp) -> Result<GrantChange> {
          if (r.revoked_at == 0) r.revoked_at = to_unix(call.now);
          GrantChange change;
          change.time = to_unix(call.now);
          return change;
        }));
    COFFRET_CHECK(call.service.destroy(row));
  }
  return record_answer(
      wire::encode(protocol::sign_acknowledgement(call.target.link, call.now, ports.identity)));
}

}  // namespace coffret::server
