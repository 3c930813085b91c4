// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/grants.hpp"

#include "sync/client/request.hpp"
#include "sync/protocol/signature.hpp"

namespace coffret::client {
namespace {

using protocol::Endpoint;
using protocol::Target;

constexpr std::uint32_t lines_per_page = protocol::max_access_lines;

Result<protocol::AccessPage> fetch_page(Server& server, const Signer& device, const VaultId& vault,
                                        std::uint64_t after) {
  const Target target{
      .endpoint = Endpoint::access_log, .vault = vault, .after = after, .limit = lines_per_page};
  COFFRET_TRY(const auto response, server.ask(request_to(target), &device));
  COFFRET_TRY(auto page, protocol::decode_access_page(response.body));
  if (page.lines.empty() && page.size > after) return errc::malformed;  // would be asked for ever
  return page;
}

// The page's lines become leaves after those of `news`; each must say that it is the next.
Result<void> take_lines(const protocol::AccessPage& page, AccessNews& news, std::size_t& room) {
  for (const auto& leaf : page.lines) {
    COFFRET_TRY(auto line, protocol::decode_access_line(leaf));
    if (line.index != news.range.size) return errc::malformed;
    if (leaf.size() > room) return errc::too_large;
    room -= leaf.size();
    news.range.append(protocol::leaf_hash(leaf));
    news.lines.push_back(std::move(line));
  }
  return {};
}

}  // namespace

Result<void> publish(Server& server, const Signer& device, const VaultId& vault, const LinkId& link,
                     const protocol::Publication& publication) {
  const Target target{.endpoint = Endpoint::publish_grant, .vault = vault, .link = link};
  COFFRET_TRY(const auto response,
              server.ask(request_to(target, record_type, wire::encode(publication)), &device));
  COFFRET_TRY(const auto applied, wire::decode<protocol::Applied>(response.body));
  if (!protocol::verify(server.identity().key, SignatureLabel::applied, publication.policy.body,
                        applied.signature))
    return errc::unauthenticated;
  return {};
}

Result<protocol::Acknowledged> revoke(Server& server, const Signer& device, const VaultId& vault,
                                      const LinkId& link) {
  const Target target{.endpoint = Endpoint::revoke_grant, .vault = vault, .link = link};
  COFFRET_TRY(const auto response, server.ask(request_to(target), &device));
  COFFRET_TRY(const auto acknowledged, wire::decode<protocol::Acknowledged>(response.body));
  if (acknowledged.link != link ||
      !protocol::verify_acknowledgement(acknowledged, server.identity().key))
    return errc::unauthenticated;
  return acknowledged;
}

Result<protocol::GrantStatus> link_state(Server& server, const Signer& device, const VaultId& vault,
                                         const LinkId& link) {
  const Target target{.endpoint = Endpoint::grant_status, .vault = vault, .link = link};
  return ask_json<protocol::GrantStatus>(server, request_to(target), &device);
}

Result<AccessNews> access_log(Server& server, const Signer& device, const VaultId& vault,
                              const protocol::CompactRange& kept, const AccessBounds& bounds) {
  if (!kept.valid()) return errc::local_state_tampered;
  AccessNews news;
  std::size_t room = bounds.bytes;
  news.range = kept;
  for (;;) {
    COFFRET_TRY(auto page, fetch_page(server, device, vault, news.range.size));
    const auto origin = protocol::checkpoint_origin(server.identity().fingerprint, vault);
    COFFRET_TRY(const auto checkpoint,
                protocol::verify_checkpoint(page.checkpoint, origin, server.identity().key));
    if (checkpoint.size != page.size) return errc::malformed;
    if (checkpoint.size < news.range.size) return errc::server_rolled_back;
    if (checkpoint.size - kept.size > bounds.lines) return errc::too_large;
    COFFRET_CHECK(take_lines(page, news, room));
    if (news.range.size > checkpoint.size) return errc::malformed;
    if (news.range.size < checkpoint.size) continue;
    if (news.range.root() != checkpoint.root) return errc::fork_detected;
    news.checkpoint = std::move(page.checkpoint);
    return news;
  }
}

}  // namespace coffret::client
