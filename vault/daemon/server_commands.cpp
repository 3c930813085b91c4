// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/account.hpp"
#include "sync/protocol/card.hpp"
#include "vault/crypto/handover.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/last_sync.hpp"
#include "vault/daemon/syncer.hpp"

namespace coffret::daemon {
namespace {

Object card_json(const protocol::OperatorCard& card, const Fingerprint& fingerprint,
                 const std::string& url) {
  return {{"url", url},
          {"name", card.name},
          {"country", card.country},
          {"law", card.law},
          {"host", card.host},
          {"contact", card.contact},
          {"serial", card.serial},
          {"fingerprint", to_base64url(fingerprint.view())},
          {"in_eea", protocol::in_eea(card.country)}};
}

std::string without_slash(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

// Read out of guarded memory for the length of the parse. What remains of the token goes to the
// server in the body of one request, which uses it up.
Result<protocol::Invite> invite_of(const Call& call) {
  const auto* line = call.secret("invite");
  if (line == nullptr) return errc::usage;
  return crypto::hand_over(*line, [](ByteView bytes) {
    auto text = as_text(bytes);
    text = text.substr(0, text.find_first_of("\r\n"));
    while (text.ends_with(' ')) text.remove_suffix(1);
    return protocol::parse_invite(text);
  });
}

// The server that the invite and the typed address name, contacted and judged by the pin.
struct Contacted {
  client::Server server;
  protocol::OperatorCard card;
  protocol::InviteToken token;
};
Result<Contacted> contact(Call& call) {
  const auto parsed = invite_of(call);
  if (parsed.has_error()) {
    call.detail = call.language == Language::french
                      ? "L'invitation est incomplète ou mal recopiée : c'est une seule ligne."
                      : "The invitation is incomplete or was copied wrongly: it is one line.";
    return parsed.error();
  }
  const auto& invite = *parsed;
  if (const auto pin = call.text("pin"); !pin.empty() && pin != to_base64url(invite.server.view()))
    return errc::unpinned;
  client::ServerIdentity identity;
  identity.url = without_slash(call.text("url"));
  identity.fingerprint = invite.server;
  client::Server server{call.service.network(), identity};
  COFFRET_TRY(auto card, server.contact());
  return Contacted{std::move(server), std::move(card), invite.token};
}

Result<void> judge_country(Call& call, const protocol::OperatorCard& card) {
  if (protocol::in_eea(card.country) || call.text("accept_country") == card.country) return {};
  call.detail = card.country;
  return errc::country_refused;
}

}  // namespace

Result<Object> server_preview(Call& call) {
  if (call.service.session().locked()) return errc::locked;
  COFFRET_TRY(const auto contacted, contact(call));
  COFFRET_CHECK(judge_country(call, contacted.card));
  return card_json(contacted.card, contacted.server.identity().fingerprint,
                   contacted.server.identity().url);
}

Result<Object> server_join(Call& call) {
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(const bool joined, call.with([](store::Vault& vault) -> Result<bool> {
    return vault.server().has_value();
  }));
  if (joined) return errc::already_joined;
  COFFRET_TRY(auto contacted, contact(call));
  COFFRET_CHECK(judge_country(call, contacted.card));

  COFFRET_TRY(const auto* signer, device_signer(call));
  struct Ours {
    SigningPublicKey root;
    protocol::SignedCertificate certificate;
  };
  COFFRET_TRY(const auto ours, call.with([](store::Vault& vault) -> Result<Ours> {
    const auto device = vault.device(vault.device());
    if (!device) return errc::damaged;
    return Ours{vault.root_key(), device->certificate};
  }));
  COFFRET_TRY(const auto account, client::join(contacted.server, *signer, contacted.token,
                                               ours.root, ours.certificate));
  const auto& identity = contacted.server.identity();
  const store::ServerPinned pinned{.url = identity.url,
                                   .card = contacted.server.signed_card(),
                                   .fingerprint = identity.fingerprint,
                                   .identity = identity.key,
                                   .spki = identity.spki,
                                   .accepted_country = call.text("accept_country")};
  COFFRET_CHECK(
      call.with([&](store::Vault& vault) { return vault.append(store::make_operation(pinned)); }));
  Object result = card_json(contacted.card, identity.fingerprint, identity.url);
  result["quota"] = account.quota;
  return result;
}

Result<Object> server_card(Call& call) {
  COFFRET_TRY(const auto pinned, call.with([](store::Vault& vault) -> Result<store::ServerPinned> {
    auto server = vault.server();
    if (!server) return errc::not_joined;
    return std::move(*server);
  }));
  COFFRET_TRY(const auto card, protocol::verify_card(pinned.card, pinned.fingerprint));
  return card_json(card.card, pinned.fingerprint, pinned.url);
}

Result<Object> sync(Call& call) {
  const std::lock_guard one_at_a_time{call.service.syncing()};
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_TRY(auto server, pinned_server(call, Unsettled::allow));
  COFFRET_TRY(const auto count, Syncer(call, hold, server).run());
  keep_last_sync(call.service, call.service.environment().clock.now());
  COFFRET_TRY(const auto status, call.with([](store::Vault& vault) { return vault.status(); }));
  const auto& counters = count.counters;
  return Object{{"pushed", count.pushed},
                {"pulled", count.pulled},
                {"bytes_up", counters.bytes_up},
                {"bytes_down", counters.bytes_down},
                {"requests", counters.requests},
                {"head", {{"seq", status.head.seq}, {"hash", status.head.hash.text()}}}};
}

}  // namespace coffret::daemon
