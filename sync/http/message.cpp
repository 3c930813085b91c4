// SPDX-License-Identifier: EUPL-1.2
#include "sync/http/message.hpp"

#include <utility>

#include "coffret/ascii.hpp"

namespace coffret::http {
namespace {

// Field names are ASCII; the locale has no say (RFC 9110 §5.1).
bool same_name(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (ascii_lower(a[i]) != ascii_lower(b[i])) return false;
  return true;
}

}  // namespace

const std::string* Fields::find(std::string_view name) const noexcept {
  const std::string* found = nullptr;
  for (const auto& field : list) {
    if (!same_name(field.name, name)) continue;
    if (found != nullptr) return nullptr;
    found = &field.value;
  }
  return found;
}

void Fields::set(std::string name, std::string value) {
  std::erase_if(list, [&](const Field& field) { return same_name(field.name, name); });
  list.push_back({std::move(name), std::move(value)});
}

std::string_view Request::path() const noexcept {
  return std::string_view{target}.substr(0, target.find('?'));
}

std::string_view Request::query() const noexcept {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view{target}.substr(mark + 1);
}

}  // namespace coffret::http
