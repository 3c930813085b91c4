// SPDX-License-Identifier: EUPL-1.2
//
// channel.hpp: the client's byte stream to one server: a plain blocking socket with deadlines, and
// TLS 1.3 over it. Plain sockets because the client does one thing at a time: poll(2) says all that
// a reactor would.
//
// Errors: server_unreachable (no address, refused, reset, ended), timed_out, stopping (given up).
// Threads: one at a time.
#ifndef COFFRET_SYNC_HTTP_CHANNEL_HPP
#define COFFRET_SYNC_HTTP_CHANNEL_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"
#include "coffret/ids.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace coffret::http {

using Deadline = std::chrono::steady_clock::time_point;
using GiveUp = std::function<bool()>;  // asked while waiting; empty: never

class Channel {
 public:
  // Tries the host's addresses in turn until one takes the connection (and the handshake).
  // tls: null for clear text; otherwise a client context.
  static Result<std::unique_ptr<Channel>> connect(const std::string& host, std::uint16_t port,
                                                  ssl_ctx_st* tls, Deadline deadline,
                                                  GiveUp give_up = {});
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  // At least one byte. Zero is not returned: an ended stream is server_unreachable.
  Result<std::size_t> read(MutableByteView into, Deadline deadline);
  // At least one byte was taken over for sending.
  Result<std::size_t> write(ByteView bytes, Deadline deadline);
  // Whether there is anything to read, be it the end: an idle connection that should have nothing.
  bool has_input() const;
  Sha256 peer_spki() const;  // zero without TLS

 private:
  Channel(int fd, GiveUp give_up) : fd_(fd), give_up_(std::move(give_up)) {}
  Result<void> start_tls(const std::string& host, ssl_ctx_st* context, Deadline deadline);
  bool given_up() const;
  Result<void> wait(short events, Deadline deadline) const;
  Result<void> wait_tls(int rc, Deadline deadline) const;

  int fd_;
  GiveUp give_up_;
  mutable Deadline asked_{};  // when give_up_ was last
  ssl_st* tls_ = nullptr;
};

}  // namespace coffret::http

#endif  // COFFRET_SYNC_HTTP_CHANNEL_HPP
