// SPDX-License-Identifier: EUPL-1.2
//
// record_facts.hpp: facts put in order for a person to read: series of results, how a result stands
// to its range, and what the French pharmaceutical record would show.
//
// Pure functions; the day is handed in.
#ifndef COFFRET_VAULT_DAEMON_RECORD_FACTS_HPP
#define COFFRET_VAULT_DAEMON_RECORD_FACTS_HPP

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/fact.hpp"
#include "coffret/time.hpp"
#include "vault/store/views.hpp"

namespace coffret::daemon {

using FactViews = std::vector<store::FactView>;

// "low", "high", "abnormal", "normal"; of a germ "resistant", "intermediate", "susceptible",
// "not-susceptible", "dose-dependent"; of a finding "positive", "negative", "detected",
// "not-detected", "reactive", "not-reactive", "indeterminate". Empty when neither a flag (HL7 v3
// ObservationInterpretation) nor a range tells. The document's flag comes before our own comparison
// with its range; of a finding only where the number is not out of its range.
std::string_view standing(const Fact& fact);
// Whether the document flags it as one to act on at once (LL, HH, AA).
bool is_critical(const Fact& fact);

// Leaves in it, of what the reader composed in both languages (coffret/spoken.hpp), the words of
// one. What is told of a fact is told of one that speaks: fact_json, and what an export writes.
void speak(Fact& fact, Language language);

// The words for what it is about: the document's own, else the code's.
std::string fact_label(const Fact& fact);
// Every coding that the document states, the first of them where it states one.
std::vector<CodedValue> codings_of(const Fact& fact);
// When it was so; the document's date where the fact has none.
const std::string& fact_date(const store::FactView& fact);

// Facts about one thing of one person: the same code of the same system, or the same words where
// there is no code; of results the numbers of one unit, or of none; medicines also by the same
// words in spite of their codes, as one document codes what another only names; allergies, problems
// and contacts by code and words together. Each series newest first; the series with the newest
// fact first.
std::vector<FactViews> series_of(FactViews facts);
// The newest of each series: of results by the day they are of, with whatever else their document
// tells of the same thing that day; else by when it was said.
FactViews newest_of_each(FactViews facts);

// Medicines that go on or are recent: of each series the newest, with every other dose that its
// document tells. What the newest document says of a
// medicine ends what older ones say: a stopped one stays away, however it was prescribed before.
FactViews current_medicines(FactViews facts, Timestamp now);

// How many more of them may go on: what a prescription or a list of treatments older than those
// tells without an end.
std::size_t older_without_end(FactViews facts, Timestamp now);

// Whether its period ended before the day, or a treatment list in FHIR says that it is over. What
// CDA calls completed is the line, not the treatment.
bool is_over(const Fact& fact, const std::string& today);

// The day so many months before, as ISO 8601.
std::string months_before(Timestamp now, int months);
// Whether an ISO 8601 date is that day or later, at the precision both have. Undated: no.
bool since(std::string_view date, std::string_view day);

// Biological medicines, by ATC class or by the substance in their names: WHO's stems for
// antibodies, receptors and growth factors ("-mab", "-cept", "-grastim"), insulins, heparins; or by
// the brand of the product that began its group. What a document calls by a presentation's code
// (CIP, UCD) alone, without any name, counts as ordinary: such codes follow no rule, so that
// knowing them means shipping the register (BDPM) that lists them, and with it a list that ages
// every month.
bool is_biologic(const Fact& fact);
// By ATC class.
bool is_vaccine(const Fact& fact);

// Whether it states that there is none of its kind ("no known allergy"), or that none was asked
// for: by its status, "none-known" or "no-information", which the reader gives to nothing else.
bool is_absence(const Fact& fact);

// Takes the statements of absence out of the facts of one kind. Returned: the newest of each that
// nothing said of the same person as late or later contradicts.
FactViews take_absences(FactViews& facts);

// What the dossier pharmaceutique shows (CSP L.1111-23): dispensed in the last 12 months; vaccines
// dispensed or given over 21 years; biologics dispensed over 3 years. Nothing that was only
// prescribed, refused or not done.
FactViews pharmacy_view(FactViews facts, Timestamp now);

// As rows show a fact: kind, event, label, code, value, strength, unit, range, flag, standing,
// critical, verification, criticality, severity, date, start (as the fact itself has it), end,
// status, dose, detail, author, document, document_title, place.
boost::json::object fact_json(const store::FactView& fact);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_RECORD_FACTS_HPP
