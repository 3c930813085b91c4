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
  return Device{stated.vault, stated.device, stated.signing_key,
                certificate,  false,         stated.issuer == protocol::Issuer::device};
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

// A repeat stays one when who vouched has gone since: a device that changed its keys, and never
// heard that its entry was taken, says again who it is.
bool is_enrolled(Records& records, const Account& account,
                 const protocol::SignedCertificate& certificate) {
  const auto stated = wire::decode<protocol::DeviceCertificate>(certificate.body);
  if (stated.has_error()) return false;
  const auto known = records.device(account.vault, stated->device);
  return known.has_value() && !known->removed && known->certificate == certificate;
}

// The device that asks for an account for a log that was written elsewhere. Only that log, whose
// entries are sealed, says whether it is one of its devices: it waits for the entry that brings it.
Result<Device> giver_of(const Call& call, const protocol::SignedCertificate& certificate,
                        const Device& first) {
  COFFRET_TRY(const auto stated, protocol::decode_certificate(certificate.body));
  const bool same = stated.device == first.device;
  if (stated.vault != first.vault || stated.signing_key != call.signer.key ||
      same != (certificate == first.certificate))
    return errc::unauthenticated;
  return Device{stated.vault, stated.device, stated.signing_key, certificate, false, true};
}

// Whoever brings an earlier sheet's certificate for the key that it signs with had that sheet, and
// hears that there is a newer one; nobody else hears anything.
Reply told_stranger(const Call& call, const Account& account,
                    const protocol::SignedCertificate& certificate) {
  COFFRET_TRY(const auto roots, call.service.ports.records.former_roots(account.vault));
  for (const auto& root : roots) {
    const auto device = certified(certificate, root, &account.vault);
    if (device.has_value() && device->key == call.signer.key) return errc::recovery_replaced;
  }
  return errc::not_found;
}

// A key that is not known here brings the root's certificate for itself. Where the server was put
// back to a backup, any certificate that says who is behind what it still knows: for the device
// that asks and for those that vouched for it. Whatever else is brought is told nothing, not even
// whether the vault exists.
Reply enrol_stranger(const Call& call, const Account& account) {
  Records& records = call.service.ports.records;
  const auto asked = protocol::from_json<protocol::DeviceRequest>(call.request.body);
  if (asked.has_error()) return errc::not_found;
  const bool restored = records.restoration(account.vault).has_value();
  const auto issuer = restored ? issuer_key(records, account, asked->certificate)
                               : Result<SigningPublicKey>{account.root};
  if (issuer.has_error()) return errc::not_found;
  const auto device = certified(asked->certificate, *issuer, &account.vault);
  if (device.has_error()) return told_stranger(call, account, asked->certificate);
  if (!restored && device->key != call.signer.key) return errc::not_found;
  if (account.suspended) return errc::account_suspended;
  COFFRET_CHECK(records.add_device(*device));
  return empty_answer(201);
}

}  // namespace

Reply get_card(const Call& call) {
  return text_answer(200, "application/jose", call.service.card());
}

Reply open_account(const Call& call) {
  COFFRET_TRY(const auto asked, protocol::from_json<protocol::AccountRequest>(call.request.body));
  COFFRET_TRY(const Device first, certified(asked.certificate, asked.root_key, nullptr));
  // The first device is the root's own; it is the one that asks, or else the one that asks is of
  // the log that it gives.
  COFFRET_TRY(const auto stated, wire::decode<protocol::DeviceCertificate>(asked.certificate.body));
  if (stated.issuer != protocol::Issuer::root) return errc::unauthenticated;
  if (!asked.device && first.key != call.signer.key) return errc::unauthenticated;
  std::optional<Device> giver;
  if (asked.device) {
    COFFRET_TRY(giver, giver_of(call, *asked.device, first));
  }
  Account account;
  account.vault = first.vault;
  account.account = protocol::account_id(asked.root_key);
  account.root = asked.root_key;
  COFFRET_TRY(const Account joined,
              call.service.ports.records.join(protocol::sha256(asked.token.bytes), account, first,
                                              call.now, giver));
  return json_answer(
      201, protocol::to_json(protocol::AccountAnswer{joined.account, joined.quota.bytes}));
}

Reply vault_by_root(const Call& call) {
  return json_answer(200, protocol::to_json(protocol::VaultAnswer{call.signer.vault}));
}

Reply vault_status(const Call& call) {
  Records& records = call.service.ports.records;
  COFFRET_TRY(const Account account, records.account(call.target.vault));
  COFFRET_TRY(auto roster, records.roster(call.target.vault));
  return json_answer(200, protocol::to_json(protocol::VaultStatus{
                              roster.head, account.quota.bytes, account.used.bytes,
                              account.used.objects, std::move(roster.devices)}));
}

Reply enrol_device(const Call& call) {
  Records& records = call.service.ports.records;
  COFFRET_TRY(const Account account, records.account(call.target.vault));
  if (!call.signer.device && call.signer.key != account.root) return enrol_stranger(call, account);
  COFFRET_TRY(const auto asked, protocol::from_json<protocol::DeviceRequest>(call.request.body));
  if (is_enrolled(records, account, asked.certificate)) return empty_answer(201);
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
