// SPDX-License-Identifier: EUPL-1.2
//
// local_server.hpp: answers commands on the vault's socket until told to stop.
//
// Threads: one per connection, at most max_connections at once; run() belongs to the caller's.
#ifndef COFFRET_VAULT_DAEMON_LOCAL_SERVER_HPP
#define COFFRET_VAULT_DAEMON_LOCAL_SERVER_HPP

#include <chrono>

#include "vault/daemon/local_socket.hpp"
#include "vault/daemon/page.hpp"
#include "vault/daemon/service.hpp"

namespace coffret::daemon {

inline constexpr unsigned max_connections = 64;

// Serves until `stop_fd` is readable or a command asks to stop; then lets running commands end.
// Locks the vault after `idle` without use. The command "open" is `page`'s, which may be null.
void serve_local(const Descriptor& listener, int stop_fd, Service& service,
                 std::chrono::steady_clock::duration idle, Page* page = nullptr);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_LOCAL_SERVER_HPP
