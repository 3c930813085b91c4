// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/version.hpp"

#include <doctest/doctest.h>

namespace coffret::protocol {
namespace {

errc outcome(const Result<void>& done) {
  return done.has_error() ? to_errc(done.error()) : errc::ok;
}

TEST_SUITE("sync/protocol/version") {
  TEST_CASE("a range has one spelling") {
    for (const char* text : {"1-1", "1-3", "2-999"}) {
      CAPTURE(text);
      const auto range = parse_versions(text);
      REQUIRE(range.has_value());
      CHECK(format_versions(*range) == text);
    }
    for (const char* text : {"", "1", "-", "1-", "-1", "0-1", "2-1", "1-1000", "01-2", "1-02",
                             "1 - 2", "1-2-3", "a-b"}) {
      CAPTURE(text);
      CHECK(parse_versions(text).error() == errc::malformed);
    }
  }

  TEST_CASE("two programs two versions apart work together where one still speaks the other's") {
    struct {
      const char* name;
      const char* said;  // by the server; null: nothing
      std::uint64_t version;
      errc expected;
    } const cases[] = {
        {"the first release's server", nullptr, 1, errc::ok},
        {"the same age", "3-3", 3, errc::ok},
        {"a newer server that still speaks ours", "1-3", 1, errc::ok},
        {"a newer server that does not", "2-3", 1, errc::other_version},
        {"an older server", "1-1", 3, errc::other_version},
        {"the first release's server, met by a later vault", nullptr, 3, errc::other_version},
        {"noise", "x", 1, errc::malformed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      const std::string said = c.said == nullptr ? "" : c.said;
      CHECK(outcome(check_answer_versions(c.said == nullptr ? nullptr : &said, c.version)) ==
            c.expected);
    }
    const std::string one = "1";
    const std::string three = "3";
    CHECK(outcome(check_request_version(nullptr, {1, 3})) == errc::ok);
    CHECK(outcome(check_request_version(nullptr, {2, 3})) == errc::other_version);
    CHECK(outcome(check_request_version(&one, {1, 1})) == errc::ok);
    CHECK(outcome(check_request_version(&three, {1, 1})) == errc::other_version);
  }
}

}  // namespace
}  // namespace coffret::protocol
