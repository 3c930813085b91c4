// SPDX-License-Identifier: EUPL-1.2
//
// facts_absence.cpp: what says that there is none, in codes and in words.
#include <algorithm>
#include <array>

#include "coffret/ascii.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/facts_collect.hpp"

namespace coffret::reader {
namespace {

// SNOMED CT situations "no known …", as the IPS and C-CDA use them.
constexpr std::array<std::string_view, 16> absent_codes = {
    "716186003",   // no known allergy
    "160244002",   // no known allergies
    "409137002",   // … to drugs
    "428197003",   // … to insects
    "428607008",   // … to the environment
    "429625007",   // … to food
    "716184000",   // … to latex
    "1003774007",  // … to Hevea brasiliensis latex
    "716220001",   // … to animals
    "787480003",   // no known procedures
    "787481004",   // no known medications
    "787482006",   // no known immunizations
    "787483001",   // no known devices
    "160245001",   // no current problems or disability
    "182849000",   // no drug therapy prescribed
    "182904002"};  // drug treatment unknown

// Statements in words: a beginning, then nothing but these words, one of which names a kind of
// facts or says that nothing is known. What one more word would make of it is not ours to guess:
// "Aucune allergie à la pénicilline" is about one thing.
constexpr std::array<std::string_view, 9> absent_starts = {
    "no", "not", "pas de", "pas d", "aucun", "aucune", "none", "absence de", "absence d"};
constexpr std::array<std::string_view, 42> absent_nouns = {
    "allergie",      "allergies",     "allergy",      "problème",     "problèmes",
    "problem",       "problems",      "disability",   "impairment",   "maladie",
    "maladies",      "disease",       "diseases",     "antécédent",   "antécédents",
    "traitement",    "traitements",   "treatment",    "treatments",   "médicament",
    "médicaments",   "medication",    "medications",  "medicine",     "medicines",
    "acte",          "actes",         "intervention", "procedure",    "procedures",
    "vaccination",   "vaccinations",  "vaccin",       "vaccins",      "immunization",
    "immunizations", "immunisations", "information",  "informations", "known",
    "interventions", "therapy"};
constexpr std::array<std::string_view, 44> absent_fillers = {"de",
                                                             "d",
                                                             "of",
                                                             "ou",
                                                             "or",
                                                             "et",
                                                             "and",
                                                             "à",
                                                             "ce",
                                                             "jour",
                                                             "la",
                                                             "les",
                                                             "connu",
                                                             "connue",
                                                             "connus",
                                                             "connues",
                                                             "current",
                                                             "active",
                                                             "any",
                                                             "en",
                                                             "cours",
                                                             "drug",
                                                             "drugs",
                                                             "food",
                                                             "médicamenteux",
                                                             "allergique",
                                                             "médicamenteuse",
                                                             "médicamenteuses",
                                                             "alimentaire",
                                                             "alimentaires",
                                                             "environmental",
                                                             "insect",
                                                             "animal",
                                                             "latex",
                                                             "about",
                                                             "on",
                                                             "available",
                                                             "disponible",
                                                             "sur",
                                                             "médical",
                                                             "medical",
                                                             "médicaux",
                                                             "actuel",
                                                             "use"};
// What a denial begins with, whatever follows.
constexpr std::array<std::string_view, 8> denials = {"no known ", "no current ", "no history ",
                                                     "pas de ",   "pas d ",      "aucun ",
                                                     "aucune ",   "absence d"};

constexpr std::array<std::string_view, 11> absent_words = {
    "none", "nka", "nkda", "nil", "n/a", "unknown", "aucun", "aucune", "néant", "ras", "inconnu"};

// What is there after all follows.
constexpr std::array<std::string_view, 12> exceptions = {
    " sauf ",   " hormis ",     " excepté ",    " à part ",    " à l exception ", " hors ",
    " except ", " other than ", " apart from ", " autre que ", " mais ",          " but "};

// ASCII letters small, a typographic apostrophe plain.
std::string lower(std::string_view text) {
  constexpr std::string_view apostrophe = "\u2019";
  text = text.substr(0, limits::fact_text);
  std::string out;
  while (!text.empty()) {
    const bool curly = text.starts_with(apostrophe);
    const char c = curly ? '\'' : text.front();
    out += ascii_lower(c);
    text.remove_prefix(curly ? apostrophe.size() : 1);
  }
  return out;
}

// The same, with single blanks for what stands between words, also around them.
std::string spaced(std::string_view text) {
  std::string out = " ";
  for (const char c : lower(text)) {
    const bool between = std::string_view{" '(),;:.-/[]"}.find(c) != std::string_view::npos;
    if (!between)
      out += c;
    else if (out.back() != ' ')
      out += ' ';
  }
  if (out.back() != ' ') out += ' ';
  return out;
}

bool is_in(std::string_view word, const auto& list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// `said`: spaced.
bool is_whole_statement(std::string_view said) {
  said.remove_prefix(1);
  const auto start = std::find_if(absent_starts.begin(), absent_starts.end(), [&](auto words) {
    return said.starts_with(words) && said.substr(words.size()).starts_with(' ');
  });
  if (start == absent_starts.end()) return false;
  said.remove_prefix(start->size() + 1);
  bool named = false;
  while (!said.empty()) {
    const auto word = said.substr(0, said.find(' '));
    const bool names = is_in(word, absent_nouns);
    if (!names && !is_in(word, absent_fillers)) return false;
    named = named || names;
    said.remove_prefix(word.size() + 1);
  }
  return named;
}

}  // namespace

bool denies_something(std::string_view words) {
  const auto said = spaced(words).substr(1);
  return std::any_of(denials.begin(), denials.end(),
                     [&](auto start) { return said.starts_with(start); });
}

bool names_exception(std::string_view words) {
  const std::string said = spaced(words);
  return std::any_of(exceptions.begin(), exceptions.end(),
                     [&](auto word) { return said.find(word) != std::string::npos; });
}

bool states_absence(std::string_view code, std::string_view words) {
  // A code cannot say the exception that the words beside it make.
  if (names_exception(words)) return false;
  if (code.starts_with("no-known-")) return true;
  if (code.starts_with("no-") && code.ends_with("-info")) return true;
  if (std::find(absent_codes.begin(), absent_codes.end(), code) != absent_codes.end()) return true;
  const std::string said = lower(words);
  return is_in(said, absent_words) || is_whole_statement(spaced(words));
}

namespace {

// What the IPS calls the absence of one kind of fact.
struct AbsenceNames {
  FactKind kind;
  std::string_view known, asked;
};
constexpr std::array<AbsenceNames, 5> absences = {{
    {FactKind::allergy, "no-known-allergies", "no-allergy-info"},
    {FactKind::medicine, "no-known-medications", "no-medication-info"},
    {FactKind::problem, "no-known-problems", "no-problem-info"},
    {FactKind::vaccine, "no-known-immunizations", "no-immunization-info"},
    {FactKind::procedure, "no-known-procedures", "no-procedure-info"},
}};

// Allergies of one sort: what is said of them says nothing of the others. `code` is SNOMED CT's,
// `ips` is empty where the IPS has none.
struct AllergySort {
  std::string_view code, ips;
  std::array<std::string_view, 3> words;  // in the statement, small letters
};
constexpr std::array<AllergySort, 7> allergy_sorts = {{
    {"409137002", "no-known-medication-allergies", {"drug", "nkda", "médic"}},
    {"429625007", "no-known-food-allergies", {"food", "aliment", "\n"}},
    {"428607008", "no-known-environmental-allergies", {"environ", "\n", "\n"}},
    {"428197003", "", {"insect", "\n", "\n"}},
    {"716184000", "", {"latex", "\n", "\n"}},
    {"1003774007", "", {"hevea", "\n", "\n"}},
    {"716220001", "", {"animal", "\n", "\n"}},
}};
constexpr std::string_view ips_absent =
    "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";
constexpr std::string_view none_known = "none-known", no_information = "no-information";
constexpr std::string_view snomed = "2.16.840.1.113883.6.96";

// That it is not known whether there is one, which is less than that none is known.
bool states_ignorance(std::string_view code, const std::string& said) {
  if (code.ends_with("-info") || code == "182904002") return true;
  if (!code.empty()) return false;
  constexpr std::array<std::string_view, 6> starts = {
      "no information", "pas d'information", "not known", "unknown", "inconnu", "n/a"};
  return std::any_of(starts.begin(), starts.end(),
                     [&](auto start) { return said.starts_with(start); });
}

const AllergySort* sort_of(std::string_view code, const std::string& said) {
  const auto found =
      std::find_if(allergy_sorts.begin(), allergy_sorts.end(), [&](const AllergySort& sort) {
        if (!code.empty()) return code == sort.code || code == sort.ips;
        return std::any_of(sort.words.begin(), sort.words.end(), [&](std::string_view word) {
          return said.find(word) != std::string::npos;
        });
      });
  return found == allergy_sorts.end() ? nullptr : &*found;
}

}  // namespace

void FactList::add_absence(FactKind of, const CodedValue& said, Fact about) {
  const auto names = std::find_if(absences.begin(), absences.end(),
                                  [&](const AbsenceNames& one) { return one.kind == of; });
  if (names == absences.end()) return;
  const std::string words = lower(clean_line(said.display));
  Fact fact;
  const bool ignorance = states_ignorance(said.code, words);
  fact.kind = of;
  if (of == FactKind::medicine) fact.event = MedicineEvent::taken;
  fact.status = ignorance ? no_information : none_known;
  fact.code = {std::string{ignorance ? names->asked : names->known}, std::string{ips_absent}, ""};
  if (const auto* sort =
          of == FactKind::allergy && !ignorance ? sort_of(said.code, words) : nullptr) {
    if (sort->ips.empty())
      fact.code = {std::string{sort->code}, std::string{snomed}, ""};
    else
      fact.code.code = sort->ips;
  }
  fact.label = said.display;
  fact.date = std::move(about.date);
  fact.author = std::move(about.author);
  fact.place = std::move(about.place);
  const bool told = std::any_of(absences_.begin(), absences_.end(), [&](std::size_t at) {
    return into_.facts[at].kind == fact.kind && into_.facts[at].code == fact.code;
  });
  if (told) return;
  const auto before = into_.facts.size();
  keep(std::move(fact));
  if (into_.facts.size() > before) absences_.push_back(before);
}

}  // namespace coffret::reader
