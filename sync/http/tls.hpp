// SPDX-License-Identifier: EUPL-1.2
//
// tls.hpp: TLS 1.3 contexts and key pins, over OpenSSL. Nothing older is spoken.
//
// Errors: malformed (files that are not a certificate chain and its key), internal (OpenSSL).
#ifndef COFFRET_SYNC_HTTP_TLS_HPP
#define COFFRET_SYNC_HTTP_TLS_HPP

#include <memory>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "sync/http/listener.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace coffret::http {

// A reference of the caller's own: OpenSSL counts, so connections may outlive a reloaded context.
struct TlsContextRelease {
  void operator()(ssl_ctx_st* context) const noexcept;
};
using TlsContext = std::unique_ptr<ssl_ctx_st, TlsContextRelease>;

struct TlsSessionRelease {
  void operator()(ssl_st* session) const noexcept;
};
using TlsSession = std::unique_ptr<ssl_st, TlsSessionRelease>;

Result<TlsContext> server_context(const TlsFiles& files);
// Judges no certificate: the pin is compared after the handshake, before anything is sent.
Result<TlsContext> client_context();

// SHA-256 of the peer's DER SubjectPublicKeyInfo; zero when it showed no certificate.
Sha256 peer_spki(const ssl_st* session);

}  // namespace coffret::http

#endif  // COFFRET_SYNC_HTTP_TLS_HPP
