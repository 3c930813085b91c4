// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/search.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/vault_machine.hpp"

namespace coffret::store {
namespace {

TEST_SUITE("vault/store/search") {
  TEST_CASE("what a person types becomes terms, and never syntax") {
    struct {
      const char* typed;
      const char* expression;
    } const cases[] = {
        {"", ""},
        {"  \t ", ""},
        {"sucre", "\"sucre\""},
        {"deux mots", "\"deux\" \"mots\""},
        {"\"une phrase\" mot", "\"une phrase\" \"mot\""},
        {"\"jamais fermée", "\"jamais fermée\""},
        {"hémo*", "\"hémo\"*"},
        {"*", ""},
        {"\"\"", ""},
        {"l'hémoglobine", "\"hémoglobine\""},
        {"D’hémo*", "\"hémo\"*"},
        {"aujourd'hui", "\"aujourd'hui\""},
        {"\"l'eau\"", "\"l'eau\""},
        {"a OR b", "\"a\" \"OR\" \"b\""},
        {"title:x NEAR(a)", "\"title:x\" \"NEAR(a)\""},
        {"-x ^y {z}", "\"-x\" \"^y\" \"{z}\""},
        {"a\"b c\"d", "\"a\" \"b c\" \"d\""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.typed);
      const auto expression = fts_expression(c.typed);
      REQUIRE(expression.has_value());
      CHECK(*expression == c.expression);
    }
    CHECK(*fts_expression(std::string_view{"\0 a\0b", 5}) == "\"ab\"");
    CHECK(fts_expression(std::string(max_question + 1, 'a')).error() == errc::too_large);
  }

  TEST_CASE("accents, case, ligatures and elisions do not matter; phrases and prefixes do") {
    test::Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    CHECK(made->vault
              .put_documents(
                  {test::prepared("Bilan", "Dosage de l'hémoglobine glyquée : ŒDÈME du cœur"),
                   test::prepared("Courrier", "la ﬁbrillation ; cae\u0301cum ; Straße"),
                   test::prepared("Note", "glyquée puis hémoglobine ; œdème")})
              .has_value());
    struct {
      const char* words;
      std::vector<std::string> titles;  // in order of their titles
    } const cases[] = {
        {"HEMOGLOBINE", {"Bilan", "Note"}},
        {"l'hémoglobine", {"Bilan", "Note"}},
        {"L’HÉMOGLOBINE", {"Bilan", "Note"}},
        {"\"hémoglobine glyquée\"", {"Bilan"}},
        {"\"l'hémoglobine\"", {"Bilan"}},
        {"glyq*", {"Bilan", "Note"}},
        {"glyq", {}},
        {"oedeme", {"Bilan", "Note"}},
        {"œdème", {"Bilan", "Note"}},
        {"coeur bilan", {"Bilan"}},
        {"fibrillation", {"Courrier"}},
        {"caécum", {"Courrier"}},
        {"he\u0301moglobine", {"Bilan", "Note"}},
        {"L\u2019HE\u0301MO*", {"Bilan", "Note"}},
        {"\"l\u2019hémoglobine glyquée\"", {"Bilan"}},
        {"d'œdème", {"Bilan", "Note"}},
        {"\uFB01brill*", {"Courrier"}},
        {"cœ*", {"Bilan"}},
        {"strasse", {"Courrier"}},
        {"courrier absent", {}},
        {"! ? '", {}},
        {"", {}},
    };
    for (const auto& c : cases) {
      CAPTURE(c.words);
      const auto hits = made->vault.search(c.words);
      REQUIRE(hits.has_value());
      std::vector<std::string> titles;
      for (const auto& hit : *hits) titles.push_back(hit.document.entry.title);
      std::sort(titles.begin(), titles.end());
      CHECK(titles == c.titles);
    }
  }

  TEST_CASE("a title weighs more than a text, and the snippet shows the text's own letters") {
    test::Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    CHECK(made->vault
              .put_documents({test::prepared("Diabète", "suivi annuel"),
                              test::prepared("Autre", "le diabète et le cœur du patient")})
              .has_value());
    const auto hits = made->vault.search("diabete");
    REQUIRE(hits->size() == 2);
    CHECK(hits->front().document.entry.title == "Diabète");
    CHECK(made->vault.search("coeur")->front().snippet == "le diabète et le ‹cœur› du patient");
  }

  TEST_CASE("every hit has the snippet of its own text, old and new ones together") {
    test::Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    std::vector<PreparedDocument> batch;
    for (int i = 0; i < 40; ++i) {
      const auto n = std::to_string(i);
      batch.push_back(test::prepared("Note " + n, "mot" + n + " thyroïde examen " + n));
    }
    REQUIRE(made->vault.put_documents(std::move(batch)).has_value());
    for (const char* words : {"thyro*", "thyroïde examen", "\"thyroïde examen\""}) {
      CAPTURE(words);
      const auto hits = made->vault.search(words, 30);
      REQUIRE(hits->size() == 30);
      for (const auto& hit : *hits) {
        const auto n = hit.document.entry.title.substr(5);
        CHECK(hit.snippet.starts_with("mot" + n + " "));
        CHECK(hit.snippet.find("‹thyroïde") != std::string::npos);
      }
    }
    CHECK(made->vault.search("note")->front().snippet.find("‹") == std::string::npos);
  }

  TEST_CASE("text set again replaces what was found before") {
    test::Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    const auto id = test::put(made->vault, test::prepared("Scan", "ancien"));
    CHECK(made->vault.set_derived(id, "nouveau", {}, {}).has_value());
    CHECK(made->vault.search("ancien")->empty());
    CHECK(made->vault.search("nouveau")->size() == 1);
    CHECK(made->vault.search("scan")->size() == 1);
  }
}

}  // namespace
}  // namespace coffret::store
