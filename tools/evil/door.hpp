// SPDX-License-Identifier: EUPL-1.2
//
// door.hpp: the listener, which speaks TLS 1.3 with the server's own key and writes whatever it is
// told, HTTP or not. One thread a connection, since delays and drips are its work.
//
// Bounds: connections at once, bytes of a request, bytes written in all; over the last, `spent` is
// called and everything is closed.
// Errors of open: address_in_use, malformed (certificate or key), io.
// Threads: close() from any; the answerer is called from the connections' threads.
#ifndef COFFRET_TOOLS_EVIL_DOOR_HPP
#define COFFRET_TOOLS_EVIL_DOOR_HPP

#include <functional>
#include <memory>
#include <string>

#include "sync/http/listener.hpp"
#include "tools/evil/deed.hpp"
#include "tools/evil/proxy.hpp"

namespace coffret::evil {

struct DoorConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  http::TlsFiles tls;
  std::uint64_t most_written = 4ULL << 30;  // bytes, of all answers
  std::function<void()> spent;              // called once
};

using Answerer = std::function<Outgoing(http::Request, Lane&)>;

class Door {
 public:
  virtual ~Door() = default;  // closes
  static Result<std::unique_ptr<Door>> open(DoorConfig config, Answerer answer);
  virtual std::uint16_t port() const = 0;
};

}  // namespace coffret::evil

#endif  // COFFRET_TOOLS_EVIL_DOOR_HPP
