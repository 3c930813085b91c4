// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/facts_collect.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "vault/reader/clean.hpp"

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

// How such statements begin when they are words only; compared without case, ASCII.
constexpr std::array<std::string_view, 11> absent_starts = {
    "no known",        "no procedure",     "no impairment",         "no current",
    "no information",  "not known",        "pas d'allergie connue", "pas d'information",
    "aucune allergie", "aucun traitement", "aucun antécédent"};

constexpr std::array<std::string_view, 11> absent_words = {
    "none", "nka", "nkda", "nil", "n/a", "unknown", "aucun", "aucune", "néant", "ras", "inconnu"};

// What is there after all follows.
constexpr std::array<std::string_view, 9> exceptions = {
    " sauf ",   " hormis ",     " excepté ",    " à part ",   " à l'exception ",
    " except ", " other than ", " apart from ", " autre que "};

// ASCII letters small, a typographic apostrophe plain.
std::string lower(std::string_view text) {
  constexpr std::string_view apostrophe = "\u2019";
  text = text.substr(0, limits::fact_text);
  std::string out;
  while (!text.empty()) {
    const bool curly = text.starts_with(apostrophe);
    const char c = curly ? '\'' : text.front();
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    text.remove_prefix(curly ? apostrophe.size() : 1);
  }
  return out;
}

void clean(std::initializer_list<std::string*> fields) {
  for (std::string* field : fields) *field = clean_line(*field);
}

std::size_t size_of(const Fact& f) {
  std::size_t size = sizeof(Fact);
  for (const std::string* field :
       {&f.code.code, &f.code.system, &f.code.display, &f.label, &f.value, &f.unit, &f.range_low,
        &f.range_high, &f.range_text, &f.flag, &f.date, &f.end, &f.status, &f.dose, &f.detail,
        &f.author, &f.place})
    size += field->size();
  return size;
}

}  // namespace

bool names_exception(std::string_view words) {
  const std::string said = lower(words);
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
  // "Pas de traitement médicamenteux connu", "Pas d'acte ou intervention connu".
  if ((said.starts_with("pas de ") || said.starts_with("pas d'") || said.starts_with("aucun")) &&
      said.find(" connu") != std::string::npos)
    return true;
  return std::any_of(absent_starts.begin(), absent_starts.end(),
                     [&](auto start) { return said.starts_with(start); }) ||
         std::find(absent_words.begin(), absent_words.end(), said) != absent_words.end();
}

void FactList::add(Fact fact) {
  if (full_) return;
  clean({&fact.code.code, &fact.code.system, &fact.code.display, &fact.label, &fact.value,
         &fact.unit, &fact.range_low, &fact.range_high, &fact.range_text, &fact.flag, &fact.status,
         &fact.dose, &fact.detail, &fact.author, &fact.place});
  if (fact.label.empty()) fact.label = fact.code.display;
  const bool contact = fact.kind == FactKind::contact;
  if (contact ? fact.label.empty() && fact.detail.empty()
              : fact.label.empty() && fact.code.code.empty())
    return;
  if (fact.kind == FactKind::result && fact.value.empty()) return;
  if (!contact && fact.kind != FactKind::result && !names_exception(fact.label) &&
      (states_absence(fact.code.code, fact.label) || states_absence({}, fact.code.display)))
    return;
  const std::size_t size = size_of(fact);
  full_ = into_.facts.size() >= limits::facts || bytes_ + size > facts_size;
  if (full_) return;
  bytes_ += size;
  into_.facts.push_back(std::move(fact));
}

std::string FactList::another_author(std::string name) const {
  const auto& authors = into_.entry.authors;
  return !authors.empty() && authors.front().name == name ? std::string{} : name;
}

bool FactList::in_english() const {
  return into_.entry.language.starts_with("en");
}

void append_words(std::string& into, std::string_view more, std::string_view separator) {
  if (more.empty()) return;
  if (!into.empty()) into += separator;
  into += more;
}

std::string reachable(std::string_view address) {
  const auto colon = address.find(':');
  if (colon == std::string_view::npos) return std::string{address};
  const std::string scheme = lower(address.substr(0, colon));
  const bool known = scheme == "tel" || scheme == "mailto" || scheme == "email" ||
                     scheme == "fax" || scheme == "sms";
  return std::string{known ? address.substr(colon + 1) : address};
}

}  // namespace coffret::reader
