// SPDX-License-Identifier: EUPL-1.2
//
// The printed sheet, read back as a person's machine would: its text by pdftotext, its code by
// zbarimg from the page as pdftoppm paints it. Without those programs the cases say so.
#include "vault/paper/sheet.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tests/support/folder.hpp"
#include "tests/support/keys.hpp"
#include "vault/paper/pdf.hpp"
#include "vault/paper/split.hpp"

namespace coffret::paper {
namespace {

using test::counting_id;
using test::counting_key;

SecretText recovery_file(bool with_server = true) {
  crypto::RecoveryFacts facts;
  facts.vault = counting_id<VaultId>(3);
  if (with_server) {
    facts.server_url = "https://coffret.example";
    facts.server_fingerprint = counting_id<Fingerprint>(9);
  }
  facts.seq = 1234;
  facts.head = counting_id<EntryHash>(80);
  facts.date = "2026-11-28T16:00:00Z";
  return crypto::recovery_file(counting_key<crypto::RecoverySeed>(64), facts);
}

std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> buffer{};
  while (const auto n = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), n);
  (void)::pclose(pipe);
  return output;
}

bool is_there(const char* program) {
  const bool there = !output_of(std::string{"command -v "} + program).empty();
  if (!there) MESSAGE("skipped: " << program << " is not installed");
  return there;
}

std::string keep(const test::Folder& folder, const crypto::WipingBytes& pdf) {
  const auto path = folder / "sheet.pdf";
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(pdf.data()), static_cast<std::streamsize>(pdf.size()));
  return path;
}

// The page's code, scanned.
std::string scanned(const test::Folder& folder, const std::string& pdf) {
  (void)output_of("pdftoppm -r 200 -f 1 -l 1 -singlefile -png " + pdf + " " + (folder / "page"));
  return output_of("zbarimg --quiet --raw " + (folder / "page") + ".png");
}

TEST_SUITE("vault/paper/sheet") {
  TEST_CASE("the page says in French and English what it is and what to do, with its accents") {
    if (!is_there("pdftotext")) return;
    struct {
      Language language;
      std::vector<const char*> words;
    } const cases[] = {
        {Language::french,
         {"Fiche de secours de mon coffre de santé", "Qui tient cette feuille ouvre tout", "IBAU",
          "O5OK", "archet escalier buisson cloche", "https://coffret.example", "1234", "2026-11-28",
          "Ma phrase secrète est oubliée", "Pour un proche", "Élodie EXEMPLE"}},
        {Language::english,
         {"Recovery sheet of my health vault", "Whoever holds this sheet opens everything",
          "archet escalier buisson cloche", "My passphrase is forgotten", "For a relative"}},
    };
    for (const auto& c : cases) {
      const test::Folder folder;
      const auto pdf = sheet_pdf(recovery_file(), {c.language, "Élodie EXEMPLE"});
      REQUIRE(pdf.has_value());
      const auto text = output_of("pdftotext -layout " + keep(folder, *pdf) + " -");
      for (const auto* word : c.words) {
        CAPTURE(word);
        CHECK(text.find(word) != std::string::npos);
      }
      CHECK(text.find('?') == std::string::npos);  // no letter that the fonts lack
    }
  }

  TEST_CASE("the code on the paper is the recovery file, byte for byte") {
    if (!is_there("zbarimg") || !is_there("pdftoppm")) return;
    for (const bool with_server : {true, false}) {
      const test::Folder folder;
      const auto file = recovery_file(with_server);
      const auto pdf = sheet_pdf(file, {Language::french, {}});
      REQUIRE(pdf.has_value());
      // zbarimg ends what it read with a line break of its own.
      CHECK(scanned(folder, keep(folder, *pdf)) == test::shown_text(file) + "\n");
    }
  }

  TEST_CASE("two shares scanned from their papers give the key") {
    if (!is_there("zbarimg") || !is_there("pdftoppm")) return;
    test::CountingRandom random{5};
    const auto shares = share_files(recovery_file(), from_unix(1'800'000'000), random);
    REQUIRE(shares.has_value());
    std::vector<SecretText> read;
    for (const std::size_t at : {std::size_t{0}, std::size_t{2}}) {
      const test::Folder folder;
      const auto pdf = share_pdf((*shares)[at], {Language::english, {}});
      REQUIRE(pdf.has_value());
      read.push_back(test::secret_text(scanned(folder, keep(folder, *pdf))));
    }
    const auto combined = crypto::combine_shares(read[0], read[1]);
    REQUIRE(combined.has_value());
    CHECK(test::shown(combined->seed) == test::shown(counting_key<crypto::RecoverySeed>(64)));
  }

  TEST_CASE("a share says what is true of a share, and nothing of a sheet") {
    if (!is_there("pdftotext")) return;
    struct {
      Language language;
      std::vector<const char*> words;
      std::vector<const char*> untrue;
    } const cases[] = {
        {Language::french,
         {"une des trois parts", "Seule, elle n'ouvre rien", "quinze groupes",
          "Qui tient les deux autres parts", "Part 1, la personne", "Part 3, l'association",
          "La même part, à scanner", "Élodie EXEMPLE"},
         {"quatorze", "Cette feuille est la clé", "ouvre tout : chaque document",
          "Part 2, un proche", "La même clé"}},
        {Language::english,
         {"one of the three shares", "Alone it opens nothing", "fifteen groups",
          "Who holds the other two shares", "Share 1, the person"},
         {"fourteen", "This sheet is the key", "opens everything: each", "Share 2, a relative",
          "The same key"}},
    };
    test::CountingRandom random{5};
    const auto shares = share_files(recovery_file(), from_unix(1'800'000'000), random);
    REQUIRE(shares.has_value());
    for (const auto& c : cases) {
      const test::Folder folder;
      const auto pdf = share_pdf((*shares)[1], {c.language, "Élodie EXEMPLE"});
      REQUIRE(pdf.has_value());
      // Without the line breaks of its paragraphs.
      const auto text =
          output_of("pdftotext -layout " + keep(folder, *pdf) + " - | tr -s ' \\n\\f' ' '");
      for (const auto* word : c.words) {
        CAPTURE(word);
        CHECK(text.find(word) != std::string::npos);
      }
      for (const auto* word : c.untrue) {
        CAPTURE(word);
        CHECK(text.find(word) == std::string::npos);
      }
      CHECK(text.find('?') == std::string::npos);
    }
  }

  TEST_CASE("shares say where the vault is now, and keep the head that old backups have") {
    test::CountingRandom random{5};
    const VaultPlace place{counting_id<VaultId>(3), "https://nouveau.example",
                           counting_id<Fingerprint>(10)};
    const auto bare = test::secret_text(
        test::shown_text(crypto::recovery_text(counting_key<crypto::RecoverySeed>(64))));
    for (const bool typed : {false, true}) {
      const auto file = recovery_file(false);
      const auto shares = share_files(typed ? bare : file, from_unix(1'800'000'000), random, place);
      REQUIRE(shares.has_value());
      const auto combined = crypto::combine_shares((*shares)[0], (*shares)[1]);
      REQUIRE(combined.has_value());
      REQUIRE(combined->facts);
      CHECK(combined->facts->vault == place.vault);
      CHECK(combined->facts->server_url == place.server_url);
      CHECK(combined->facts->server_fingerprint == place.server_fingerprint);
      CHECK(combined->facts->seq == (typed ? 0 : 1234));
    }
  }

  TEST_CASE("what is no sheet is printed on none") {
    const SheetOptions options{Language::french, {}};
    CHECK(sheet_pdf(test::secret_text("coffret-share: 1\nkey: A\n"), options).has_error());
    CHECK(sheet_pdf(test::secret_text(""), options).has_error());
    CHECK(share_pdf(recovery_file(), options).has_error());
    CHECK(share_pdf(test::secret_text("coffret-share: 1\npart: 9\nkey: A\n"), options).has_error());
  }

  TEST_CASE("text is folded between words, and no line is wider than asked") {
    const auto lines = folded("un deux trois quatre cinq six", Font::plain, 10, 60);
    CHECK(lines.size() > 1);
    for (const auto& line : lines) CHECK(text_width(line, Font::plain, 10) <= 60);
    CHECK(text_width("é", Font::plain, 10) == text_width("e", Font::plain, 10));
  }
}

}  // namespace
}  // namespace coffret::paper
