// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/sayers.hpp"

#include <fmt/format.h>

#include "coffret/json.hpp"

namespace coffret::cli {

using boost::json::object;

Sayers sayers_of(std::string_view command) {
  for (const auto& table :
       {vault_sayers(), document_sayers(), about_sayers(), record_sayers(), grant_sayers()})
    for (const auto& sayers : table)
      if (sayers.command == command) return sayers;
  return {};
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

void say(const std::string& line) {
  fmt::print("{}\n", line);
}

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count >= -1 && count <= 1 ? one : many);
}

}  // namespace coffret::cli
