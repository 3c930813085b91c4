// SPDX-License-Identifier: EUPL-1.2
//
// facts_rate.hpp: how often a medicine is taken, as words say it and as codes do, held against each
// other: where they differ, the words come first and the coded reading is told beside them.
//
// The words are those of a closed vocabulary, French and English; what it does not cover is not
// understood, and never guessed. Units: times a day; periods in UCUM (min, h, d, wk, mo).
// Pure functions; no errors.
#ifndef COFFRET_VAULT_READER_FACTS_RATE_HPP
#define COFFRET_VAULT_READER_FACTS_RATE_HPP

#include <optional>
#include <string>
#include <string_view>

namespace coffret::reader {

// "4 fois/j" is 4, "toutes les 8 h" is 3; absent where the words tell no rate, or several.
std::optional<double> times_a_day(std::string_view words);
// So often in so long: 1 in "8" "h" is 3 a day; absent for what is no number or no unit of time.
std::optional<double> coded_times_a_day(std::string_view times, std::string_view period,
                                        std::string_view unit);
// Both are known and not the same; rounding apart.
bool rates_differ(std::optional<double> a, std::optional<double> b);

// Whether words speak of taking something: when, how often, how much at once.
bool tells_a_dose(std::string_view words);

// Adds what the words do not say yet, whatever its case.
void append_unsaid(std::string& words, std::string_view more);
// Adds "(codé : toutes les 16 h)", "(coded: every 16 h)", unless the words say just that.
void append_coded(std::string& words, std::string_view coded, bool english);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_FACTS_RATE_HPP
