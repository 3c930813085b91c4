// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "coffret/kinds.hpp"
#include "vault/daemon/export_fhir.hpp"

namespace coffret::daemon::fhir {
namespace {

// In front of a decimal that is to lose its quotes. No text of a document holds a control
// character.
constexpr char number_mark = '\x01';
constexpr std::string_view serialized_mark = "\"\\u0001";

bool digits(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return false;
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at),
                     text.begin() + static_cast<std::ptrdiff_t>(at + count),
                     [](char c) { return c >= '0' && c <= '9'; });
}

bool between(std::string_view two, std::string_view least, std::string_view most) {
  return digits(two, 0, 2) && two >= least && two <= most;
}

// "Z" or "+02:00".
bool is_offset(std::string_view text) {
  if (text == "Z") return true;
  return text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' &&
         between(text.substr(1, 2), "00", "14") && between(text.substr(4, 2), "00", "59");
}

// "11:17:00", then maybe a fraction, then an offset: FHIR asks for all of it.
bool is_time(std::string_view text) {
  if (text.size() < 9 || text[2] != ':' || text[5] != ':' ||
      !between(text.substr(0, 2), "00", "23") || !between(text.substr(3, 2), "00", "59") ||
      !between(text.substr(6, 2), "00", "59"))
    return false;
  text.remove_prefix(8);
  if (text.front() == '.') {
    const auto end = text.find_first_not_of("0123456789", 1);
    if (end == std::string_view::npos || end == 1) return false;
    text.remove_prefix(end);
  }
  return is_offset(text);
}

std::string_view unsigned_part(std::string_view text) {
  const auto end =
      std::find_if(text.begin(), text.end(), [](char c) { return c < '0' || c > '9'; });
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

}  // namespace

std::string date_time(std::string_view iso) {
  if (!digits(iso, 0, 4) || iso.substr(0, 4) == "0000") return {};
  if (iso.size() == 4) return std::string{iso};
  if (iso.size() < 7 || iso[4] != '-' || !between(iso.substr(5, 2), "01", "12"))
    return std::string{iso.substr(0, 4)};
  if (iso.size() < 10 || iso[7] != '-' || !between(iso.substr(8, 2), "01", "31"))
    return std::string{iso.substr(0, 7)};
  if (iso.size() > 11 && iso[10] == 'T' && is_time(iso.substr(11))) return std::string{iso};
  return std::string{iso.substr(0, 10)};
}

std::string system_uri(const std::string& system) {
  if (system.empty()) return {};
  if (oid_of(system) == kinds::loinc) return "http://loinc.org";
  if (system.find_first_not_of("0123456789.") == std::string::npos) return "urn:oid:" + system;
  const bool uri = system.find(':') != std::string::npos &&
                   system.find_first_of(" \t\n\"<>") == std::string::npos;
  return uri ? system : std::string{};
}

namespace {

Json concept_with(const std::vector<CodedValue>& codings, const std::string& text) {
  Json result;
  boost::json::array all;
  for (const auto& code : codings) {
    // A FHIR code has no white space at its ends, and none but single spaces inside.
    const bool well_formed = !code.code.empty() && code.code.front() != ' ' &&
                             code.code.back() != ' ' && code.code.find("  ") == std::string::npos;
    if (!well_formed) continue;
    Json coding;
    if (const auto system = system_uri(code.system); !system.empty()) coding["system"] = system;
    coding["code"] = code.code;
    if (!code.display.empty()) coding["display"] = code.display;
    all.push_back(std::move(coding));
  }
  if (!all.empty()) result["coding"] = std::move(all);
  if (!text.empty()) result["text"] = text;
  if (result.empty()) result["text"] = "?";
  return result;
}

}  // namespace

Json concept_of(const CodedValue& code, const std::string& words) {
  return concept_with(std::vector{code}, words.empty() ? code.display : words);
}

Json concept_of(const Fact& fact) {
  return concept_with(fact.codings.empty() ? std::vector{fact.code} : fact.codings,
                      fact.label.empty() ? fact.code.display : fact.label);
}

bool is_decimal(std::string_view text) {
  if (text.size() > 40) return false;
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto whole = unsigned_part(text);
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return false;
  text.remove_prefix(whole.size());
  if (text.empty()) return true;
  if (text.front() != '.') return false;
  text.remove_prefix(1);
  return !text.empty() && unsigned_part(text).size() == text.size();
}

boost::json::value as_written(std::string_view decimal) {
  std::string marked(1, number_mark);
  marked += decimal;
  return boost::json::string{marked};
}

std::string serialized(const Json& json) {
  std::string text = boost::json::serialize(json);
  std::size_t at = 0;
  while ((at = text.find(serialized_mark, at)) != std::string::npos) {
    const auto start = at + serialized_mark.size();
    const auto end = text.find('"', start);
    const auto number = std::string_view{text}.substr(start, end - start);
    if (!is_decimal(number)) {
      at = start;
      continue;
    }
    text.erase(end, 1);
    text.erase(at, serialized_mark.size());
  }
  return text;
}

}  // namespace coffret::daemon::fhir
