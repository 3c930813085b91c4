// SPDX-License-Identifier: EUPL-1.2
//
// listener.hpp: a bounded HTTP/1.1 listener, over TLS 1.3 or in clear on loopback. No routes.
//
// Every read and write has a deadline (kept to 0.1 s), every size a bound (ListenerLimits). What
// two parsers could read in two ways (head.hpp) is refused and the connection closed: 400; 411 for
// a chunked body; 505 for other versions. Only origin-form targets are served: absolute-form is 400
// whatever its host, since no proxy forwards in that form. HTTP/1.0 is answered once, then closed.
// Too long or too slow is 431, 413, 408; a body for which there is no room now 503 with
// Retry-After. Over the connection limits the connection is closed
// unread. A response whose fields would split its head is not sent: the connection is closed.
// Threads: handlers run on the listener's own threads and may call Respond from any thread, once,
// now or later; one that blocks holds up the connections of its thread. A Respond dropped unused
// answers 500. After stop() returns no handler runs; stop() must not be called by a handler.
// Errors of start: address_in_use, io (not loopback without TLS), malformed (certificate or key).
#ifndef COFFRET_SYNC_HTTP_LISTENER_HPP
#define COFFRET_SYNC_HTTP_LISTENER_HPP

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "coffret/error.hpp"
#include "sync/http/message.hpp"

namespace coffret::http {

struct ListenerLimits {
  std::size_t head = 8 * 1024;         // bytes: request line and fields
  std::size_t body = 9 * 1024 * 1024;  // bytes
  // Of all bodies that are being read or answered, and of one address's (body_budget.hpp).
  std::size_t bodies = 96 * 1024 * 1024;              // bytes
  std::size_t bodies_per_address = 40 * 1024 * 1024;  // bytes; one device sends four at a time
  std::chrono::seconds head_time{15};   // from the first byte, or accept, to the last field
  std::chrono::seconds body_time{15};   // without 16 KiB/s of progress
  std::chrono::seconds write_time{15};  // likewise
  std::chrono::seconds idle{60};        // between requests
  std::size_t connections = 1000;
  std::size_t connections_per_address = 128;
};

struct TlsFiles {
  std::string certificate;  // PEM chain
  std::string key;          // PEM
};

struct ListenerConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;       // 0: any free one
  std::optional<TlsFiles> tls;  // none: clear, loopback only
  ListenerLimits limits;
  unsigned threads = 2;
  std::chrono::milliseconds sweep{100};  // between two looks at every connection's deadline
};

using Respond = std::function<void(Response)>;
using Handler = std::function<void(Request, Respond)>;

class Listener {
 public:
  virtual ~Listener() = default;  // stops
  static Result<std::unique_ptr<Listener>> start(ListenerConfig config, Handler handler);

  virtual std::uint16_t port() const = 0;
  // Reads the files again; running connections keep the old ones. Errors: malformed; the old stay.
  virtual Result<void> reload_certificate() = 0;
  // Accepts nothing new, lets requests in flight finish for `grace`, then closes.
  virtual void stop(std::chrono::seconds grace) = 0;
};

}  // namespace coffret::http

#endif  // COFFRET_SYNC_HTTP_LISTENER_HPP
