// SPDX-License-Identifier: EUPL-1.2
//
// Whose record a document that is imported enters.
#include <algorithm>

#include "coffret/wire.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/import.hpp"
#include "vault/daemon/plain_words.hpp"

namespace coffret::daemon {
namespace {

Persons::iterator find_record(Persons& persons, const PersonId& id) {
  return std::find_if(persons.begin(), persons.end(),
                      [&](const store::PersonView& person) { return person.id == id; });
}

// The patient of the metadata, where the reader found it at odds with the document's own.
std::optional<PatientIdentity> contradicting(const DocumentEntry& entry, ByteView metadata) {
  const bool at_odds = std::any_of(entry.discrepancies.begin(), entry.discrepancies.end(),
                                   [](const Discrepancy& one) { return one.field == "patient"; });
  if (!at_odds) return std::nullopt;
  auto said = wire::decode<DocumentEntry>(metadata);
  if (!said || !within_limits(said->patient)) return std::nullopt;
  return std::move(said->patient);
}

// The reader found several people named, and none of them to be the document's own.
bool names_several(const DocumentEntry& entry) {
  return std::any_of(
      entry.discrepancies.begin(), entry.discrepancies.end(),
      [](const Discrepancy& one) { return one.field == "patient" && one.metadata.empty(); });
}

}  // namespace

Result<PersonId> Importer::target_of(const File& file) {
  if (!options_.person.is_zero() || file.returning == nullptr || file.returning->person.empty())
    return options_.person;
  const auto& name = file.returning->person;
  const auto wanted = plain_text(name);
  for (const auto& person : persons_)
    if (person.name == name || (!wanted.empty() && plain_text(shown_person(person)) == wanted))
      return person.id;
  COFFRET_TRY(const auto added,
              call_.with([&](store::Vault& vault) { return vault.add_person(name); }));
  persons_.push_back({.id = added, .name = name, .identity = {}});
  return added;
}

void Importer::file(store::PreparedDocument& document, const PersonId& target, ByteView metadata,
                    Object& row) {
  const auto& stated = document.entry.patient;
  PatientIdentity named = stated;
  document.person = target;
  if (!options_.any_patient) {
    auto filing = file_document(stated, target, persons_);
    if (names_several(document.entry)) {
      filing.quarantined |= !states_someone(stated);
      filing.learned.reset();
    }
    document.person = filing.person;
    document.quarantined = filing.quarantined;
    const auto other = contradicting(document.entry, metadata);
    const auto record = find_record(persons_, filing.person);
    if (other && !filing.quarantined && record != persons_.end()) {
      const auto& known = filing.learned ? *filing.learned : record->identity;
      document.quarantined = compare_patient(*other, known, record->name) == PatientMatch::other;
      if (document.quarantined) named = *other;
    }
    if (filing.learned && !document.quarantined) learn(filing.person, *filing.learned);
  }
  row["patient"] = identity_json(named);
  if (!document.entry.discrepancies.empty())
    row["discrepancies"] = discrepancies_json(document.entry);
  if (document.quarantined) {
    row["reason"] = "other_patient";
    const auto expected = find_record(persons_, document.person);
    row["expected"] = expected == persons_.end() ? Object{} : identity_json(*expected);
  }
  add_person(row, document.person, persons_);
}

void Importer::learn(const PersonId& person, const PatientIdentity& identity) {
  const auto record = find_record(persons_, person);
  if (record == persons_.end()) return;
  if (!states_someone(record->identity))
    identified_.push_back(
        Object{{"person", shown_person(*record)}, {"identity", identity_json(identity)}});
  record->identity = identity;
  learned_.emplace_back(person, identity);
}

// In the vault already. What was set apart is taken in when it is asked for whoever it names.
Result<void> Importer::already_there(const std::string& shown, const DocumentId& id) {
  COFFRET_TRY(const auto known,
              call_.with([&](store::Vault& vault) { return vault.document(id.text()); }));
  Object row{{"path", shown}, {"patient", identity_json(known.entry.patient)}};
  if (known.quarantined && options_.any_patient) {
    COFFRET_CHECK(
        call_.with([&](store::Vault& vault) { return vault.assign(id, options_.person); }));
    add_person(row, options_.person, persons_);
    ++counts_.imported;
    return tell(std::move(row), "imported", id);
  }
  add_person(row, known.person, persons_);
  ++counts_.duplicate;
  return tell(std::move(row), "duplicate", id);
}

}  // namespace coffret::daemon
