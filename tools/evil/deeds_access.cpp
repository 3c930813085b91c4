// SPDX-License-Identifier: EUPL-1.2
//
// What is done to the access log, signed again by the association's own identity: the case in which
// the operator is the enemy. And what a server may say without having done it.
#include <algorithm>

#include "sync/protocol/access_log.hpp"
#include "sync/protocol/changes.hpp"
#include "sync/protocol/header_values.hpp"
#include "sync/protocol/merkle.hpp"
#include "sync/protocol/messages.hpp"
#include "sync/protocol/paths.hpp"
#include "sync/protocol/policy.hpp"
#include "tools/evil/deed.hpp"

namespace coffret::evil {
namespace {

using Lines = std::vector<Bytes>;

Result<Bytes> told_otherwise(ByteView leaf) {
  COFFRET_TRY(auto line, protocol::decode_access_line(leaf));
  line.time -= 3600;
  ++line.count;
  return wire::encode(line);
}

Result<Bytes> invented(const Lines& lines) {
  if (lines.empty()) return errc::not_found;
  COFFRET_TRY(auto line, protocol::decode_access_line(lines.back()));
  line.index = lines.size();
  line.outcome = OpeningOutcome::delivered;
  return wire::encode(line);
}

Result<void> change(const Rule& rule, Lines& lines) {
  if (rule.deed == Deed::access_invent) {
    COFFRET_TRY(auto line, invented(lines));
    lines.push_back(std::move(line));
    return {};
  }
  if (rule.deed == Deed::access_end) {
    const auto size = static_cast<std::size_t>(rule.number("size"));
    if (size >= lines.size()) return errc::not_found;
    lines.resize(size);
    return {};
  }
  COFFRET_TRY(const auto at, place_in(lines.size(), rule.number("line")));
  if (rule.deed == Deed::access_alter) {
    COFFRET_TRY(lines[at], told_otherwise(lines[at]));
    return {};
  }
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
  for (std::size_t i = at; i < lines.size(); ++i) {
    COFFRET_TRY(auto line, protocol::decode_access_line(lines[i]));
    line.index = i;
    lines[i] = wire::encode(line);
  }
  return {};
}

Result<protocol::Head> last_of(const protocol::Append& asked) {
  if (asked.entries.empty()) return errc::malformed;
  COFFRET_TRY(const auto entry, protocol::decode_entry(asked.entries.back().body));
  return protocol::Head{entry.seq, protocol::entry_hash(asked.entries.back().body)};
}

Result<http::Response> uploaded(const http::Request& request) {
  const auto* offset = request.fields.find("Upload-Offset");
  if (offset == nullptr) return errc::malformed;
  COFFRET_TRY(const auto from, protocol::parse_decimal(*offset));
  http::Response response;
  response.status = 204;
  response.fields.set("Upload-Offset", std::to_string(from + request.body.size()));
  return response;
}

}  // namespace

Result<void> spoil_access(const Scene& scene, const Rule& rule, Outgoing& out) {
  COFFRET_TRY(auto page, protocol::decode_access_page(out.response.body));
  COFFRET_TRY(const auto vault, VaultId::parse(scene.vault));
  COFFRET_TRY(const auto target,
              protocol::parse_target(scene.request.method, scene.request.target));
  auto lines = scene.memory.lines(scene.vault);
  if (lines.size() != page.size) return errc::not_found;  // not all of them ever passed here
  COFFRET_CHECK(change(rule, lines));
  protocol::CompactRange range;
  for (const auto& line : lines) range.append(protocol::leaf_hash(line));
  page.size = lines.size();
  page.lines.clear();
  for (std::size_t i = static_cast<std::size_t>(target.after); i < lines.size(); ++i)
    page.lines.push_back(lines[i]);
  page.checkpoint = protocol::sign_checkpoint(
      {protocol::checkpoint_origin(scene.fingerprint, vault), range.size, range.root()},
      scene.identity);
  out.response.body = wire::encode(page);
  return {};
}

Result<http::Response> pretended(const Scene& scene) {
  const auto& request = scene.request;
  COFFRET_TRY(const auto target, protocol::parse_target(request.method, request.target));
  http::Response response;
  switch (target.endpoint) {
    case protocol::Endpoint::append_log:
    case protocol::Endpoint::append_changes: {
      protocol::Changes asked;
      if (target.endpoint == protocol::Endpoint::append_log) {
        COFFRET_TRY(asked.append, protocol::decode_append(request.body));
      } else {
        COFFRET_TRY(asked, protocol::decode_changes(request.body));
      }
      COFFRET_TRY(const auto head, last_of(asked.append));
      response.body = to_bytes(as_bytes(protocol::to_json(protocol::HeadAnswer{head})));
      return response;
    }
    case protocol::Endpoint::missing_objects:
      response.body = to_bytes(as_bytes(protocol::to_json(protocol::MissingAnswer{})));
      return response;
    case protocol::Endpoint::upload_object:
    case protocol::Endpoint::upload_parcel:
      return uploaded(request);
    case protocol::Endpoint::publish_grant: {
      COFFRET_TRY(const auto asked, protocol::decode_publication(request.body));
      response.body = wire::encode(
          protocol::Applied{scene.identity.sign(SignatureLabel::applied, asked.policy.body)});
      return response;
    }
    case protocol::Endpoint::revoke_grant:
      response.body =
          wire::encode(protocol::sign_acknowledgement(target.link, scene.now, scene.identity));
      return response;
    default:
      return errc::unsupported;
  }
}

}  // namespace coffret::evil
