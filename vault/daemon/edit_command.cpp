// SPDX-License-Identifier: EUPL-1.2
//
// edit_command.cpp: what the person changes in how a document is listed. Its bytes stay.
#include "coffret/kinds.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/persons.hpp"
#include "vault/daemon/plain_words.hpp"
#include "vault/daemon/typed_date.hpp"

namespace coffret::daemon {
namespace {

// A code of the table, its name in either language, or words of one's own.
CodedValue typed_kind(const std::string& typed) {
  const auto words = plain_text(typed);
  for (const auto& kind : kind_table)
    if (kind.code == typed || plain_text(kind.french) == words || plain_text(kind.english) == words)
      return {std::string{kind.code}, std::string{kind.system}, std::string{kind.french}};
  return {{}, {}, typed};
}

std::optional<std::string> given(const Call& call, const char* name) {
  if (!call.request.arguments.contains(name)) return std::nullopt;
  return call.text(name);
}

}  // namespace

Result<Object> edit(Call& call) {
  COFFRET_TRY(const auto document,
              call.with([&](store::Vault& vault) { return vault.document(call.text("id")); }));
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto wanted, wanted_person(call, persons));
  store::DocumentAmended amendment;
  amendment.document = document.id;
  amendment.title = given(call, "title");
  amendment.note = given(call, "note");
  if (const auto kind = given(call, "kind")) amendment.kind = typed_kind(*kind);
  if (const auto date = given(call, "date")) {
    call.detail = "--date " + *date +
                  (call.language == Language::french
                       ? " : cette date n'existe pas, ou ne s'écrit pas ainsi. AAAA-MM-JJ ou "
                         "JJ/MM/AAAA, par exemple 12/03/2020."
                       : ": there is no such date, or it is not written like this. YYYY-MM-DD or "
                         "DD/MM/YYYY, for example 2020-03-12.");
    COFFRET_TRY(amendment.date, typed_date(*date));
    call.detail.clear();
  }
  const bool amends = amendment.title || amendment.note || amendment.kind || amendment.date;
  if (!amends && !wanted) return errc::usage;
  const auto change = [&](store::Vault& vault) -> Result<store::DocumentView> {
    if (amends) COFFRET_CHECK(vault.amend(amendment));
    if (wanted) COFFRET_CHECK(vault.assign(document.id, wanted->id));
    return vault.document(document.id.text());
  };
  COFFRET_TRY(const auto changed, call.with(change));
  auto result = whole_json(changed, call.language);
  add_person(result, changed.person, persons);
  return result;
}

}  // namespace coffret::daemon
