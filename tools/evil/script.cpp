// SPDX-License-Identifier: EUPL-1.2
#include "tools/evil/script.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "coffret/encoding.hpp"
#include "coffret/json.hpp"

namespace coffret::evil {
namespace {

enum class Kind : std::uint8_t { whole, place, text, base64, members, texts };

struct Parameter {
  std::string_view name;
  Kind kind = Kind::whole;
  bool needed = false;
};

struct Row {
  std::string_view name;
  std::array<Parameter, 4> parameters{};  // an empty name ends them
};

constexpr Parameter entry{"entry", Kind::place};
constexpr std::array<Row, 38> rows{{
    {"pass", {}},
    {"refuse", {}},
    {"lose", {}},
    {"delay", {{{"milliseconds", Kind::whole, true}}}},
    {"answer",
     {{{"status", Kind::whole, true},
       {"body", Kind::text},
       {"base64", Kind::base64},
       {"fields", Kind::texts}}}},
    {"raw", {{{"text", Kind::text}, {"base64", Kind::base64}}}},
    {"flood", {{{"bytes", Kind::whole, true}, {"say", Kind::whole}}}},
    {"pretend", {}},
    {"replay", {{{"as", Kind::text, true}}}},
    {"route", {{{"to", Kind::text, true}}}},
    {"remember", {{{"as", Kind::text, true}}}},
    {"fields", {{{"fields", Kind::texts, true}, {"status", Kind::whole}}}},
    {"json", {{{"members", Kind::members, true}}}},
    {"flip", {{{"at", Kind::place, true}, {"bit", Kind::whole}}}},
    {"cut", {{{"bytes", Kind::place, true}}}},
    {"append", {{{"text", Kind::text}, {"first", Kind::whole}, {"length", Kind::whole}}}},
    {"exchange",
     {{{"first", Kind::whole, true},
       {"second", Kind::whole, true},
       {"length", Kind::whole, true}}}},
    {"splice", {{{"first", Kind::whole, true}, {"length", Kind::whole, true}}}},
    {"swap", {}},
    {"declare", {{{"bytes", Kind::whole, true}}}},
    {"drip", {{{"bytes", Kind::whole, true}, {"milliseconds", Kind::whole, true}}}},
    {"log_end", {{{"at", Kind::whole}}}},
    {"log_drop", {{entry}}},
    {"log_swap", {{entry}}},
    {"log_repeat", {{entry}}},
    {"log_replay", {{{"copy", Kind::whole, true}}}},
    {"log_forge", {{{"copy", Kind::whole, true}, {"sign", Kind::text}, {"device", Kind::text}}}},
    {"log_flip",
     {{entry, {"part", Kind::text, true}, {"at", Kind::place, true}, {"sign", Kind::text}}}},
    {"log_splice", {{entry, {"copy", Kind::whole, true}, {"sign", Kind::text}}}},
    {"log_field", {{entry, {"name", Kind::text, true}, {"sign", Kind::text}}}},
    {"log_claim", {{{"more", Kind::whole, true}}}},
    {"log_head", {}},
    {"log_many", {{{"entries", Kind::whole, true}}}},
    {"access_alter", {{{"line", Kind::whole, true}}}},
    {"access_drop", {{{"line", Kind::whole, true}}}},
    {"access_invent", {}},
    {"access_end", {{{"size", Kind::whole, true}}}},
    {"card", {{{"members", Kind::members, true}}}},
}};

constexpr std::int64_t largest = std::int64_t{1} << 53;

std::string_view view(boost::json::string_view text) {
  return {text.data(), text.size()};
}

std::optional<std::int64_t> whole_number(const boost::json::value& value) {
  if (!value.is_int64() || value.get_int64() > largest || value.get_int64() < -largest) return {};
  return value.get_int64();
}

bool is_one_line(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c != 0x7f; });
}

bool are_texts(const boost::json::value& value) {
  if (!value.is_object()) return false;
  return std::all_of(value.get_object().begin(), value.get_object().end(), [](const auto& member) {
    return !member.key().empty() && is_one_line(view(member.key())) && member.value().is_string() &&
           is_one_line(view(member.value().get_string()));
  });
}

// Fractions have no one written form.
bool is_without_fractions(const boost::json::value& value) {
  if (value.is_double()) return false;
  if (value.is_array())
    return std::all_of(value.get_array().begin(), value.get_array().end(), is_without_fractions);
  if (!value.is_object()) return true;
  return std::all_of(value.get_object().begin(), value.get_object().end(),
                     [](const auto& member) { return is_without_fractions(member.value()); });
}

bool is_of(Kind kind, const boost::json::value& value) {
  switch (kind) {
    case Kind::whole:
      return whole_number(value).value_or(-1) >= 0;
    case Kind::place:
      return whole_number(value).has_value();
    case Kind::text:
      return value.is_string();
    case Kind::base64:
      return value.is_string() && from_base64url(view(value.get_string())).has_value();
    case Kind::members:
      return value.is_object() && is_without_fractions(value);
    case Kind::texts:
      return are_texts(value);
  }
  return false;
}

Result<void> check_parameters(const Row& row, const boost::json::object& with) {
  std::size_t known = 0;
  for (const auto& parameter : row.parameters) {
    if (parameter.name.empty()) break;
    const auto* value = with.if_contains({parameter.name.data(), parameter.name.size()});
    if (value == nullptr && parameter.needed) return errc::malformed;
    if (value == nullptr) continue;
    if (!is_of(parameter.kind, *value)) return errc::malformed;
    ++known;
  }
  return known == with.size() ? Result<void>{} : Result<void>{errc::malformed};
}

// The next segment of a path, which is shortened by it.
std::string_view take_segment(std::string_view& path) {
  const auto end = std::min(path.find('/', 1), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool is_pattern(std::string_view on) {
  if (on == "*") return true;
  const auto space = on.find(' ');
  if (space == std::string_view::npos || space == 0 || !is_one_line(on)) return false;
  const auto path = on.substr(space + 1);
  return path.starts_with('/') && path.find(' ') == std::string_view::npos;
}

Result<std::uint64_t> take_count(boost::json::object& rule, std::string_view name,
                                 std::uint64_t otherwise) {
  const auto* value = rule.if_contains({name.data(), name.size()});
  if (value == nullptr) return otherwise;
  const auto number = whole_number(*value);
  if (!number || *number < 0) return errc::malformed;
  rule.erase({name.data(), name.size()});
  return static_cast<std::uint64_t>(*number);
}

Result<Rule> parse_rule(boost::json::object members) {
  Rule rule;
  const auto* on = text_member(members, "on");
  const auto* what = text_member(members, "do");
  if (on == nullptr || what == nullptr || !is_pattern(view(*on))) return errc::malformed;
  rule.on = view(*on);
  const auto* found = std::find_if(rows.begin(), rows.end(),
                                   [&](const Row& row) { return row.name == view(*what); });
  if (found == rows.end()) return errc::malformed;
  rule.deed = static_cast<Deed>(found - rows.begin());
  members.erase("on");
  members.erase("do");
  COFFRET_TRY(rule.client, take_count(members, "client", 0));
  COFFRET_TRY(rule.from, take_count(members, "from", 1));
  COFFRET_TRY(rule.times, take_count(members, "times", 0));
  if (rule.from == 0) return errc::malformed;
  COFFRET_CHECK(check_parameters(*found, members));
  rule.with = std::move(members);
  return rule;
}

}  // namespace

bool Rule::meets(std::string_view method, std::string_view path, std::uint64_t who) const {
  if (client != 0 && client != who) return false;
  if (on == "*") return true;
  std::string_view pattern = on;
  const auto wanted = pattern.substr(0, pattern.find(' '));
  pattern.remove_prefix(wanted.size() + 1);
  if (wanted != "*" && wanted != method) return false;
  while (!pattern.empty() && !path.empty()) {
    const auto asked = take_segment(path);
    const auto segment = take_segment(pattern);
    if (segment != "/*" && segment != asked) return false;
  }
  return pattern.empty() && path.empty();
}

std::int64_t Rule::number(std::string_view name, std::int64_t otherwise) const {
  const auto* value = with.if_contains({name.data(), name.size()});
  return value == nullptr || !value->is_int64() ? otherwise : value->get_int64();
}

std::string Rule::text(std::string_view name) const {
  const auto* value = text_member(with, name);
  return value == nullptr ? std::string{} : std::string{view(*value)};
}

Result<Script> parse_script(std::string_view text) {
  COFFRET_TRY(const auto value, parse_json(text, {.bytes = max_script, .depth = 8}));
  if (!value.is_object() || value.get_object().size() != 1) return errc::malformed;
  const auto* rules = value.get_object().if_contains("rules");
  if (rules == nullptr || !rules->is_array()) return errc::malformed;
  if (rules->get_array().size() > max_rules) return errc::too_large;
  Script script;
  for (const auto& one : rules->get_array()) {
    if (!one.is_object()) return errc::malformed;
    COFFRET_TRY(auto rule, parse_rule(one.get_object()));
    script.rules.push_back(std::move(rule));
  }
  return script;
}

std::string format_script(const Script& script) {
  boost::json::array rules;
  for (const auto& rule : script.rules) {
    const auto name = name_of(rule.deed);
    boost::json::object members{{"on", rule.on},
                                {"client", rule.client},
                                {"from", rule.from},
                                {"times", rule.times},
                                {"do", boost::json::string_view{name.data(), name.size()}}};
    // In the table's order: taking members out of an object leaves the others in another.
    for (const auto& parameter : rows[static_cast<std::size_t>(rule.deed)].parameters) {
      const boost::json::string_view key{parameter.name.data(), parameter.name.size()};
      if (const auto* value = rule.with.if_contains(key)) members[key] = *value;
    }
    rules.push_back(std::move(members));
  }
  return boost::json::serialize(boost::json::object{{"rules", std::move(rules)}});
}

std::string_view name_of(Deed deed) noexcept {
  return rows[static_cast<std::size_t>(deed)].name;
}

}  // namespace coffret::evil
