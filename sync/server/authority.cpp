// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/authority.hpp"

#include "sync/protocol/http_signature.hpp"

namespace coffret::server {
namespace {

using protocol::Endpoint;

struct Rule {
  bool needs_signature = true;
  bool root = false;   // the vault's root key may sign: rebuilding reads, and enrols one device
  bool device = true;  // an enrolled device may
};

constexpr Rule rule_of(Endpoint endpoint) noexcept {
  switch (endpoint) {
    case Endpoint::card:
    case Endpoint::put_pairing:  // the new device is not known yet; the messages speak for
                                 // themselves
    case Endpoint::get_pairing:
    case Endpoint::link_info:
    case Endpoint::open_link:
    case Endpoint::link_file:
    case Endpoint::prove_read:
    case Endpoint::viewer:
    case Endpoint::shl_manifest:
    case Endpoint::shl_direct:
    case Endpoint::shl_file:
    case Endpoint::box_info:
    case Endpoint::deposit_status:
    case Endpoint::upload_deposit:
      return {.needs_signature = false};
    case Endpoint::vault_by_root:
      return {.root = true, .device = false};
    case Endpoint::enrol_device:
    case Endpoint::vault_status:
    case Endpoint::read_log:
    case Endpoint::missing_objects:
    case Endpoint::fetch_objects:
    case Endpoint::object_status:
    case Endpoint::fetch_object:
    case Endpoint::parcel_status:
    case Endpoint::grant_status:
    case Endpoint::access_log:
    case Endpoint::epoch_note:
    case Endpoint::list_deposits:
    case Endpoint::fetch_deposit:
      return {.root = true};
    case Endpoint::remove_device:
    case Endpoint::revoke_grant:
    case Endpoint::open_account:
    case Endpoint::append_log:
    case Endpoint::wait_log:
    case Endpoint::pack_objects:
    case Endpoint::append_changes:
    case Endpoint::open_pairing:
    case Endpoint::upload_object:
    case Endpoint::upload_parcel:
    case Endpoint::publish_grant:
    case Endpoint::confirm_grant:
    case Endpoint::put_box:
    case Endpoint::close_box:
    case Endpoint::drop_deposit:
      return {};
  }
  return {};
}

Result<protocol::RequestSignature> verified(const Ports& ports, const http::Request& request,
                                            Timestamp now) {
  const auto field = [&](std::string_view name) {
    const std::string* value = request.fields.find(name);
    return value == nullptr ? std::string{} : *value;
  };
  const protocol::SignatureFields fields{field("Content-Digest"), field("Coffret-Server"),
                                         field("Signature-Input"), field("Signature")};
  const protocol::SignedParts parts{request.method, request.target, request.body,
                                    ports.identity.fingerprint()};
  return protocol::verify_request(parts, fields, now);
}

}  // namespace

bool is_signed(Endpoint endpoint) noexcept {
  return rule_of(endpoint).needs_signature;
}

Result<Signatory> authorise(const Ports& ports, const http::Request& request,
                            const protocol::Target& target, Timestamp now) {
  COFFRET_TRY(const protocol::RequestSignature signature, verified(ports, request, now));
  // Joining is repeatable by design and its key is not known yet: a stranger must not be able to
  // fill the table of nonces.
  if (target.endpoint == Endpoint::open_account) return Signatory{{}, {}, signature.key, false};

  // What was signed before a restoration may have been used then: its nonces are forgotten.
  if (to_unix(signature.created) <= ports.restored_at) return errc::clock_refused;
  const auto known = ports.records.signatory(signature.key);
  // A device that was made again off line, or enrolled after the backup that this server was put
  // back to, brings its certificate itself; the route judges it. Harmless to repeat, and as strange
  // to us as whoever joins.
  if (target.endpoint == Endpoint::enrol_device && known.has_error() &&
      known.error() == errc::not_found)
    return Signatory{target.vault, {}, signature.key, false};
  if (known.has_error()) return known.error();
  const Signatory& signer = *known;
  const Rule rule = rule_of(target.endpoint);
  if (target.endpoint != Endpoint::vault_by_root && signer.vault != target.vault)
    return errc::not_found;
  if (signer.device ? !rule.device : !rule.root) return errc::denied;
  // Its owner reads on at home; revoking waits, and nothing of theirs opens meanwhile.
  if (signer.suspended) return errc::account_suspended;
  // Twice the window: the latest moment at which this `created` could still be accepted.
  COFFRET_CHECK(ports.records.use_nonce(signature, now + 2 * protocol::signature_window));
  return signer;
}

}  // namespace coffret::server
