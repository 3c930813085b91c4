// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/shown_facts.hpp"

#include <algorithm>
#include <initializer_list>

#include "coffret/padding.hpp"
#include "coffret/spoken.hpp"
#include "vault/daemon/record_facts.hpp"
#include "vault/daemon/shown_rows.hpp"
#include "vault/daemon/shown_words.hpp"
#include "vault/daemon/spelled.hpp"

namespace coffret::daemon {
namespace {

constexpr ShownRow events[] = {
    {"prescribed", "prescrit", "prescribed"},
    {"dispensed", "délivré", "dispensed"},
    {"taken", "pris", "taken"},
    {"administered", "administré", "administered"},
};

bool is_number(char c) {
  return c >= '0' && c <= '9';
}

std::string_view say(Language language, std::string_view french, std::string_view english) {
  return language == Language::french ? french : english;
}

std::string labelled(std::string_view label, std::string words) {
  return words.empty() ? words : std::string{label} + words;
}

// Whether a whole day begins there: "2011-11-29", and nothing longer.
bool is_day_at(std::string_view text, std::size_t at) {
  constexpr std::string_view form = "0000-00-00";
  if (text.size() < at + form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i)
    if (form[i] == '-' ? text[at + i] != '-' : !is_number(text[at + i])) return false;
  const auto in_word = [](char c) {
    return is_number(c) || c == '-' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  const auto end = at + form.size();
  return (at == 0 || !in_word(text[at - 1])) && (end == text.size() || !in_word(text[end]));
}

std::string with_spelled_days(std::string_view text, Language language) {
  constexpr std::size_t length = 10;  // of a day
  std::string shown;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_day_at(text, at)) {
      shown += text[at];
      continue;
    }
    shown += spelled_date(text.substr(at, length), language);
    at += length - 1;
  }
  return shown;
}

void list(std::string& line, std::initializer_list<std::string> parts) {
  for (const auto& part : parts) {
    if (part.empty()) continue;
    if (!line.empty()) line += ", ";
    line += part;
  }
}

// With a blank between those that are there.
std::string beside(std::initializer_list<std::string> parts) {
  std::string line;
  for (const auto& part : parts) {
    if (part.empty()) continue;
    if (!line.empty()) line += ' ';
    line += part;
  }
  return line;
}

// The members as rows have them: fact_json() takes them apart by kind.
std::string parts_line(const Fact& fact, const boost::json::object& row, Language language) {
  const auto text = [&](const char* name) {
    const auto& member = row.at(name).get_string();
    return std::string{member.data(), member.size()};
  };
  const auto kind = text("kind");
  const auto value = shown_value(text("value"), language);
  const auto strength = text("strength");
  auto line =
      beside({text("label"), strength.empty() ? std::string{} : "(" + strength + ")", value});
  if (!value.empty())
    line = beside({line, shown_unit(fact.unit, language),
                   shown_range(fact.range_low, fact.range_high, fact.range_text, language)});
  list(line, {shown_dose(kind, text("dose"), language), shown_detail(kind, fact.detail, language),
              shown_severity(text("severity"), language),
              shown_criticality(text("criticality"), language)});
  return line;
}

}  // namespace

std::string shown_event(std::string_view kind, std::string_view event, Language language) {
  if (const auto* row = row_of(events, event)) return in_language(*row, language);
  return kind == "vaccine" ? std::string{say(language, "vaccin", "vaccine")} : std::string{};
}

std::string shown_range(std::string_view low, std::string_view high, std::string_view text,
                        Language language) {
  const auto from = shown_value(without_padding(low), language);
  const auto to = shown_value(without_padding(high), language);
  if (!from.empty() && !to.empty()) return "(" + from + " – " + to + ")";
  if (!from.empty()) return "(≥ " + from + ")";
  if (!to.empty()) return "(≤ " + to + ")";
  return text.empty() ? std::string{} : "(" + std::string{text} + ")";
}

std::string shown_dose(std::string_view kind, std::string_view dose, Language language) {
  const auto said = said_in(dose, language);
  const bool bare = std::all_of(said.begin(), said.end(), is_number);
  auto shown = with_spelled_days(said, language);
  if (kind == "vaccine" && !said.empty() && is_number(said.front())) return "dose " + shown;
  if (kind == "medicine" && bare) return labelled(say(language, "dose : ", "dose: "), shown);
  return shown;
}

std::string shown_detail(std::string_view kind, std::string_view detail, Language language) {
  auto shown = with_spelled_days(said_in(detail, language), language);
  if (kind == "vaccine") return labelled("lot ", std::move(shown));
  if (kind == "medicine")
    return labelled(say(language, "quantité : ", "quantity: "), std::move(shown));
  return shown;
}

std::string shown_period(std::string_view date, std::string_view start, std::string_view end,
                         Language language) {
  auto from = spelled_date(date, language);
  if (end.empty()) return from;
  if (start.empty())
    return std::string{say(language, "jusqu'au ", "until ")} + spelled_date(end, language);
  return from + " → " + spelled_date(end, language);
}

std::string shown_state(std::string_view kind, std::string_view event, std::string_view status,
                        std::string_view place, bool over, Language language) {
  if (over && status == "active") return std::string{say(language, "terminé", "ended")};
  return shown_status(kind, event, status, place, language);
}

std::string fact_line(const Fact& stated, std::string_view today, bool own, Language language) {
  Fact fact = stated;
  speak(fact, language);
  const auto row = fact_json({fact, {}, {}, {}, {}});
  const auto text = [&](const char* name) {
    const auto& member = row.at(name).get_string();
    return std::string_view{member.data(), member.size()};
  };
  auto line = parts_line(fact, row, language);
  const auto certainty = own ? std::string{} : shown_certainty(text("verification"), language);
  list(line, {certainty, shown_event("", text("event"), language),
              shown_standing(standing(fact), is_critical(fact), fact.value, language),
              shown_state(text("kind"), text("event"), fact.status, fact.place,
                          is_over(fact, std::string{today}), language)});
  const auto period = shown_period(fact.date, fact.date, fact.end, language);
  return period.empty() ? line : line + " (" + period + ")";
}

}  // namespace coffret::daemon
