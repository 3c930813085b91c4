// SPDX-License-Identifier: EUPL-1.2
#include "sync/http/listener.hpp"

#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "sync/http/connection.hpp"
#include "sync/http/subscriber.hpp"
#include "sync/http/tls.hpp"

namespace coffret::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto token = asio::as_tuple(asio::use_awaitable);

constexpr std::chrono::milliseconds accept_pause{100};  // after EMFILE and its like

asio::ip::address plain(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address;
}

class BoundedListener final : public Listener {
 public:
  BoundedListener(ListenerConfig config, Handler handler)
      : config_(std::move(config)),
        bodies_(config_.limits.bodies, config_.limits.bodies_per_address),
        context_{
            config_.limits, bodies_, std::move(handler), [this](Connection* c) { forget(c); }, {}},
        io_(static_cast<int>(config_.threads)),
        work_(io_.get_executor()),
        control_(asio::make_strand(io_)),
        acceptor_(control_),
        sweep_(control_),
        pause_(control_) {}
  ~BoundedListener() override { stop(std::chrono::seconds{0}); }

  Result<void> open();
  std::uint16_t port() const override { return port_; }
  Result<void> reload_certificate() override;
  void stop(std::chrono::seconds grace) override;

 private:
  struct Place {
    std::shared_ptr<Connection> connection;
    std::string subscriber;
  };

  asio::awaitable<void> accept();
  asio::awaitable<void> sweep();
  bool accept_all();  // false: the system is out of something, pause
  bool admit(Descriptor fd, const tcp::endpoint& peer);  // false likewise
  std::shared_ptr<Connection> place(Descriptor fd, const tcp::endpoint& peer);
  void judge_deadlines();
  void forget(Connection* connection);
  std::vector<std::shared_ptr<Connection>> connections();

  ListenerConfig config_;
  BodyBudget bodies_;
  ConnectionContext context_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::strand<asio::io_context::executor_type> control_;
  tcp::acceptor acceptor_;
  asio::steady_timer sweep_;
  asio::steady_timer pause_;
  bool sweeping_ = true;  // touched on control_ only
  std::uint16_t port_ = 0;
  std::vector<std::thread> threads_;

  std::mutex mutex_;  // of what follows
  std::condition_variable emptied_;
  TlsContext tls_;
  bool stopping_ = false;
  std::unordered_map<Connection*, Place> places_;
  std::map<std::string, std::size_t> per_subscriber_;
};

Result<void> BoundedListener::open() {
  error_code ec;
  const auto address = asio::ip::make_address(config_.address, ec);
  if (ec || (!config_.tls && !address.is_loopback())) return errc::io;
  if (config_.tls) COFFRET_CHECK(reload_certificate());
  const tcp::endpoint endpoint{address, config_.port};
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
  if (!ec) acceptor_.native_non_blocking(true, ec);
  const auto bound = ec ? tcp::endpoint{} : acceptor_.local_endpoint(ec);
  if (ec == asio::error::address_in_use || ec == asio::error::access_denied ||
      ec == boost::system::errc::address_not_available)
    return errc::address_in_use;
  if (ec) return errc::io;
  port_ = bound.port();
  asio::co_spawn(control_, accept(), asio::detached);
  asio::co_spawn(control_, sweep(), asio::detached);
  for (unsigned i = 0; i < std::max(1U, config_.threads); ++i)
    threads_.emplace_back([this] { io_.run(); });
  return {};
}

Result<void> BoundedListener::reload_certificate() {
  if (!config_.tls) return {};
  COFFRET_TRY(auto fresh, server_context(*config_.tls));
  const std::lock_guard lock{mutex_};
  tls_ = std::move(fresh);
  return {};
}

asio::awaitable<void> BoundedListener::accept() {
  while (acceptor_.is_open()) {
    const auto ready = co_await acceptor_.async_wait(tcp::acceptor::wait_read, token);
    if (std::get<0>(ready)) co_return;
    if (accept_all()) continue;
    pause_.expires_after(accept_pause);
    const auto paused = co_await pause_.async_wait(token);
    (void)paused;
  }
}

bool BoundedListener::accept_all() {
  while (acceptor_.is_open()) {
    tcp::endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    Descriptor fd{
        ::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (fd.get() >= 0) {
      // A head and its body leave in two writes: with Nagle's algorithm the second would wait for
      // the reader's acknowledgement of the first, which Linux delays by 40 ms (RFC 1122, 4.2.3.2).
      const int on = 1;
      (void)::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      peer.resize(size);
      if (!admit(std::move(fd), peer)) return false;
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return false;
    // The rest concerns the one connection that is gone (accept(2), "Error handling").
  }
  return true;
}

// What it throws would end the coroutine, and with it all accepting: it costs one connection.
bool BoundedListener::admit(Descriptor fd, const tcp::endpoint& peer) {
  std::shared_ptr<Connection> connection;
  try {
    connection = place(std::move(fd), peer);
    if (connection) connection->begin();
    return true;
  } catch (const std::exception&) {
    if (connection) forget(connection.get());
    return false;
  }
}

// Null when there is no place.
std::shared_ptr<Connection> BoundedListener::place(Descriptor fd, const tcp::endpoint& peer) {
  const auto address = plain(peer.address()).to_string();
  const auto whose = subscriber(address);
  const std::lock_guard lock{mutex_};
  const auto held = per_subscriber_.find(whose);
  const std::size_t theirs = held == per_subscriber_.end() ? 0 : held->second;
  if (stopping_ || places_.size() >= config_.limits.connections ||
      theirs >= config_.limits.connections_per_address)
    return nullptr;
  TlsSession tls{tls_ ? SSL_new(tls_.get()) : nullptr};
  if (tls_ && !tls) return nullptr;
  auto connection = make_connection(
      io_, Accepted{std::move(fd), peer.address().is_v6(), address, whose, std::move(tls)},
      context_);
  const auto placed = places_.emplace(connection.get(), Place{connection, whose}).first;
  try {
    ++per_subscriber_[whose];
  } catch (...) {
    places_.erase(placed);
    throw;
  }
  return connection;
}

void BoundedListener::forget(Connection* connection) {
  const std::lock_guard lock{mutex_};
  const auto place = places_.find(connection);
  if (place == places_.end()) return;
  const auto held = per_subscriber_.find(place->second.subscriber);
  if (--held->second == 0) per_subscriber_.erase(held);
  places_.erase(place);
  if (places_.empty()) emptied_.notify_all();
}

std::vector<std::shared_ptr<Connection>> BoundedListener::connections() {
  const std::lock_guard lock{mutex_};
  std::vector<std::shared_ptr<Connection>> all;
  all.reserve(places_.size());
  for (const auto& place : places_) all.push_back(place.second.connection);
  return all;
}

// One timer for all connections costs less than one each, and its period is precise enough.
asio::awaitable<void> BoundedListener::sweep() {
  while (sweeping_) {
    sweep_.expires_after(config_.sweep);
    const auto result = co_await sweep_.async_wait(token);
    if (std::get<0>(result)) co_return;
    judge_deadlines();
  }
}

// What it throws would end the sweep for good; the next one sees the same deadlines.
void BoundedListener::judge_deadlines() {
  try {
    const auto now = std::chrono::steady_clock::now();
    for (const auto& connection : connections()) connection->judge_deadline(now);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): memory, at worst
  }
}

void BoundedListener::stop(std::chrono::seconds grace) {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    stopping_ = true;
    context_.stopping = true;
  }
  asio::post(control_, [this] {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  });
  for (const auto& connection : connections()) connection->close_if_idle();
  std::unique_lock lock{mutex_};
  const auto empty = [this] { return places_.empty(); };
  if (!emptied_.wait_for(lock, grace, empty)) {
    lock.unlock();
    for (const auto& connection : connections()) connection->abort();
    lock.lock();
    emptied_.wait(lock, empty);
  }
  lock.unlock();
  // A timer that has just expired is past cancelling: the flag ends the sweep after that turn.
  asio::post(control_, [this] {
    sweeping_ = false;
    sweep_.cancel();
  });
  work_.reset();
  for (auto& thread : threads_) thread.join();
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::start(ListenerConfig config, Handler handler) {
  auto listener = std::make_unique<BoundedListener>(std::move(config), std::move(handler));
  COFFRET_CHECK(listener->open());
  return std::unique_ptr<Listener>{std::move(listener)};
}

}  // namespace coffret::http
