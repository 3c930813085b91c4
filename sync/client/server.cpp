// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/server.hpp"

#include <algorithm>

#include "sync/protocol/header_values.hpp"
#include "sync/protocol/http_signature.hpp"
#include "sync/protocol/paths.hpp"
#include "sync/protocol/signature.hpp"
#include "sync/protocol/status.hpp"
#include "sync/protocol/version.hpp"

namespace coffret::client {
namespace {

constexpr std::size_t max_card = 16 * 1024;  // bytes of the signed form

struct FetchedCard {
  ShownCard shown;
  std::string compact;
  http::Response response;
};

// What a server of another age answers is not guessed at: neither its lists nor its errors.
Result<void> same_language(const http::Response& response) {
  return protocol::check_answer_versions(response.fields.find(protocol::version_field),
                                         protocol::spoken_version);
}

void say_version(http::Request& request) {
  request.fields.set(protocol::version_field, std::to_string(protocol::spoken_version));
}

// A card that holds together: signed by the key in it, and met over a TLS key that it names.
Result<FetchedCard> fetch_card(const Environment& environment, const std::string& url) {
  http::ClientConfig config;
  config.url = url;
  config.first_contact = true;
  config.limits.body = max_card;
  config.give_up = environment.give_up;
  COFFRET_TRY(const auto transport, environment.connect(config));
  const protocol::Target target{.endpoint = protocol::Endpoint::card};
  http::Request request;
  request.method = protocol::method_of(target.endpoint);
  request.target = protocol::format_target(target);
  say_version(request);
  FetchedCard fetched;
  COFFRET_TRY(fetched.response, transport->exchange(request));
  COFFRET_CHECK(same_language(fetched.response));
  const auto& response = fetched.response;
  if (response.status != 200) return protocol::error_of(response.status, response.body);
  fetched.compact = as_text(response.body);
  COFFRET_TRY(const auto jws, protocol::verify_jws(fetched.compact, "coffret-card+jwt", max_card));
  fetched.shown.fingerprint = protocol::fingerprint(jws.key);
  COFFRET_TRY(fetched.shown.card,
              protocol::verify_card(fetched.compact, fetched.shown.fingerprint));
  const auto& named = fetched.shown.card.card.spki;
  const bool secure = url.starts_with("https:");
  if (secure && std::find(named.begin(), named.end(), transport->peer_spki()) == named.end())
    return errc::unpinned;
  return fetched;
}

}  // namespace

Result<ShownCard> shown_card(const Environment& environment, const std::string& url) {
  COFFRET_TRY(auto fetched, fetch_card(environment, url));
  return std::move(fetched.shown);
}

bool may_follow(const ServerIdentity& known, std::uint64_t serial,
                const std::vector<Sha256>& spki) {
  return serial > known.serial || (serial == known.serial && spki == known.spki);
}

Server::Server(Environment environment, ServerIdentity known)
    : environment_(std::move(environment)), known_(std::move(known)) {}

Result<protocol::OperatorCard> Server::contact() {
  ++counters_.requests;
  COFFRET_TRY(auto fetched, fetch_card(environment_, known_.url));
  const auto& card = fetched.shown.card.card;
  const bool seen_before = !known_.key.is_zero();
  if (fetched.shown.fingerprint != known_.fingerprint)
    return seen_before ? errc::key_changed : errc::unpinned;
  if (seen_before && !may_follow(known_, card.serial, card.spki)) return errc::key_changed;
  note_answer(fetched.response);
  known_.key = fetched.shown.card.identity;
  known_.serial = card.serial;
  known_.spki = card.spki;
  card_ = std::move(fetched.compact);
  transport_.reset();
  transport_used_ = false;
  return card;
}

void Server::give_up_when(std::function<bool()> give_up) {
  environment_.give_up = std::move(give_up);
  transport_.reset();
  transport_used_ = false;
}

Result<void> Server::connect() {
  if (known_.key.is_zero()) {
    COFFRET_TRY([[maybe_unused]] const auto card, contact());
  }
  if (transport_) return {};
  http::ClientConfig config;
  config.url = known_.url;
  config.spki = known_.spki;
  config.limits.body = environment_.answer;
  config.give_up = environment_.give_up;
  COFFRET_TRY(transport_, environment_.connect(config));
  return {};
}

void Server::sign(http::Request& request, const Signer& signer) {
  const auto fields =
      protocol::sign_request({request.method, request.target, request.body, known_.fingerprint},
                             server_now(), environment_.random.make<protocol::Nonce>(), signer);
  request.fields.set("Content-Digest", fields.content_digest);
  request.fields.set("Coffret-Server", fields.server);
  request.fields.set("Signature-Input", fields.signature_input);
  request.fields.set("Signature", fields.signature);
}

void Server::note_answer(const http::Response& response) {
  counters_.bytes_down += response.body.size();
  if (const auto* told = response.fields.find("Coffret-Epoch"); told != nullptr)
    if (const auto epoch = protocol::parse_decimal(*told); epoch.has_value()) told_epoch_ = *epoch;
  if (const auto* told = response.fields.find(protocol::version_field); told != nullptr)
    if (const auto range = protocol::parse_versions(*told); range.has_value())
      version_ = range->newest;
  const auto* text = response.fields.find("Coffret-Time");
  if (text == nullptr || text->size() > 12) return;
  const auto seconds = protocol::parse_decimal(*text);
  if (seconds.has_error()) return;
  server_time_ = from_unix(static_cast<std::int64_t>(*seconds));
  offset_ = *server_time_ - environment_.clock.now();
}

Result<http::Response> Server::exchange_once(http::Request& request, const Signer* signer) {
  COFFRET_CHECK(connect());
  if (signer != nullptr) sign(request, *signer);
  say_version(request);
  ++counters_.requests;
  counters_.bytes_up += request.body.size();
  auto response = transport_->exchange(request);
  transport_used_ = response.has_value();
  if (response.has_error()) return response;
  COFFRET_CHECK(same_language(*response));
  note_answer(*response);
  return response;
}

Result<http::Response> Server::send(http::Request& request, const Signer* signer) {
  const bool reused = transport_used_;
  auto response = exchange_once(request, signer);
  if (response.has_value() || response.error() != errc::server_unreachable) return response;
  // The nonce makes a second arrival of a signed request visible, so it may be asked again.
  if (reused && signer != nullptr) return exchange_once(request, signer);
  return response;
}

Result<http::Response> Server::exchange(http::Request request, const Signer* signer) {
  auto response = send(request, signer);
  if (response.has_error() && response.error() == errc::unpinned) {
    // Renewed, perhaps: only a newer card can say so. What was refused here was never sent.
    const auto serial = known_.serial;
    COFFRET_TRY([[maybe_unused]] const auto card, contact());
    if (known_.serial == serial) return errc::unpinned;
    response = send(request, signer);
  }
  // A wrong clock at home blocks nothing: the refusal itself told the server's time.
  if (signer != nullptr && response.has_value() && response->status == 401 &&
      protocol::error_of(response->status, response->body) == errc::clock_refused)
    response = send(request, signer);
  return response;
}

Result<http::Response> Server::ask(http::Request request, const Signer* signer) {
  COFFRET_TRY(auto response, exchange(std::move(request), signer));
  if (response.status < 200 || response.status > 299)
    return protocol::error_of(response.status, response.body);
  return response;
}

}  // namespace coffret::client
