// SPDX-License-Identifier: EUPL-1.2
//
// request.hpp: requests to the protocol's targets, and answers in JSON (this room's own).
//
// Errors: those of server.hpp, and of protocol::from_json.
#ifndef COFFRET_SYNC_CLIENT_REQUEST_HPP
#define COFFRET_SYNC_CLIENT_REQUEST_HPP

#include <string_view>
#include <utility>

#include "sync/client/server.hpp"
#include "sync/protocol/messages.hpp"
#include "sync/protocol/paths.hpp"

namespace coffret::client {

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view record_type = "application/octet-stream";

inline http::Request request_to(const protocol::Target& target) {
  http::Request request;
  request.method = protocol::method_of(target.endpoint);
  request.target = protocol::format_target(target);
  return request;
}

inline http::Request request_to(const protocol::Target& target, std::string_view media_type,
                                Bytes body) {
  auto request = request_to(target);
  request.fields.set("Content-Type", std::string{media_type});
  request.body = std::move(body);
  return request;
}

inline http::Request request_to(const protocol::Target& target, const std::string& json) {
  return request_to(target, json_type, to_bytes(as_bytes(json)));
}

template <class Answer>
Result<Answer> ask_json(Server& server, http::Request request, const Signer* signer) {
  COFFRET_TRY(const auto response, server.ask(std::move(request), signer));
  return protocol::from_json<Answer>(response.body);
}

}  // namespace coffret::client

#endif  // COFFRET_SYNC_CLIENT_REQUEST_HPP
