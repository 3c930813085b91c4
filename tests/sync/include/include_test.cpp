// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include <set>

#include "coffret/disk.hpp"
#include "coffret/document.hpp"
#include "coffret/encoding.hpp"
#include "coffret/error.hpp"
#include "coffret/grant.hpp"
#include "coffret/ids.hpp"
#include "coffret/json.hpp"
#include "coffret/opening.hpp"
#include "coffret/random.hpp"
#include "coffret/sealed.hpp"
#include "coffret/signer.hpp"
#include "coffret/time.hpp"
#include "coffret/wire.hpp"

namespace coffret {
namespace {

TEST_SUITE("sync/include") {
  TEST_CASE("every error has its own number, its own code, an exit status and two sentences") {
    std::set<int> numbers;
    std::set<std::string_view> codes;
    for (const auto& r : error_table) {
      CAPTURE(r.code);
      CHECK(numbers.insert(static_cast<int>(r.value)).second);
      CHECK(codes.insert(r.code).second);
      CHECK(r.exit_status >= 1);
      CHECK(r.exit_status <= 10);
      CHECK(r.french.ends_with('.'));
      CHECK(r.english.ends_with('.'));
      CHECK(row_of(r.code) == &r);
    }
  }

  TEST_CASE("RFC 4648 vectors encode and decode, and nothing else decodes") {
    struct {
      std::string_view plain, base16, base32, base64, base64url;
    } const cases[] = {
        {"", "", "", "", ""},
        {"f", "66", "my", "Zg==", "Zg"},
        {"fo", "666f", "mzxq", "Zm8=", "Zm8"},
        {"foo", "666f6f", "mzxw6", "Zm9v", "Zm9v"},
        {"foob", "666f6f62", "mzxw6yq", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "666f6f6261", "mzxw6ytb", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "666f6f626172", "mzxw6ytboi", "Zm9vYmFy", "Zm9vYmFy"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.plain);
      const auto raw = as_bytes(c.plain);
      CHECK(to_hex(raw) == c.base16);
      CHECK(to_base32(raw) == c.base32);
      CHECK(to_base64(raw) == c.base64);
      CHECK(to_base64url(raw) == c.base64url);
      CHECK(*from_hex(c.base16) == to_bytes(raw));
      CHECK(*from_base32(c.base32) == to_bytes(raw));
      CHECK(*from_base64(c.base64) == to_bytes(raw));
      CHECK(*from_base64url(c.base64url) == to_bytes(raw));
    }
    for (const std::string_view bad :
         {"Z", "Zh", "Zm9", "Zg=", "Zg===", "Z g=", "Zm9v====", "Zg==Zg=="}) {
      CAPTURE(bad);
      CHECK(from_base64(bad).has_error());
    }
    CHECK(from_base64url("Zh").has_error());  // trailing bits
    CHECK(from_base32("mz").has_error());     // trailing bits
    CHECK(from_base32("MY").has_error());     // one case only
    CHECK(from_hex("6").has_error());
  }

  TEST_CASE("RFC 3339 seconds go both ways, impossible dates do not") {
    for (const std::int64_t s : {0L, 951782400L, 1764000000L, 4102444800L, -1L}) {
      CAPTURE(s);
      CHECK(to_unix(*from_rfc3339(to_rfc3339(from_unix(s)))) == s);
    }
    CHECK(to_rfc3339(from_unix(951782400)) == "2000-02-29T00:00:00Z");
    for (const std::string_view bad :
         {"2001-02-29T00:00:00Z", "2001-13-01T00:00:00Z", "2001-01-01T24:00:00Z",
          "2001-01-01 00:00:00Z", "2001-01-01T00:00:00", "2001-01-01T00:00:60Z"}) {
      CAPTURE(bad);
      CHECK(from_rfc3339(bad).has_error());
    }
  }

  TEST_CASE("durations have one unit and stay under ten years") {
    CHECK(*parse_duration("90s") == Seconds{90});
    CHECK(*parse_duration("7d") == Seconds{7 * 86400});
    for (const std::string_view bad : {"", "7", "d", "0d", "-1d", "1w", "4000d", "99999999999h"}) {
      CAPTURE(bad);
      CHECK(parse_duration(bad).has_error());
    }
  }

  TEST_CASE("a count larger than the bytes left is refused before anything is allocated") {
    Bytes bomb;
    append_le<std::uint32_t>(bomb, 0xffffffffU);
    CHECK(wire::decode<std::vector<std::string>>(bomb).has_error());
    CHECK(wire::decode<std::string>(bomb).has_error());
    CHECK(wire::decode<Bytes>(bomb).has_error());
  }

  TEST_CASE("a record reads back, and trailing or missing bytes are refused") {
    DocumentEntry entry;
    entry.title = "Compte rendu";
    entry.authors.push_back({"Alice Martin", {"801", "1.2.250.1.71.4.2.1"}, {}, ""});
    const Bytes encoded = wire::encode(entry);
    CHECK(*wire::decode<DocumentEntry>(encoded) == entry);
    Bytes longer = encoded;
    longer.push_back(0);
    CHECK(wire::decode<DocumentEntry>(longer).has_error());
    for (std::size_t n = 0; n < encoded.size(); ++n)
      CHECK(wire::decode<DocumentEntry>(ByteView{encoded}.first(n)).has_error());
  }

  TEST_CASE("JSON from strangers is bounded and has each name once") {
    CHECK(parse_json(R"({"a":1,"b":{"a":2}})").has_value());
    for (const std::string_view bad : {R"({"a":1,"a":2})", R"({"a":1,"\u0061":2})", R"({"a":1}x)",
                                       R"({"a":)", "", R"([{"b":{"c":1,"c":1}}])"}) {
      CAPTURE(bad);
      REQUIRE(parse_json(bad).has_error());
      CHECK(parse_json(bad).error() == errc::malformed);
    }
    CHECK(parse_json(std::string(40, '[') + std::string(40, ']')).has_error());
    CHECK(parse_json(std::string(100, ' '), {.bytes = 99}).error() == errc::too_large);
  }
}

}  // namespace
}  // namespace coffret
