// SPDX-License-Identifier: EUPL-1.2
//
// inbox_commands.cpp: documents that were set apart, until the person decides.
#include <algorithm>

#include "coffret/time.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/deposits.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/grant_life.hpp"
#include "vault/daemon/import.hpp"
#include "vault/daemon/persons.hpp"
#include "vault/daemon/replies.hpp"

namespace coffret::daemon {
namespace {

// Errors: not_found (also for a document that is not set apart).
Result<store::DocumentView> set_apart(Call& call) {
  COFFRET_TRY(auto document,
              call.with([&](store::Vault& vault) { return vault.document(call.text("id")); }));
  if (!document.quarantined || document.removed_at) return errc::not_found;
  return document;
}

// Passes on what an import tells, and keeps which documents are new.
class Telling final : public Answer {
 public:
  explicit Telling(Answer& to) : to_(to) {}
  Result<void> row(const Object& row) override {
    const auto& outcome = row.at("outcome").as_string();
    if (outcome == "imported" || outcome == "quarantined") {
      const auto& text = row.at("id").as_string();
      if (const auto id = DocumentId::parse({text.data(), text.size()}); id.has_value())
        brought.push_back(*id);
    }
    return to_.row(row);
  }
  Result<void> progress(const Object& progress) override { return to_.progress(progress); }
  Result<void> bytes(ByteView bytes) override { return to_.bytes(bytes); }
  Result<void> secret(const SecretText& secret) override { return to_.secret(secret); }
  bool gone() override { return to_.gone(); }

  std::vector<DocumentId> brought;

 private:
  Answer& to_;
};

// Who says that they sent it, in one line.
std::string claim(const crypto::Depositor& from) {
  std::string text = from.name;
  if (!from.organisation.empty()) text += (text.empty() ? "" : ", ") + from.organisation;
  return text.empty() ? "?" : text;
}

Object deposit_json(Call& call, const HeldDeposit& held) {
  Object row{{"id", held.place.deposit.text()},
             {"deposit", true},
             {"link", held.link.made.link.text()},
             {"expected_from", held.link.made.from},
             {"size", held.size},
             {"from", nullptr},
             {"reason", nullptr}};
  const auto letter = letter_of(call, held);
  if (letter.has_error()) {
    const auto code = coffret::row(to_errc(letter.error())).code;
    row["reason"] = boost::json::string_view{code.data(), code.size()};
    return row;
  }
  row["from"] = Object{{"name", letter->from.name}, {"organisation", letter->from.organisation}};
  row["proved"] = false;
  row["note"] = letter->from.note;
  row["sent_at"] = to_rfc3339(from_unix(letter->sent_at));
  boost::json::array files;
  for (const auto& file : letter->files)
    files.push_back(Object{{"name", file.name}, {"content_type", file.type}, {"size", file.size}});
  row["files"] = std::move(files);
  return row;
}

errc told_unreadable(Call& call, errc error) {
  if (error != errc::damaged) return error;
  call.detail = call.language == Language::french
                    ? "Ce dépôt ne se lit pas. « coffret sync » le redemande au serveur ; s'il ne "
                      "se lit toujours pas, refusez-le et demandez un nouvel envoi."
                    : "This deposit cannot be read. \"coffret sync\" asks the server for it again; "
                      "if it still cannot be read, refuse it and ask for it to be sent again.";
  return error;
}

// Each file goes the way of every import: the confined reader, duplicates, whose record it is.
// Where one is refused the deposit stays, so that nothing of it is lost.
Result<Object> accept_deposit(Call& call, const HeldDeposit& held) {
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_TRY(auto persons, persons_of(call));
  COFFRET_TRY(const auto wanted, wanted_person(call, persons));
  auto opening = open_held(call, held);
  if (opening.has_error()) return told_unreadable(call, to_errc(opening.error()));
  auto& opened = *opening;
  Telling telling{call.answer};
  Call importing{call.service, call.request, telling, call.language, {}, call.quiet};
  Importer importer{importing,
                    hold,
                    std::move(persons),
                    {.any_patient = call.flag("any_patient"),
                     .person = wanted ? wanted->id : PersonId{},
                     .source = "deposit: " + claim(opened.letter.from)}};
  for (std::size_t i = 0; i < opened.files.size(); ++i)
    COFFRET_CHECK(importer.take_sent(opened.letter.files[i].name, std::move(opened.files[i]), {}));
  COFFRET_CHECK(importer.last());
  const auto& counts = importer.counts();
  const bool whole = counts.refused == 0;
  if (whole) COFFRET_CHECK(settle(call, held, true, std::move(telling.brought)));
  Object summary{{"imported", counts.imported},
                 {"duplicate", counts.duplicate},
                 {"quarantined", counts.quarantined},
                 {"refused", counts.refused}};
  if (counts.imported != 0) tell_evolved(evolve_now(call), summary);
  return Object{{"id", held.place.deposit.text()},
                {"deposit", true},
                {"accepted", whole},
                {"summary", std::move(summary)},
                {"exit_status", whole ? 0 : coffret::row(errc::malformed).exit_status}};
}

}  // namespace

Result<Object> inbox_list(Call& call) {
  COFFRET_TRY(const auto deposits, held_deposits(call));
  COFFRET_TRY(const auto answered, answered_grants(call));
  for (const auto& held : deposits) {
    auto row = deposit_json(call, held);
    tell_answered(answered, held.link.made.link, row);
    COFFRET_CHECK(call.answer.row(row));
  }
  COFFRET_TRY(const auto persons, persons_of(call));
  store::DocumentFilter filter;
  filter.quarantined = true;
  COFFRET_TRY(const auto documents,
              call.with([&](store::Vault& vault) { return vault.documents(filter); }));
  for (const auto& document : documents) {
    auto row = summary_json(document, call.language);
    row["names"] = identity_json(document.entry.patient);
    const auto record =
        std::find_if(persons.begin(), persons.end(),
                     [&](const store::PersonView& person) { return person.id == document.person; });
    row["expected"] = record == persons.end() ? Object{} : identity_json(*record);
    row["source"] = document.source;
    row["discrepancies"] = discrepancies_json(document.entry);
    add_person(row, document.person, persons);
    COFFRET_CHECK(call.answer.row(row));
  }
  return Object{{"count", deposits.size() + documents.size()}};
}

Result<Object> inbox_accept(Call& call) {
  const auto deposit = find_deposit(call, call.text("id"));
  if (deposit.has_value()) return accept_deposit(call, *deposit);
  if (deposit.error() != errc::not_found) return deposit.error();
  COFFRET_TRY(const auto document, set_apart(call));
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto wanted, wanted_person(call, persons));
  const PersonId person = wanted ? wanted->id : document.person;
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.assign(document.id, person); }));
  Object result{{"id", document.id.text()}};
  add_person(result, person, persons);
  return result;
}

// Refused is removed, so that a mistake can be undone; but for a deposit, whose documents never
// were in the vault.
Result<Object> inbox_refuse(Call& call) {
  const auto deposit = find_deposit(call, call.text("id"));
  if (deposit.has_value()) {
    COFFRET_CHECK(settle(call, *deposit, false, {}));
    return Object{{"id", deposit->place.deposit.text()}, {"deposit", true}};
  }
  if (deposit.error() != errc::not_found) return deposit.error();
  COFFRET_TRY([[maybe_unused]] const auto document, set_apart(call));
  return remove_document(call);
}

}  // namespace coffret::daemon
