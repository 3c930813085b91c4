// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/grant_parts.hpp"

#include "sync/client/objects.hpp"
#include "vault/daemon/consent.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/grants/card.hpp"
#include "vault/grants/reply.hpp"

namespace coffret::daemon {
namespace {

constexpr std::int64_t a_day = 86400;  // seconds

}  // namespace

boost::json::string_view text_view(std::string_view text) {
  return {text.data(), text.size()};
}

errc refused(Call& call, errc error, std::string_view french, std::string_view english) {
  call.detail = std::string{call.language == Language::french ? french : english};
  return error;
}

Result<store::GrantView> find_grant(Call& call, const std::string& id) {
  if (id.size() < 4) return errc::not_found;
  return call.with([&](store::Vault& vault) -> Result<store::GrantView> {
    std::optional<store::GrantView> found;
    for (auto& grant : vault.grants()) {
      if (!grant.decision.grant.text().starts_with(id)) continue;
      if (found) return errc::not_found;
      found = std::move(grant);
    }
    if (!found) return errc::not_found;
    return std::move(*found);
  });
}

Object grant_json(const store::GrantView& grant, GrantState state, Language language) {
  const auto& decision = grant.decision;
  const auto terms = grant.terms.value_or(store::GrantTerms{});
  Object json{{"id", decision.grant.text()},
              {"to", decision.caregiver},
              {"role", decision.role},
              {"organisation", decision.organisation},
              {"delivery", text_view(name(decision.delivery))},
              {"purpose", decision.purpose},
              {"documents", decision.documents.size()},
              {"not_before", to_rfc3339(from_unix(decision.not_before))},
              {"expires_at", to_rfc3339(from_unix(decision.expires_at))},
              {"openings", nullptr},
              {"state", text_view(name(state))},
              {"version", grant.version},
              {"evolving", terms.evolving},
              {"may_answer", grants::may_answer(grant)},
              {"scope", scope_words(terms, decision.documents.size(), language)}};
  if (grants::is_card(decision)) json["emergency"] = true;
  if (decision.openings != 0) json["openings"] = decision.openings;
  return json;
}

Result<void> publish(const Sender& to, const LinkId& link, const ParcelFiles& files,
                     const protocol::Publication& publication) {
  for (const auto& [id, file] : files)
    COFFRET_CHECK(client::upload_parcel_file(to.server, to.signer, to.vault, link, id, file));
  return client::publish(to.server, to.signer, to.vault, link, publication);
}

GrantState ServersWord::state_of(const store::GrantView& grant) {
  if (!asked_ && !grant.acknowledged_at) reach();
  return grants::state_of(grant, now());
}

std::optional<protocol::GrantStatus> ServersWord::on(const store::GrantView& grant,
                                                     GrantState state) {
  if (state != GrantState::live && state != GrantState::scheduled) return std::nullopt;
  if (!server_) return std::nullopt;
  auto there = client::link_state(*server_, *signer_, vault_, grant.decision.link);
  if (there.has_value()) return *there;
  server_.reset();
  return std::nullopt;
}

std::int64_t ServersWord::now() const {
  return to_unix(call_.service.environment().clock.now()) + ahead_.count();
}

void ServersWord::reach() {
  asked_ = true;
  auto server = pinned_server(call_);
  call_.detail.clear();  // without it what is known here is shown: no failure to be told
  const auto signer = device_signer(call_);
  const auto vault = call_.with([](store::Vault& open) -> Result<VaultId> { return open.id(); });
  if (server.has_error() || signer.has_error() || vault.has_error()) return;
  if (server->contact().has_error()) return;
  ahead_ = server->clock_offset();
  signer_ = *signer;
  vault_ = *vault;
  server_.emplace(std::move(*server));
}

bool ends_soon(const store::GrantView& grant, GrantState state, std::int64_t now) {
  const bool open = state == GrantState::live || state == GrantState::scheduled;
  return open && grant.decision.expires_at > now && grant.decision.expires_at - now <= a_day;
}

}  // namespace coffret::daemon
