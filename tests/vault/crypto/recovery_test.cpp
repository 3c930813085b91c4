// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/recovery.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/support/keys.hpp"
#include "vault/crypto/words.hpp"

namespace coffret::crypto {
namespace {

using test::counting_id;
using test::counting_key;
using test::secret_text;

// From DESIGN.md alone, by hashlib and base64 of CPython: the seed 40 41 … 5f.
constexpr std::string_view groups =
    "IBAU-EQ2E-IVDE-OSCJ-JJFU-YTKO-J5IF-CUST-KRKV-MV2Y-LFNF-WXC5-LZPQ-O5OK";
constexpr std::string_view check = "archet escalier buisson cloche";

std::string printed() {
  return std::string{groups} + " " + std::string{check};
}

error_code parsing(std::string_view text) {
  const auto seed = parse_recovery_text(secret_text(text));
  if (seed.has_error()) return seed.error();
  CHECK(test::shown(*seed) == test::shown(counting_key<RecoverySeed>(0x40)));
  return {};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_SUITE("vault/crypto/recovery") {
  TEST_CASE("the printed key is what DESIGN.md describes") {
    const auto seed = counting_key<RecoverySeed>(0x40);
    CHECK(check_words(seed) == check);
    CHECK(test::shown_text(recovery_text(seed)) == printed());
  }

  TEST_CASE("a key is read however people type it") {
    std::string lower{printed()};
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    std::string bare{groups};
    std::erase(bare, '-');
    std::string spaced{groups};
    std::replace(spaced.begin(), spaced.end(), '-', ' ');
    for (const auto& typed :
         {printed(), std::string{groups}, lower, bare, spaced, bare + "archetescalierbuissoncloche",
          "  " + spaced + "\r\n\tARCHET-Escalier  buisson\ncloche \n",
          replaced(std::string{groups}, "LZPQ-O5OK", "LZPQ-05OK"),  // a zero for the letter O
          replaced(std::string{groups}, "IBAU", "18AU")}) {         // 1 for I, 8 for B
      CAPTURE(typed);
      CHECK(parsing(typed) == error_code{});
    }
  }

  TEST_CASE("every mistake of one character is told, with the words and without") {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (groups[i] == '-') continue;
      CAPTURE(i);
      for (const char c : alphabet) {
        if (c == groups[i]) continue;
        std::string wrong = printed();
        wrong[i] = c;
        CHECK(parsing(wrong) == errc::wrong_recovery_key);
        CHECK(parsing(wrong.substr(0, groups.size())) == errc::wrong_recovery_key);
      }
      std::string missing = printed();
      missing.erase(i, 1);
      CHECK(parsing(missing) == errc::wrong_recovery_key);
      std::string twice = printed();
      twice.insert(i, 1, groups[i]);
      CHECK(parsing(twice) == errc::wrong_recovery_key);
    }
    for (std::size_t i = groups.size() + 1; i < printed().size(); ++i) {
      if (printed()[i] == ' ') continue;
      std::string wrong = printed();
      wrong[i] = wrong[i] == 'z' ? 'y' : 'z';
      CHECK(parsing(wrong) == errc::wrong_recovery_key);
    }
  }

  TEST_CASE("groups or words that changed places, are missing or are too many are told") {
    for (const auto& wrong :
         {replaced(printed(), "IBAU-EQ2E", "EQ2E-IBAU"), replaced(printed(), "JJFU-", ""),
          replaced(printed(), "archet escalier", "escalier archet"),
          replaced(printed(), " cloche", ""), printed() + " cloche", std::string{},
          std::string{"-"}, std::string(4096, 'A'), std::string{check},
          replaced(printed(), "IBAU",
                   "\xc3\x8e"
                   "BAU")}) {
      CAPTURE(wrong);
      CHECK(parsing(wrong) == errc::wrong_recovery_key);
    }
  }

  TEST_CASE("the check words are easy to tell apart") {
    std::set<std::string_view> starts;
    CHECK(std::is_sorted(words.begin(), words.end()));
    for (const auto word : words) {
      CAPTURE(word);
      CHECK(word.size() >= 4);
      CHECK(word.size() <= 8);
      CHECK(std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; }));
      CHECK(starts.insert(word.substr(0, 4)).second);
    }
  }
}

RecoveryFacts some_facts() {
  RecoveryFacts facts;
  facts.vault = counting_id<VaultId>(1);
  facts.server_url = "https://vault.example:8443";
  facts.server_fingerprint = counting_id<Fingerprint>(2);
  facts.seq = 42;
  facts.head = counting_id<EntryHash>(3);
  facts.date = "2026-11-23T17:18:54Z";
  return facts;
}

error_code parsing_file(std::string_view text) {
  const auto sheet = parse_recovery_file(secret_text(text));
  return sheet.has_error() ? sheet.error() : error_code{};
}

TEST_SUITE("vault/crypto/recovery_file") {
  TEST_CASE("a recovery file says what it was given, joined to a server or not") {
    RecoveryFacts alone = some_facts();
    alone.server_url.clear();
    alone.server_fingerprint.reset();
    for (const auto& facts : {some_facts(), alone}) {
      const auto file = recovery_file(counting_key<RecoverySeed>(0x40), facts);
      const auto sheet = parse_recovery_file(file);
      REQUIRE(sheet.has_value());
      CHECK(sheet->facts == facts);
      CHECK(test::shown(sheet->seed) == test::shown(counting_key<RecoverySeed>(0x40)));
    }
  }

  TEST_CASE("its lines are these") {
    CHECK(test::shown_text(recovery_file(counting_key<RecoverySeed>(0x40), some_facts())) ==
          "coffret-recovery: 1\n"
          "vault: aebagbafaydqqcikbmga2dqpca\n"
          "key: " +
              std::string{groups} + "\ncheck: " + std::string{check} +
              "\nserver: https://vault.example:8443\n"
              "fingerprint: " +
              to_base64url(counting_id<Fingerprint>(2).view()) + "\nseq: 42\nhead: " +
              counting_id<EntryHash>(3).text() + "\ndate: 2026-11-23T17:18:54Z\n");
  }

  TEST_CASE(
      "the fingerprint is spelled as cards show it, and read as sheets of before spelled it") {
    const auto fingerprint = counting_id<Fingerprint>(2);
    const auto shown = to_base64url(fingerprint.view());
    for (const auto& spelled : {shown, fingerprint.text()}) {
      CAPTURE(spelled);
      const auto read = parse_fingerprint(spelled);
      REQUIRE(read.has_value());
      CHECK(*read == fingerprint);
      const auto file =
          test::shown_text(recovery_file(counting_key<RecoverySeed>(0x40), some_facts()));
      const auto sheet = parse_recovery_file(secret_text(replaced(file, shown, spelled)));
      REQUIRE(sheet.has_value());
      CHECK(sheet->facts == some_facts());
    }
    for (const auto& wrong : {std::string{}, std::string{"A"}, shown + "A", shown.substr(1)}) {
      CAPTURE(wrong);
      CHECK(parse_fingerprint(wrong).has_error());
    }
  }

  TEST_CASE("what a careful hand changes is accepted, any other change is refused") {
    const auto file =
        test::shown_text(recovery_file(counting_key<RecoverySeed>(0x40), some_facts()));
    struct {
      const char* name;
      std::string text;
      errc expected;
    } const cases[] = {
        {"unknown names", file + "note: in the blue folder\n", errc::ok},
        {"blank lines", "\n\n" + file + "\r\n", errc::ok},
        {"no check line", replaced(file, "check: " + std::string{check} + "\n", ""), errc::ok},
        {"another form", replaced(file, "recovery: 1", "recovery: 2"), errc::other_version},
        {"no first line", replaced(file, "coffret-recovery: 1\n", ""), errc::malformed},
        {"a name twice", file + "vault: aebagbafaydqqcikbmga2dqpca\n", errc::malformed},
        {"an unknown name twice", file + "a: 1\na: 1\n", errc::malformed},
        {"no vault", replaced(file, "vault:", "vauld:"), errc::malformed},
        {"no date", replaced(file, "date:", "data:"), errc::malformed},
        {"no day 32", replaced(file, "-23T", "-32T"), errc::malformed},
        {"seq not canonical", replaced(file, "seq: 42", "seq: 042"), errc::malformed},
        {"seq too large", replaced(file, "seq: 42", "seq: 18446744073709551616"), errc::malformed},
        {"seq negative", replaced(file, "seq: 42", "seq: -1"), errc::malformed},
        {"a line without a name", file + "what\n", errc::malformed},
        {"a space in the URL", replaced(file, "vault.example", "vault example"), errc::malformed},
        {"a mistake in the key", replaced(file, "IBAU", "IBAV"), errc::wrong_recovery_key},
        {"a mistake in the check", replaced(file, "cloche", "clavier"), errc::wrong_recovery_key},
        {"no key", replaced(file, "key:", "kay:"), errc::wrong_recovery_key},
        {"empty", "", errc::malformed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      CHECK(to_errc(parsing_file(c.text)) == c.expected);
    }
    std::string many;
    for (int i = 0; i < 100; ++i) many += "n" + std::to_string(i) + ": 1\n";
    CHECK(parsing_file(file + many) == errc::malformed);
    CHECK(parsing_file(std::string(SecretText::max_size, '\n')) == errc::malformed);
  }
}

}  // namespace
}  // namespace coffret::crypto
