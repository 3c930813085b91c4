// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/sayers.hpp"

#include <fmt/format.h>

#include "coffret/json.hpp"
#include "vault/daemon/shown_words.hpp"

namespace coffret::cli {

using boost::json::object;

namespace {

std::string disagreement(const object& one, const Words& words) {
  const auto field = text_of(one, "field");
  const auto shown = [&](std::string_view side) {
    const auto value = text_of(one, side);
    return field == "status" ? daemon::shown_status("", "", value, "", words.language) : value;
  };
  std::string told = fmt::format("{} {} :", words("Désaccord,", "Disagreement,"),
                                 daemon::shown_field(field, words.language));
  // One side may be silent.
  if (const auto envelope = shown("envelope"); !envelope.empty())
    told += fmt::format(" {} « {} »,", words("ce qui l'accompagne dit", "what came with it says"),
                        envelope);
  return fmt::format("{} {} « {} »", told, words("le document dit", "the document says"),
                     shown("document"));
}

}  // namespace

Sayers sayers_of(std::string_view command) {
  for (const auto& table :
       {vault_sayers(), backup_sayers(), document_sayers(), about_sayers(), fact_sayers(),
        record_sayers(), grant_sayers(), device_sayers(), caregiver_sayers(), emergency_sayers()})
    for (const auto& sayers : table)
      if (sayers.command == command) return sayers;
  return {};
}

std::string names_in(const object& from, std::string_view list, std::string_view member) {
  std::string line;
  const auto* all = from.if_contains({list.data(), list.size()});
  if (all == nullptr || !all->is_array()) return line;
  for (const auto& one : all->get_array())
    if (one.is_object()) line += (line.empty() ? "" : ", ") + text_of(one.get_object(), member);
  return line;
}

std::string text_of(const object& from, std::string_view name) {
  const auto* text = text_member(from, name);
  return text == nullptr ? std::string{} : printable({text->data(), text->size()});
}

std::int64_t number_of(const object& from, std::string_view name) {
  const auto* value = from.if_contains({name.data(), name.size()});
  if (value == nullptr) return 0;
  boost::system::error_code ec;
  const auto number = value->to_number<std::int64_t>(ec);
  return ec ? 0 : number;
}

const object& object_of(const object& from, std::string_view name) {
  static const object none;
  const auto* value = from.if_contains({name.data(), name.size()});
  return value != nullptr && value->is_object() ? value->get_object() : none;
}

bool flag_of(const object& from, std::string_view name) {
  const auto* value = from.if_contains({name.data(), name.size()});
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::string instant_of(const object& from, std::string_view name, Language language) {
  const std::string text = text_of(from, name);
  const auto time = from_rfc3339(text);
  return time.has_value() ? spelled(*time, language) : text;
}

std::string identity_of(const object& row, std::string_view name, const Words& words) {
  const auto& identity = object_of(row, name);
  const auto birth = text_of(identity, "birth_date");
  auto named = text_of(identity, "name");
  if (birth.empty()) return named;
  return fmt::format("{} ({} {})", named, words("naissance :", "born"),
                     spelled_date(birth, words.language));
}

void say_disagreements(const object& row, std::string_view indent, const Words& words) {
  const auto* all = row.if_contains("discrepancies");
  if (all == nullptr || !all->is_array()) return;
  for (const auto& item : all->get_array())
    if (item.is_object()) say(fmt::format("{}{}", indent, disagreement(item.get_object(), words)));
}

void say(const std::string& line) {
  fmt::print("{}\n", line);
}

std::string quoted(std::string_view text, const Words& words) {
  return fmt::format("{}{}{}", words("« ", "“"), text, words(" »", "”"));
}

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count >= -1 && count <= 1 ? one : many);
}

}  // namespace coffret::cli
