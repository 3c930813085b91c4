// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/service.hpp"

#include <array>
#include <limits>

#include "sync/protocol/messages.hpp"
#include "sync/protocol/paths.hpp"
#include "sync/protocol/status.hpp"
#include "sync/protocol/version.hpp"
#include "sync/server/authority.hpp"
#include "sync/server/routes.hpp"

namespace coffret::server {
namespace {

struct Route {
  std::string_view name;
  Reply (*handle)(const Call&);
};

// In the order of protocol::Endpoint.
constexpr std::array routes = {
    Route{"card", get_card},
    Route{"open_account", open_account},
    Route{"vault_by_root", vault_by_root},
    Route{"vault_status", vault_status},
    Route{"enrol_device", enrol_device},
    Route{"remove_device", remove_device},
    Route{"read_log", read_log},
    Route{"append_log", append_log},
    Route{"wait_log", wait_log},
    Route{"append_changes", append_changes},
    Route{"open_pairing", open_pairing},
    Route{"missing_objects", missing_objects},
    Route{"pack_objects", pack_objects},
    Route{"fetch_objects", fetch_objects},
    Route{"object_status", blob_status},
    Route{"upload_object", upload_blob},
    Route{"fetch_object", fetch_object},
    Route{"parcel_status", blob_status},
    Route{"upload_parcel", upload_blob},
    Route{"publish_grant", publish_grant},
    Route{"grant_status", grant_status},
    Route{"revoke_grant", revoke_grant},
    Route{"access_log", access_log},
    Route{"put_pairing", put_pairing},
    Route{"get_pairing", get_pairing},
    Route{"epoch_note", epoch_note},
    Route{"confirm_grant", confirm_grant},
    Route{"link_info", link_info},
    Route{"open_link", open_link},
    Route{"link_file", link_file},
    Route{"prove_read", prove_read},
    Route{"viewer", get_viewer},
    Route{"shl_manifest", shl_manifest},
    Route{"shl_direct", shl_direct},
    Route{"shl_file", shl_file},
    Route{"put_box", put_box},
    Route{"close_box", close_box},
    Route{"list_deposits", list_deposits},
    Route{"fetch_deposit", fetch_deposit},
    Route{"drop_deposit", drop_deposit},
    Route{"box_info", box_info},
    Route{"deposit_status", deposit_status},
    Route{"upload_deposit", upload_deposit},
};
static_assert(routes.size() == static_cast<std::size_t>(protocol::Endpoint::upload_deposit) + 1);

http::Response error_answer(errc error) {
  return json_answer(protocol::http_status(error), protocol::error_body(error));
}

// What every answer carries. Nothing here may be kept by a cache or framed by a page.
void finish(http::Response& response, const http::Request& request, Timestamp now, bool tls) {
  auto& fields = response.fields;
  const auto lacking = [&](std::string_view name) { return fields.find(name) == nullptr; };
  fields.set("Coffret-Time", std::to_string(to_unix(now)));
  fields.set(protocol::version_field, protocol::format_versions(protocol::understood_versions));
  if (lacking("Cache-Control")) fields.set("Cache-Control", "no-store");
  if (lacking("X-Content-Type-Options")) fields.set("X-Content-Type-Options", "nosniff");
  if (lacking("Referrer-Policy")) fields.set("Referrer-Policy", "no-referrer");
  if (lacking("Content-Security-Policy"))
    fields.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  if (tls) fields.set("Strict-Transport-Security", "max-age=63072000");
  if (protocol::is_reader_side(request.target)) {
    fields.set("Access-Control-Allow-Origin", "*");
    fields.set("Cross-Origin-Resource-Policy", "cross-origin");
    if (protocol::is_sender_side(request.target))
      fields.set("Access-Control-Expose-Headers", "upload-offset, upload-length, upload-complete");
  }
}

http::Response preflight(bool sender) {
  http::Response response = empty_answer(204);
  response.fields.set("Access-Control-Allow-Methods",
                      sender ? "GET, HEAD, PATCH, OPTIONS" : "GET, POST, OPTIONS");
  response.fields.set(
      "Access-Control-Allow-Headers",
      sender ? "content-type, upload-length, upload-offset" : "authorization, content-type");
  response.fields.set("Access-Control-Max-Age", "86400");
  return response;
}

}  // namespace

Service::Service(Ports the_ports, ServiceConfig the_config)
    : ports(the_ports), config(std::move(the_config)), card_(config.card) {
  const auto restored = ports.records.restored_at();
  // Whoever cannot tell refuses: a database that cannot be read serves nobody anyway.
  ports.restored_at = restored.has_value() ? *restored : std::numeric_limits<std::int64_t>::max();
}

Answer Service::answer(const http::Request& request, Passcodes passcodes) {
  const Timestamp now = ports.clock.now();
  std::string_view name = "unknown";
  std::optional<Wait> wait;
  bool put_off = false;
  const auto handle = [&]() -> Reply {
    if (request.method == "OPTIONS" && protocol::is_reader_side(request.target)) {
      name = "preflight";
      return preflight(protocol::is_sender_side(request.target));
    }
    COFFRET_TRY(const protocol::Target target,
                protocol::parse_target(request.method, request.target));
    // A later version may ask the same in other words: not understood is said, never guessed at.
    COFFRET_CHECK(protocol::check_request_version(request.fields.find(protocol::version_field),
                                                  protocol::understood_versions));
    const Route& route = routes[static_cast<std::size_t>(target.endpoint)];
    name = route.name;
    Signatory signer;
    if (is_signed(target.endpoint)) {
      COFFRET_TRY(signer, authorise(ports, request, target, now));
    }
    return route.handle({*this, request, target, signer, now, wait, passcodes, put_off});
  };
  Reply reply = handle();
  const errc error = reply.has_value() ? errc::ok : to_errc(reply.error());
  http::Response response = reply.has_value() ? std::move(*reply) : error_answer(error);
  finish(response, request, now, config.public_url.starts_with("https:"));
  return {std::move(response), name, error, wait, put_off};
}

http::Response Service::head_answer(const protocol::Head& head) const {
  http::Request request;
  http::Response response = json_answer(200, protocol::to_json(protocol::HeadAnswer{head}));
  finish(response, request, ports.clock.now(), config.public_url.starts_with("https:"));
  return response;
}

void Service::set_card(std::string card) {
  const std::lock_guard lock{mutex_};
  card_ = std::move(card);
}

std::string Service::card() const {
  const std::lock_guard lock{mutex_};
  return card_;
}

Reply get_viewer(const Call& call) {
  const auto& config = call.service.config;
  for (const auto& file : config.viewer) {
    if (file.path != call.target.asset) continue;
    const std::string* known = call.request.fields.find("If-None-Match");
    const bool same = known != nullptr && *known == file.etag;
    auto response =
        same ? empty_answer(304) : text_answer(200, file.media_type, as_text(file.bytes));
    response.fields.set("ETag", std::string{file.etag});
    for (const auto& header : config.viewer_headers)
      response.fields.set(std::string{header.name}, std::string{header.value});
    return response;
  }
  return errc::not_found;
}

}  // namespace coffret::server
