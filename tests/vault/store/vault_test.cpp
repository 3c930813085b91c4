// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/vault.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/vault_machine.hpp"

namespace coffret::store {
namespace {

using test::Machine;
using test::prepared;
using test::put;
namespace fs = std::filesystem;

std::string whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::string& path, const std::string& content) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << content;
}

TEST_SUITE("vault/store/vault") {
  TEST_CASE("a document put is there, byte for byte, after the vault was locked and opened") {
    Machine machine;
    const std::string text = "Glycémie à jeun 0,92 g/L";
    DocumentId id;
    {
      auto made = machine.create();
      REQUIRE(made.has_value());
      id = put(made->vault, prepared("Bilan", text));
      REQUIRE(!id.is_zero());
    }
    auto vault = machine.open();
    REQUIRE(vault.has_value());
    CHECK(vault->owner() == "Camille Exemple");
    CHECK(*vault->body(id) == prepared("Bilan", text).body);
    CHECK(*vault->text(id) == text);
    const auto view = vault->document(id.text().substr(0, 6));
    REQUIRE(view.has_value());
    CHECK(view->entry == prepared("Bilan", text).entry);
    CHECK(view->present);
    const auto status = vault->status();
    CHECK(status->documents == 1);
    CHECK(status->pending == 2);
    CHECK(status->head.seq == 2);
  }

  TEST_CASE("a body over a mebibyte lies sealed beside the database and reads back the same") {
    Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    const std::string big(3u << 20, 'x');
    const auto id = put(made->vault, prepared("Image", big));
    REQUIRE(!id.is_zero());
    CHECK(*made->vault.body(id) == prepared("Image", big).body);
    CHECK(std::distance(fs::directory_iterator(machine.file("objects")), {}) == 1);
    CHECK(made->vault.check(true)->empty());

    // One bit of the sealed file: nothing of it is released.
    const auto file = fs::directory_iterator(machine.file("objects"))->path().string();
    auto bytes = whole(file);
    bytes[100'000] = static_cast<char>(bytes[100'000] ^ 1);
    write(file, bytes);
    CHECK(made->vault.body(id).error() == errc::damaged);
    const auto problems = made->vault.check(true);
    REQUIRE(problems->size() == 1);
    CHECK(problems->front().kind == ProblemKind::body);
    CHECK(problems->front().item == id.text());
  }

  TEST_CASE("the same bytes are kept once, in one batch or in two, until they are removed") {
    Machine machine;
    auto made = machine.create();
    auto& vault = made->vault;
    const auto first =
        vault.put_documents({prepared("A", "a"), prepared("A", "a"), prepared("B", "b")});
    REQUIRE(first.has_value());
    CHECK(!(*first)[0].duplicate);
    CHECK((*first)[1].duplicate);
    CHECK((*first)[1].id == (*first)[0].id);
    CHECK(vault.status()->head.seq == 3);
    CHECK(vault.put_documents({prepared("B", "b")})->front().duplicate);

    CHECK(vault.remove((*first)[2].id).has_value());
    CHECK(!vault.put_documents({prepared("B", "b")})->front().duplicate);
  }

  TEST_CASE("a removed document can be restored, and each is said once") {
    Machine machine;
    auto made = machine.create();
    auto& vault = made->vault;
    const auto id = put(vault, prepared("Ordonnance", "x"));
    CHECK(vault.remove(id).has_value());
    CHECK(vault.remove(id).has_value());
    CHECK(vault.documents()->empty());
    CHECK(vault.search("ordonnance")->empty());
    CHECK(vault.documents({.removed = true})->size() == 1);
    CHECK(vault.status()->head.seq == 3);
    CHECK(vault.restore(id).has_value());
    CHECK(vault.documents()->size() == 1);
    CHECK(vault.remove(DocumentId{}).error() == errc::not_found);
  }

  TEST_CASE("the time line is newest first and follows every filter") {
    Machine machine;
    auto made = machine.create();
    auto lab = prepared("Biologie", "1", "2026-03-14T08:00:00+01:00");
    lab.entry.category = "laboratory";
    lab.entry.type = {"11502-2", "2.16.840.1.113883.6.1", "CR d'examens biologiques"};
    lab.entry.authors = {
        {.name = "Élodie Fictive", .id = {}, .profession = {}, .organisation = "Labo Démo"}};
    REQUIRE(made->vault
                .put_documents({prepared("Vieux", "2", "2019-07"), std::move(lab),
                                prepared("Sans date", "3", "")})
                .has_value());
    struct {
      const char* name;
      DocumentFilter filter;
      std::vector<std::string> titles;
    } const cases[] = {
        {"all", {}, {"Biologie", "Vieux", "Sans date"}},
        {"code", {.kind = "11502-2"}, {"Biologie"}},
        {"display", {.kind = "examens BIO"}, {"Biologie"}},
        {"category", {.category = "laboratory"}, {"Biologie"}},
        {"since a day of the month", {.since = "2019-07-20"}, {"Biologie", "Vieux"}},
        {"since", {.since = "2020"}, {"Biologie"}},
        {"until", {.until = "2019-12-31"}, {"Vieux"}},
        {"until the very day", {.until = "2026-03-14"}, {"Biologie", "Vieux"}},
        {"author without accent", {.author = "elod fic"}, {"Biologie"}},
        {"organisation", {.author = "demo"}, {"Biologie"}},
        {"nobody", {.author = "zoe"}, {}},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      std::vector<std::string> titles;
      const auto found = made->vault.documents(c.filter);
      REQUIRE(found.has_value());
      for (const auto& view : *found) titles.push_back(view.entry.title);
      CHECK(titles == c.titles);
    }
  }

  TEST_CASE("a short, unknown or ambiguous prefix finds nothing") {
    Machine machine;
    auto made = machine.create();
    const auto id = put(made->vault, prepared("A", "a")).text();
    for (const auto& prefix : {id.substr(0, 3), std::string{"????"}, std::string{}, id + "a"}) {
      CAPTURE(prefix);
      CHECK(made->vault.document(prefix).error() == errc::not_found);
    }
    std::string upper = id;
    for (char& c : upper) c = c >= 'a' ? static_cast<char>(c - 32) : c;
    CHECK(made->vault.document(upper).has_value());
  }

  TEST_CASE("attachments are compared with what the entry says of them") {
    Machine machine;
    auto made = machine.create();
    auto document = prepared("CDA", "texte");
    const Bytes pdf = to_bytes(as_bytes("%PDF-1.4 fictif"));
    document.entry.attachments = {{.title = "Copie",
                                   .media_type = "application/pdf",
                                   .size = pdf.size(),
                                   .sha256 = crypto::sha256(pdf)}};
    document.attachments = {pdf};
    const auto id = put(made->vault, std::move(document));
    CHECK(*made->vault.attachment(id, 0) == pdf);
    CHECK(made->vault.attachment(id, 1).error() == errc::not_found);
    CHECK(made->vault.set_derived(id, "texte", {Bytes{1}}, {}).has_value());
    CHECK(made->vault.attachment(id, 0).error() == errc::damaged);
  }

  TEST_CASE("too large and malformed documents leave nothing of their batch") {
    Machine machine;
    auto made = machine.create();
    auto long_title = prepared(std::string(limits::short_text + 1, 't'), "x");
    CHECK(made->vault.put_documents({prepared("A", "a"), std::move(long_title)}).error() ==
          errc::malformed);
    auto large = prepared("L", "l");
    large.body.resize(limits::file_size + 1);
    CHECK(made->vault.put_documents({prepared("A", "a"), std::move(large)}).error() ==
          errc::too_large);
    CHECK(made->vault.documents()->empty());
    CHECK(made->vault.status()->head.seq == 1);
  }

  TEST_CASE("two thousand documents go in by groups and come out by search and list") {
    Machine machine;
    auto made = machine.create();
    for (int group = 0; group < 32; ++group) {
      std::vector<PreparedDocument> batch;
      for (int i = 0; i < 64 && group * 64 + i < 2000; ++i) {
        const auto n = std::to_string(group * 64 + i);
        batch.push_back(prepared("Compte rendu " + n, "numero" + n + " consultation"));
      }
      REQUIRE(made->vault.put_documents(std::move(batch)).has_value());
    }
    CHECK(made->vault.documents()->size() == 2000);
    CHECK(made->vault.search("numero1234")->size() == 1);
    CHECK(made->vault.search("consultation", 20)->size() == 20);
    CHECK(made->vault.search("\"compte rendu\" numero7*", 200)->size() == 111);
  }
}

}  // namespace
}  // namespace coffret::store
