// SPDX-License-Identifier: EUPL-1.2
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "sync/protocol/signature.hpp"
#include "sync/server/identity.hpp"

namespace coffret::server {
namespace {

constexpr long valid_for = 730L * 86400;  // seconds

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* p) const noexcept {
    (void)Free(p);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<&X509_free>>;
using Memory = std::unique_ptr<BIO, Freed<&BIO_free>>;

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = ::BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(std::max(size, 0L))};
}

bool is_address(std::string_view host) {
  return host.find_first_not_of("0123456789.") == std::string_view::npos ||
         host.find(':') != std::string_view::npos;
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context{};
  ::X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freed<&X509_EXTENSION_free>> extension{
      ::X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
  return extension != nullptr && ::X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool fill(X509* certificate, EVP_PKEY* key, const std::string& host) {
  const std::unique_ptr<BIGNUM, Freed<&BN_free>> serial{::BN_new()};
  if (serial == nullptr || ::BN_rand(serial.get(), 126, 0, 0) != 1 ||
      ::BN_to_ASN1_INTEGER(serial.get(), ::X509_get_serialNumber(certificate)) == nullptr)
    return false;
  ::X509_NAME* name = ::X509_get_subject_name(certificate);
  const auto* common = reinterpret_cast<const unsigned char*>("coffret-server");
  const std::string loopback = "DNS:localhost,IP:127.0.0.1,IP:::1";
  const std::string named = (is_address(host) ? "IP:" : "DNS:") + host + "," + loopback;
  return ::X509_set_version(certificate, X509_VERSION_3) == 1 &&
         ::X509_gmtime_adj(::X509_getm_notBefore(certificate), -3600) != nullptr &&
         ::X509_gmtime_adj(::X509_getm_notAfter(certificate), valid_for) != nullptr &&
         ::X509_set_pubkey(certificate, key) == 1 &&
         ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0) == 1 &&
         ::X509_set_issuer_name(certificate, name) == 1 &&
         add_extension(certificate, NID_subject_alt_name, named) &&
         add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
         add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
         ::X509_sign(certificate, key, ::EVP_sha256()) != 0;
}

}  // namespace

Result<SelfSigned> make_certificate(std::string_view host) {
  // The name goes into OpenSSL's own little language, where a comma begins another name.
  if (host.empty() || host.size() > 253 || host.find_first_of(", \n\r") != std::string_view::npos)
    return errc::malformed;
  const Key key{::EVP_EC_gen("P-256")};
  const Certificate certificate{::X509_new()};
  if (key == nullptr || certificate == nullptr ||
      !fill(certificate.get(), key.get(), std::string{host}))
    return errc::internal;
  const Memory out{::BIO_new(::BIO_s_mem())};
  const Memory secret{::BIO_new(::BIO_s_secmem())};
  if (out == nullptr || secret == nullptr ||
      ::PEM_write_bio_X509(out.get(), certificate.get()) != 1 ||
      ::PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1)
    return errc::internal;
  return SelfSigned{text_of(out.get()), text_of(secret.get())};
}

Result<Sha256> spki_of(std::string_view certificate_pem) {
  const Memory in{::BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(std::min<std::size_t>(
                                                                certificate_pem.size(), 1 << 20)))};
  if (in == nullptr) return errc::internal;
  const Certificate certificate{::PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)};
  if (certificate == nullptr) return errc::malformed;
  unsigned char* der = nullptr;
  const int size = ::i2d_X509_PUBKEY(::X509_get_X509_PUBKEY(certificate.get()), &der);
  if (size <= 0) return errc::malformed;
  const Sha256 hash = protocol::sha256({der, static_cast<std::size_t>(size)});
  ::OPENSSL_free(der);
  return hash;
}

}  // namespace coffret::server
