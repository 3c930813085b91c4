// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/snippet.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/folder.hpp"
#include "tests/support/keys.hpp"
#include "tests/support/medium.hpp"
#include "tests/support/vault_machine.hpp"
#include "vault/store/schema.hpp"
#include "vault/store/search.hpp"
#include "vault/store/sqlite.hpp"

namespace coffret::store {
namespace {

struct Words {
  test::Folder folder;
  Connection db;
  Tokenizer tokenizer;

  static Connection opened(const std::string& path) {
    SystemDisk disk;
    REQUIRE(disk.replace(path, {}).has_value());
    test::SeededRandom random{1};
    auto db = Connection::open(path, crypto::make_key<crypto::StoreKey>(random));
    REQUIRE(db.has_value());
    return std::move(*db);
  }
  Words() : db(opened(folder / "db")), tokenizer(Tokenizer::make(db.handle()).value()) {}

  std::vector<std::string> of(std::string_view text) const {
    std::vector<std::string> words;
    CHECK(tokenizer.words(text, [&](std::string_view word) { words.emplace_back(word); })
              .has_value());
    return words;
  }
};

struct Asked {
  std::string text;
  std::uint32_t words = 0;
  std::size_t most = 0;  // bytes asked for

  LongText source() {
    return {text.size(), words, [this](std::size_t size) -> Result<std::string_view> {
              most = std::max(most, size);
              return std::string_view{text}.substr(0, size);
            }};
  }
};

// Numbered words: a short one each first, and then four long ones before each number.
Asked numbered(std::uint32_t count) {
  Asked made;
  made.words = count / 2 + 5 * (count - count / 2);
  for (std::uint32_t at = 0; at < count; ++at)
    made.text += (at > 0 ? " " : "") +
                 std::string(at < count / 2 ? "é" : "un très long mot collé") + std::to_string(at);
  return made;
}

TEST_SUITE("vault/store/snippet") {
  TEST_CASE("what one act brings is few parts of the index") {
    Words words;
    REQUIRE(words.db.execute(schema).has_value());
    Search search{words.db};
    REQUIRE(search.prepare().has_value());
    REQUIRE(words.db.execute("PRAGMA foreign_keys = OFF; BEGIN").has_value());
    for (std::int64_t row = 1; row <= 40; ++row) {
      std::string text;
      for (int at = 0; at < 10'000; ++at) text += "mot" + std::to_string(row * 10'000 + at) + " ";
      REQUIRE(search.add(row, {}, text).has_value());
    }
    REQUIRE(words.db.execute("COMMIT").has_value());
    auto parts = words.db.prepare("SELECT count(DISTINCT segid) FROM search_idx");
    REQUIRE(parts.has_value());
    REQUIRE(parts->step().has_value());
    CHECK(parts->int64(0) <= 4);  // nine, as FTS5 does by itself
  }

  TEST_CASE("words are found where the index has them, whatever stands between them") {
    const Words words;
    const std::vector<std::string> pieces{
        "mot",    "a",      "7",        "é",    "e\u0301", "œ",  "\uFB03",
        "L’",     "d'",     "«",        "»",    "😀",       "漢", "ß",
        " ",      "\n",     "-",        "_",    ".",       "@",  std::string(1, '\0'),
        "\xff",   "\xc3",   "\xe2\x82", "\x7f", "İ",       "ǆ",  "٣",
        "\u00a0", "\u200b", "\u0301"};
    test::Dice dice{20261129};
    for (int round = 0; round < 2000; ++round) {
      std::string text;
      for (auto left = dice.below(12); left > 0; --left) text += pieces[dice.below(pieces.size())];
      std::vector<std::string> walked;
      std::size_t last = 0;
      CHECK(words.tokenizer
                .walk(text,
                      [&](std::size_t start, std::size_t end) {
                        CHECK(start >= last);
                        CHECK(end <= text.size());
                        last = end;
                        for (auto& word : words.of(text.substr(start, end - start)))
                          walked.push_back(std::move(word));
                        return true;
                      })
                .has_value());
      CHECK(walked == words.of(text));
    }
  }

  TEST_CASE("the place of a word is where a walk finds it, however long the text before it") {
    const Words words;
    const std::vector<std::string> pieces{"mot",
                                          "glycémie ",
                                          "a",
                                          "7",
                                          "é",
                                          "e\u0301",
                                          "œ ",
                                          "\uFB03",
                                          "L’",
                                          "« ",
                                          " »",
                                          "😀",
                                          "漢",
                                          "ß",
                                          " ",
                                          "\n",
                                          "-",
                                          "_",
                                          "@",
                                          "[",
                                          "`",
                                          "{",
                                          "/",
                                          ":",
                                          "\xff",
                                          "\xc3",
                                          "\xe2\x82",
                                          "\x7f",
                                          "İ",
                                          "٣",
                                          "\u00a0",
                                          "\u200b",
                                          "\u0301",
                                          "Ωμέγα",
                                          "слово ",
                                          "\u2019été",
                                          "Z",
                                          "z",
                                          "Aa",
                                          "9 ",
                                          "\xed\xa0\x80",
                                          std::string(1, '\0'),
                                          "résultat normal de la mesure "};
    test::Dice dice{20261129};
    for (int round = 0; round < 2000; ++round) {
      std::string text;
      for (auto left = dice.below(60); left > 0; --left) text += pieces[dice.below(pieces.size())];
      CAPTURE(text);
      std::vector<std::size_t> starts;
      REQUIRE(words.tokenizer
                  .walk(text,
                        [&](std::size_t start, std::size_t) {
                          starts.push_back(start);
                          return true;
                        })
                  .has_value());
      for (std::uint32_t word = 0; word < starts.size(); ++word) {
        const auto place = words.tokenizer.place_of(text, word);
        REQUIRE(place.has_value());
        REQUIRE(place->byte == starts[word]);
        REQUIRE(place->words == word);
      }
      const auto behind = words.tokenizer.place_of(text, static_cast<std::uint32_t>(starts.size()));
      REQUIRE(behind.has_value());
      CHECK(behind->byte == text.size());
      CHECK(behind->words == starts.size());
    }
  }

  TEST_CASE("a snippet shows the place it is for, and reads no further than there") {
    const Words words;
    for (const std::uint32_t spot : {0U, 3U, 900U, 1500U}) {
      CAPTURE(spot);
      Asked asked;
      for (std::uint32_t at = 0; at < 20'000; ++at)
        asked.text += (at > 0 ? " mot" : "mot") + std::to_string(at);
      asked.words = 20'000;
      const auto made = make_snippet(words.tokenizer, asked.source(), {{spot, 1, 0}});
      REQUIRE(made.has_value());
      CHECK(made->find("‹mot" + std::to_string(spot) + "›") != std::string::npos);
      CHECK(made->ends_with("…"));
      CHECK(made->starts_with("…") == (spot > 7));
      CHECK(static_cast<std::size_t>(std::count(made->begin(), made->end(), ' ')) ==
            snippet_words - 1);
      CHECK(asked.most < asked.text.size() / 4);
    }
  }

  TEST_CASE("where words grow longer behind what was thought enough, more is read") {
    const Words words;
    auto asked = numbered(4000);
    // Five words each in the second half.
    const std::uint32_t first_long = 2000;
    for (const std::uint32_t spot : {10U, first_long - 1, first_long + 2504}) {
      CAPTURE(spot);
      const auto made = make_snippet(words.tokenizer, asked.source(), {{spot, 1, 0}});
      REQUIRE(made.has_value());
      CHECK(made->find("‹") != std::string::npos);
      CHECK(words.of(*made).size() == snippet_words);
    }
    const auto last = make_snippet(words.tokenizer, asked.source(), {{asked.words - 1, 1, 0}});
    REQUIRE(last.has_value());
    CHECK(last->find("‹") != std::string::npos);
  }

  TEST_CASE("a text shorter than the index says shows its beginning") {
    const Words words;
    Asked asked{.text = "un deux trois", .words = 900};
    const auto made = make_snippet(words.tokenizer, asked.source(), {{800, 1, 0}});
    REQUIRE(made.has_value());
    CHECK(*made == "un deux trois");
  }

  TEST_CASE("without spots, and of nothing, the beginning") {
    const Words words;
    Asked asked{.text = "un deux trois", .words = 3};
    CHECK(make_snippet(words.tokenizer, asked.source(), {}).value() == "un deux trois");
    Asked nothing;
    CHECK(make_snippet(words.tokenizer, nothing.source(), {}).value().empty());
  }
}

}  // namespace
}  // namespace coffret::store
