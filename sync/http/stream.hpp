// SPDX-License-Identifier: EUPL-1.2
//
// stream.hpp: the bytes of one accepted connection, clear or TLS, and the deadline of whatever it
// waits for (connection.cpp's and request_reader.cpp's; nobody else includes it).
//
// The pace: time for a slack without a byte, and as much more as the bytes moved are worth at
// slowest_pace: a peer that drips bytes runs out of it.
//
// Units: bytes. Ownership: a Stream owns its socket and TLS state.
// Threads: everything on the stream's strand, but is_late.
#ifndef COFFRET_SYNC_HTTP_STREAM_HPP
#define COFFRET_SYNC_HTTP_STREAM_HPP

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <tuple>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"
#include "sync/http/tls.hpp"

namespace coffret::http {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;
using Strand = asio::strand<asio::io_context::executor_type>;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Strand>;
template <class T>
using Task = asio::awaitable<T, Strand>;
inline constexpr auto as_result = asio::as_tuple(asio::use_awaitable_t<Strand>{});

inline constexpr std::uint64_t slowest_pace = 16 * 1024;  // bytes a second
inline constexpr std::size_t write_step = 64 * 1024;      // bytes offered to the stream at once

// What one read or write moved: at least a byte, or why not.
using Moved = std::tuple<boost::system::error_code, std::size_t>;

class Stream {
 public:
  virtual ~Stream() = default;

  virtual Task<bool> shake_hands() = 0;
  virtual Task<Moved> read_some(MutableByteView into) = 0;
  // All of it, at the pace; false: it was cut.
  Task<bool> write(ByteView bytes, std::chrono::seconds slack);
  // An orderly end. `refused`: what the peer still sends is read into `scratch` and dropped for a
  // moment, or the reset that it provokes would erase the refusal on its way.
  virtual Task<void> close(bool refused, MutableByteView scratch) = 0;

  void allow(SteadyClock::duration time);
  void allow_for_ever();
  void keep_pace(std::chrono::seconds slack, SteadyClock::time_point start, std::uint64_t moved);
  bool is_late(SteadyClock::time_point now) const noexcept;  // from any thread
  void end_if_late(SteadyClock::time_point now);             // the pending operation
  bool overdue() const noexcept { return overdue_; }  // the last operation was ended for that
  void cancel();                                      // the pending operation
  void abort();                                       // closes now

 protected:
  virtual Task<Moved> write_some(ByteView bytes) = 0;
  virtual Socket& socket() = 0;
  bool aborted() const noexcept { return aborted_; }

 private:
  std::atomic<SteadyClock::time_point> deadline_{SteadyClock::time_point::max()};
  bool overdue_ = false;
  bool aborted_ = false;
};

// tls null: clear.
std::unique_ptr<Stream> make_stream(Socket socket, TlsSession tls);

}  // namespace coffret::http

#endif  // COFFRET_SYNC_HTTP_STREAM_HPP
