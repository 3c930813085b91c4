// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/card.hpp"
#include "sync/protocol/url.hpp"

namespace coffret::protocol {
namespace {

constexpr std::string_view mark = "/#i1.";
constexpr std::size_t longest_invite = 512;  // bytes

}  // namespace

std::string format_invite(const Invite& invite) {
  return invite.url + std::string{mark} + to_base64url(invite.server.bytes) + "." +
         invite.token.text();
}

Result<Invite> parse_invite(std::string_view line) {
  if (line.size() > longest_invite) return errc::malformed;
  const auto fragment = line.find(mark);
  const auto dot = line.rfind('.');
  if (fragment == std::string_view::npos) return errc::malformed;
  const auto start = fragment + mark.size();
  if (dot < start) return errc::malformed;

  Invite invite;
  invite.url = std::string{line.substr(0, fragment)};
  COFFRET_TRY([[maybe_unused]] const auto url, parse_server_url(invite.url));
  COFFRET_TRY(const auto server, from_base64url(line.substr(start, dot - start)));
  COFFRET_TRY(invite.server, Fingerprint::from(server));
  COFFRET_TRY(invite.token, InviteToken::parse(line.substr(dot + 1)));
  return invite;
}

}  // namespace coffret::protocol
