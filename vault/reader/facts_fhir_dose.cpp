// SPDX-License-Identifier: EUPL-1.2
//
// Dosage (FHIR R4 §2.42) in words: what the document says first, then whatever else it states that
// the words do not say: nothing of a dose is left out because there is a sentence.
#include <optional>

#include "vault/reader/clean.hpp"
#include "vault/reader/facts_fhir.hpp"
#include "vault/reader/facts_rate.hpp"
#include "vault/reader/iso_time.hpp"

namespace coffret::reader {
namespace {

// The UCUM code of a duration; some write it as the unit only.
std::string time_unit(FhirNode duration) {
  const std::string code = duration["code"].text();
  return code.empty() ? duration["unit"].text() : code;
}

std::string timing_words(FhirNode timing, bool english) {
  const FhirNode repeat = timing["repeat"];
  std::string times = repeat["frequency"].text();
  if (const std::string most = repeat["frequencyMax"].text(); !most.empty() && !times.empty())
    times += " - " + most;
  std::string period = repeat["period"].text();
  if (const std::string most = repeat["periodMax"].text(); !most.empty() && !period.empty())
    period += (english ? " to " : " à ") + most;
  std::string all = rate_words(times, period, repeat["periodUnit"].text(), english);
  for (const FhirNode day : repeat.all("dayOfWeek"))
    append_words(all, day_words(day.text(), english));
  for (const FhirNode moment : repeat.all("when"))
    append_words(all, moment_words(moment.text(), english));
  // Minutes before or after it, as the moment's own word has it.
  if (const std::string away = repeat["offset"].text(); !away.empty() && away != "0")
    append_words(all, "(" + away + " min)", " ");
  for (const FhirNode hour : repeat.all("timeOfDay")) append_words(all, hour.text().substr(0, 5));
  if (all.empty()) all = fhir_label(timing["code"]);
  return all;
}

// What bounds the dose, also where the words before it are the document's own.
void append_bounds(FhirNode dosage, bool english, std::string& dose) {
  const FhirNode reason = dosage["asNeededCodeableConcept"];
  if (reason || dosage["asNeededBoolean"].text() == "true")
    append_if_needed(dose, fhir_label(reason), english);
  for (const FhirNode most : dosage.all("maxDosePerPeriod")) {
    const FhirNode period = most["denominator"];
    append_maximum(dose, fhir_amount(most["numerator"]), period["value"].text(), time_unit(period),
                   english);
  }
}

// How long: a number of days, or between how many. A period is the fact's own, or its step's.
void append_length(FhirNode repeat, bool with_period, bool english, std::string& dose) {
  const FhirNode length = repeat["boundsDuration"];
  append_unsaid(dose, duration_words(length["value"].text(), time_unit(length), english));
  if (const FhirNode range = repeat["boundsRange"]) {
    const std::string least = range["low"]["value"].text();
    std::string words = range["high"]["value"].text();
    if (!least.empty() && !words.empty()) words.insert(0, least + (english ? " to " : " à "));
    if (words.empty()) words = least;
    append_unsaid(
        dose,
        duration_words(words, time_unit(least.empty() ? range["high"] : range["low"]), english));
  }
  // Without a rate, some write it for one: "1 a day".
  if (const std::string count = repeat["count"].text(); !count.empty() && repeat["period"])
    append_unsaid(dose, count + (english ? " times in all" : " fois en tout"));
  const std::string start = from_iso(repeat["boundsPeriod"]["start"].text());
  const std::string end = from_iso(repeat["boundsPeriod"]["end"].text());
  if (!with_period || (start.empty() && end.empty())) return;
  std::string words;
  if (end.empty())
    words = (english ? "from " : "à partir du ") + start;
  else if (start.empty())
    words = (english ? "until " : "jusqu'au ") + end;
  else
    words = (english ? "from " : "du ") + start + (english ? " to " : " au ") + end;
  append_unsaid(dose, words);
}

std::string amount_of(FhirNode dosage) {
  // MedicationAdministration has one dose, the others a list by rate.
  const FhirNode rate = dosage["doseAndRate"];
  std::string all = fhir_amount(rate["doseQuantity"]);
  if (all.empty()) all = fhir_amount(rate["doseRange"]);
  if (all.empty()) all = fhir_amount(dosage["dose"]);
  for (const FhirNode holder : {rate, dosage})
    for (const std::string_view name : {"rateQuantity", "rateRange", "rateRatio"})
      append_unsaid(all, fhir_amount(holder[name]));
  return all;
}

std::optional<double> coded_rate(FhirNode repeat) {
  if (repeat["frequencyMax"] || repeat["periodMax"]) return std::nullopt;
  const std::string times = repeat["frequency"].text();
  return coded_times_a_day(times.empty() ? "1" : times, repeat["period"].text(),
                           repeat["periodUnit"].text());
}

}  // namespace

std::string fhir_dose(FhirNode dosage, bool with_period, bool english) {
  const FhirNode timing = dosage["timing"];
  const std::string when = timing_words(timing, english);
  std::string all = clean_words(dosage["text"].text());
  std::string coded = amount_of(dosage);
  append_words(coded, when);
  if (all.empty())
    all = std::move(coded);
  else if (!tells_a_dose(all))  // "1 comprimé", "selon ordonnance": not when
    append_coded(all, coded, english);
  else if (rates_differ(times_a_day(all), coded_rate(timing["repeat"])))
    append_coded(all, when, english);
  append_length(timing["repeat"], with_period, english, all);
  for (const std::string_view name : {"route", "site", "method"})
    append_unsaid(all, fhir_label(dosage[name]));
  append_bounds(dosage, english, all);
  append_unsaid(all, clean_words(dosage["patientInstruction"].text()));
  for (const FhirNode more : dosage.all("additionalInstruction"))
    append_unsaid(all, fhir_label(more));
  return all;
}

}  // namespace coffret::reader
