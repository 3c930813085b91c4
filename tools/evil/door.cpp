// SPDX-License-Identifier: EUPL-1.2
#include "tools/evil/door.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <list>
#include <mutex>
#include <thread>

#include "sync/http/head.hpp"
#include "sync/http/tls.hpp"

namespace coffret::evil {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Tls = asio::ssl::stream<tcp::socket>;

constexpr std::size_t most_connections = 256;
constexpr std::size_t longest_head = 16 * 1024;    // bytes
constexpr std::uint64_t longest_body = 96u << 20;  // bytes
constexpr std::size_t block = 64 * 1024;           // bytes of filler at once
constexpr std::chrono::milliseconds longest_pause{10'000};

// The bytes that may still be written, by all connections together.
class Purse {
 public:
  Purse(std::uint64_t bytes, std::function<void()> spent)
      : left_(bytes), spent_(std::move(spent)) {}
  bool take(std::size_t bytes) {
    std::uint64_t left = left_;
    while (left >= bytes && !left_.compare_exchange_weak(left, left - bytes)) {
    }
    if (left >= bytes) return true;
    if (!told_.exchange(true) && spent_) spent_();
    return false;
  }

 private:
  std::atomic<std::uint64_t> left_;
  std::atomic<bool> told_{false};
  std::function<void()> spent_;
};

class Visit {
 public:
  Visit(tcp::socket socket, asio::ssl::context& tls, Purse& purse)
      : stream_(std::move(socket), tls), purse_(purse) {}

  void serve(const Answerer& answer) {
    boost::system::error_code ec;
    stream_.handshake(Tls::server, ec);
    while (!ec && !closed_) {
      auto request = read_request();
      if (!request || !write(answer(std::move(*request), lane_))) break;
    }
    end();
  }
  // From another thread: whatever the connection waits for ends.
  void end() {
    closed_ = true;
    boost::system::error_code ignored;
    stream_.next_layer().shutdown(tcp::socket::shutdown_both, ignored);
  }

 private:
  bool fill() {
    std::array<std::uint8_t, 16 * 1024> piece{};
    boost::system::error_code ec;
    const std::size_t size = stream_.read_some(asio::buffer(piece), ec);
    if (ec) return false;
    append(read_, ByteView{piece}.first(size));
    return true;
  }

  std::optional<http::Request> read_request() {
    http::HeadScan scan;
    std::size_t scanned = 0;
    for (;;) {
      scan = http::scan_head(read_, scanned);
      if (scan.state == http::HeadState::complete) break;
      scanned = read_.size();
      if (scan.state == http::HeadState::bad || scanned > longest_head || !fill()) return {};
    }
    auto head = http::parse_request_head(ByteView{read_}.first(scan.size));
    if (head.refusal != 0 || head.content_length > longest_body) return {};
    head_only_ = head.request.method == "HEAD";
    const auto whole = scan.size + static_cast<std::size_t>(head.content_length);
    while (read_.size() < whole)
      if (!fill()) return {};
    const auto begin = read_.begin() + static_cast<std::ptrdiff_t>(scan.size);
    head.request.body.assign(begin, read_.begin() + static_cast<std::ptrdiff_t>(whole));
    read_.erase(read_.begin(), read_.begin() + static_cast<std::ptrdiff_t>(whole));
    return std::move(head.request);
  }

  bool send(ByteView bytes) {
    if (closed_ || !purse_.take(bytes.size())) return false;
    boost::system::error_code ec;
    asio::write(stream_, asio::buffer(bytes.data(), bytes.size()), ec);
    return !ec;
  }

  bool send_slowly(ByteView bytes, const Outgoing& out) {
    const std::size_t step = out.step == 0 ? std::max<std::size_t>(1, bytes.size()) : out.step;
    while (!bytes.empty()) {
      const auto now = bytes.first(std::min(step, bytes.size()));
      if (!send(now)) return false;
      bytes = bytes.subspan(now.size());
      if (out.step != 0 && !bytes.empty())
        std::this_thread::sleep_for(std::min(out.pause, longest_pause));
    }
    return true;
  }

  bool write(const Outgoing& out) {
    if (out.hang_up) return false;
    if (out.raw) {
      (void)send(*out.raw);
      return false;
    }
    const auto& response = out.response;
    const auto said = out.declared.value_or(response.body.size());
    const std::string head = http::format_response_head(response, said, !out.close);
    if (head.empty() || !send(as_bytes(head))) return false;
    if (head_only_ || !http::has_body(response.status)) return !out.close;
    if (!send_slowly(response.body, out)) return false;
    const Bytes zeros(static_cast<std::size_t>(std::min<std::uint64_t>(block, out.filler)));
    for (std::uint64_t left = out.filler; left > 0;) {
      const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(left, zeros.size()));
      if (!send(ByteView{zeros}.first(now))) return false;
      left -= now;
    }
    return !out.close;
  }

  Tls stream_;
  Purse& purse_;
  Lane lane_;
  Bytes read_;  // and not yet used
  bool head_only_ = false;
  std::atomic<bool> closed_{false};
};

class OpenDoor final : public Door {
 public:
  OpenDoor(DoorConfig config, http::TlsContext context, Answerer answer)
      : tls_(context.release()),
        purse_(config.most_written, std::move(config.spent)),
        answer_(std::move(answer)) {}
  ~OpenDoor() override {
    stopping_ = true;
    boost::system::error_code ignored;
    // Whoever waits in accept() is woken by its descriptor's end.
    (void)::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    if (accepting_.joinable()) accepting_.join();
    acceptor_.close(ignored);
    {
      const std::lock_guard lock{mutex_};
      for (auto& guest : guests_) guest.visit->end();
    }
    for (auto& guest : guests_) guest.thread.join();
  }

  Result<void> listen(const std::string& address, std::uint16_t port) {
    boost::system::error_code ec;
    const auto parsed = asio::ip::make_address(address, ec);
    if (ec) return errc::malformed;
    const tcp::endpoint endpoint{parsed, port};
    acceptor_.open(endpoint.protocol(), ec);
    if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address{true}, ec);
    if (!ec) acceptor_.bind(endpoint, ec);
    if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
    if (ec) return errc::address_in_use;
    port_ = acceptor_.local_endpoint(ec).port();
    accepting_ = std::thread{[this] { accept(); }};
    return {};
  }
  std::uint16_t port() const override { return port_; }

 private:
  struct Guest {
    std::unique_ptr<Visit> visit;
    std::thread thread;
    std::atomic<bool> gone{false};
  };

  void accept() {
    while (!stopping_) {
      boost::system::error_code ec;
      tcp::socket socket{io_};
      acceptor_.accept(socket, ec);
      if (stopping_) return;
      if (ec) {
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        continue;
      }
      socket.set_option(tcp::no_delay{true}, ec);
      const std::lock_guard lock{mutex_};
      guests_.remove_if([](Guest& guest) {
        if (guest.gone) guest.thread.join();
        return guest.gone.load();
      });
      if (guests_.size() >= most_connections) continue;
      auto& guest = guests_.emplace_back();
      guest.visit = std::make_unique<Visit>(std::move(socket), tls_, purse_);
      guest.thread = std::thread{[this, &guest] {
        guest.visit->serve(answer_);
        guest.gone = true;
      }};
    }
  }

  asio::io_context io_;
  asio::ssl::context tls_;
  Purse purse_;
  Answerer answer_;
  tcp::acceptor acceptor_{io_};
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread accepting_;
  std::mutex mutex_;  // guards the guests
  std::list<Guest> guests_;
};

}  // namespace

Result<std::unique_ptr<Door>> Door::open(DoorConfig config, Answerer answer) {
  COFFRET_TRY(auto context, http::server_context(config.tls));
  const std::string address = config.address;
  const std::uint16_t port = config.port;
  auto door = std::make_unique<OpenDoor>(std::move(config), std::move(context), std::move(answer));
  COFFRET_CHECK(door->listen(address, port));
  return std::unique_ptr<Door>{std::move(door)};
}

}  // namespace coffret::evil
