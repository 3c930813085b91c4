// SPDX-License-Identifier: EUPL-1.2
//
// Coroutines here follow style.md rule 8 (g++ 12.2): one co_await a statement, awaited results and
// arguments named.
#include "sync/http/stream.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace coffret::http {
namespace {

constexpr std::size_t drained = 1024 * 1024;  // bytes read and dropped before a refusal's close
constexpr std::chrono::seconds farewell{1};   // for close_notify and draining

using boost::system::error_code;
using TlsStream = asio::ssl::stream<Socket>;

template <class Bottom>
class StreamOver final : public Stream {
 public:
  static constexpr bool secure = std::is_same_v<Bottom, TlsStream>;

  explicit StreamOver(Socket socket) : bottom_(std::move(socket)) {}
  StreamOver(Socket socket, TlsSession tls) : bottom_(std::move(socket), tls.release()) {}

  Task<bool> shake_hands() override;
  Task<Moved> read_some(MutableByteView into) override {
    return bottom_.async_read_some(asio::mutable_buffer{into.data(), into.size()}, as_result);
  }
  Task<void> close(bool refused, MutableByteView scratch) override;

 protected:
  Task<Moved> write_some(ByteView bytes) override {
    return bottom_.async_write_some(asio::const_buffer{bytes.data(), bytes.size()}, as_result);
  }
  Socket& socket() override {
    if constexpr (secure)
      return bottom_.next_layer();
    else
      return bottom_;
  }

 private:
  Bottom bottom_;
  bool shaken_ = false;  // TLS is up
};

template <class Bottom>
Task<bool> StreamOver<Bottom>::shake_hands() {
  if constexpr (secure) {
    const auto result = co_await bottom_.async_handshake(asio::ssl::stream_base::server, as_result);
    shaken_ = !std::get<0>(result);
    co_return shaken_;
  } else {
    co_return true;
  }
}

// close_notify tells an orderly end from a cut.
template <class Bottom>
Task<void> StreamOver<Bottom>::close(bool refused, MutableByteView scratch) {
  allow(farewell);
  if constexpr (secure) {
    if (shaken_ && !aborted()) {
      const auto told = co_await bottom_.async_shutdown(as_result);
      (void)told;
    }
  }
  error_code ec;
  if (refused && !aborted()) socket().shutdown(asio::socket_base::shutdown_send, ec);
  std::size_t dropped = 0;
  while (refused && !aborted() && !ec && !overdue() && dropped < drained) {
    const asio::mutable_buffer space{scratch.data(), scratch.size()};
    const auto result = co_await socket().async_read_some(space, as_result);
    ec = std::get<0>(result);
    dropped += std::get<1>(result);
  }
  socket().close(ec);
}

}  // namespace

Task<bool> Stream::write(ByteView bytes, std::chrono::seconds slack) {
  const auto start = SteadyClock::now();
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    keep_pace(slack, start, sent);
    const ByteView part = bytes.subspan(sent, std::min(write_step, bytes.size() - sent));
    const Moved moved = co_await write_some(part);
    if (std::get<0>(moved)) co_return false;
    sent += std::get<1>(moved);
  }
  co_return true;
}

void Stream::allow(SteadyClock::duration time) {
  overdue_ = false;
  deadline_.store(SteadyClock::now() + time, std::memory_order_relaxed);
}

void Stream::allow_for_ever() {
  deadline_.store(SteadyClock::time_point::max(), std::memory_order_relaxed);
}

void Stream::keep_pace(std::chrono::seconds slack, SteadyClock::time_point start,
                       std::uint64_t moved) {
  const auto now = SteadyClock::now();
  const std::chrono::milliseconds earned{moved * 1000 / slowest_pace};
  overdue_ = false;
  deadline_.store(std::min(now + slack, start + slack + earned), std::memory_order_relaxed);
}

bool Stream::is_late(SteadyClock::time_point now) const noexcept {
  return now >= deadline_.load(std::memory_order_relaxed);
}

void Stream::end_if_late(SteadyClock::time_point now) {
  if (!is_late(now)) return;
  overdue_ = true;
  cancel();
}

void Stream::cancel() {
  error_code ignored;
  socket().cancel(ignored);
}

void Stream::abort() {
  aborted_ = true;
  error_code ignored;
  socket().close(ignored);
}

std::unique_ptr<Stream> make_stream(Socket socket, TlsSession tls) {
  if (tls == nullptr) return std::make_unique<StreamOver<Socket>>(std::move(socket));
  return std::make_unique<StreamOver<TlsStream>>(std::move(socket), std::move(tls));
}

}  // namespace coffret::http
