// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/grants.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "coffret/time.hpp"
#include "vault/crypto/wiping.hpp"
#include "vault/daemon/access_file.hpp"
#include "vault/daemon/access_heads.hpp"
#include "vault/daemon/caregivers.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/evidence.hpp"
#include "vault/daemon/grant_giving.hpp"
#include "vault/daemon/grant_parts.hpp"
#include "vault/daemon/grant_request.hpp"
#include "vault/daemon/proved_openings.hpp"
#include "vault/daemon/reader_words.hpp"
#include "vault/daemon/spelled.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/grants/grants.hpp"

namespace coffret::daemon {
namespace {

std::int64_t now(Call& call) {
  return to_unix(call.service.environment().clock.now());
}

// What is open comes first, what is over last.
std::size_t place_on_board(GrantState state) {
  constexpr std::array order{GrantState::live,   GrantState::scheduled, GrantState::revoking,
                             GrantState::locked, GrantState::used_up,   GrantState::expired,
                             GrantState::revoked};
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), state) - order.begin());
}

// How many documents a reader found behind the link then: a later version may hold others.
std::size_t documents_at(const store::GrantView& grant, std::int64_t time) {
  std::size_t count = grant.decision.documents.size();
  if (!grant.versions.empty()) count = grant.versions.front().documents.size();
  for (const auto& version : grant.versions)
    if (version.at <= time) count = version.documents.size();
  return count;
}

// What the person was shown and agreed to is what is made, and what is kept: where the documents,
// or anything that the text says, are others by now, nothing is.
Result<void> check_seen(Call& call, const grants::GrantRequest& request) {
  if (!call.request.arguments.contains("seen")) return {};
  const auto seen = call.texts("seen");
  bool same = std::equal(
      seen.begin(), seen.end(), request.documents.begin(), request.documents.end(),
      [](const std::string& id, const DocumentId& document) { return id == document.text(); });
  const auto consent = call.text("consent");
  same = same && (consent.empty() || consent == request.consent);
  if (same) return {};
  return refused(call, errc::conflict,
                 "Ce qui serait partagé n'est plus ce qui vous a été montré : refaites la "
                 "commande.",
                 "What would be shared is no longer what you were shown: run the command again.");
}

// One row of `access-log`.
Object opening_json(Call& call, const protocol::AccessLine& line, const store::GrantView& grant,
                    OpeningProof proof) {
  const bool proved = proof == OpeningProof::proved;
  const auto& decision = grant.decision;
  const auto said = reader_words(call, line, grant);
  Object json{{"time", to_rfc3339(from_unix(line.time))},
              {"grant", decision.grant.text()},
              {"to", decision.caregiver},
              {"recipient", proved ? decision.caregiver : said.who},
              {"proved", proved},
              {"forged", proof == OpeningProof::forged},
              {"documents", documents_at(grant, line.time)},
              {"outcome", text_view(name(line.outcome))},
              {"count", line.count}};
  if (!said.why.empty()) json["reason"] = said.why;
  return json;
}

// Between which lines there was none for longer than the person waits: the server owes one a day.
boost::json::array quiet_times(const std::vector<protocol::AccessLine>& lines,
                               std::int64_t longest) {
  boost::json::array quiet;
  for (std::size_t i = 1; i < lines.size(); ++i)
    if (lines[i].time - lines[i - 1].time > std::max(longest, AccessHeads::soonest_late))
      quiet.push_back(Object{{"from", to_rfc3339(from_unix(lines[i - 1].time))},
                             {"to", to_rfc3339(from_unix(lines[i].time))}});
  return quiet;
}

}  // namespace

Result<Object> grant_create(Call& call) {
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_TRY(auto server, pinned_server(call));
  // Its answer carries the server's time, by which expiry is judged.
  COFFRET_TRY([[maybe_unused]] const auto card, server.contact());
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_CHECK(check_head(call, server, *signer));
  COFFRET_TRY(auto asked, asked_of(call, server.server_now()));
  COFFRET_CHECK(check_seen(call, asked.request));
  const bool several_persons = asked.request.several_persons;
  COFFRET_TRY(auto parcel, give(call, hold, server, *signer, std::move(asked.request)));
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
  made.terms = std::move(parcel.terms);
  Object result =
      grant_json(made, grants::state_of(made, to_unix(server.server_now())), call.language);
  result["several_persons"] = several_persons;
  result["consent"] = made.decision.consent;
  result["left_out"] = left_out_json(asked.scope.left_out);
  result["other_persons"] = asked.scope.others;
  return result;
}

Result<Object> grant_list(Call& call) {
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(const auto all,
              call.with([](store::Vault& vault) -> Result<std::vector<store::GrantView>> {
                return vault.grants();
              }));
  ServersWord word{call};
  std::vector<std::pair<GrantState, const store::GrantView*>> board;
  for (const auto& grant : all) {
    GrantState state = word.state_of(grant);
    if (const auto there = word.on(grant, state)) state = there->state;
    board.emplace_back(state, &grant);
  }
  std::stable_sort(board.begin(), board.end(), [](const auto& a, const auto& b) {
    return place_on_board(a.first) < place_on_board(b.first);
  });
  std::uint64_t ending = 0;
  std::optional<GrantState> before;
  for (const auto& [state, grant] : board) {
    auto row = grant_json(*grant, state, call.language);
    const bool soon = ends_soon(*grant, state, word.now());
    row["ends_soon"] = soon;
    row["first_of_state"] = before != state;
    before = state;
    if (soon) ++ending;
    COFFRET_CHECK(call.answer.row(row));
  }
  return Object{{"count", all.size()}, {"ending", ending}};
}

Result<Object> grant_show(Call& call) {
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(const auto grant, find_grant(call, call.text("id")));
  ServersWord word{call};
  const GrantState state = word.state_of(grant);
  Object json = grant_json(grant, state, call.language);
  json["ends_soon"] = ends_soon(grant, state, word.now());
  json["consent"] = grant.decision.consent;
  boost::json::array documents;
  boost::json::array titles;
  for (const auto& id : grant.decision.documents) {
    documents.emplace_back(id.text());
    const auto title = call.with([&](store::Vault& vault) -> Result<std::string> {
      COFFRET_TRY(const auto document, vault.document(id.text()));
      return shown_title(document.entry);
    });
    titles.emplace_back(title.has_value() ? *title : std::string{});
  }
  json["document_ids"] = std::move(documents);
  json["document_titles"] = std::move(titles);
  if (const auto there = word.on(grant, state)) {
    json["state"] = text_view(name(there->state));
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
  return Object{{"id", id.text()}, {"state", text_view(name(GrantState::revoked))}};
}

Result<Object> access_log(Call& call) {
  COFFRET_TRY(auto hold, call.service.session().hold());
  std::optional<GrantId> only;
  if (const auto asked = call.text("grant"); !asked.empty()) {
    COFFRET_TRY(const auto grant, find_grant(call, asked));
    only = grant.decision.grant;
  }
  COFFRET_TRY(auto server, pinned_server(call));
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_TRY(const auto vault_id,
              call.with([](store::Vault& vault) -> Result<VaultId> { return vault.id(); }));
  COFFRET_TRY(const auto news, read_access_log(call, {server, *signer, vault_id}));
  if (call.flag("export"))
    COFFRET_CHECK(call.answer.bytes(as_bytes(access_file(news, server.identity(), vault_id))));

  COFFRET_TRY(const auto grants,
              call.with([](store::Vault& vault) -> Result<std::vector<store::GrantView>> {
                return vault.grants();
              }));
  std::map<LinkId, const store::GrantView*> by_link;
  for (const auto& grant : grants) by_link.emplace(grant.decision.link, &grant);
  std::uint64_t count = 0;
  std::uint64_t forged = 0;
  ProvedOpenings openings{server.identity().fingerprint};
  for (const auto& line : news.lines) {
    const auto found = by_link.find(line.link);
    if (found == by_link.end()) continue;  // daily heads; links that were never given out
    const auto proof = openings.judge(line, *found->second);
    if (only && found->second->decision.grant != *only) continue;
    ++count;
    if (proof == OpeningProof::forged) ++forged;
    COFFRET_CHECK(call.answer.row(opening_json(call, line, *found->second, proof)));
  }
  Object result{{"count", count},
                {"verified", news.range.size},
                {"forged", forged},
                {"quiet", quiet_times(news.lines, read_freshness(call.service).stale_after)}};
  if (forged != 0) {
    store::audit(call.service.config().directory, errc::unauthenticated,
                 call.service.environment());
    result["exit_status"] = row(errc::unauthenticated).exit_status;
  }
  return result;
}

}  // namespace coffret::daemon
