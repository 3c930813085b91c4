// SPDX-License-Identifier: EUPL-1.2
//
// url.hpp: the address of a server: "https://host[:port]", or "http://…" on loopback only.
//
// One text per address: lower case, no trailing slash, the scheme's own port left out, no leading
// zeros, IPv4 dotted, IPv6 in brackets in its shortest form (RFC 5952). Nothing else is accepted.
// Errors: malformed.
#ifndef COFFRET_SYNC_PROTOCOL_URL_HPP
#define COFFRET_SYNC_PROTOCOL_URL_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include "coffret/error.hpp"

namespace coffret::protocol {

struct ServerUrl {
  bool tls = true;
  std::string host;  // without brackets: what is resolved and verified
  std::uint16_t port = 443;
  bool operator==(const ServerUrl&) const = default;
};

Result<ServerUrl> parse_server_url(std::string_view text);
std::string format_server_url(const ServerUrl& url);
// The value of a Host field: "host[:port]", with brackets where they belong.
std::string host_field(const ServerUrl& url);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_URL_HPP
