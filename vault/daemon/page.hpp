// SPDX-License-Identifier: EUPL-1.2
//
// page.hpp: the daemon's page on loopback. It shows nothing of the vault and takes no secret: it
// says where the vault is driven from. The page that shows the record comes with its own API.
//
// Only an exact Host of this listener and a navigation of the person's own are answered (attacks
// 82, 83, 84, 88, 90): anything else is the same 403, which names nobody.
// Threads: the handler is called from the listener's threads; it holds no state.
#ifndef COFFRET_VAULT_DAEMON_PAGE_HPP
#define COFFRET_VAULT_DAEMON_PAGE_HPP

#include <cstdint>

#include "sync/http/message.hpp"

namespace coffret::daemon {

http::Response answer_page(const http::Request& request, std::uint16_t port);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_PAGE_HPP
