// SPDX-License-Identifier: EUPL-1.2
//
// client.hpp: a blocking HTTP/1.1 client over TLS 1.3 with a pinned server key, or in clear on
// loopback. Keeps one connection alive. No redirects, no cookies, no content-encoding, no chunked
// answers. GET, HEAD, PUT and DELETE are sent once more when a kept connection turns out to have
// been closed before any byte of the answer; whether to repeat others is the caller's to judge.
// Names are resolved by the system, in its own time limit (about 10 s), which is not in `connect`.
//
// Errors: see Transport; stopping. unpinned: the peer's key is not one of the pinned.
#ifndef COFFRET_SYNC_HTTP_CLIENT_HPP
#define COFFRET_SYNC_HTTP_CLIENT_HPP

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "coffret/error.hpp"
#include "sync/http/message.hpp"

namespace coffret::http {

struct ClientLimits {
  std::size_t body = 96u << 20;  // bytes of an answer
  std::size_t head = 16 * 1024;  // bytes
  std::chrono::seconds connect{10};
  std::chrono::seconds progress{30};  // without a byte
  std::chrono::seconds whole{600};    // one exchange
};

struct ClientConfig {
  std::string url;             // "https://host[:port]", or "http://127.0.0.1:port"
  std::vector<Sha256> spki;    // pinned keys; with first_contact: not judged here
  bool first_contact = false;  // only to fetch the card, which then is checked against peer_spki()
  ClientLimits limits;
  // Asked ten times a second while an exchange waits for the peer; true ends it: stopping.
  std::function<bool()> give_up{};
};

// Errors: malformed (url; clear text to another host than loopback).
Result<std::unique_ptr<Transport>> make_client(ClientConfig config);

}  // namespace coffret::http

#endif  // COFFRET_SYNC_HTTP_CLIENT_HPP
