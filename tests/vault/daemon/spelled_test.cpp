// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/spelled.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>

namespace coffret::daemon {
namespace {

TEST_SUITE("vault/daemon/spelled") {
  TEST_CASE("an instant is told in local time, as people of the language write it") {
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);  // NOLINT(concurrency-mt-unsafe)
    ::tzset();
    struct {
      const char* instant;
      const char* french;
      const char* english;
    } const cases[] = {
        {"2026-11-23T13:02:59Z", "23 novembre 2026 à 14 h 02", "23 November 2026 at 14:02"},
        {"2026-07-01T06:00:00Z", "1er juillet 2026 à 8 h 00", "1 July 2026 at 08:00"},
        {"2026-12-31T23:30:00Z", "1er janvier 2027 à 0 h 30", "1 January 2027 at 00:30"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.instant);
      const auto time = from_rfc3339(c.instant);
      REQUIRE(time.has_value());
      CHECK(spelled(*time, Language::french) == c.french);
      CHECK(spelled(*time, Language::english) == c.english);
    }
  }

  TEST_CASE("a document's date is told as precisely as it says") {
    struct {
      const char* iso;
      const char* french;
      const char* english;
    } const cases[] = {
        {"2020-03-12", "12 mars 2020", "12 March 2020"},
        {"2020-03-01T10:00:00+01:00", "1er mars 2020", "1 March 2020"},
        {"2020-03", "mars 2020", "March 2020"},
        {"2020", "2020", "2020"},
        {"2020-13", "2020", "2020"},
        {"hier", "hier", "hier"},
        {"", "", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.iso);
      CHECK(spelled_date(c.iso, Language::french) == c.french);
      CHECK(spelled_date(c.iso, Language::english) == c.english);
    }
  }
}

}  // namespace
}  // namespace coffret::daemon
