// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret-server/commands.hpp"

#include <fmt/format.h>

#include "coffret/json.hpp"
#include "sync/protocol/card.hpp"
#include "sync/protocol/signature.hpp"
#include "sync/protocol/url.hpp"

namespace coffret::server_program {
namespace {

constexpr std::size_t max_serving = 4096;  // bytes of serving.json

// Where members reach this server: the settings say so, or the `serve` that runs.
Result<std::string> public_url(const Context& context) {
  if (const std::string url = context.settings.get("public_url"); !url.empty()) return url;
  const auto serving = context.machine.disk.read(context.directory + "/serving.json", max_serving);
  if (serving.has_value()) {
    const auto value = parse_json(as_text(*serving));
    if (value.has_value() && value->is_object())
      if (const auto* url = text_member(value->get_object(), "url")) return std::string{*url};
  }
  COFFRET_TRY(const auto listen, server::parse_endpoint(context.settings.get("listen")));
  if (listen.port == 0) return errc::usage;
  return protocol::format_server_url({true, listen.address, listen.port});
}

// The address an invite leads to. Errors: usage (one that only this machine understands).
Result<std::string> invites_url(const Context& context) {
  auto url = public_url(context);
  const auto parsed =
      url.has_value() ? protocol::parse_server_url(*url) : Result<protocol::ServerUrl>{url.error()};
  const bool nowhere = parsed.has_value() && (parsed->host == "0.0.0.0" || parsed->host == "::");
  if (nowhere || (url.has_error() && url.error() == errc::usage)) {
    context.output.about(std::string{
        context.output.say("indiquez dans public_url l'adresse par laquelle les membres arrivent",
                           "give the address by which members arrive in public_url")});
    return errc::usage;
  }
  if (parsed.has_error()) return parsed.error();
  return url;
}

std::string tls_name(const Context& context) {
  const auto url = protocol::parse_server_url(context.settings.get("public_url"));
  if (url.has_value()) return url->host;
  const auto listen = server::parse_endpoint(context.settings.get("listen"));
  const bool named = listen.has_value() && listen->address != "0.0.0.0" && listen->address != "::";
  return named ? listen->address : "localhost";
}

}  // namespace

Result<void> init_command(const Context& context) {
  const auto& s = context.settings;
  if (const std::string url = s.get("public_url"); !url.empty())
    COFFRET_CHECK(protocol::parse_server_url(url));
  const server::Operator about{s.get("name"), s.get("country"), s.get("law"),
                               s.get("host"), s.get("contact"), tls_name(context)};
  const auto tls = tls_files(s);
  const std::string config = s.text(context.output.words());
  COFFRET_CHECK(
      server::initialise(context.directory, about, tls, context.machine, as_bytes(config)));
  COFFRET_TRY(const auto storage, server::open_storage(context.directory, context.machine));
  const std::string fingerprint = to_base64url(storage.identity->fingerprint().bytes);
  const std::string certificate =
      tls ? tls->certificate : server::own_tls_files(context.directory).certificate;
  context.output.result(
      {{"data", context.directory}, {"fingerprint", fingerprint}, {"certificate", certificate}},
      fmt::format("{} {}", context.output.say("Empreinte du serveur :", "Server fingerprint:"),
                  fingerprint));
  return {};
}

Result<void> card_command(const Context& context) {
  COFFRET_TRY(const auto identity,
              server::Identity::load(context.directory + "/identity.key", context.machine.disk));
  COFFRET_TRY(const auto text, server::read_card(context.directory, context.machine.disk));
  COFFRET_TRY(const auto verified, protocol::verify_card(text, identity->fingerprint()));
  const auto& card = verified.card;
  const std::string fingerprint = to_base64url(identity->fingerprint().bytes);
  context.output.result({{"serial", card.serial},
                         {"name", card.name},
                         {"country", card.country},
                         {"law", card.law},
                         {"host", card.host},
                         {"contact", card.contact},
                         {"issued_at", to_rfc3339(from_unix(card.issued_at))},
                         {"fingerprint", fingerprint}},
                        fmt::format("{} ({})\n{}\n{}\n{}\n{}", card.name, card.country, card.law,
                                    card.host, card.contact, fingerprint));
  return {};
}

Result<void> stats_command(const Context& context) {
  COFFRET_TRY(const auto storage, server::open_storage(context.directory, context.machine));
  COFFRET_TRY(const auto t, storage.records->totals());
  context.output.result(
      {{"accounts", t.accounts},
       {"bytes", t.bytes},
       {"objects", t.objects},
       {"entries", t.entries},
       {"grants", t.grants},
       {"open_invites", t.invites}},
      fmt::format("{}: {}\n{}: {}\n{}: {}\n{}: {}\n{}: {}\n{}: {}",
                  context.output.say("comptes", "accounts"), t.accounts,
                  context.output.say("octets", "bytes"), t.bytes,
                  context.output.say("objets", "objects"), t.objects,
                  context.output.say("entrées", "entries"), t.entries,
                  context.output.say("partages", "grants"), t.grants,
                  context.output.say("invitations libres", "open invites"), t.invites));
  return {};
}

Result<std::uint64_t> typed_size(const Context& context, std::string_view name,
                                 const std::string& size) {
  const auto bytes = parse_size(size);
  if (bytes.has_value()) return *bytes;
  context.output.about(std::string{name} +
                       std::string{context.output.say(" : par exemple 500MiB ou 2GiB",
                                                      ": for example 500MiB or 2GiB")});
  return errc::usage;
}

Result<void> invite_command(const Context& context, unsigned count, const std::string& quota,
                            const std::string& lifetime) {
  constexpr std::uint64_t least = std::uint64_t{64} << 10;  // less holds not even one document
  COFFRET_TRY(const std::uint64_t bytes, typed_size(context, "--quota", quota));
  if (bytes < least) {
    context.output.about(
        std::string{context.output.say("--quota : au moins 64KiB, par exemple 500MiB ou 2GiB",
                                       "--quota: at least 64KiB, for example 500MiB or 2GiB")});
    return errc::usage;
  }
  const auto duration = parse_duration(lifetime);
  if (duration.has_error()) {
    context.output.about(
        std::string{context.output.say("--for : de 1s à 3653d, par exemple 48h ou 30d",
                                       "--for: from 1s to 3653d, for example 48h or 30d")});
    return errc::usage;
  }
  const Seconds valid = *duration;
  COFFRET_TRY(const std::string url, invites_url(context));
  COFFRET_TRY(const auto storage, server::open_storage(context.directory, context.machine));
  const Timestamp now = context.machine.clock.now();
  for (unsigned i = 0; i < count; ++i) {
    const protocol::Invite invite{url, storage.identity->fingerprint(),
                                  context.machine.random.make<protocol::InviteToken>()};
    server::Invite kept;
    kept.token_hash = protocol::sha256(invite.token.bytes);
    kept.quota.bytes = bytes;
    kept.expires_at = to_unix(now + valid);
    COFFRET_CHECK(storage.records->add_invite(kept, now));
    const std::string code = protocol::format_invite(invite);
    context.output.result({{"code", code}, {"expires_at", to_rfc3339(now + valid)}}, code);
  }
  return {};
}

}  // namespace coffret::server_program
