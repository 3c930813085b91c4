// SPDX-License-Identifier: EUPL-1.2
//
// The emergency papers, read back as a rescuer's phone would, and by their text.
#include "vault/paper/emergency.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "tests/support/folder.hpp"
#include "tests/support/keys.hpp"

namespace coffret::paper {
namespace {

constexpr std::string_view card_link_text =
    "https://coffret.association.example:8443/v#c1.AAECAwQFBgcICQoLDA0ODw."
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8.AAECAwQFBgcICQoLDA0ODw";

EmergencyPaper some_paper(Language language) {
  return {.language = language,
          .name = "Élodie EXEMPLE",
          .birth_date = "12 mars 1954",
          .contacts = {"Léo Exemple, 06 00 00 00 00", "Dr Modèle, 01 00 00 00 00"},
          .until = "30 novembre 2027",
          .until_english = "30 November 2027"};
}

std::string told_by(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> buffer{};
  while (const auto n = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), n);
  (void)::pclose(pipe);
  return output;
}

bool has_program(const char* program) {
  const bool there = !told_by(std::string{"command -v "} + program).empty();
  if (!there) MESSAGE("skipped: " << program << " is not installed");
  return there;
}

std::string kept(const test::Folder& folder, const EmergencyPaper& paper) {
  const auto pdf = emergency_pdf(test::secret_text(card_link_text), paper);
  REQUIRE(pdf.has_value());
  const auto path = folder / "card.pdf";
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(pdf->data()), static_cast<std::streamsize>(pdf->size()));
  return path;
}

std::string page_text(const std::string& path, int page) {
  const auto number = std::to_string(page);
  return told_by("pdftotext -layout -f " + number + " -l " + number + " " + path + " -");
}

TEST_SUITE("vault/paper/emergency") {
  TEST_CASE("card and sheet say whose they are, whom to call and what to do, in both languages") {
    if (!has_program("pdftotext")) return;
    for (const auto language : {Language::french, Language::english}) {
      const test::Folder folder;
      const auto path = kept(folder, some_paper(language));
      for (const int page : {1, 2}) {
        CAPTURE(page);
        const auto text = page_text(path, page);
        for (const auto* word :
             {"Élodie EXEMPLE", "12 mars 1954", "06 00 00 00 00", "01 00 00 00 00",
              "30 novembre 2027", "30 November 2027", "Scannez", "Scan this", "Appeler", "Call"}) {
          CAPTURE(word);
          CHECK(text.find(word) != std::string::npos);
        }
        CHECK(text.find('?') == std::string::npos);  // no letter that the fonts lack
      }
      CHECK(page_text(path, 1).find("URGENCE") != std::string::npos);
      CHECK(page_text(path, 1).find("EMERGENCY") != std::string::npos);
    }
  }

  TEST_CASE("each page's code is the link, byte for byte, as a phone reads it") {
    if (!has_program("zbarimg") || !has_program("pdftoppm")) return;
    const test::Folder folder;
    const auto path = kept(folder, some_paper(Language::french));
    for (const int page : {1, 2}) {
      CAPTURE(page);
      const auto number = std::to_string(page);
      (void)told_by("pdftoppm -r 200 -f " + number + " -l " + number + " -singlefile -png " + path +
                    " " + (folder / "page"));
      CHECK(told_by("zbarimg --quiet --raw " + (folder / "page") + ".png") ==
            std::string{card_link_text} + "\n");
    }
  }

  TEST_CASE("the link can be copied off the sheet by hand, and stands on no other page in words") {
    if (!has_program("pdftotext")) return;
    const test::Folder folder;
    const auto path = kept(folder, some_paper(Language::french));
    auto sheet = page_text(path, 2);
    std::erase_if(sheet, [](char c) { return c == '\n' || c == ' '; });
    CHECK(sheet.find(card_link_text) != std::string::npos);
    CHECK(page_text(path, 1).find("/v#c1.") == std::string::npos);
  }

  TEST_CASE("the wallet card has the size of a bank card") {
    const auto pdf = emergency_pdf(test::secret_text(card_link_text), some_paper(Language::french));
    REQUIRE(pdf.has_value());
    // 85.6 and 54 mm in points.
    CHECK(as_text(*pdf).find("242.65 153.07 re S") != std::string_view::npos);
  }

  TEST_CASE("what is not known is a line to write on, and a long name stays on its line") {
    if (!has_program("pdftotext")) return;
    const test::Folder folder;
    EmergencyPaper paper;
    paper.until = paper.until_english = "2027";
    CHECK(page_text(kept(folder, paper), 1).find("Appeler") != std::string::npos);
    paper.name = "Marie-Antoinette de la Villardière EXEMPLE-MODÈLE";
    CHECK(page_text(kept(folder, paper), 2).find(paper.name) != std::string::npos);
  }

  TEST_CASE("a link that no code holds is refused") {
    CHECK(emergency_pdf(test::secret_text(std::string(5000, 'a')), some_paper(Language::french))
              .error() == errc::too_large);
  }
}

}  // namespace
}  // namespace coffret::paper
