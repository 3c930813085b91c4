// SPDX-License-Identifier: EUPL-1.2
//
// facts_collect.hpp: where facts are gathered, whatever format they come from: cleaned, bounded,
// and never a fact where the document says that there is none ("no known allergy").
#ifndef COFFRET_VAULT_READER_FACTS_COLLECT_HPP
#define COFFRET_VAULT_READER_FACTS_COLLECT_HPP

#include <string>
#include <string_view>

#include "coffret/document.hpp"
#include "coffret/fact.hpp"

namespace coffret::reader {

// Bytes of all facts of one document together: with limits::facts alone they could outgrow the
// answer that carries them. The richest of our samples has 60 kB of facts.
inline constexpr std::size_t facts_size = 8u << 20;

class FactList {
 public:
  explicit FactList(DocumentDescription& into) : into_(into) {}
  // No more is taken: what comes after the limit stays in the document, unlisted.
  bool full() const noexcept { return full_; }
  // Left out: a fact without a name, a result without a value, a statement of absence.
  void add(Fact fact);
  // The author's name, or empty where it is the document's own first author.
  std::string another_author(std::string name) const;
  bool in_english() const;  // what we compose around the document's words; else French

 private:
  DocumentDescription& into_;
  std::size_t bytes_ = 0;
  bool full_ = false;
};

// Whether a code (IPS absent-unknown, SNOMED CT) or words say that nothing is known to be there.
bool states_absence(std::string_view code, std::string_view words);

// Whether words make an exception to what they say: "Aucune allergie connue sauf à la pénicilline".
bool names_exception(std::string_view words);

// Text in words: "toutes les 8 h", "2 fois par jour", "every 8 h". Numbers as written; a unit of
// UCUM (h, d, wk, mo, a, min, s). Empty when the unit is none of them.
std::string rate_words(std::string_view times, std::string_view period, std::string_view unit,
                       bool english);
// "pendant 2 jours", "for 2 days".
std::string duration_words(std::string_view number, std::string_view unit, bool english);
// HL7 TimingEvent ("ACM", "HS", "MORN"); empty when unknown.
std::string moment_words(std::string_view event, bool english);
// Adds "si besoin (douleur)", "if needed (pain)", unless the words say so; the reason may be empty.
void append_if_needed(std::string& dose, std::string_view reason, bool english);
// Adds "maximum 3 g par jour", "maximum 3 g in 24 h"; nothing without an amount. A period that is
// no unit of time is left out.
void append_maximum(std::string& dose, std::string_view amount, std::string_view number,
                    std::string_view unit, bool english);
// Of FHIR DaysOfWeek ("mon"): "lundi", "Monday"; empty when unknown.
std::string day_words(std::string_view day, bool english);
// "2 comprimés": a number and a unit; "1" and annotations of UCUM are no units to read.
std::string amount_words(std::string_view number, std::string_view unit);
// "a, b": joins what is not empty.
void append_words(std::string& into, std::string_view more, std::string_view separator = ", ");
// Of a telecommunication address: the number or mailbox, without its scheme.
std::string reachable(std::string_view address);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_FACTS_COLLECT_HPP
