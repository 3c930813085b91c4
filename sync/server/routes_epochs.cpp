// SPDX-License-Identifier: EUPL-1.2
//
// After a restoration: the signed note, and grants confirmed (PROTOCOL.md §12).
#include "sync/protocol/epoch_note.hpp"
#include "sync/server/opening.hpp"
#include "sync/server/routes.hpp"

namespace coffret::server {

Reply epoch_note(const Call& call) {
  const Ports& ports = call.service.ports;
  COFFRET_TRY(const auto restored, ports.records.restoration(call.target.vault));
  const protocol::EpochNote note{.server = ports.identity.fingerprint(),
                                 .vault = call.target.vault,
                                 .epoch = restored.epoch,
                                 .backup_at = restored.backup_at,
                                 .restored_at = restored.restored_at,
                                 .head = restored.head,
                                 .access_size = restored.access_size,
                                 .access_root = restored.access_root};
  return record_answer(wire::encode(protocol::sign_epoch_note(note, ports.identity)));
}

Reply confirm_grant(const Call& call) {
  const Ports& ports = call.service.ports;
  const auto& link = call.target.link;
  COFFRET_TRY(const auto asked, protocol::decode_confirmation(call.request.body));
  COFFRET_TRY(const auto restored, ports.records.restoration(call.target.vault));
  // A word given about an earlier epoch says nothing about this one.
  if (asked.epoch != restored.epoch) return errc::conflict;

  const auto guard = call.service.links.hold(link);
  COFFRET_TRY(auto row, ports.records.grant(link));
  if (row.vault != call.target.vault) return errc::not_found;
  COFFRET_TRY(const Published grant, published(std::move(row)));
  const std::int64_t now = to_unix(call.now);
  if (has_ended(grant.row, grant.policy, now)) return errc::link_not_active;
  if (asked.server_half.is_zero() != (grant.policy.delivery != Delivery::link))
    return errc::malformed;
  bool kept = false;
  const auto keep_half = [&]() -> Result<void> {
    if (grant.policy.delivery != Delivery::link) return {};
    kept = true;
    return ports.halves.put(link, grant.policy.version, asked.server_half);
  };
  const auto confirmed =
      ports.records.confirm(link, asked.openings, asked.wrong_passcodes, call.now, keep_half);
  if (confirmed.has_error()) {
    if (kept) COFFRET_CHECK(ports.halves.destroy_one(link, grant.policy.version));
    return confirmed.error();
  }
  return record_answer(wire::encode(protocol::sign_applied(grant.row.policy.body, ports.identity)));
}

}  // namespace coffret::server
