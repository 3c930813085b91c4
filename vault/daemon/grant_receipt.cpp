// SPDX-License-Identifier: EUPL-1.2
#include <set>
#include <utility>

#include "sync/protocol/signature.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/grant_parts.hpp"
#include "vault/daemon/receipt.hpp"
#include "vault/grants/chain.hpp"

namespace coffret::daemon {
namespace {

// All that one of its versions disclosed, the newest version's first.
std::vector<DocumentId> disclosed(const store::GrantView& grant) {
  std::vector<DocumentId> all;
  std::set<DocumentId> met;
  const auto add = [&](const std::vector<DocumentId>& documents) {
    for (const auto& id : documents)
      if (met.insert(id).second) all.push_back(id);
  };
  add(grant.decision.documents);
  for (auto version = grant.versions.rbegin(); version != grant.versions.rend(); ++version)
    add(version->documents);
  return all;
}

// A signed receipt leaves out nothing that merely could not be read.
Result<void> take_documents(store::Vault& vault, ReceiptOf& of) {
  std::set<DocumentId> taken;  // a copy's name leads to the document that it is
  for (const auto& id : disclosed(of.grant)) {
    auto document = vault.document(id.text());
    if (document.has_value()) {
      if (taken.insert(document->id).second) of.documents.push_back(std::move(*document));
    } else if (document.error() == errc::not_found) {
      of.gone.push_back(id);
    } else {
      return document.error();
    }
  }
  return {};
}

store::PersonView person_of(const store::Vault& vault, const ReceiptOf& of) {
  const auto wanted = of.documents.empty() ? (of.grant.terms ? of.grant.terms->person : PersonId{})
                                           : of.documents.front().person;
  return vault.person(vault.record_of(wanted)).value_or(store::PersonView{});
}

}  // namespace

Result<Object> grant_receipt(Call& call) {
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(auto grant, find_grant(call, call.text("id")));
  ServersWord word{call};
  GrantState state = word.state_of(grant);
  if (const auto there = word.on(grant, state)) state = there->state;
  const auto issued_at = from_unix(word.now());
  return call.with([&](store::Vault& vault) -> Result<Object> {
    ReceiptOf of{.grant = std::move(grant),
                 .state = state,
                 .documents = {},
                 .gone = {},
                 .vault = vault.id(),
                 .owner = vault.owner(),
                 .person = {},
                 .issued_at = issued_at};
    COFFRET_CHECK(take_documents(vault, of));
    of.person = person_of(vault, of);
    COFFRET_TRY(const auto chain, grants::chain_to_root(vault));
    const auto ours = vault.device(vault.device());
    if (!ours) return errc::damaged;
    const auto name_of_state = name(state);
    Object result{{"id", of.grant.decision.grant.text()},
                  {"state", boost::json::string_view{name_of_state.data(), name_of_state.size()}},
                  {"receipt", protocol::sign_jws(receipt_type, receipt_json(of, chain, ours->root),
                                                 vault.signer())},
                  {"text", receipt_text(of, call.language)},
                  {"consent", receipt_fhir(of, call.language)},
                  {"withdrawn_at", nullptr}};
    if (of.grant.revoked_at) result["withdrawn_at"] = to_rfc3339(from_unix(*of.grant.revoked_at));
    return result;
  });
}

}  // namespace coffret::daemon
