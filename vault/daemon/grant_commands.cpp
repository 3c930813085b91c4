// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/grants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "coffret/time.hpp"
#include "sync/client/objects.hpp"
#include "sync/protocol/text.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/wiping.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/evidence.hpp"
#include "vault/daemon/patient_match.hpp"
#include "vault/daemon/spelled.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/grants/grants.hpp"

namespace coffret::daemon {
namespace {

boost::json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

// A grant by its identifier, or a beginning of at least 4 characters that only one has.
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

std::int64_t now(Call& call) {
  return to_unix(call.service.environment().clock.now());
}

Object grant_json(const store::GrantView& grant, GrantState state) {
  const auto& decision = grant.decision;
  Object json{{"id", decision.grant.text()},
              {"to", decision.caregiver},
              {"role", decision.role},
              {"organisation", decision.organisation},
              {"delivery", view(name(decision.delivery))},
              {"purpose", decision.purpose},
              {"documents", decision.documents.size()},
              {"not_before", to_rfc3339(from_unix(decision.not_before))},
              {"expires_at", to_rfc3339(from_unix(decision.expires_at))},
              {"openings", nullptr},
              {"state", view(name(state))}};
  if (decision.openings != 0) json["openings"] = decision.openings;
  return json;
}

// The text the person agrees to, kept with the decision.
std::string consent_text(const Call& call, const grants::GrantRequest& request) {
  const std::string until = spelled(from_unix(request.expires_at), call.language);
  const auto count = request.documents.size();
  const std::string_view s = count == 1 ? "" : "s";
  if (call.language == Language::french)
    return fmt::format(
        "Je donne à {} accès à {} document{} de mon dossier jusqu'au {}. Je peux y mettre fin à "
        "tout moment ; ce qui a été lu ne peut pas être repris.",
        request.caregiver, count, s, until);
  return fmt::format(
      "I give {} access to {} document{} of my record until {}. I can end it at any time; what "
      "has been read cannot be taken back.",
      request.caregiver, count, s, until);
}

Result<std::vector<DocumentId>> scope_of(Call& call) {
  std::vector<DocumentId> scope;
  for (const auto& id : call.texts("documents")) {
    call.detail = id;
    COFFRET_TRY(const auto document,
                call.with([&](store::Vault& vault) { return vault.document(id); }));
    if (document.removed_at || document.quarantined) return errc::not_found;
    if (std::find(scope.begin(), scope.end(), document.id) == scope.end())
      scope.push_back(document.id);
  }
  call.detail.clear();
  const std::string category = call.text("category");
  if (category.empty() && !call.flag("all")) return scope;
  store::DocumentFilter filter;
  filter.category = category;
  COFFRET_TRY(const auto documents,
              call.with([&](store::Vault& vault) { return vault.documents(filter); }));
  for (const auto& document : documents)
    if (std::find(scope.begin(), scope.end(), document.id) == scope.end())
      scope.push_back(document.id);
  return scope;
}

Result<grants::GrantRequest> request_of(Call& call, Timestamp server_now) {
  grants::GrantRequest request;
  request.caregiver = call.text("to");
  request.role = call.text("role");
  request.organisation = call.text("organisation");
  request.purpose = call.text("purpose");
  COFFRET_TRY(request.openings, call.number("openings"));
  const std::string delivery = call.text("delivery");
  if (delivery == "shl")
    request.delivery = Delivery::shl;
  else if (!delivery.empty() && delivery != "link")
    return errc::unsupported;
  if (const auto allow = call.text("allow"); !allow.empty()) {
    if (allow != "download") return errc::unsupported;
    request.download = true;
  }
  COFFRET_TRY(const auto duration, parse_duration(call.text("for")));
  auto start = server_now;
  if (const auto from = call.text("from"); !from.empty()) {
    COFFRET_TRY(start, from_rfc3339(from));
  }
  request.not_before = to_unix(start);
  request.expires_at = to_unix(start + duration);
  COFFRET_TRY(request.documents, scope_of(call));
  if (request.documents.empty()) return errc::not_found;
  std::vector<store::DocumentView> documents;
  for (const auto& id : request.documents) {
    COFFRET_TRY(documents.emplace_back(),
                call.with([&](store::Vault& vault) { return vault.document(id.text()); }));
  }
  request.several_persons = are_several(documents);
  request.with_passcode = call.flag("passcode");
  if (auto passcode = call.request.secrets.find("passcode");
      passcode != call.request.secrets.end()) {
    request.with_passcode = true;
    request.passcode = std::move(passcode->second);
  }
  request.consent = consent_text(call, request);
  return request;
}

struct Sender {
  client::Server& server;
  const Signer& signer;
  VaultId vault;
};

Result<void> publish(const Sender& to, const grants::Parcel& parcel) {
  for (const auto& [id, file] : parcel.files)
    COFFRET_CHECK(
        client::upload_parcel_file(to.server, to.signer, to.vault, parcel.link, id, file));
  return client::publish(to.server, to.signer, to.vault, parcel.link, parcel.publication);
}

// Who a line names: unsealed with the link's secret, or the reader's own clear words (SHL). What is
// no plain text names nobody: only the reader knew what they sealed.
std::string recipient_of(Call& call, const protocol::AccessLine& line,
                         const store::GrantView& grant) {
  if (!line.recipient_sealed || line.recipient.empty()) return line.recipient;
  const auto& decision = grant.decision;
  const auto opened = call.with([&](store::Vault& vault) -> Result<crypto::OpenedJwe> {
    COFFRET_TRY(const auto secret, vault.unwrap<crypto::LinkSecret>(
                                       grant.epoch, crypto::WrapPurpose::link, decision.link.view(),
                                       1, decision.wrapped_link_secret));
    const ReceivedParcelFile jwe{to_bytes(as_bytes(line.recipient))};
    return crypto::open_jwe(crypto::recipient_key(secret, decision.link), jwe,
                            protocol::max_recipient);
  });
  if (opened.has_error() || !protocol::is_plain_text(as_text(opened->content))) return {};
  return to_text(opened->content);
}

// The new lines must extend what was pinned: the first `pinned.size` leaves give the pinned range.
Result<void> judge_by_pin(const client::AccessNews& news, const protocol::CompactRange& pinned) {
  if (news.lines.size() < pinned.size) return errc::server_rolled_back;
  protocol::CompactRange range;
  for (std::uint64_t i = 0; i < pinned.size; ++i)
    range.append(protocol::leaf_hash(wire::encode(news.lines[i])));
  return range == pinned ? Result<void>{} : Result<void>{errc::fork_detected};
}

// Used up and locked are known to the server only, and it is by its clock that grants end. It is
// asked about grants that may still be open; once it fails to answer it is not asked again, and
// what this machine knows is shown.
class ServersWord {
 public:
  explicit ServersWord(Call& call) : call_(call) {}

  GrantState state_of(const store::GrantView& grant) {
    if (!asked_ && !grant.acknowledged_at) reach();
    return grants::state_of(grant, now(call_) + ahead_.count());
  }

  std::optional<protocol::GrantStatus> on(const store::GrantView& grant, GrantState state) {
    if (state != GrantState::live && state != GrantState::scheduled) return std::nullopt;
    if (!server_) return std::nullopt;
    auto there = client::link_state(*server_, *signer_, vault_, grant.decision.link);
    if (there.has_value()) return *there;
    server_.reset();
    return std::nullopt;
  }

 private:
  void reach() {
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

  Call& call_;
  bool asked_ = false;
  Seconds ahead_{0};
  std::optional<client::Server> server_;
  const Signer* signer_ = nullptr;
  VaultId vault_{};
};

}  // namespace

Result<Object> grant_create(Call& call) {
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_TRY(auto server, pinned_server(call));
  // Its answer carries the server's time, by which expiry is judged.
  COFFRET_TRY([[maybe_unused]] const auto card, server.contact());
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_CHECK(check_head(call, server, *signer));
  COFFRET_TRY(auto request, request_of(call, server.server_now()));
  const grants::ServerPlace place{server.identity().url, server.identity().fingerprint};
  auto& environment = call.service.environment();
  const bool several_persons = request.several_persons;
  COFFRET_TRY(auto parcel, call.with([&](store::Vault& vault) {
    return grants::prepare(vault, std::move(request), place, environment.clock, environment.random);
  }));
  COFFRET_TRY(const auto vault_id,
              call.with([](store::Vault& vault) -> Result<VaultId> { return vault.id(); }));
  // Published first: without the server nothing is made. A crash before the next step leaves a
  // live link that nobody was given.
  COFFRET_CHECK(publish({server, *signer, vault_id}, parcel));
  COFFRET_CHECK(call.with(
      [&](store::Vault& vault) { return vault.append(store::make_operation(parcel.decision)); }));
  COFFRET_CHECK(call.answer.secret(parcel.link_text));
  if (parcel.passcode) COFFRET_CHECK(call.answer.secret(*parcel.passcode));
  if (const auto format = call.text("qr"); !format.empty()) {
    COFFRET_TRY(auto picture, grants::qr_picture(parcel.link_text, format == "svg"));
    const auto sent = call.answer.bytes(picture);
    crypto::wipe(picture);
    COFFRET_CHECK(sent);
  }
  store::GrantView made;
  made.decision = std::move(parcel.decision);
  Object result = grant_json(made, grants::state_of(made, to_unix(server.server_now())));
  result["several_persons"] = several_persons;
  return result;
}

Result<Object> grant_list(Call& call) {
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(const auto all,
              call.with([](store::Vault& vault) -> Result<std::vector<store::GrantView>> {
                return vault.grants();
              }));
  ServersWord word{call};
  for (const auto& grant : all) {
    GrantState state = word.state_of(grant);
    if (const auto there = word.on(grant, state)) state = there->state;
    COFFRET_CHECK(call.answer.row(grant_json(grant, state)));
  }
  return Object{{"count", all.size()}};
}

Result<Object> grant_show(Call& call) {
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(const auto grant, find_grant(call, call.text("id")));
  ServersWord word{call};
  const GrantState state = word.state_of(grant);
  Object json = grant_json(grant, state);
  json["consent"] = grant.decision.consent;
  boost::json::array documents;
  for (const auto& id : grant.decision.documents) documents.emplace_back(id.text());
  json["document_ids"] = std::move(documents);
  if (const auto there = word.on(grant, state)) {
    json["state"] = view(name(there->state));
    json["opened"] = there->openings;
    json["wrong_passcodes"] = there->wrong_passcodes;
  }
  return json;
}

Result<Object> grant_revoke(Call& call) {
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_TRY(auto grant, find_grant(call, call.text("id")));
  const auto id = grant.decision.grant;
  if (!grant.revoked_at) {
    const store::GrantRevoked revoked{.grant = id, .at = now(call)};
    COFFRET_CHECK(call.with(
        [&](store::Vault& vault) { return vault.append(store::make_operation(revoked)); }));
  }
  if (!grant.acknowledged_at) {
    call.detail = call.language == Language::french
                      ? "La fin du partage est notée ; le lien marche encore tant que votre "
                        "serveur n'est pas joint."
                      : "The end of the grant is recorded; the link still works until your server "
                        "is reached.";
    COFFRET_TRY(auto server, pinned_server(call, Unsettled::allow));
    COFFRET_CHECK(send_revocation(call, server, grant));
    call.detail.clear();
  }
  return Object{{"id", id.text()}, {"state", view(name(GrantState::revoked))}};
}

Result<Object> access_log(Call& call) {
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_TRY(auto server, pinned_server(call));
  COFFRET_TRY(const auto* signer, device_signer(call));
  struct Ours {
    VaultId vault;
    protocol::CompactRange pinned;
    std::vector<store::GrantView> grants;
  };
  COFFRET_TRY(const auto ours, call.with([](store::Vault& vault) -> Result<Ours> {
    const auto access = vault.access();
    return Ours{vault.id(), access ? access->range : protocol::CompactRange{}, vault.grants()};
  }));
  // All lines each time: the lines are shown, and the root over all of them is what was signed.
  COFFRET_TRY(const auto news, client::access_log(server, *signer, ours.vault, {}));
  COFFRET_CHECK(judge_by_pin(news, ours.pinned));
  if (news.range.size > ours.pinned.size) {
    const store::AccessCheckpoint checkpoint{.range = news.range, .note = news.checkpoint};
    COFFRET_CHECK(call.with(
        [&](store::Vault& vault) { return vault.append(store::make_operation(checkpoint)); }));
  }

  std::map<LinkId, const store::GrantView*> by_link;
  for (const auto& grant : ours.grants) by_link.emplace(grant.decision.link, &grant);
  const std::string only = call.text("grant");
  std::uint64_t count = 0;
  for (const auto& line : news.lines) {
    const auto found = by_link.find(line.link);
    if (found == by_link.end()) continue;  // daily heads; links that were never given out
    const auto& decision = found->second->decision;
    if (!only.empty() && !decision.grant.text().starts_with(only)) continue;
    ++count;
    COFFRET_CHECK(call.answer.row({{"time", to_rfc3339(from_unix(line.time))},
                                   {"grant", decision.grant.text()},
                                   {"to", decision.caregiver},
                                   {"recipient", recipient_of(call, line, *found->second)},
                                   {"proved", false},
                                   {"documents", decision.documents.size()},
                                   {"outcome", view(name(line.outcome))},
                                   {"count", line.count}}));
  }
  return Object{{"count", count}, {"verified", news.range.size}};
}

}  // namespace coffret::daemon
