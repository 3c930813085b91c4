// SPDX-License-Identifier: EUPL-1.2
//
// facts_collect.hpp: where facts are gathered, whatever format they come from: cleaned, bounded. A
// statement that there is none ("no known allergy") is kept as what it is: a fact of that kind with
// the status "none-known", or "no-information" where it was not asked, and a code of the IPS
// (SNOMED CT's for one sort of allergy).
//
// Fields that mean something else by kind: of a medicine `flag` is its ATC class, beside a code of
// another system, and `value` its strength, where its name does not say it; of an allergy or a
// problem `flag` is how sure it is (FHIR verificationStatus: unconfirmed, provisional,
// differential, confirmed); of an allergy `value` is its criticality (low, high, unable-to-assess)
// and `dose` the severity of its worst reaction (mild, moderate, severe). Empty where the document
// does not say. Of an allergy `detail` holds its reactions, then, after a semicolon, what else the
// document says of it; of a result the isolate that it is about.
#ifndef COFFRET_VAULT_READER_FACTS_COLLECT_HPP
#define COFFRET_VAULT_READER_FACTS_COLLECT_HPP

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coffret/document.hpp"
#include "coffret/fact.hpp"
#include "coffret/spoken.hpp"

namespace coffret::reader {

// Bytes of all facts of one document together: with limits::facts alone they could outgrow the
// answer that carries them. The richest of our samples has 60 kB of facts.
inline constexpr std::size_t facts_size = 8u << 20;

class FactList {
 public:
  explicit FactList(DocumentDescription& into) : into_(into) {}
  // No more is taken: what comes after the limit stays in the document, unlisted.
  bool full() const noexcept { return full_; }
  // Left out: a fact without a name, a result without a value. What states an absence becomes one.
  void add(Fact fact);
  // That none of a kind is known, or none was asked for, as `said` (a code, its words) states it;
  // `about` tells date, author and place. The same statement twice is one.
  void add_absence(FactKind of, const CodedValue& said, Fact about);
  // The author's name, or empty where it is the document's own first author.
  std::string another_author(std::string name) const;
  const PatientIdentity& patient() const noexcept { return into_.entry.patient; }
  const std::string& document_date() const noexcept { return into_.entry.date; }
  // What we compose around the document's words, in both languages (coffret/spoken.hpp): `compose`
  // takes whether it is English.
  template <class Compose>
  static std::string in_both(const Compose& compose) {
    return spoken(compose(false), compose(true));
  }

 private:
  void keep(Fact fact);
  bool in_english() const;  // the document; what there is no room for twice is in its language

  DocumentDescription& into_;
  std::vector<std::size_t> absences_;  // where they stand in into_.facts
  std::size_t bytes_ = 0;
  bool full_ = false;
};

// Sections (LOINC) that are about one kind of fact: those of the IPS and of C-CDA.
inline constexpr std::array<std::pair<std::string_view, FactKind>, 6> fact_sections = {{
    {"48765-2", FactKind::allergy},
    {"10160-0", FactKind::medicine},
    {"11450-4", FactKind::problem},
    {"11348-0", FactKind::problem},
    {"11369-6", FactKind::vaccine},
    {"47519-4", FactKind::procedure},
}};

// The code as an ATC class ("A10AB01"); empty when the system is another or it is none.
std::string atc_class(std::string_view code, std::string_view system);

// Whether a code (IPS absent-unknown, SNOMED CT) or words say that nothing of a kind is known to be
// there. Words do as a whole sentence of a closed vocabulary, in French or English, or not at all.
bool states_absence(std::string_view code, std::string_view words);

// Whether words begin as a denial: "Pas de diabète connu", and every statement of absence.
bool denies_something(std::string_view words);

// Whether words make an exception to what they say: "Aucune allergie connue sauf à la pénicilline".
bool names_exception(std::string_view words);

// facts_sureness.cpp: FHIR's word for a code of FHIR, SNOMED CT or HL7 v3; empty when unknown.
std::string certainty_word(std::string_view code);    // verificationStatus
std::string severity_word(std::string_view code);     // of a reaction
std::string criticality_word(std::string_view code);  // of an allergy
void keep_worst(std::string& severity, std::string other);
// Refuted, or entered in error: no fact.
bool says_it_is_not_so(std::string_view certainty);

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
// facts_forms.cpp: the same of a dose, counted in the language's own words: "2 comprimés", "1
// tablet" for {tablet}.
std::string dose_words(std::string_view number, std::string_view unit, bool english);
// "2 boîtes", of a container's code (EDQM); empty when unknown.
std::string package_words(std::string_view number, std::string_view edqm, bool english);
// facts_terms.cpp: without SNOMED CT's semantic tag: "Not detected (qualifier value)".
std::string plain_term(std::string words);
// Which dose of a vaccine; empty for a number that is none ("999": not known).
std::string vaccine_rank(std::string said);
// One line like clean_line's, but of up to limits::fact_text bytes twice: what FactList cuts.
std::string clean_words(std::string_view text);
// "a, b": joins what is not empty.
void append_words(std::string& into, std::string_view more, std::string_view separator = ", ");
// Of a telecommunication address: the number or mailbox, without its scheme.
std::string reachable(std::string_view address);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_FACTS_COLLECT_HPP
