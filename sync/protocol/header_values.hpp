// SPDX-License-Identifier: EUPL-1.2
//
// header_values.hpp: the values of HTTP fields that we read ourselves, beside those of
// http_signature.hpp. All others are Beast's and head.hpp's (Content-Length, Host, Expect,
// Connection, Transfer-Encoding) or only compared (If-None-Match). `Forwarded` is not read.
//
//   Range, Content-Range, Upload-Offset, Upload-Length   objects and parcel files
//   Authorization                                         a reader's token
//   X-Forwarded-For                                       behind a named proxy
//   Coffret-Time                                          the server's clock
//
// Pure; a value has one spelling. The bytes of a head are bounded before (head.hpp), so nothing
// here allocates by what a value says. Errors: malformed.
#ifndef COFFRET_SYNC_PROTOCOL_HEADER_VALUES_HPP
#define COFFRET_SYNC_PROTOCOL_HEADER_VALUES_HPP

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "coffret/error.hpp"

namespace coffret::protocol {

inline constexpr std::size_t max_address = 64;  // characters of one in X-Forwarded-For

// A whole number below 2^64, without sign, space or leading zeros.
Result<std::uint64_t> parse_decimal(std::string_view text);

struct Window {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // at least 1
  bool operator==(const Window&) const = default;
};

// "bytes=a-b" or "bytes=a-" of a content of `size` bytes; an end past it is cut.
Result<Window> parse_range(std::string_view text, std::uint64_t size);
std::string format_range(const Window& window);

// "bytes a-b/size" (RFC 9110 §14.4), within the size.
struct ContentRange {
  Window window;
  std::uint64_t size = 0;
  bool operator==(const ContentRange&) const = default;
};
Result<ContentRange> parse_content_range(std::string_view text);
std::string format_content_range(const ContentRange& range);

// What follows "Bearer "; empty when the value is something else.
std::string_view bearer_token(std::string_view text) noexcept;

// Who called, by a chain of addresses that each proxy lengthens to the right: the last that is none
// of ours. Empty when there is none, or none that could be an address.
using IsProxy = std::function<bool(std::string_view)>;
std::string_view caller_of(std::string_view chain, const IsProxy& is_proxy);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_HEADER_VALUES_HPP
