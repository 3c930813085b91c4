// SPDX-License-Identifier: EUPL-1.2
#include "coffret/file_name.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace coffret;

TEST_SUITE("sync/include file names") {
  TEST_CASE("any title becomes a name that every disk takes and that reads as it is") {
    struct Case {
      std::string title;
      const char* type;
      std::string name;
    };
    const std::vector<Case> cases{
        {"Compte rendu de biologie", "text/xml", "Compte rendu de biologie.xml"},
        {"Résumé d'œuvre", "application/pdf", "Résumé d'œuvre.pdf"},
        {"ordonnance.PDF", "application/pdf", "ordonnance.pdf"},
        {"a.pdf.pdf", "application/pdf", "a.pdf.pdf"},
        {"facture.exe", "application/pdf", "facture.exe.pdf"},
        {"script.sh", "application/x-sh", "script.sh.bin"},
        {"page", "text/html", "page.bin"},
        {"x", "Application/PDF; charset=utf-8", "x.pdf"},
        {"../../etc/passwd", "text/plain", "etc-passwd.txt"},
        {"C:\\dossier\\lettre", "text/plain", "C--dossier-lettre.txt"},
        {".bashrc", "text/plain", "bashrc.txt"},
        {"-rf", "text/plain", "rf.txt"},
        {"a\nb\tc  d", "text/plain", "a b c d.txt"},
        {"a\x1b]0;titre\x07", "text/plain", "a]0;titre.txt"},
        {"lettre\u202egpj.fdp", "application/pdf", "lettregpj.fdp.pdf"},
        {"a\u200b\u2066b\ufeff", "text/plain", "ab.txt"},
        {"a\u00a0\u3000b", "text/plain", "a b.txt"},
        {"\xff\xfe", "text/plain", "document.txt"},
        {"a\xc3", "text/plain", "a-.txt"},
        {"\xed\xa0\x80", "text/plain", "document.txt"},
        {"", "image/png", "document.png"},
        {" . . ", "image/jpeg", "document.jpg"},
        {".txt", "text/plain", "txt.txt"},
        {"point. ", "text/plain", "point.txt"},
    };
    for (const auto& one : cases) {
      CAPTURE(one.title);
      CHECK(safe_file_name(one.title, one.type) == one.name);
      CHECK(safe_file_name(one.name, one.type) == one.name);
    }
  }

  TEST_CASE("a long title is cut between two characters") {
    std::string title;
    for (int i = 0; i < 200; ++i) title += "é";
    const auto name = safe_file_name("a" + title, "text/plain");
    CHECK(name.size() == 99 + 4);
    CHECK(name.ends_with("é.txt"));
  }

  TEST_CASE("names stay apart, capital letters aside") {
    DistinctNames names;
    names.take("Note (2).txt");
    CHECK(names.add("note.txt") == "note.txt");
    CHECK(names.add("NOTE.txt") == "NOTE (3).txt");
    CHECK(names.add("note.txt") == "note (4).txt");
    CHECK(names.add("note") == "note");
    CHECK(names.add("note") == "note (2)");
  }
}
