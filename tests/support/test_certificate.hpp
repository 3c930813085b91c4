// SPDX-License-Identifier: EUPL-1.2
//
// test_certificate.hpp: a fresh self-signed P-256 certificate in a folder.
#ifndef COFFRET_TESTS_SUPPORT_TEST_CERTIFICATE_HPP
#define COFFRET_TESTS_SUPPORT_TEST_CERTIFICATE_HPP

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "coffret/ids.hpp"
#include "tests/support/folder.hpp"

namespace coffret::test {

// Writes certificate.pem and key.pem into the folder, over what was there.
class TestCertificate {
 public:
  explicit TestCertificate(const Folder& folder)
      : certificate(folder / "certificate.pem"), key(folder / "key.pem") {
    const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> pair{EVP_EC_gen("P-256"), EVP_PKEY_free};
    const std::unique_ptr<X509, void (*)(X509*)> x509{X509_new(), X509_free};
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
    X509_set_pubkey(x509.get(), pair.get());
    X509_NAME* name = X509_get_subject_name(x509.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("coffret.test"), -1, -1, 0);
    X509_set_issuer_name(x509.get(), name);
    X509_sign(x509.get(), pair.get(), EVP_sha256());
    write(certificate, [&](FILE* f) { return PEM_write_X509(f, x509.get()); });
    write(key, [&](FILE* f) {
      return PEM_write_PrivateKey(f, pair.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(pair.get(), &der);
    EVP_Digest(der, static_cast<std::size_t>(size), spki.bytes.data(), nullptr, EVP_sha256(),
               nullptr);
    OPENSSL_free(der);
  }

  std::string certificate;
  std::string key;
  Sha256 spki;

 private:
  template <class Write>
  static void write(const std::string& path, Write&& content) {
    FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) throw std::runtime_error("fopen");
    const int written = content(file);
    if (std::fclose(file) != 0 || written != 1) throw std::runtime_error("PEM");
  }
};

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_TEST_CERTIFICATE_HPP
