// SPDX-License-Identifier: EUPL-1.2
#include "coffret/spoken.hpp"

#include <doctest/doctest.h>

#include "coffret/padding.hpp"

namespace coffret {
namespace {

TEST_SUITE("vault/reader/spoken") {
  TEST_CASE("a dose is packed and unpacked as it was, and a plain one is plain text") {
    const SpokenDose cases[] = {
        {},
        {"1 le soir", "1 le soir"},
        {"1 fois par jour", "once a day"},
        {"x", "x", {"po", "urn:x", "voie orale"}, false, ""},
        {"x", "y", {"", "", "voie orale"}, true, "douleur"},
        {"x", "x", {}, true, ""},
        {"", "", {}, true, ""},
    };
    for (const auto& dose : cases) {
      CAPTURE(packed(dose));
      CHECK(unpacked_dose(packed(dose)) == dose);
    }
    CHECK(packed({"1 le soir", "1 le soir"}) == "1 le soir");
    CHECK(said_in("1 le soir", Language::english) == "1 le soir");
  }

  TEST_CASE("words in two languages are said in one") {
    const auto both = spoken("3 boîtes", "3 boxes");
    CHECK(said_in(both, Language::french) == "3 boîtes");
    CHECK(said_in(both, Language::english) == "3 boxes");
    CHECK(spoken("lot 7", "lot 7") == "lot 7");
  }

  TEST_CASE("a limit keeps the decimals of a laboratory, and not those of a database") {
    for (const auto& [sent, shown] :
         std::initializer_list<std::pair<const char*, const char*>>{{"4.00", "4.00"},
                                                                    {"0.0050", "0.0050"},
                                                                    {"63.000000", "63"},
                                                                    {"83.500000", "83.5"},
                                                                    {"-1.250000", "-1.25"},
                                                                    {"10", "10"},
                                                                    {"", ""}}) {
      CAPTURE(sent);
      CHECK(without_padding(sent) == shown);
    }
  }
}

}  // namespace
}  // namespace coffret
