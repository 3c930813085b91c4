// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/sha1.hpp"

#include <doctest/doctest.h>

#include <string>

namespace coffret::reader {
namespace {

TEST_SUITE("vault/reader") {
  // FIPS 180-4's example messages (NIST, "SHA1.pdf") and RFC 3174 §7.3.
  TEST_CASE("SHA-1 gives the published digests, across block boundaries too") {
    struct {
      std::string text, digest;
    } const cases[] = {
        {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
        {std::string(1000000, 'a'), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"},
        {std::string(64, 'a'), "0098ba824b5c16427bd7a1122a5a442a25ec644d"},
    };
    for (const auto& c : cases) CHECK(sha1_hex(as_bytes(c.text)) == c.digest);
  }
}

}  // namespace
}  // namespace coffret::reader
