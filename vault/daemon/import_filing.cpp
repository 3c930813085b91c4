// SPDX-License-Identifier: EUPL-1.2
//
// Whose record a document that is imported enters.
#include <algorithm>

#include "coffret/wire.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/import.hpp"
#include "vault/daemon/plain_words.hpp"
#include "vault/store/ways_out.hpp"

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

bool Importer::was_kept(const File& file, const PersonId& target) {
  const auto* returning = file.returning;
  const auto record = find_record(persons_, target);
  if (returning == nullptr || !returning->other_patient || record == persons_.end()) return false;
  const auto name = plain_text(returning->person.empty() ? returning->owner : returning->person);
  return !name.empty() && name == plain_text(shown_person(*record));
}

// It names somebody else, by a number that another file of this import may make the record's own:
// an export and a portal's archive say nothing of the order.
bool Importer::waits(const File& file, const DocumentEntry& entry, const PersonId& target) {
  if (last_chance_ || file.inside_archive || file.sent || options_.any_patient) return false;
  if (was_kept(file, target)) return false;
  const auto record = find_record(persons_, target);
  if (record == persons_.end() || !number_may_tell(entry.patient, *record)) return false;
  if (!file_document(entry.patient, target, persons_).quarantined) return false;
  waiting_.emplace_back(file.shown);
  return true;
}

void Importer::file(store::PreparedDocument& document, const PersonId& target, const File& from,
                    Object& row) {
  const auto& stated = document.entry.patient;
  PatientIdentity named = stated;
  document.person = target;
  const bool kept = was_kept(from, target);
  if (kept) {
    const auto record = find_record(persons_, target);
    row["kept_before"] = true;
    row["expected"] = identity_json(*record);
  }
  if (!options_.any_patient && !kept) {
    auto filing = file_document(stated, target, persons_);
    if (names_several(document.entry)) {
      filing.quarantined |= !states_someone(stated);
      filing.learned.reset();
    }
    document.person = filing.person;
    document.quarantined = filing.quarantined;
    const auto other = contradicting(document.entry, from.metadata);
    const auto record = find_record(persons_, filing.person);
    if (other && !filing.quarantined && record != persons_.end()) {
      const auto& known = filing.learned ? *filing.learned : record->identity;
      document.quarantined = compare_patient(*other, known, record->name) == PatientMatch::other;
      if (document.quarantined) named = *other;
    }
    if (filing.learned && !document.quarantined) learn(filing.person, *filing.learned);
    if (filing.other_name && !document.quarantined && record != persons_.end()) {
      row["other_name"] = true;
      row["expected"] = identity_json(*record);
    }
  }
  row["patient"] = identity_json(named);
  if (!document.entry.discrepancies.empty())
    row["discrepancies"] = discrepancies_json(document.entry);
  if (document.quarantined) return tell_apart(row, document.person);
  add_person(row, document.person, persons_);
}

void Importer::tell_apart(Object& row, const PersonId& person) {
  row["reason"] = "other_patient";
  const auto expected = find_record(persons_, person);
  row["expected"] = expected == persons_.end() ? Object{} : identity_json(*expected);
  add_person(row, person, persons_);
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

// What an import that was cut off left undone: what the list says the person had changed, field by
// field where nothing of it was changed here, and whose record this is.
Result<void> Importer::complete(const store::DocumentView& known, const File& file) {
  auto left = amendment_of(file.returning);
  if (left) {
    left->document = known.id;
    const auto drop = [](auto& field, const auto& changed) {
      if (changed) field.reset();
    };
    if (const auto& here = known.amended) {
      drop(left->title, here->title);
      drop(left->date, here->date);
      drop(left->kind, here->kind);
      drop(left->note, here->note);
    }
    if (left->title || left->date || left->kind || left->note)
      COFFRET_CHECK(call_.with([&](store::Vault& vault) { return vault.amend(*left); }));
  }
  const auto record = find_record(persons_, known.person);
  if (options_.any_patient || known.quarantined || names_several(known.entry) ||
      record == persons_.end() || states_someone(record->identity))
    return {};
  const auto filing = file_document(known.entry.patient, known.person, persons_);
  if (!filing.learned || filing.quarantined || filing.person != known.person) return {};
  learn(filing.person, *filing.learned);
  return call_.with([&](store::Vault& vault) -> Result<void> {
    const auto told = std::exchange(learned_, {});
    for (const auto& [person, identity] : told) COFFRET_CHECK(vault.identify(person, identity));
    return {};
  });
}

// These are the document's very bytes: where its content is damaged or missing here, it is whole
// again. Returns whether it was.
Result<bool> Importer::make_whole(const DocumentId& id, ByteView original) {
  auto stored = call_.with([&](store::Vault& vault) { return vault.stored_body(id); });
  const auto body = stored.has_error() ? Result<Bytes>{stored.error()} : std::move(*stored).read();
  if (body.has_value()) return false;
  const errc why = to_errc(body.error());
  if (why == errc::not_found) return false;  // erased for good
  if (why != errc::damaged && why != errc::body_missing) return why;
  COFFRET_CHECK(call_.with(
      [&](store::Vault& vault) { return store::WaysOut{vault}.restore_body(id, original); }));
  return true;
}

// In the vault already. What was set apart is taken in when it is asked for whoever it names.
Result<void> Importer::already_there(const File& file, const DocumentId& id, bool restored) {
  COFFRET_TRY(const auto known,
              call_.with([&](store::Vault& vault) { return vault.document(id.text()); }));
  COFFRET_CHECK(complete(known, file));
  Object row{{"path", file.shown}, {"patient", identity_json(known.entry.patient)}};
  if (restored) row["restored"] = true;
  COFFRET_TRY(const auto target, target_of(file));
  if (known.quarantined && (options_.any_patient || was_kept(file, target))) {
    const auto& person = options_.any_patient ? options_.person : target;
    COFFRET_CHECK(call_.with([&](store::Vault& vault) { return vault.assign(id, person); }));
    add_person(row, person, persons_);
    ++counts_.imported;
    return tell(std::move(row), "imported", id);
  }
  // Set apart it still is, wherever it was asked for: "already here" would be looked for in the
  // list.
  if (known.quarantined) {
    tell_apart(row, known.person);
    ++counts_.quarantined;
    return tell(std::move(row), "quarantined", id);
  }
  add_person(row, known.person, persons_);
  ++counts_.duplicate;
  return tell(std::move(row), "duplicate", id);
}

}  // namespace coffret::daemon
