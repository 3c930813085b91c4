// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/version.hpp"

#include "sync/protocol/header_values.hpp"

namespace coffret::protocol {
namespace {

constexpr std::uint64_t highest = 999;

bool within(std::uint64_t version, const VersionRange& range) noexcept {
  return version >= range.oldest && version <= range.newest;
}

}  // namespace

Result<std::uint64_t> parse_version(std::string_view text) {
  COFFRET_TRY(const auto version, parse_decimal(text));
  if (version < 1 || version > highest) return errc::malformed;
  return version;
}

Result<VersionRange> parse_versions(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return errc::malformed;
  VersionRange range;
  COFFRET_TRY(range.oldest, parse_version(text.substr(0, dash)));
  COFFRET_TRY(range.newest, parse_version(text.substr(dash + 1)));
  if (range.newest < range.oldest) return errc::malformed;
  return range;
}

std::string format_versions(const VersionRange& range) {
  return std::to_string(range.oldest) + "-" + std::to_string(range.newest);
}

Result<void> check_request_version(const std::string* said, const VersionRange& understood) {
  std::uint64_t version = 1;
  if (said != nullptr) {
    COFFRET_TRY(version, parse_version(*said));
  }
  return within(version, understood) ? Result<void>{} : Result<void>{errc::other_version};
}

Result<void> check_answer_versions(const std::string* said, std::uint64_t version) {
  VersionRange range;
  if (said != nullptr) {
    COFFRET_TRY(range, parse_versions(*said));
  }
  return within(version, range) ? Result<void>{} : Result<void>{errc::other_version};
}

}  // namespace coffret::protocol
