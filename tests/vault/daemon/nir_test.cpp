// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/nir.hpp"

#include <doctest/doctest.h>

namespace coffret::daemon {
namespace {

// Nobody's: made for this, with the key that the rule gives.
TEST_SUITE("vault/daemon/nir") {
  TEST_CASE("a number counts with its key, and only with it") {
    struct {
      const char* number;
      bool is;
    } const cases[] = {
        {"185057800608491", true},   // 97 - 1850578006084 mod 97
        {"185057800608492", false},  // another key
        {"185057800609491", false},  // another digit
        {"585057800608485", false},  // no such sex, with its key
        {"185157800608457", false},  // no such month, with its key
        {"18505780060849", false},   // too short
    };
    for (const auto& c : cases) {
      CAPTURE(c.number);
      CHECK(is_nir(c.number) == c.is);
    }
  }

  TEST_CASE("the two départements of Corsica count as 19 and 18") {
    // 1850519006084 and 1850518006084 have the keys of these.
    CHECK(is_nir("185052A00608435"));
    CHECK(is_nir("185052B00608462"));
    CHECK_FALSE(is_nir("185052A00608462"));
    CHECK_FALSE(is_nir("185053A00608435"));
  }

  TEST_CASE("it is found among words, together or in groups, and not inside longer numbers") {
    CHECK(holds_nir("N° SS : 1 85 05 78 006 084 91."));
    CHECK(holds_nir("(185057800608491)"));
    CHECK(
        holds_nir("1\xC2\xA0"
                  "85\xC2\xA0"
                  "05\xC2\xA0"
                  "78\xC2\xA0"
                  "006\xC2\xA0"
                  "084\xC2\xA0"
                  "91"));
    CHECK_FALSE(holds_nir("9185057800608491"));
    CHECK_FALSE(holds_nir("1850578006084911"));
    CHECK_FALSE(holds_nir("IPP185057800608491"));
    CHECK_FALSE(holds_nir("1 85 05 78 006 084 92"));
    CHECK_FALSE(holds_nir(""));
  }
}

}  // namespace
}  // namespace coffret::daemon
