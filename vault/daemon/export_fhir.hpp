// SPDX-License-Identifier: EUPL-1.2
//
// export_fhir.hpp: one person's record as a FHIR R4 document Bundle in the shape of the
// International Patient Summary: Composition first, Patient, the facts by section, and a
// DocumentReference for each document.
//
// The sections that the summary requires are there even when nothing is known; they then say so.
// Each fact names its document (meta.source). Numbers are written as the document wrote them.
// Errors: those of `out` and `body`.
#ifndef COFFRET_VAULT_DAEMON_EXPORT_FHIR_HPP
#define COFFRET_VAULT_DAEMON_EXPORT_FHIR_HPP

#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "coffret/random.hpp"
#include "vault/daemon/export_record.hpp"

namespace coffret::daemon {

// A piece of the Bundle's text.
using FhirOut = std::function<Result<void>(std::string_view)>;
// The bytes of a document, to stand in the Bundle; unset: documents are named by their files.
using FhirBody = std::function<Result<Bytes>(const ExportedDocument&)>;

Result<void> write_bundle(const ExportedRecord& record, const PersonId& person, Random& random,
                          const FhirBody& body, const FhirOut& out);

// The parts, each with a header of its own reason: what export_fhir.cpp assembles.
namespace fhir {

using Json = boost::json::object;

// Empty when it is none of FHIR's forms of a dateTime; of a longer one as much as is well-formed.
std::string date_time(std::string_view iso);
// A code system as FHIR writes it: a URI. Empty when it is none.
std::string system_uri(const std::string& system);
// CodeableConcept of a code and the document's own words.
Json concept_of(const CodedValue& code, const std::string& words);
// Of what a fact is about, with every coding that its document states.
Json concept_of(const Fact& fact);
// The resource of a fact about the person `patient` (a fullUrl); `document` states it. `today`
// (YYYY-MM-DD, empty: unknown) tells which treatments are over by their end.
Json resource_of(const Fact& fact, const std::string& patient, const std::string& document,
                 std::string_view today = {});
// The person, with the contacts that their documents name.
Json patient_resource(const ExportedRecord& record, const PersonId& person_id);
// That nothing is known of a required section: "no-allergy-info" …; or, as a document states it in
// a fact of absence (record_facts.hpp), that there is none.
Json nothing_known(FactKind kind, const std::string& patient, const Fact* stated = nullptr,
                   const std::string& document = {});
// JSON text, with numbers that were put in by as_written().
std::string serialized(const Json& json);
// A decimal that keeps its digits; nothing that is not one is changed.
boost::json::value as_written(std::string_view decimal);
bool is_decimal(std::string_view text);

}  // namespace fhir

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_EXPORT_FHIR_HPP
