// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/header_values.hpp"

#include <doctest/doctest.h>

namespace coffret::protocol {
namespace {

TEST_SUITE("sync/protocol/header_values") {
  TEST_CASE("a number has one spelling") {
    CHECK(*parse_decimal("0") == 0);
    CHECK(*parse_decimal("18446744073709551615") == ~std::uint64_t{0});
    for (const auto* text :
         {"", "00", "01", "+1", "-1", " 1", "1 ", "1.0", "0x1", "five", "18446744073709551616"}) {
      CAPTURE(text);
      CHECK(parse_decimal(text).error() == errc::malformed);
    }
  }

  TEST_CASE("a range lies within the content, or is refused") {
    struct {
      const char* text;
      std::uint64_t size;
      Window window;  // of length 0: refused
    } const cases[] = {
        {"bytes=0-0", 1, {0, 1}},
        {"bytes=2-4", 10, {2, 3}},
        {"bytes=2-", 10, {2, 8}},
        {"bytes=2-99", 10, {2, 8}},
        {"bytes=0-18446744073709551615", 10, {0, 10}},
        {"bytes=10-", 10, {}},
        {"bytes=5-4", 10, {}},
        {"bytes=-4", 10, {}},
        {"bytes=0-0,2-3", 10, {}},
        {"bytes=0-0", 0, {}},
        {"bytes=-", 10, {}},
        {"bytes=1", 10, {}},
        {"Bytes=0-0", 10, {}},
        {"bytes= 0-0", 10, {}},
        {"lines=0-0", 10, {}},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      const auto window = parse_range(c.text, c.size);
      REQUIRE(window.has_value() == (c.window.length > 0));
      if (window.has_value()) CHECK(*window == c.window);
    }
  }

  TEST_CASE("a part's place is within the size it names") {
    CHECK(*parse_content_range("bytes 2-4/10") == ContentRange{{2, 3}, 10});
    for (const auto* text :
         {"bytes 0-10/10", "bytes 5-4/10", "bytes 0-4/*", "bytes */10", "bytes 0-4", "bytes 0-4/",
          "bytes 0-/10", "bytes=0-4/10", "bytes 0-4/10 "}) {
      CAPTURE(text);
      CHECK(parse_content_range(text).error() == errc::malformed);
    }
  }

  TEST_CASE("the caller is the last address that none of our proxies has") {
    const auto is_proxy = [](std::string_view address) { return address.starts_with("10."); };
    const std::string longest(max_address, 'a');
    struct {
      std::string chain;
      std::string_view caller;
    } const cases[] = {
        {"192.0.2.9", "192.0.2.9"},
        {"192.0.2.1, 192.0.2.9", "192.0.2.9"},
        {"192.0.2.9,10.0.0.1", "192.0.2.9"},
        {"192.0.2.9 ,\t10.0.0.1 , 10.0.0.2", "192.0.2.9"},
        {"10.0.0.1", ""},
        {"", ""},
        {",", ""},
        {"192.0.2.9,,10.0.0.1", ""},  // nothing of ours writes that
        {longest, longest},
        {longest + "a", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.chain);
      CHECK(caller_of(c.chain, is_proxy) == c.caller);
    }
  }

  TEST_CASE("a token stands behind its scheme, spelt as we send it") {
    CHECK(bearer_token("Bearer abc") == "abc");
    for (const auto* text : {"", "Bearer", "bearer abc", "Basic abc", " Bearer abc"})
      CHECK(bearer_token(text).empty());
  }
}

}  // namespace
}  // namespace coffret::protocol
