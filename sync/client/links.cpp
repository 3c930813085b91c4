// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/links.hpp"

#include "sync/client/request.hpp"
#include "sync/protocol/status.hpp"

namespace coffret::client {
namespace {

using protocol::Endpoint;
using protocol::Target;

void bear(http::Request& request, const std::string& reader) {
  request.fields.set("Authorization", "Bearer " + reader);
}

}  // namespace

Result<protocol::LinkInfo> link_info(Server& server, const LinkId& link) {
  const Target target{.endpoint = Endpoint::link_info, .link = link};
  return ask_json<protocol::LinkInfo>(server, request_to(target), nullptr);
}

Result<Opening> open_link(Server& server, const LinkId& link, const protocol::OpenRequest& ask) {
  const Target target{.endpoint = Endpoint::open_link, .link = link};
  COFFRET_TRY(const auto response,
              server.exchange(request_to(target, protocol::to_json(ask)), nullptr));
  Opening opening;
  if (response.status == 200) {
    COFFRET_TRY(opening.answer, protocol::from_json<protocol::OpenAnswer>(response.body));
    return opening;
  }
  if (response.status == 202) {
    COFFRET_TRY(opening.waiting, protocol::from_json<protocol::WaitAnswer>(response.body));
    return opening;
  }
  const errc error = protocol::error_of(response.status, response.body);
  if (error != errc::wrong_passcode) return error;
  opening.remaining_attempts = protocol::remaining_attempts_of(response.body).value_or(0);
  return opening;
}

Result<ReceivedParcelFile> fetch_file(Server& server, const LinkId& link,
                                      const protocol::OpenFile& file, const std::string& reader) {
  const Target target{.endpoint = Endpoint::link_file, .link = link, .file = file.id};
  auto request = request_to(target);
  bear(request, reader);
  COFFRET_TRY(auto response, server.ask(std::move(request), nullptr));
  if (response.body.size() != file.size) return errc::malformed;
  return ReceivedParcelFile{std::move(response.body)};
}

Result<void> prove_read(Server& server, const LinkId& link, const std::string& reader,
                        const protocol::ReadProof& proof) {
  const Target target{.endpoint = Endpoint::prove_read, .link = link};
  auto request = request_to(target, protocol::to_json(proof));
  bear(request, reader);
  COFFRET_CHECK(server.ask(std::move(request), nullptr));
  return {};
}

Result<http::Response> shl_manifest(Server& server, const protocol::ShlPath& path, Bytes body) {
  const Target target{.endpoint = Endpoint::shl_manifest, .shl = path};
  return server.exchange(request_to(target, json_type, std::move(body)), nullptr);
}

Result<ReceivedParcelFile> shl_direct(Server& server, const protocol::ShlPath& path,
                                      std::string_view recipient) {
  const Target target{
      .endpoint = Endpoint::shl_direct, .shl = path, .recipient = std::string{recipient}};
  COFFRET_TRY(auto response, server.ask(request_to(target), nullptr));
  return ReceivedParcelFile{std::move(response.body)};
}

Result<ReceivedParcelFile> shl_file(Server& server, std::string_view location) {
  // The manifest is the server's word: it must not send the reader elsewhere.
  const std::string& url = server.identity().url;
  if (!location.starts_with(url) || !location.substr(url.size()).starts_with('/'))
    return errc::denied;
  http::Request request;
  request.method = "GET";
  request.target = location.substr(url.size());
  COFFRET_TRY(auto response, server.ask(std::move(request), nullptr));
  return ReceivedParcelFile{std::move(response.body)};
}

}  // namespace coffret::client
