// SPDX-License-Identifier: EUPL-1.2
//
// admin.hpp: what the loopback listener answers the operator's own tools: /healthz (the process
// lives), /readyz (storage answers and the door is open), /metrics.
#ifndef COFFRET_SYNC_SERVER_ADMIN_HPP
#define COFFRET_SYNC_SERVER_ADMIN_HPP

#include "sync/http/message.hpp"
#include "sync/server/data_directory.hpp"
#include "sync/server/figures.hpp"

namespace coffret::server {

http::Response admin_answer(const http::Request& request, const Storage& storage,
                            const Figures& figures, bool open, std::size_t in_flight);
http::Response stopping_answer();

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_ADMIN_HPP
