// SPDX-License-Identifier: EUPL-1.2
//
// subscriber.hpp: what counts as one address where addresses are limited: an IPv4 address, an IPv6
// /64 (one subscriber holds all of it), an IPv4 address mapped into IPv6 as itself.
//
// Errors: none; a text that is no address counts as it is. Threads: any.
#ifndef COFFRET_SYNC_HTTP_SUBSCRIBER_HPP
#define COFFRET_SYNC_HTTP_SUBSCRIBER_HPP

#include <string>

namespace coffret::http {

std::string subscriber(const std::string& address);

}  // namespace coffret::http

#endif  // COFFRET_SYNC_HTTP_SUBSCRIBER_HPP
