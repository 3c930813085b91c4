// SPDX-License-Identifier: EUPL-1.2
//
// The card, accounts and devices (PROTOCOL.md §3).
#include "sync/protocol/messages.hpp"
#include "sync/protocol/signature.hpp"
#include "sync/server/routes.hpp"

namespace coffret::server {
namespace {

// The device that a certificate enrols, if `issuer` signed it for this vault.
Result<Device> certified(const protocol::SignedCertificate& certificate,
                         const SigningPublicKey& issuer, const VaultId* vault) {
  COFFRET_TRY(const auto stated, protocol::verify_certificate(certificate, issuer));
  if (vault != nullptr && stated.vault != *vault) return errc::unauthenticated;
  return Device{stated.vault, stated.device, stated.signing_key, certificate, false};
}

// The key that must have signed: the root's, or that of the enrolled device the certificate names.
Result<SigningPublicKey> issuer_key(Records& records, const Account& account,
                                    const protocol::SignedCertificate& certificate) {
  COFFRET_TRY(const auto stated, wire::decode<protocol::DeviceCertificate>(certificate.body));
  if (stated.issuer == protocol::Issuer::root) return account.root;
  const auto issuer = records.device(account.vault, stated.issuer_device);
  if (issuer.has_error())
    return issuer.error() == errc::not_found ? errc::unauthenticated : to_errc(issuer.error());
  if (issuer->removed) return errc::unauthenticated;
  return issuer->key;
}

}  // namespace

Reply get_card(const Call& call) {
  return text_answer(200, "application/jose", call.service.card());
}

Reply open_account(const Call& call) {
  COFFRET_TRY(const auto asked, protocol::from_json<protocol::AccountRequest>(call.request.body));
  COFFRET_TRY(const Device first, certified(asked.certificate, asked.root_key, nullptr));
  // The first device is the root's own, and it is the one that asks.
  COFFRET_TRY(const auto stated, wire::decode<protocol::DeviceCertificate>(asked.certificate.body));
  if (stated.issuer != protocol::Issuer::root || first.key != call.signer.key)
    return errc::unauthenticated;
  Account account;
  account.vault = first.vault;
  account.account = protocol::account_id(asked.root_key);
  account.root = asked.root_key;
  COFFRET_TRY(const Account joined,
              call.service.ports.records.join(protocol::sha256(asked.token.bytes), account, first,
                                              call.now));
  return json_answer(
      201, protocol::to_json(protocol::AccountAnswer{joined.account, joined.quota.bytes}));
}

Reply vault_by_root(const Call& call) {
  return json_answer(200, protocol::to_json(protocol::VaultAnswer{call.signer.vault}));
}

Reply vault_status(const Call& call) {
  COFFRET_TRY(const Account account, call.service.ports.records.account(call.target.vault));
  return json_answer(
      200, protocol::to_json(protocol::VaultStatus{account.head, account.quota.bytes,
                                                   account.used.bytes, account.used.objects}));
}

Reply enrol_device(const Call& call) {
  Records& records = call.service.ports.records;
  COFFRET_TRY(const auto asked, protocol::from_json<protocol::DeviceRequest>(call.request.body));
  COFFRET_TRY(const Account account, records.account(call.target.vault));
  COFFRET_TRY(const auto issuer, issuer_key(records, account, asked.certificate));
  COFFRET_TRY(const Device device, certified(asked.certificate, issuer, &account.vault));
  COFFRET_CHECK(records.add_device(device));
  return empty_answer(201);
}

Reply remove_device(const Call& call) {
  COFFRET_CHECK(call.service.ports.records.remove_device(call.target.vault, call.target.device));
  return empty_answer(204);
}

}  // namespace coffret::server
