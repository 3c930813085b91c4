// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/json_fields.hpp"

#include <limits>

namespace coffret::protocol::json {

Result<std::uint64_t> number_of(const boost::json::value& value) {
  // A parsed integer is an int64 where it fits, a uint64 only above.
  const auto* number = value.if_int64();
  if (number == nullptr || *number < 0) return errc::malformed;
  const auto result = static_cast<std::uint64_t>(*number);
  if (result > max_number) return errc::malformed;
  return result;
}

const boost::json::value& Reader::member(std::string_view name) {
  static const boost::json::value missing;
  const auto* value = find(name);
  if (value != nullptr) return *value;
  fail(errc::malformed);
  return missing;
}

bool Reader::boolean(std::string_view name) {
  const auto* value = member(name).if_bool();
  if (value == nullptr) fail(errc::malformed);
  return value != nullptr && *value;
}

std::uint64_t Reader::number(std::string_view name) {
  return keep(number_of(member(name)));
}

std::uint32_t Reader::small_number(std::string_view name) {
  const auto value = number(name);
  if (value <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(value);
  fail(errc::malformed);
  return 0;
}

std::string Reader::text(std::string_view name, std::size_t limit) {
  const auto* value = member(name).if_string();
  if (value == nullptr) {
    fail(errc::malformed);
    return {};
  }
  if (value->size() > limit) {
    fail(errc::too_large);
    return {};
  }
  return std::string{value->data(), value->size()};
}

Bytes Reader::bytes(std::string_view name, std::size_t limit) {
  return keep(from_base64url(text(name, (limit * 4 + 2) / 3)));
}

}  // namespace coffret::protocol::json
