// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/clean.hpp"
#include "vault/reader/facts_fhir.hpp"
#include "vault/reader/iso_time.hpp"

namespace coffret::reader {
CodedValue fhir_fact_code(FhirNode subject) {
  CodedValue code = fhir_code(subject);
  // Without a coding, fhir_code would read the words of a bare concept's own members.
  return code.code.empty() ? CodedValue{} : code;
}

void take_fhir_code(FhirNode subject, Fact& into) {
  into.code = fhir_fact_code(subject);
  into.codings.clear();
  for (const FhirNode coding : subject.all("coding"))
    if (into.codings.size() < limits::codings && !coding["code"].text().empty())
      into.codings.push_back(fhir_code(coding));
}

std::string fhir_label(FhirNode subject) {
  if (std::string text = clean_line(subject["text"].text()); !text.empty())
    return plain_term(std::move(text));
  for (const FhirNode coding : subject.all("coding"))
    if (std::string text = clean_line(coding["display"].text()); !text.empty())
      return plain_term(std::move(text));
  return {};
}

std::optional<CodedValue> fhir_absence(FhirNode subject) {
  const std::string words = subject["text"].text();
  if (names_exception(words)) return std::nullopt;
  for (const FhirNode coding : subject.all("coding")) {
    const std::string display = coding["display"].text();
    std::string code = coding["code"].text();
    if (!states_absence(code, display)) continue;
    // Words that say it beside a code that does not: the code is another matter.
    if (!states_absence(code, {})) code.clear();
    return CodedValue{std::move(code), "", words.empty() ? display : words};
  }
  if (!states_absence({}, words)) return std::nullopt;
  return CodedValue{"", "", words};
}

std::string fhir_amount(FhirNode quantity) {
  const auto one = [](FhirNode of) {
    const std::string unit = of["unit"].text();
    return clean_line(
        of["comparator"].text() +
        amount_words(of["value"].text(), unit.empty() ? of["code"].text() : plain_term(unit)));
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
