// SPDX-License-Identifier: EUPL-1.2
//
// shown_facts.hpp: the parts of a fact as people read them, in French and English: what the
// commands tell of a row, and what an export's own words tell of the fact.
//
// Pure functions of a fact's members as rows have them (record_facts.hpp). What is the document's
// own stays as it is, and is not safe to print.
#ifndef COFFRET_VAULT_DAEMON_SHOWN_FACTS_HPP
#define COFFRET_VAULT_DAEMON_SHOWN_FACTS_HPP

#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "coffret/fact.hpp"

namespace coffret::daemon {

// What was done with a medicine, or that it is a vaccine; empty where nothing tells.
std::string shown_event(std::string_view kind, std::string_view event, Language language);
// "(4 – 6)", "(≥ 4)", else the document's words for it.
std::string shown_range(std::string_view low, std::string_view high, std::string_view text,
                        Language language);
// With what it is, where a number alone does not tell: "dose 1", "lot 357904636", "quantité : 2".
// Also of a text in both languages (coffret/spoken.hpp).
std::string shown_dose(std::string_view kind, std::string_view dose, Language language);
std::string shown_detail(std::string_view kind, std::string_view detail, Language language);
// From `start` to `end`; `date` where no beginning is known: it is then the document's own.
std::string shown_period(std::string_view date, std::string_view start, std::string_view end,
                         Language language);

// Over, though it was stated while it went on: says so instead of its status.
std::string shown_state(std::string_view kind, std::string_view event, std::string_view status,
                        std::string_view place, bool over, Language language);

// The whole of a fact on one line. `today` (YYYY-MM-DD) tells what is over; `own`: the person says
// it of themselves, which needs no confirmation.
std::string fact_line(const Fact& fact, std::string_view today, bool own, Language language);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SHOWN_FACTS_HPP
