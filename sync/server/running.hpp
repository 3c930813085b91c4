// SPDX-License-Identifier: EUPL-1.2
//
// running.hpp: a server at work: storage, service, the two listeners and the sweeper.
//
// Errors of start: those of data_directory.hpp and of http::Listener::start; unsafe_location (the
// admin listener on another address than loopback; clear text without a named proxy).
// Ownership: borrows the machine. Threads: start, reload and stop from one thread.
#ifndef COFFRET_SYNC_SERVER_RUNNING_HPP
#define COFFRET_SYNC_SERVER_RUNNING_HPP

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "sync/server/data_directory.hpp"
#include "sync/server/front.hpp"

namespace coffret::server {

struct Endpoint {
  std::string address;  // without brackets
  std::uint16_t port = 0;
};
// "127.0.0.1:8443", "[::1]:0". Errors: malformed.
Result<Endpoint> parse_endpoint(std::string_view text);
std::string format_endpoint(const Endpoint& endpoint);

struct RunningConfig {
  std::string directory;
  Endpoint listen{"127.0.0.1", 8443};
  Endpoint admin{"127.0.0.1", 0};
  std::optional<http::TlsFiles> tls;  // none: those of the directory, or clear behind a proxy
  std::set<std::string> proxies;      // not empty: clear HTTP on loopback, these are believed
  std::string public_url;             // empty: made from `listen`
  FrontLimits limits;
  std::size_t connections = 1000;
  std::size_t connections_per_address = 128;
  std::function<void(std::string_view)> journal;  // takes whole lines
};

class Running {
 public:
  static Result<std::unique_ptr<Running>> start(RunningConfig config, const Machine& machine);
  virtual ~Running() = default;

  virtual const std::string& url() const = 0;
  virtual std::string admin_url() const = 0;
  virtual std::string fingerprint() const = 0;
  virtual std::string certificate() const = 0;  // path of the PEM file; empty in clear
  // Certificate and card again; what is wrong is told and the old ones stay. Errors: malformed, io.
  virtual Result<void> reload() = 0;
  // Refuses what is new, lets requests in flight finish for `grace`.
  virtual void stop(std::chrono::seconds grace) = 0;
};

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_RUNNING_HPP
