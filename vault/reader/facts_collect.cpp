// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/facts_collect.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "coffret/ascii.hpp"
#include "coffret/kinds.hpp"
#include "vault/reader/clean.hpp"

namespace coffret::reader {
namespace {

void clean(std::initializer_list<std::string*> fields) {
  for (std::string* field : fields) *field = clean_line(*field);
}

// Composed in two languages; one alone, the document's, where there is no room for both.
void clean_spoken(std::string& words, bool english) {
  const std::string both[] = {clean_line(said_in(words, Language::french)),
                              clean_line(said_in(words, Language::english))};
  words = spoken(both[0], both[1]);
  if (words.size() > limits::fact_text) words = both[english ? 1 : 0];
}

// A dose that is cut says so: what follows may be the half that counts.
void bound_words(std::string& dose, bool english) {
  dose = clean_words(dose);
  if (dose.size() <= limits::fact_text) return;
  const std::string_view mark =
      english ? "… (continued in the document)" : "… (suite dans le document)";
  const auto room = limits::fact_text - mark.size();
  const auto blank = dose.rfind(' ', room - 1);
  dose.resize(blank == std::string::npos ? 0 : blank + 1);
  dose += mark;
}

void bound_dose(std::string& text, bool english) {
  SpokenDose dose = unpacked_dose(text);
  bound_words(dose.french, false);
  bound_words(dose.english, true);
  clean({&dose.way.code, &dose.way.system, &dose.way.display, &dose.need});
  if (packed(dose).size() > limits::fact_text)
    (english ? dose.french : dose.english) = english ? dose.english : dose.french;
  if (packed(dose).size() > limits::fact_text) {
    dose.way = {};
    dose.need.clear();
    dose.if_needed = false;
  }
  text = packed(dose);
}

// Each once, in the document's order; none where the fact's own code says it all.
void clean_codings(Fact& fact) {
  std::vector<CodedValue> each;
  for (auto& one : fact.codings) {
    clean({&one.code, &one.system, &one.display});
    if (one.code.empty() || each.size() >= limits::codings) continue;
    if (std::find(each.begin(), each.end(), one) == each.end()) each.push_back(std::move(one));
  }
  if (each.size() < 2) each.clear();
  fact.codings = std::move(each);
}

std::size_t size_of(const Fact& f) {
  std::size_t size = sizeof(Fact);
  for (const std::string* field :
       {&f.code.code, &f.code.system, &f.code.display, &f.label, &f.value, &f.unit, &f.range_low,
        &f.range_high, &f.range_text, &f.flag, &f.date, &f.end, &f.status, &f.dose, &f.detail,
        &f.author, &f.place})
    size += field->size();
  for (const auto& one : f.codings)
    size += sizeof(CodedValue) + one.code.size() + one.system.size() + one.display.size();
  return size;
}

}  // namespace

void FactList::add(Fact fact) {
  if (full_) return;
  clean_codings(fact);
  clean({&fact.code.code, &fact.code.system, &fact.code.display, &fact.value, &fact.unit,
         &fact.range_low, &fact.range_high, &fact.range_text, &fact.flag, &fact.status,
         &fact.author, &fact.place});
  for (std::string* words : {&fact.label, &fact.detail}) clean_spoken(*words, in_english());
  bound_dose(fact.dose, in_english());
  if (fact.label.empty()) fact.label = fact.code.display;
  const bool contact = fact.kind == FactKind::contact;
  if (contact ? fact.label.empty() && fact.detail.empty()
              : fact.label.empty() && fact.code.code.empty())
    return;
  if (fact.kind == FactKind::result && fact.value.empty()) return;
  if (!contact && fact.kind != FactKind::result && !names_exception(fact.label)) {
    const bool by_code = states_absence(fact.code.code, {});
    const bool by_label = states_absence({}, fact.label);
    if (by_code || by_label || states_absence({}, fact.code.display)) {
      const CodedValue said{by_code ? fact.code.code : "", "",
                            by_code || by_label ? fact.label : fact.code.display};
      const auto kind = fact.kind;
      return add_absence(kind, said, std::move(fact));
    }
  }
  // It is shown as it is said; a code beside it would say the opposite.
  if (!contact && fact.kind != FactKind::result && denies_something(fact.label)) {
    fact.code = {};
    fact.codings.clear();
  }
  // Words that are ours alone: no document makes a medicine into the absence of medicines.
  if (fact.status == "none-known" || fact.status == "no-information") fact.status.clear();
  keep(std::move(fact));
}

void FactList::keep(Fact fact) {
  if (full_) return;
  clean_spoken(fact.label, in_english());
  clean({&fact.author, &fact.place});
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

std::string atc_class(std::string_view code, std::string_view system) {
  system = oid_of(system);
  if (system != "2.16.840.1.113883.6.73" && system != "http://www.whocc.no/atc") return {};
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool shaped = code.size() >= 3 && code.size() <= 7 && code[0] >= 'A' && code[0] <= 'V' &&
                      is_digit(code[1]) && is_digit(code[2]);
  return shaped ? std::string{code} : std::string{};
}

std::string vaccine_rank(std::string said) {
  constexpr std::size_t digits = 2;  // of the highest rank
  const bool number = said.find_first_not_of("0123456789") == std::string::npos;
  return number && said.size() > digits ? std::string{} : said;
}

std::string clean_words(std::string_view text) {
  constexpr std::size_t at_a_time = limits::short_text;
  text = text.substr(0, 2 * limits::fact_text);
  std::string all;
  while (!text.empty()) {
    auto size = std::min(at_a_time, text.size());
    if (size < text.size())
      if (const auto blank = text.rfind(' ', size); blank != std::string_view::npos && blank > 0)
        size = blank;
    append_words(all, clean_line(text.substr(0, size)), " ");
    text.remove_prefix(size);
  }
  return all;
}

void append_words(std::string& into, std::string_view more, std::string_view separator) {
  if (more.empty()) return;
  if (!into.empty()) into += separator;
  into += more;
}

std::string reachable(std::string_view address) {
  const auto colon = address.find(':');
  if (colon == std::string_view::npos) return std::string{address};
  const std::string scheme = ascii_lower(address.substr(0, colon));
  const bool known = scheme == "tel" || scheme == "mailto" || scheme == "email" ||
                     scheme == "fax" || scheme == "sms";
  return std::string{known ? address.substr(colon + 1) : address};
}

}  // namespace coffret::reader
