// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/export_fhir_parts.hpp"

#include <boost/json/array.hpp>

#include "coffret/ascii.hpp"

namespace coffret::daemon::fhir {
namespace {

using boost::json::array;

constexpr std::string_view terminology = "http://terminology.hl7.org/CodeSystem/";
constexpr std::string_view absent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

}  // namespace

boost::json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

std::string narrative(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '\n':
        safe += "<br/>";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

Json reference(const std::string& url) {
  return {{"reference", url}};
}

Json coded(std::string_view system, std::string_view code) {
  return {{"coding", array{Json{{"system", view(system)}, {"code", view(code)}}}}};
}

Json hl7_coded(std::string_view system, std::string_view code) {
  return coded(std::string{terminology} + std::string{system}, code);
}

Json unknown() {
  return {{"extension", array{Json{{"url", view(absent)}, {"valueCode", "unknown"}}}}};
}

// As FHIR spells it: documents write "Active", "On Hold"; HL7 v3 has words of its own.
std::string fhir_status(const Fact& fact) {
  std::string status;
  for (const char c : fact.status) status += c == ' ' ? '-' : ascii_lower(c);
  if (status == "aborted") return "stopped";
  return status == "suspended" || status == "held" ? "on-hold" : status;
}

// The status where FHIR's list has it, else `otherwise`.
std::string status_of(const Fact& fact, std::initializer_list<std::string_view> known,
                      std::string_view otherwise) {
  auto written = fhir_status(fact);
  for (const auto& status : known)
    if (written == status) return written;
  return std::string{otherwise};
}

Json begun(std::string_view type, const std::string& document) {
  Json resource{{"resourceType", view(type)}};
  if (!document.empty()) resource["meta"] = Json{{"source", document}};
  return resource;
}

void put(Json& into, std::string_view name, const std::string& text) {
  if (!text.empty()) into[view(name)] = text;
}

// name + "DateTime" or "Period"; false when the fact has no date.
bool put_when(Json& into, const std::string& name, const Fact& fact) {
  const auto start = date_time(fact.date);
  const auto end = date_time(fact.end);
  if (end.empty()) {
    put(into, name + "DateTime", start);
    return !start.empty();
  }
  Json period;
  put(period, "start", start);
  put(period, "end", end);
  into[name + "Period"] = std::move(period);
  return true;
}

}  // namespace coffret::daemon::fhir
