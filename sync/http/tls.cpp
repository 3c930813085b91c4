// SPDX-License-Identifier: EUPL-1.2
#include "sync/http/tls.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstring>

namespace coffret::http {
namespace {

constexpr unsigned char alpn_offer[] = "\x08http/1.1";

// A peer that offers other protocols only is refused (RFC 7301), against cross-protocol attacks.
int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                unsigned in_size, void*) {
  unsigned char* chosen = nullptr;
  const int rc =
      SSL_select_next_proto(&chosen, out_size, alpn_offer, sizeof alpn_offer - 1, in, in_size);
  *out = chosen;
  return rc == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

TlsContext context_for(const SSL_METHOD* method) {
  TlsContext context{SSL_CTX_new(method)};
  if (!context) return context;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

}  // namespace

void TlsContextRelease::operator()(ssl_ctx_st* context) const noexcept {
  SSL_CTX_free(context);
}

void TlsSessionRelease::operator()(ssl_st* session) const noexcept {
  SSL_free(session);
}

Result<TlsContext> server_context(const TlsFiles& files) {
  auto context = context_for(TLS_server_method());
  if (!context) return errc::internal;
  // A key under a passphrase is refused; nobody is asked on a terminal.
  SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void*) { return 0; });
  ERR_clear_error();
  const bool loaded =
      SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) == 1 &&
      SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_check_private_key(context.get()) == 1;
  ERR_clear_error();
  if (!loaded) return errc::malformed;
  SSL_CTX_set_alpn_select_cb(context.get(), select_alpn, nullptr);
  // Tickets carry all of a session; a cache would only hold memory for strangers.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 1);
  return context;
}

Result<TlsContext> client_context() {
  auto context = context_for(TLS_client_method());
  if (!context) return errc::internal;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  if (SSL_CTX_set_alpn_protos(context.get(), alpn_offer, sizeof alpn_offer - 1) != 0)
    return errc::internal;
  return context;
}

Sha256 peer_spki(const ssl_st* session) {
  Sha256 digest;
  X509* certificate = SSL_get0_peer_certificate(session);
  if (certificate == nullptr) return digest;
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) return digest;
  unsigned written = 0;
  EVP_Digest(der, static_cast<std::size_t>(size), digest.bytes.data(), &written, EVP_sha256(),
             nullptr);
  OPENSSL_free(der);
  return written == digest.bytes.size() ? digest : Sha256{};
}

}  // namespace coffret::http
