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

// Policy and S become durable together, or neither does: S is kept when nothing is left that could
// refuse the policy, just before its commit.
Result<void> publish_both(const Call& call, const protocol::Policy& policy,
                          const protocol::Publication& asked) {
  const Ports& ports = call.service.ports;
  bool kept = false;
  const auto keep_half = [&]() -> Result<void> {
    if (policy.delivery != Delivery::link) return {};
    kept = true;
    return ports.halves.put(policy.link, policy.version, asked.server_half);
  };
  const auto published = ports.records.publish(policy, asked.policy, call.now, keep_half);
  // The commit itself failed, for want of room perhaps.
  if (published.has_error() && kept)
    COFFRET_CHECK(ports.halves.destroy_one(policy.link, policy.version));
  return published;
}

}  // namespace

Reply publish_grant(const Call& call) {
  const Ports& ports = call.service.ports;
  COFFRET_TRY(const auto asked, protocol::decode_publication(call.request.body));
  COFFRET_TRY(const auto policy, signed_policy(call, asked.policy));
  if (to_unix(call.now) >= policy.expires_at) return errc::link_not_active;
  if (asked.server_half.is_zero() != (policy.delivery != Delivery::link)) return errc::malformed;

  const auto guard = call.service.links.hold(policy.link);
  COFFRET_CHECK(publish_both(call, policy, asked));
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
    COFFRET_CHECK(call.service.destroy(row.link));
  }
  return record_answer(
      wire::encode(protocol::sign_acknowledgement(call.target.link, call.now, ports.identity)));
}

}  // namespace coffret::server
