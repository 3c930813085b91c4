// SPDX-License-Identifier: EUPL-1.2
//
// query.hpp: one value of a query as browsers write it (application/x-www-form-urlencoded: percent
// escapes, '+' for a blank).
//
// Errors: malformed (bad escape, not plain text, the name twice), too_large.
#ifndef COFFRET_SYNC_PROTOCOL_QUERY_HPP
#define COFFRET_SYNC_PROTOCOL_QUERY_HPP

#include <optional>
#include <string>
#include <string_view>

#include "coffret/error.hpp"

namespace coffret::protocol {

// The decoded value of `name`, empty optional when it is not there. Other names are ignored.
// At most max_recipient bytes (access_log.hpp).
Result<std::optional<std::string>> query_value(std::string_view query, std::string_view name);

// Escapes all but the unreserved characters of RFC 3986 §2.3.
std::string percent_encode(std::string_view text);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_QUERY_HPP
