// SPDX-License-Identifier: EUPL-1.2
//
// own_resource.hpp: the resources that state what a person typed in, and the words that show them.
#ifndef COFFRET_VAULT_DAEMON_OWN_RESOURCE_HPP
#define COFFRET_VAULT_DAEMON_OWN_RESOURCE_HPP

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vault/daemon/measures.hpp"
#include "vault/daemon/own_entry.hpp"

namespace coffret::daemon {

// A number keeps its digits as typed: in the resource it is this text, in the document the number.
std::string number_mark(std::string_view digits);
// The JSON text with every such mark made a number.
std::string with_numbers(std::string json);

// "72,5" and "72.5" as "72.5". Empty: no number.
std::string decimal(std::string_view typed);

// Null: not in the table.
const Measure* measure_of(std::string_view what);
bool is_blood_pressure(std::string_view what);

// The unit of what was measured, in UCUM: the typed one, else the measure's or the larger one that
// the numbers show. Empty: none was typed and the table has none.
std::string_view unit_of(const OwnEntry& entry);
// The measure that no living person has so; null where they can be, and where nothing is known of
// it: a measure or a unit of one's own, words.
const Measure* implausible(const OwnEntry& entry);
// A blood pressure whose first number, the systolic one, is not the larger: "8/12".
bool is_reversed(const OwnEntry& entry);
// "Tension diastolique : 10 – 250 mmHg".
std::string plausible_words(const Measure& measure, Language language);

// "Patient/…" of every reference, within the document.
inline constexpr std::string_view patient_address = "urn:coffret:patient";

// The resources of an entry: one, two for a blood pressure, none for a note or directive. `date` is
// the entry's; `today` tells whether a treatment is over, YYYY-MM-DD.
std::vector<boost::json::object> own_resources(const OwnEntry& entry, std::string_view date,
                                               std::string_view today, Language language);

// The title under which it is listed.
std::string own_title(const OwnEntry& entry, Language language);

// What is shown: pairs of label and value, in order.
std::vector<std::pair<std::string, std::string>> own_lines(const OwnEntry& entry,
                                                           Language language);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_OWN_RESOURCE_HPP
