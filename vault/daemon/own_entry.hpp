// SPDX-License-Identifier: EUPL-1.2
//
// own_entry.hpp: what a person types in about their own health, as a FHIR R4 document.
//
// A Bundle of type document: a Composition whose author is the patient, the Patient, and the
// resource that states the fact; the Composition and the resource carry the tag "patient asserted".
// It is read again by coffret-reader like any file, so that its facts come by the one path. It is a
// document of its own and changes no other.
// Pure functions. Errors: usage; `missing` names the field.
#ifndef COFFRET_VAULT_DAEMON_OWN_ENTRY_HPP
#define COFFRET_VAULT_DAEMON_OWN_ENTRY_HPP

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/time.hpp"
#include "vault/store/views.hpp"

namespace coffret::daemon {

enum class OwnKind : std::uint8_t {
  note,
  allergy,
  treatment,
  vaccine,
  measure,
  contact,
  directive,
};

// The command's word: "note", "allergy" …
std::string_view own_kind_word(OwnKind kind) noexcept;
std::optional<OwnKind> own_kind_of(std::string_view word) noexcept;

// Dates are ISO 8601 of any precision; absent is empty.
struct OwnEntry {
  OwnKind kind = OwnKind::note;
  std::string what;      // substance, medicine, vaccine, measure, the contact's name, the title
  std::string text;      // of a note or directive; a remark elsewhere
  std::string date;      // when, or since when; empty: now (not of a treatment that is over)
  std::string end;       // treatment: until when
  std::string value;     // measure
  std::string unit;      // measure; empty: the table's, or the larger one that the numbers show
  std::string dose;      // treatment: dosage in words; vaccine: rank
  std::string lot;       // vaccine
  std::string reaction;  // allergy
  std::string relation;  // contact
  std::string phone;     // contact
};

struct OwnContext {
  const store::PersonView& person;
  Timestamp now;
  std::string identifier;  // the document's own id, "urn:uuid:…"
  Language language = Language::french;
};

// Which required field is empty, not understood or beyond what can be, by its flag ("--what");
// empty: none.
std::string_view missing(const OwnEntry& entry);

// What cannot be in time, by its flag: a date to come ("--date"; a treatment's end may be), an end
// before its beginning ("--until"); empty: nothing. Where the person lives it may be the next day
// already. Precondition: dates are as typed_date gives them.
std::string_view misdated(const OwnEntry& entry, Timestamp now);

// "urn:uuid:" and the 16 bytes as RFC 9562 version 4 has them.
std::string uuid_urn(std::array<std::uint8_t, 16> random);

// JSON of the document; control characters that were typed become spaces. Precondition: nothing is
// missing.
std::string own_document(const OwnEntry& entry, const OwnContext& context);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_OWN_ENTRY_HPP
