// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/passcode.hpp"

#include <doctest/doctest.h>
#include <sodium.h>

#include "sync/protocol/link_messages.hpp"
#include "tests/support/keys.hpp"

using namespace coffret;
using crypto::make_passcode;
using crypto::shl_manifest_request;
using crypto::shl_passcode_hash;
using test::CountingRandom;
using test::secret_text;
using test::shown_text;

namespace {

// The given 32-bit draws, one after the other.
class DrawnRandom final : public Random {
 public:
  explicit DrawnRandom(std::vector<std::uint32_t> draws) : draws_(std::move(draws)) {}
  void fill(MutableByteView into) override {
    REQUIRE(into.size() == 4);
    REQUIRE(next_ < draws_.size());
    Bytes raw;
    append_le(raw, draws_[next_++]);
    std::copy(raw.begin(), raw.end(), into.begin());
  }
  bool all_used() const { return next_ == draws_.size(); }

 private:
  std::vector<std::uint32_t> draws_;
  std::size_t next_ = 0;
};

bool opens(const std::string& hash, std::string_view passcode) {
  return ::crypto_pwhash_str_verify(hash.c_str(), passcode.data(), passcode.size()) == 0;
}

}  // namespace

TEST_SUITE("vault/crypto passcode") {
  TEST_CASE("a passcode is six digits, and draws that would favour some are drawn again") {
    struct Case {
      std::vector<std::uint32_t> draws;
      const char* passcode;
    };
    const std::vector<Case> cases{
        {{0}, "000000"},
        {{7}, "000007"},
        {{1'000'000}, "000000"},
        {{4'293'999'999}, "999999"},
        {{4'294'000'000, 123'456}, "123456"},
        {{0xffffffff, 4'294'967'000, 42}, "000042"},
    };
    for (const auto& one : cases) {
      DrawnRandom random{one.draws};
      CHECK(shown_text(make_passcode(random)) == one.passcode);
      CHECK(random.all_used());
    }
  }

  TEST_CASE("the hash of an SHL's passcode is one that libsodium verifies, in NFC") {
    CountingRandom random;
    const auto hash = shl_passcode_hash(secret_text("e\u0301te\u0301"), random);
    REQUIRE(hash.has_value());
    CHECK(hash->starts_with("$argon2id$v=19$m=65536,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$"));
    CHECK(opens(*hash, "\u00e9t\u00e9"));
    CHECK_FALSE(opens(*hash, "ete"));
  }

  TEST_CASE("what no reader could send is refused as a passcode") {
    CountingRandom random;
    for (const std::string& text : {std::string{}, std::string(257, '1'), std::string{"12\n34"},
                                    std::string{"\xff"}, std::string{"a\u0085"}}) {
      CAPTURE(text);
      CHECK(shl_passcode_hash(secret_text(text), random).error() == errc::malformed);
      const auto passcode = secret_text(text);
      CHECK(shl_manifest_request("Dr Alice Martin", &passcode, 1).error() == errc::malformed);
    }
  }

  TEST_CASE("a manifest request says what was typed, quotes and all") {
    const auto passcode = secret_text("a\"b\\c e\u0301");
    const auto body = shl_manifest_request("Dr \"Alice\" Martin", &passcode, 4096);
    REQUIRE(body.has_value());
    const auto read = protocol::from_json<protocol::ShlManifestRequest>(*body);
    REQUIRE(read.has_value());
    CHECK(read->recipient == "Dr \"Alice\" Martin");
    CHECK(read->passcode == "a\"b\\c \u00e9");
    CHECK(read->embedded_length_max == 4096);
    const auto bare = shl_manifest_request("x", nullptr, 0);
    CHECK(as_text(*bare) == R"({"recipient":"x","embeddedLengthMax":0})");
  }
}
