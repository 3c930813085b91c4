// SPDX-License-Identifier: EUPL-1.2
//
// What is done to the bytes of an answer, whatever they are.
#include <algorithm>

#include "tools/evil/deed.hpp"

namespace coffret::evil {
namespace {

constexpr std::uint64_t most_added = 64u << 20;  // bytes

Result<std::span<std::uint8_t>> range_in(Bytes& bytes, std::int64_t from, std::int64_t length) {
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (length <= 0 || from < 0 || from > size || length > size - from) return errc::not_found;
  return std::span{bytes}.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(length));
}

Result<void> flip(const Rule& rule, Bytes& body) {
  COFFRET_TRY(const auto at, place_in(body.size(), rule.number("at")));
  body[at] = static_cast<std::uint8_t>(body[at] ^ (1U << (rule.number("bit") & 7)));
  return {};
}

Result<void> cut(const Rule& rule, Bytes& body) {
  COFFRET_TRY(const auto left, place_in(body.size(), rule.number("bytes")));
  body.resize(left);
  return {};
}

Result<void> add(const Rule& rule, Bytes& body) {
  if (!rule.has("length")) {
    append(body, as_bytes(rule.text("text")));
    return {};
  }
  COFFRET_TRY(const auto again, range_in(body, rule.number("first"), rule.number("length")));
  if (again.size() > most_added) return errc::too_large;
  const Bytes copy{again.begin(), again.end()};
  append(body, copy);
  return {};
}

Result<void> exchange(const Rule& rule, Bytes& body) {
  COFFRET_TRY(const auto first, range_in(body, rule.number("first"), rule.number("length")));
  COFFRET_TRY(const auto second, range_in(body, rule.number("second"), rule.number("length")));
  const Bytes kept{first.begin(), first.end()};
  std::copy(second.begin(), second.end(), first.begin());
  std::copy(kept.begin(), kept.end(), second.begin());
  return {};
}

}  // namespace

Result<void> spoil_bytes(const Scene& scene, const Rule& rule, Outgoing& out) {
  Bytes& body = out.response.body;
  switch (rule.deed) {
    case Deed::flip:
      return flip(rule, body);
    case Deed::cut:
      return cut(rule, body);
    case Deed::append:
      return add(rule, body);
    case Deed::exchange:
      return exchange(rule, body);
    default:
      break;
  }
  auto other = scene.memory.another_object(scene.request.path());
  if (!other) return errc::not_found;
  if (rule.deed == Deed::swap) {
    body = std::move(*other);
    return {};
  }
  COFFRET_TRY(const auto from, range_in(*other, rule.number("first"), rule.number("length")));
  COFFRET_TRY(const auto into, range_in(body, rule.number("first"), rule.number("length")));
  std::copy(from.begin(), from.end(), into.begin());
  return {};
}

}  // namespace coffret::evil
