// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <optional>

#include "sync/client/account.hpp"
#include "sync/protocol/card.hpp"
#include "vault/crypto/handover.hpp"
#include "vault/crypto/recovery.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/healing.hpp"
#include "vault/daemon/syncer.hpp"

namespace coffret::daemon {
namespace {

constexpr std::uint64_t founded_by_any = 3;  // version of the protocol

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
  if (const auto pin = call.text("pin"); !pin.empty()) {
    const auto expected = crypto::parse_fingerprint(pin);
    if (expected.has_error()) {
      call.detail = call.language == Language::french
                        ? "--pin : ce n'est pas une empreinte de serveur, qui a 43 caractères."
                        : "--pin: this is no server's fingerprint, which has 43 characters.";
      return errc::usage;
    }
    if (*expected != invite.server) return errc::unpinned;
  }
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

// What an account is opened with: the log's first device and the root of then, and this device.
struct Founding {
  SigningPublicKey root;
  protocol::SignedCertificate first;
  protocol::SignedCertificate own;
};
Result<Founding> founding(Call& call) {
  return call.with([](store::Vault& vault) -> Result<Founding> {
    const auto own = vault.device(vault.device());
    const auto devices = vault.devices();
    const auto first = std::find_if(devices.begin(), devices.end(),
                                    [](const auto& device) { return device.since <= 1; });
    if (!own || first == devices.end()) return errc::damaged;
    return Founding{first->root, first->certificate, own->certificate};
  });
}

// Told before the invitation is used up: a log that was written elsewhere has to be here from its
// first entry on, and a server of before version 3 opens an account for its first device alone.
// `again`: the vault had an account.
Result<void> judge_founding(Call& call, const Founding& with, const Contacted& contacted,
                            bool again) {
  const bool elsewhere = with.own != with.first;
  if (!elsewhere && !again) return {};
  COFFRET_TRY([[maybe_unused]] const auto whole,
              call.with([](store::Vault& vault) { return vault.pending_after({}, 1); }));
  if (!elsewhere || contacted.server.version() >= founded_by_any) return {};
  call.detail =
      call.language == Language::french
          ? "Ce serveur n'ouvre de compte qu'à l'appareil qui a créé le coffre. Sortie : « coffret "
            "server join » depuis cet appareil-là, ou que l'association mette son serveur à jour. "
            "L'invitation n'a pas servi."
          : "This server opens an account for the device alone that made the vault. Way out: "
            "\"coffret server join\" on that device, or the association updates its server. The "
            "invitation was not used.";
  return errc::unsupported;
}

// Returns the bytes that the association grants.
Result<std::uint64_t> open_account(Call& call, Contacted& contacted, bool again) {
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_TRY(const auto with, founding(call));
  COFFRET_CHECK(judge_founding(call, with, contacted, again));
  // A later sheet's root follows with the log.
  std::optional<protocol::SignedCertificate> asking;
  const bool given = again || with.own != with.first;
  if (given && contacted.server.version() >= founded_by_any) asking = with.own;
  const auto account =
      client::join(contacted.server, *signer, contacted.token, with.root, with.first, asking);
  if (account.has_error() && account.error() == errc::conflict)
    call.detail =
        call.language == Language::french
            ? "Un autre appareil de ce coffre a déjà un compte chez cette association : terminez "
              "« coffret server join » sur cet appareil-là, puis faites « coffret sync » ici. "
              "L'invitation n'a pas servi."
            : "Another device of this vault already has an account with this association: finish "
              "\"coffret server join\" on that device, then run \"coffret sync\" here. The "
              "invitation was not used.";
  COFFRET_CHECK(account);
  return account->quota;
}

Result<void> pin(Call& call, const Contacted& contacted) {
  const auto& identity = contacted.server.identity();
  const store::ServerPinned pinned{.url = identity.url,
                                   .card = contacted.server.signed_card(),
                                   .fingerprint = identity.fingerprint,
                                   .identity = identity.key,
                                   .spki = identity.spki,
                                   .accepted_country = call.text("accept_country")};
  COFFRET_CHECK(
      call.with([&](store::Vault& vault) { return vault.append(store::make_operation(pinned)); }));
  return {};
}

// A vault is joined again only to the server it knows, when that one has lost its account, or when
// giving it everything was cut: then there is an account, with the beginning of our log.
// Errors: already_joined.
Result<bool> no_account_again(Call& call, Contacted& contacted, const store::ServerPinned& before) {
  if (contacted.server.identity().key != before.identity) return errc::already_joined;
  COFFRET_TRY(const auto there, account_there(call, contacted.server));
  if (there == AccountThere::whole) return errc::already_joined;
  return there == AccountThere::none;
}

}  // namespace

Result<Object> server_preview(Call& call) {
  if (call.service.session().locked()) return errc::locked;
  COFFRET_TRY(const auto contacted, contact(call));
  COFFRET_CHECK(judge_country(call, contacted.card));
  COFFRET_TRY(const auto with, founding(call));
  COFFRET_TRY(const bool again, call.with([](store::Vault& vault) -> Result<bool> {
    return vault.server().has_value();
  }));
  COFFRET_CHECK(judge_founding(call, with, contacted, again));
  return card_json(contacted.card, contacted.server.identity().fingerprint,
                   contacted.server.identity().url);
}

Result<Object> server_join(Call& call) {
  const std::lock_guard one_at_a_time{call.service.syncing()};
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_TRY(const auto before, call.with([](store::Vault& vault) {
    return Result<std::optional<store::ServerPinned>>{vault.server()};
  }));
  COFFRET_TRY(auto contacted, contact(call));
  COFFRET_CHECK(judge_country(call, contacted.card));

  const auto& identity = contacted.server.identity();
  Object result = card_json(contacted.card, identity.fingerprint, identity.url);
  if (!before) {
    COFFRET_TRY(result["quota"], open_account(call, contacted, false));
    COFFRET_CHECK(pin(call, contacted));
    return result;
  }
  COFFRET_TRY(const bool none, no_account_again(call, contacted, *before));
  COFFRET_CHECK(begin_giving(call));
  if (none) {
    COFFRET_TRY(result["quota"], open_account(call, contacted, true));
  }
  COFFRET_TRY(const auto given, give_all(call, hold, contacted.server));
  result["healed"] = told_healed(given);
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

}  // namespace coffret::daemon
