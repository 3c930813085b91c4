// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/export_record.hpp"

#include <algorithm>

#include "coffret/file_name.hpp"
#include "coffret/kinds.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/patient_match.hpp"
#include "vault/daemon/persons.hpp"
#include "vault/daemon/record_facts.hpp"
#include "vault/store/vault.hpp"

namespace coffret::daemon {
namespace {

std::string kind_shown(const DocumentEntry& entry, Language language) {
  const auto* kind = kind_of(entry.type.code, entry.type.system);
  return kind == nullptr ? entry.type.display : std::string{kind->label(language)};
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The day of an ISO 8601 date, or as much of it as is known; empty when it is no date.
std::string day_of(std::string_view date) {
  const auto day = date.substr(0, std::min(date.find('T'), std::size_t{10}));
  if (day.size() < 4 || !all_digits(day.substr(0, 4))) return {};
  return std::string{day};
}

// The name without its extension.
std::string stem_of(const std::string& file) {
  return file.substr(0, file.rfind('.'));
}

void name_files(ExportedDocument& document, DistinctNames& names, std::string_view undated) {
  const auto& entry = document.view.entry;
  const std::string day = day_of(entry.date);
  const std::string folder =
      "documents/" + (day.empty() ? std::string{undated} : day.substr(0, 4)) + "/";
  std::string wanted = day;
  for (const auto& part : {document.kind, document.title}) {
    if (part.empty()) continue;
    if (!wanted.empty()) wanted += wanted == day ? " " : " - ";
    wanted += part;
  }
  document.file = names.add(folder + safe_file_name(wanted, entry.media_type));
  for (const auto& attachment : entry.attachments) {
    const auto stem = stem_of(document.file).substr(folder.size());
    const auto name = safe_file_name(
        attachment.title.empty() ? stem : stem + " - " + attachment.title, attachment.media_type);
    document.attachments.push_back(names.add(folder + name));
  }
}

// Errors: not_found.
Result<std::optional<PersonId>> only_person(const Persons& persons, const std::string& wanted) {
  if (wanted.empty()) return std::optional<PersonId>{};
  COFFRET_TRY(const auto person, find_person(persons, wanted));
  return std::optional{person.id};
}

// Whether an import would have set it apart, had the person not asked for whoever it names.
bool names_another(const ExportedRecord& record, const store::DocumentView& view) {
  const auto& discrepancies = view.entry.discrepancies;
  if (std::any_of(discrepancies.begin(), discrepancies.end(),
                  [](const Discrepancy& one) { return one.field == "patient"; }))
    return true;
  const auto person =
      std::find_if(record.persons.begin(), record.persons.end(),
                   [&](const store::PersonView& one) { return one.id == view.person; });
  return person != record.persons.end() &&
         compare_patient(view.entry.patient, person->identity, person->name) == PatientMatch::other;
}

}  // namespace

std::string person_shown(const ExportedRecord& record, const PersonId& person) {
  for (const auto& view : record.persons) {
    if (view.id != person) continue;
    if (!view.name.empty()) return view.name;
  }
  return record.owner;
}

void leave_out(ExportedRecord& record, ExportedDocument&& damaged) {
  std::erase_if(record.facts,
                [&](const store::FactView& fact) { return fact.document == damaged.view.id; });
  record.damaged.push_back(std::move(damaged));
}

Result<ExportedRecord> gather_record(const store::Vault& vault, const std::string& person,
                                     Language language, Timestamp now) {
  ExportedRecord record{.vault = vault.id(),
                        .owner = vault.owner(),
                        .language = language,
                        .made_at = now,
                        .persons = vault.persons(),
                        .documents = {},
                        .facts = {},
                        .missing = 0};
  COFFRET_TRY(const auto only, only_person(record.persons, person));
  if (only)
    std::erase_if(record.persons, [&](const store::PersonView& view) { return view.id != *only; });

  store::DocumentFilter filter;
  filter.superseded = true;
  filter.person = only;
  COFFRET_TRY(auto documents, vault.documents(filter));
  store::FactFilter facts;
  facts.person = only;
  COFFRET_TRY(record.facts, vault.facts(facts));
  for (auto& view : record.facts) speak(view.fact, language);

  DistinctNames names;
  for (auto& view : documents) {
    if (!view.present) {
      ++record.missing;
      continue;
    }
    COFFRET_TRY(auto entry, vault.entry_as_put(view.id));
    ExportedDocument document{.view = std::move(view),
                              .entry = std::move(entry),
                              .title = {},
                              .kind = {},
                              .person = {},
                              .file = {},
                              .attachments = {},
                              .sha1 = {},
                              .picture = {},
                              .other_patient = false};
    COFFRET_TRY(document.picture, vault.picture(document.view.id));
    document.other_patient = names_another(record, document.view);
    document.title = shown_title(document.view.entry);
    document.kind = kind_shown(document.view.entry, language);
    document.person = person_shown(record, document.view.person);
    name_files(document, names, record.say("sans date", "undated"));
    record.documents.push_back(std::move(document));
  }
  return record;
}

}  // namespace coffret::daemon
