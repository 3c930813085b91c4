// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/record_parts.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "vault/daemon/plain_words.hpp"
#include "vault/daemon/record_facts.hpp"

namespace coffret::daemon {
namespace {

bool has_ended(const Fact& fact, const std::string& today) {
  return !fact.end.empty() && !since(fact.end, today);
}

// A MedicationStatement that is completed (FHIR R4: "no longer being taken").
bool is_told_over(const Fact& fact) {
  return fact.event == MedicineEvent::taken && fact.place.starts_with("MedicationStatement") &&
         is_among(fact.status, {"completed"});
}

}  // namespace

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

bool is_among(std::string_view status, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), plain_text(status)) != list.end();
}

// Not taken, or not any more: FHIR R4's words, HL7 v3's ActStatus, SNOMED CT's qualifiers.
bool is_stopped(const Fact& fact) {
  return is_among(fact.status, {"stopped", "aborted", "suspended", "on hold", "not taken",
                                "inactive", "no longer active", "discontinued"});
}

// Never came to be, so that it says nothing of what came before.
bool is_void(const Fact& fact) {
  return is_among(fact.status, {"cancelled", "entered in error", "nullified", "draft", "declined",
                                "not done", "preparation", "obsolete"});
}

// The day of the statement.
const std::string& told_on(const store::FactView& view) {
  return std::max(view.document_date, view.fact.date);
}

bool is_over(const Fact& fact, const std::string& today) {
  return is_told_over(fact) || has_ended(fact, today);
}

}  // namespace coffret::daemon
