// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/header_values.hpp"

#include <algorithm>
#include <charconv>

namespace coffret::protocol {
namespace {

constexpr std::string_view range_unit = "bytes=";
constexpr std::string_view content_unit = "bytes ";
constexpr std::string_view bearer_scheme = "Bearer ";

std::string_view trimmed(std::string_view text) noexcept {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

struct Ends {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

// "a-b"; with `open_end`, an absent b is `open_end`.
Result<Ends> parse_ends(std::string_view text, const std::uint64_t* open_end) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return errc::malformed;
  Ends ends;
  COFFRET_TRY(ends.first, parse_decimal(text.substr(0, dash)));
  const auto end = text.substr(dash + 1);
  if (end.empty() && open_end != nullptr) {
    ends.last = *open_end;
  } else {
    COFFRET_TRY(ends.last, parse_decimal(end));
  }
  if (ends.last < ends.first) return errc::malformed;
  return ends;
}

std::string format_ends(const Window& window) {
  return std::to_string(window.offset) + "-" + std::to_string(window.offset + window.length - 1);
}

}  // namespace

Result<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return errc::malformed;
  if (text.size() > 1 && text.front() == '0') return errc::malformed;
  return value;
}

Result<Window> parse_range(std::string_view text, std::uint64_t size) {
  if (!text.starts_with(range_unit) || size == 0) return errc::malformed;
  const std::uint64_t end = size - 1;
  COFFRET_TRY(const auto ends, parse_ends(text.substr(range_unit.size()), &end));
  if (ends.first > end) return errc::malformed;
  return Window{ends.first, std::min(ends.last, end) - ends.first + 1};
}

std::string format_range(const Window& window) {
  return std::string{range_unit} + format_ends(window);
}

Result<ContentRange> parse_content_range(std::string_view text) {
  if (!text.starts_with(content_unit)) return errc::malformed;
  text.remove_prefix(content_unit.size());
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return errc::malformed;
  ContentRange range;
  COFFRET_TRY(const auto ends, parse_ends(text.substr(0, slash), nullptr));
  COFFRET_TRY(range.size, parse_decimal(text.substr(slash + 1)));
  if (ends.last >= range.size) return errc::malformed;
  range.window = {ends.first, ends.last - ends.first + 1};
  return range;
}

std::string format_content_range(const ContentRange& range) {
  return std::string{content_unit} + format_ends(range.window) + "/" + std::to_string(range.size);
}

std::string_view bearer_token(std::string_view text) noexcept {
  return text.starts_with(bearer_scheme) ? text.substr(bearer_scheme.size()) : std::string_view{};
}

std::string_view caller_of(std::string_view chain, const IsProxy& is_proxy) {
  for (;;) {
    const auto comma = chain.rfind(',');
    const auto last = trimmed(comma == std::string_view::npos ? chain : chain.substr(comma + 1));
    // Left of what is no address nothing can be believed: only a proxy of ours wrote to the right.
    if (last.empty() || last.size() > max_address) return {};
    if (!is_proxy(last)) return last;
    if (comma == std::string_view::npos) return {};
    chain = chain.substr(0, comma);
  }
}

}  // namespace coffret::protocol
