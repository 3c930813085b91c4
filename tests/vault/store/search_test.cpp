// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/search.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/vault_machine.hpp"

namespace coffret::store {
namespace {

std::vector<Author> by(const std::string& name) {
  Author author;
  author.name = name;
  return {author};
}

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

  TEST_CASE("what may not be shown takes no place among the hits, however much of it there is") {
    struct {
      const char* name;
      void (*hide)(Vault&, PreparedDocument&);
    } const cases[] = {
        {"quarantined", [](Vault&, PreparedDocument& d) { d.quarantined = true; }},
        {"another person's",
         [](Vault& vault, PreparedDocument& d) {
           if (vault.persons().size() == 1) REQUIRE(vault.add_person("Léo").has_value());
           d.person = vault.persons().back().id;
         }},
        {"of another category", [](Vault&, PreparedDocument& d) { d.entry.category = "note"; }},
        {"later than asked", [](Vault&, PreparedDocument& d) { d.entry.date = "2026-09-01"; }},
        {"by another author",
         [](Vault&, PreparedDocument& d) { d.entry.authors = by("Dr Autre"); }},
    };
    const DocumentFilter filter{
        .category = "other", .until = "2026-06", .author = "modele", .person = PersonId{}};
    for (const auto& c : cases) {
      CAPTURE(c.name);
      test::Machine machine;
      auto made = machine.create();
      REQUIRE(made.has_value());
      auto old = test::prepared("Ancien", "la glycémie à jeun");
      old.entry.authors = by("Dr Modèle");
      const auto id = test::put(made->vault, old);
      std::vector<PreparedDocument> batch;
      for (int i = 0; i < 310; ++i) {
        auto next = test::prepared("Récent " + std::to_string(i), "glycémie");
        next.entry.authors = old.entry.authors;
        c.hide(made->vault, next);
        batch.push_back(std::move(next));
      }
      REQUIRE(made->vault.put_documents(std::move(batch)).has_value());
      const auto hits = made->vault.search("glycémie", 50, filter);
      REQUIRE(hits.has_value());
      REQUIRE(hits->size() == 1);
      CHECK(hits->front().document.id == id);
      CHECK(hits->front().snippet == "la ‹glycémie› à jeun");
    }
  }

  TEST_CASE("a removed document leaves the search at once and comes back when it is restored") {
    test::Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    const auto id = test::put(made->vault, test::prepared("Bilan", "glycémie"));
    CHECK(made->vault.search("glycémie")->size() == 1);
    CHECK(made->vault.remove(id).has_value());
    CHECK(made->vault.search("glycémie")->empty());
    CHECK(made->vault.search("glycémie", 50, {.removed = true})->size() == 1);
    CHECK(made->vault.restore(id).has_value());
    CHECK(made->vault.search("glycémie")->size() == 1);
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
