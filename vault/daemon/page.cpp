// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/page.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <string_view>

#include "coffret/json.hpp"
#include "vault/crypto/secret_io.hpp"
#include "vault/crypto/wiping.hpp"
#include "vault/daemon/page_api.hpp"
#include "vault/daemon/page_files.hpp"

namespace coffret::daemon {
namespace {

constexpr std::string_view api = "/api/v1/";
constexpr std::string_view commands_path = "/api/v1/commands/";
constexpr std::string_view closed_policy = "default-src 'none'; frame-ancestors 'none'";

std::string_view field(const http::Request& request, std::string_view name) {
  const auto* value = request.fields.find(name);
  return value == nullptr ? std::string_view{} : std::string_view{*value};
}

bool our_host(const http::Request& request, std::uint16_t port) {
  const auto host = field(request, "Host");
  const std::string suffix = ":" + std::to_string(port);
  return host == "127.0.0.1" + suffix || host == "[::1]" + suffix || host == "localhost" + suffix;
}

// Browsers say where a request comes from; a program that is none says nothing. A file of this
// machine, which is how a person comes in, is another site to a browser.
bool of_this_page(const http::Request& request) {
  const auto* origin = request.fields.find("Origin");
  if (origin != nullptr && *origin != "http://" + std::string{field(request, "Host")}) return false;
  const auto site = field(request, "Sec-Fetch-Site");
  if (site.empty() || site == "none" || site == "same-origin") return true;
  return origin == nullptr && request.method == "GET" && request.target == "/" &&
         field(request, "Sec-Fetch-Mode") == "navigate" &&
         field(request, "Sec-Fetch-Dest") == "document";
}

// What an iframe shows is documents, and only this page frames it.
bool framed_wrongly(const http::Request& request, std::string_view policy) {
  const auto dest = field(request, "Sec-Fetch-Dest");
  const bool framed = dest == "iframe" || dest == "frame";
  return framed && policy.find("sandbox allow-scripts") == std::string_view::npos;
}

http::Response with_headers(http::Response response, std::string_view policy) {
  auto& fields = response.fields;
  fields.set("Cache-Control", "no-store");
  fields.set("Content-Security-Policy", std::string{policy});
  fields.set("X-Content-Type-Options", "nosniff");
  fields.set("Referrer-Policy", "no-referrer");
  fields.set("Cross-Origin-Opener-Policy", "same-origin");
  fields.set("Cross-Origin-Resource-Policy", "same-origin");
  fields.set("Cross-Origin-Embedder-Policy", "require-corp");
  fields.set("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
  return response;
}

http::Response plain(unsigned status, std::string_view body) {
  http::Response response;
  response.status = status;
  response.fields.set("Content-Type", "text/plain; charset=utf-8");
  response.body = to_bytes(as_bytes(body));
  return with_headers(std::move(response), closed_policy);
}

http::Response refusal() {
  return plain(403, "403\n");
}

http::Response json(const boost::json::object& value) {
  http::Response response;
  response.fields.set("Content-Type", "application/json");
  response.body = to_bytes(as_bytes(boost::json::serialize(value)));
  return with_headers(std::move(response), closed_policy);
}

std::string_view token_of(const http::Request& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto value = field(request, "Authorization");
  return value.starts_with(scheme) ? value.substr(scheme.size()) : std::string_view{};
}

// Shown for a moment on the way in; where a browser does not follow, the link is there.
std::string redirect_page(const std::string& address) {
  return "<!doctype html>\n<html lang=\"fr\"><meta charset=\"utf-8\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\">\n"
         "<meta http-equiv=\"refresh\" content=\"0;url=" +
         address + "\">\n<title>Coffret</title>\n<p><a href=\"" + address +
         "\" rel=\"noreferrer\">Ouvrir le coffre · Open the vault</a></p>\n";
}

}  // namespace

Page::Page(Service& service, PageConfig config)
    : service_(service),
      config_(std::move(config)),
      tokens_(service.environment().clock, service.environment().random, config_.idle) {}

Page::~Page() {
  for (auto& one : running_) one.thread.join();
  take_back_file();
}

Result<boost::json::object> Page::open() {
  const std::lock_guard one_at_a_time{opening_};
  if (port_ == 0) {
    if (!config_.listen) return errc::unsupported;
    COFFRET_TRY(const auto port, config_.listen());
    port_ = port;
  }
  tokens_.see(service_.session().locked());
  const auto page = "http://127.0.0.1:" + std::to_string(port_) + "/";
  // Said to be there once its code is: a tick in between would think it left over.
  const auto written = service_.environment().disk.replace(
      config_.redirect_file, as_bytes(redirect_page(page + "#code=" + tokens_.issue())));
  file_there_ = true;
  COFFRET_CHECK(written);
  return boost::json::object{
      {"file", config_.redirect_file}, {"page", page}, {"seconds", code_lifetime.count()}};
}

void Page::take_back_file() {
  if (file_there_.exchange(false)) (void)service_.environment().disk.remove(config_.redirect_file);
}

void Page::tick() {
  tokens_.see(service_.session().locked());
  if (file_there_ && !tokens_.awaits_exchange()) take_back_file();
}

bool Page::holds_token(const http::Request& request, bool use) {
  tokens_.see(service_.session().locked());
  return tokens_.check(token_of(request), use).has_value();
}

// POST changes a code for a token; GET says how long that token lives yet.
http::Response Page::session(const http::Request& request) {
  if (request.method == "POST") {
    if (field(request, "Content-Type") != "application/json") return refusal();
    const auto value = parse_json(as_text(request.body), JsonLimits{.bytes = 1024, .depth = 2});
    if (value.has_error() || !value->is_object()) return refusal();
    const auto* code = text_member(value->get_object(), "code");
    if (code == nullptr) return refusal();
    auto token = tokens_.exchange({code->data(), code->size()});
    if (token.has_error()) return refusal();
    if (!tokens_.awaits_exchange()) take_back_file();  // else it is a newer one's
    return json({{"token", *token}});
  }
  if (request.method != "GET" || !holds_token(request, false)) return refusal();
  const auto left = tokens_.left(token_of(request));
  boost::json::object told{{"locked", service_.session().locked()}, {"seconds_left", nullptr}};
  if (left) told["seconds_left"] = left->count();
  return json(told);
}

http::Response Page::answer_now(const http::Request& request) {
  const auto path = request.path();
  if (path == "/api/v1/session") return session(request);
  if (path.starts_with(api)) {
    if (!holds_token(request, false)) return refusal();
    if (path == "/api/v1/openapi.json" && request.method == "GET") return json(page_description());
    return plain(404, "404\n");
  }
  if (request.method != "GET") return plain(405, "405\n");
  for (const auto& file : page_files()) {
    if (file.path != path) continue;
    if (framed_wrongly(request, file.policy)) return refusal();
    http::Response response;
    response.fields.set("Content-Type", std::string{file.media_type});
    response.body = to_bytes(file.bytes);
    return with_headers(std::move(response), file.policy);
  }
  return plain(404, "404\n");
}

http::Response Page::run_now(const http::Request& request) {
  const auto path = request.path();
  return with_headers(path.starts_with(commands_path)
                          ? run_command(service_, path.substr(commands_path.size()), request)
                          : run_import(service_, request),
                      closed_policy);
}

void Page::run(http::Request request, const http::Respond& respond) {
  const std::lock_guard guard{mutex_};
  for (auto it = running_.begin(); it != running_.end();) {
    if (!it->over) {
      ++it;
      continue;
    }
    it->thread.join();
    it = running_.erase(it);
  }
  if (running_.size() >= max_page_calls) {
    crypto::wipe(request.body);
    return respond(plain(503, "503\n"));
  }
  auto& place = running_.emplace_back();
  place.thread = std::thread{[this, &place, respond, asked = std::move(request)]() mutable {
    respond(run_now(asked));
    crypto::wipe(asked.body);  // it may have held the passphrase
    crypto::wipe_stack();
    place.over = true;
  }};
}

void Page::answer(http::Request request, const http::Respond& respond) {
  if (!our_host(request, port_) || !of_this_page(request)) return respond(refusal());
  const auto path = request.path();
  const bool import = path == "/api/v1/import";
  if (!import && !path.starts_with(commands_path)) return respond(answer_now(request));
  const std::string_view type = import ? "application/octet-stream" : "application/json";
  if (request.method != "POST" || field(request, "Content-Type") != type ||
      !holds_token(request, true)) {
    crypto::wipe(request.body);  // it may hold a passphrase all the same
    return respond(refusal());
  }
  run(std::move(request), respond);
}

}  // namespace coffret::daemon
