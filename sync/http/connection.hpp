// SPDX-License-Identifier: EUPL-1.2
//
// connection.hpp: one accepted connection, from its first byte to its last (listener.hpp's other
// half; nobody else includes it).
//
// Threads: all of a connection's work runs on one strand of the io_context. judge_deadline,
// close_if_idle and abort may be called from any thread.
// Ownership: a connection keeps itself alive from begin() until it has called gone(), as its last
// act; io_context and ConnectionContext outlive it.
#ifndef COFFRET_SYNC_HTTP_CONNECTION_HPP
#define COFFRET_SYNC_HTTP_CONNECTION_HPP

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "sync/http/body_budget.hpp"
#include "sync/http/listener.hpp"
#include "sync/http/tls.hpp"

namespace boost::asio {
class io_context;
}

namespace coffret::http {

class Connection;

struct ConnectionContext {
  ListenerLimits limits;
  BodyBudget& bodies;
  Handler handler;
  std::function<void(Connection*)> gone;
  std::atomic<bool> stopping{false};  // no connection takes another request
};

class Connection {
 public:
  virtual ~Connection() = default;
  virtual void begin() = 0;
  // Ends the pending read or write when its deadline has passed.
  virtual void judge_deadline(std::chrono::steady_clock::time_point now) = 0;
  virtual void close_if_idle() = 0;
  virtual void abort() = 0;  // closes now
};

// An accepted socket until a connection has taken it over.
class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();  // closes it
  int get() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

struct Accepted {
  Descriptor fd;
  bool v6 = false;
  std::string peer;        // address in text
  std::string subscriber;  // of it
  TlsSession tls;          // null: clear
};

std::shared_ptr<Connection> make_connection(boost::asio::io_context& io, Accepted accepted,
                                            const ConnectionContext& context);

}  // namespace coffret::http

#endif  // COFFRET_SYNC_HTTP_CONNECTION_HPP
