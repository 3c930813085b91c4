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

#include "coffret/fact.hpp"
#include "coffret/time.hpp"
#include "vault/store/views.hpp"

namespace coffret::daemon {

using FactViews = std::vector<store::FactView>;

// "low", "high", "abnormal", "normal"; empty when neither a flag nor a range tells. The document's
// flag comes before our own comparison with its range.
std::string_view standing(const Fact& fact);

// The words for what it is about: the document's own, else the code's.
std::string fact_label(const Fact& fact);
// When it was so; the document's date where the fact has none.
const std::string& fact_date(const store::FactView& fact);

// Facts about one thing: the same code of the same system, or the same words where there is no
// code; medicines also by the same words in spite of their codes, as one document codes what
// another only names. Each series newest first; the series with the newest fact first.
std::vector<FactViews> series_of(FactViews facts);
// The newest of each series.
FactViews newest_of_each(FactViews facts);

// Medicines that go on or are recent, one of each series. What the newest document says of a
// medicine ends what older ones say: a stopped one stays away, however it was prescribed before.
FactViews current_medicines(FactViews facts, Timestamp now);

// The day so many months before, as ISO 8601.
std::string months_before(Timestamp now, int months);
// Whether an ISO 8601 date is that day or later, at the precision both have. Undated: no.
bool since(std::string_view date, std::string_view day);

// Biological medicines and vaccines, by ATC class alone: a product named by its presentation (CIP,
// UCD) or by words counts as ordinary, because the registers that say which presentations are
// biological are not ours to ship.
bool is_biologic(const CodedValue& code);
bool is_vaccine(const CodedValue& code);

// What the dossier pharmaceutique shows (CSP L.1111-23): dispensed in the last 12 months; vaccines
// dispensed or given over 21 years; biologics dispensed over 3 years. Nothing that was only
// prescribed, refused or not done.
FactViews pharmacy_view(FactViews facts, Timestamp now);

// As rows show a fact: kind, event, label, code, value, unit, range, flag, standing, date, end,
// status, dose, detail, author, document, document_title, place.
boost::json::object fact_json(const store::FactView& fact);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_RECORD_FACTS_HPP
