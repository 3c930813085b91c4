// SPDX-License-Identifier: EUPL-1.2
#include "sync/http/client.hpp"

#include <algorithm>
#include <array>

#include "sync/http/channel.hpp"
#include "sync/http/head.hpp"
#include "sync/http/tls.hpp"

namespace coffret::http {
namespace {

using std::chrono::steady_clock;

// Shorter than any server's idle limit, so that a connection is seldom closed under a request.
constexpr std::chrono::seconds reuse_within{45};

// Bytes a second of an answer, counted from its first byte, with `progress` forgiven: whoever is
// slower holds us up on purpose. The slowest telephone line gives several times that.
constexpr std::size_t slowest_pace = 512;

struct Origin {
  bool secure = true;
  std::string host;  // without brackets
  std::uint16_t port = 443;
  std::string field;  // the Host field's value
};

Result<std::uint16_t> parse_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.front() == '0') return errc::malformed;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return errc::malformed;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value > 65535) return errc::malformed;
  return static_cast<std::uint16_t>(value);
}

bool is_host_name(std::string_view host) noexcept {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
}

bool is_ipv6_text(std::string_view host) noexcept {
  return host.size() >= 2 && host.size() <= 45 && std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') ||
                  c == ':' || c == '.';
         });
}

// scheme "://" host [":" port], nothing more.
Result<Origin> parse_origin(std::string_view url) {
  Origin origin;
  if (url.starts_with("https://")) {
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    origin.secure = false;
    origin.port = 80;
    url.remove_prefix(7);
  } else {
    return errc::malformed;
  }
  origin.field = url;
  const bool bracketed = url.starts_with('[');
  const auto end = bracketed ? url.find(']') : url.find(':');
  if (bracketed && end == std::string_view::npos) return errc::malformed;
  origin.host = bracketed ? url.substr(1, end - 1) : url.substr(0, end);
  if (bracketed ? !is_ipv6_text(origin.host) : !is_host_name(origin.host)) return errc::malformed;
  const auto rest =
      end == std::string_view::npos ? std::string_view{} : url.substr(bracketed ? end + 1 : end);
  if (!rest.empty()) {
    if (rest.front() != ':') return errc::malformed;
    COFFRET_TRY(origin.port, parse_port(rest.substr(1)));
  }
  const bool loopback = origin.host == "127.0.0.1" || origin.host == "::1";
  if (!origin.secure && !loopback) return errc::malformed;
  return origin;
}

// RFC 9110 §9.2.2: what may be sent again without asking.
bool is_idempotent(std::string_view method) noexcept {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE";
}

class Client final : public Transport {
 public:
  Client(ClientConfig config, Origin origin, TlsContext tls)
      : config_(std::move(config)), origin_(std::move(origin)), tls_(std::move(tls)) {}

  Result<Response> exchange(const Request& request) override;
  Sha256 peer_spki() const override { return spki_; }

 private:
  Result<void> connect(Deadline whole);
  Result<Response> converse(const Request& request, ByteView head, Deadline whole, bool& answered);
  Result<void> send(ByteView bytes, Deadline whole);
  Deadline next_byte(Deadline whole) const {
    return std::min(whole, steady_clock::now() + config_.limits.progress);
  }

  ClientConfig config_;
  Origin origin_;
  TlsContext tls_;
  std::unique_ptr<Channel> channel_;
  steady_clock::time_point used_at_;
  Sha256 spki_;
};

Result<void> Client::connect(Deadline whole) {
  const auto deadline = std::min(whole, steady_clock::now() + config_.limits.connect);
  auto connected =
      Channel::connect(origin_.host, origin_.port, tls_.get(), deadline, config_.give_up);
  // Nobody there, or somebody who says nothing: the same to whoever waits.
  if (connected.has_error())
    return connected.error() == errc::timed_out ? errc::server_unreachable
                                                : to_errc(connected.error());
  auto fresh = std::move(*connected);
  spki_ = fresh->peer_spki();
  const auto& pins = config_.spki;
  if (origin_.secure && !config_.first_contact &&
      std::find(pins.begin(), pins.end(), spki_) == pins.end())
    return errc::unpinned;
  channel_ = std::move(fresh);
  return {};
}

Result<void> Client::send(ByteView bytes, Deadline whole) {
  while (!bytes.empty()) {
    COFFRET_TRY(const auto sent, channel_->write(bytes, next_byte(whole)));
    bytes = bytes.subspan(sent);
  }
  return {};
}

Result<Response> Client::converse(const Request& request, ByteView head, Deadline whole,
                                  bool& answered) {
  // A server may refuse a body before it has read it all; its answer counts, not the lost rest.
  auto sent = send(head, whole);
  if (sent.has_value()) sent = send(request.body, whole);
  if (sent.has_error() && sent.error() != errc::server_unreachable) return sent.error();
  ResponseReader reader{{config_.limits.head, config_.limits.body}, request.method == "HEAD"};
  std::array<std::uint8_t, 64 * 1024> buffer;  // NOLINT(*-member-init): read into before read from
  Progress progress = Progress::more;
  Deadline pace = whole;  // from the first byte on, which may be long in coming
  while (progress == Progress::more) {
    COFFRET_TRY(const auto size, channel_->read(buffer, std::min(pace, next_byte(whole))));
    if (!answered) pace = steady_clock::now() + config_.limits.progress;
    answered = true;
    pace += std::chrono::milliseconds{size * 1000 / slowest_pace};
    COFFRET_TRY(progress, reader.feed(ByteView{buffer}.first(size)));
  }
  if (sent.has_error() || !reader.keep_alive()) channel_.reset();
  used_at_ = steady_clock::now();
  return reader.take();
}

Result<Response> Client::exchange(const Request& request) {
  const auto head = format_request_head(request, origin_.field);
  if (head.empty()) return errc::malformed;
  const Deadline whole = steady_clock::now() + config_.limits.whole;
  if (channel_ && (channel_->has_input() || steady_clock::now() - used_at_ > reuse_within))
    channel_.reset();
  bool reused = channel_ != nullptr;
  for (;;) {
    if (!channel_) COFFRET_CHECK(connect(whole));
    bool answered = false;
    auto response = converse(request, as_bytes(head), whole, answered);
    if (response.has_value()) return response;
    channel_.reset();
    const bool lost = response.error() == errc::server_unreachable;
    if (!reused || answered || !lost || !is_idempotent(request.method)) return response;
    reused = false;
  }
}

}  // namespace

Result<std::unique_ptr<Transport>> make_client(ClientConfig config) {
  COFFRET_TRY(auto origin, parse_origin(config.url));
  TlsContext tls;
  if (origin.secure) {
    COFFRET_TRY(tls, client_context());
  }
  return std::unique_ptr<Transport>{
      std::make_unique<Client>(std::move(config), std::move(origin), std::move(tls))};
}

}  // namespace coffret::http
