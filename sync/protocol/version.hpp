// SPDX-License-Identifier: EUPL-1.2
//
// version.hpp: which versions of the protocol two programs speak (PROTOCOL.md, "Versions").
//
// A request says the one version it is written in (`Coffret-Protocol: 1`), an answer the range that
// the server speaks (`Coffret-Protocol: 1-3`). Who says nothing is of the first release: version 1.
// Version 2 adds packs and wait_log, version 3 an account that any device of a log may open again,
// and objects that are judged and sent again. Neither changes anything else: requests are written
// in version 1. Pure; a value has one spelling. Errors: malformed.
#ifndef COFFRET_SYNC_PROTOCOL_VERSION_HPP
#define COFFRET_SYNC_PROTOCOL_VERSION_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include "coffret/error.hpp"

namespace coffret::protocol {

inline constexpr const char* version_field = "Coffret-Protocol";

struct VersionRange {
  std::uint64_t oldest = 1;
  std::uint64_t newest = 1;  // not before oldest
  bool operator==(const VersionRange&) const = default;
};

// What this build is written in, and what its server understands.
inline constexpr std::uint64_t spoken_version = 1;
inline constexpr VersionRange understood_versions{1, 3};

// "1", from 1 to 999.
Result<std::uint64_t> parse_version(std::string_view text);
// "1-3"; both ends as above.
Result<VersionRange> parse_versions(std::string_view text);
std::string format_versions(const VersionRange& range);

// Whether `version` lies within what the other side says, or does not say (null: nothing was said).
// Errors: other_version; malformed.
Result<void> check_request_version(const std::string* said, const VersionRange& understood);
Result<void> check_answer_versions(const std::string* said, std::uint64_t version);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_VERSION_HPP
