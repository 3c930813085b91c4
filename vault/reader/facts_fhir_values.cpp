// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/clean.hpp"
#include "vault/reader/facts_fhir.hpp"
#include "vault/reader/iso_time.hpp"

namespace coffret::reader {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The size of the JSON number (RFC 8259 §6) that the text begins with; 0: none.
std::size_t number_size(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t first = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > first;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const std::size_t whole = at;
  if (!digits() || (text[whole] == '0' && at > whole + 1)) return 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return 0;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return 0;
  }
  return at;
}

// One past the string that begins at `at`.
std::size_t string_end(std::string_view json, std::size_t at) {
  for (++at; at < json.size(); ++at) {
    if (json[at] == '\\')
      ++at;
    else if (json[at] == '"')
      return at + 1;
  }
  return json.size();
}

}  // namespace

std::string numbers_as_text(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 16);
  std::size_t at = 0;
  while (at < json.size()) {
    const char c = json[at];
    std::size_t end = at + 1;
    if (c == '"') {
      end = string_end(json, at);
    } else if (c == '-' || is_digit(c)) {
      while (end < json.size() && (is_digit(json[end]) || json[end] == '.' || json[end] == 'e' ||
                                   json[end] == 'E' || json[end] == '+' || json[end] == '-'))
        ++end;
      if (const auto run = json.substr(at, end - at); number_size(run) == run.size()) {
        out.append("\"").append(run).append("\"");
        at = end;
        continue;
      }
    }
    out += json.substr(at, end - at);
    at = end;
  }
  return out;
}

CodedValue fhir_fact_code(FhirNode subject) {
  CodedValue code = fhir_code(subject);
  // Without a coding, fhir_code would read the words of a bare concept's own members.
  return code.code.empty() ? CodedValue{} : code;
}

std::string fhir_label(FhirNode subject) {
  if (std::string text = clean_line(subject["text"].text()); !text.empty()) return text;
  for (const FhirNode coding : subject.all("coding"))
    if (std::string text = clean_line(coding["display"].text()); !text.empty()) return text;
  return {};
}

bool fhir_states_absence(FhirNode subject) {
  if (names_exception(subject["text"].text())) return false;
  for (const FhirNode coding : subject.all("coding"))
    if (states_absence(coding["code"].text(), coding["display"].text())) return true;
  return states_absence({}, subject["text"].text());
}

std::string fhir_amount(FhirNode quantity) {
  const auto one = [](FhirNode of) {
    const std::string unit = of["unit"].text();
    return clean_line(of["comparator"].text() +
                      amount_words(of["value"].text(), unit.empty() ? of["code"].text() : unit));
  };
  if (!quantity["value"].text().empty()) return one(quantity);
  if (const FhirNode numerator = quantity["numerator"]) {
    std::string all = one(numerator);
    if (!all.empty()) append_words(all, one(quantity["denominator"]), " / ");
    return all;
  }
  const FhirNode low = quantity["low"];
  const FhirNode high = quantity["high"];
  std::string least = low["value"].text();
  std::string most = one(high);
  if (most.empty()) return least.empty() ? std::string{} : "≥ " + one(low);
  const bool one_unit =
      low["unit"].text() == high["unit"].text() && low["code"].text() == high["code"].text();
  if (!least.empty() && !one_unit) least = one(low);
  return least.empty() ? "≤ " + most : least + " - " + most;
}

std::string fhir_person(FhirNode person) {
  FhirNode best;
  for (const FhirNode name : person.all("name"))
    if (!best || name["use"].text() == "official") best = name;
  std::string all;
  for (const FhirNode given : best.all("given")) append_words(all, given.text(), " ");
  append_words(all, best["family"].text(), " ");
  return clean_line(all.empty() ? best["text"].text() : all);
}

void fhir_when(FhirNode resource, std::initializer_list<std::string_view> names, Fact& into) {
  for (const std::string_view name : names) {
    const FhirNode found = resource[name];
    into.date = from_iso(found.text());
    if (into.date.empty()) {
      into.date = from_iso(found["start"].text());
      into.end = from_iso(found["end"].text());
    }
    if (!into.date.empty() || !into.end.empty()) return;
  }
}

std::string fhir_stated_by(FhirNode resource, std::initializer_list<std::string_view> names,
                           const ResourceContext& context) {
  for (const std::string_view name : names)
    for (FhirNode reference : resource.all(name)) {
      if (const FhirNode actor = reference["actor"]) reference = actor;
      FhirNode who = context.index.resolve(reference);
      if (who.type() == "PractitionerRole") who = context.index.resolve(who["practitioner"]);
      std::string said = who.type() == "Organization" ? who["name"].text() : fhir_person(who);
      if (said.empty()) said = reference["display"].text();
      if (!said.empty()) return context.facts.another_author(clean_line(said));
    }
  return {};
}

}  // namespace coffret::reader
