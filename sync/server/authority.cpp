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
    case Endpoint::link_info:
    case Endpoint::open_link:
    case Endpoint::link_file:
    case Endpoint::prove_read:
    case Endpoint::viewer:
    case Endpoint::shl_manifest:
    case Endpoint::shl_direct:
    case Endpoint::shl_file:
      return {.needs_signature = false};
    case Endpoint::vault_by_root:
      return {.root = true, .device = false};
    case Endpoint::enrol_device:
    case Endpoint::vault_status:
    case Endpoint::read_log:
    case Endpoint::missing_objects:
    case Endpoint::object_status:
    case Endpoint::fetch_object:
    case Endpoint::parcel_status:
    case Endpoint::grant_status:
    case Endpoint::access_log:
      return {.root = true};
    case Endpoint::remove_device:
    case Endpoint::revoke_grant:
    case Endpoint::open_account:
    case Endpoint::append_log:
    case Endpoint::upload_object:
    case Endpoint::upload_parcel:
    case Endpoint::publish_grant:
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

  COFFRET_TRY(const Signatory signer, ports.records.signatory(signature.key));
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
