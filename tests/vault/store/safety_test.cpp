// SPDX-License-Identifier: EUPL-1.2
//
// A vault's files replaced, mixed, cut short and half written.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/support/vault_machine.hpp"

namespace coffret::store {
namespace {

using test::Machine;
using test::prepared;
using test::put;
namespace fs = std::filesystem;

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void put_back(const std::string& path, const std::string& content) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << content;
}

// A vault with one document, locked.
DocumentId locked_vault(Machine& machine, const std::string& title = "Bilan") {
  auto made = machine.create();
  return made.has_value() ? put(made->vault, prepared(title, "texte")) : DocumentId{};
}

errc opening(Machine& machine) {
  const auto vault = machine.open();
  return vault.has_error() ? to_errc(vault.error()) : errc::ok;
}

TEST_SUITE("vault/store/safety") {
  TEST_CASE("what is wrong with the files is said in different words") {
    struct {
      const char* name;
      void (*harm)(Machine&);
      errc expected;
    } const cases[] = {
        {"nothing", [](Machine&) {}, errc::ok},
        {"no vault", [](Machine& m) { fs::remove_all(m.directory()); }, errc::never_initialised},
        {"empty folder",
         [](Machine& m) {
           fs::remove_all(m.directory());
           fs::create_directory(m.directory());
         },
         errc::never_initialised},
        {"another passphrase", [](Machine& m) { m.passphrase = test::secret_text("autre phrase"); },
         errc::wrong_passphrase},
        {"keyslot altered",
         [](Machine& m) {
           auto file = content_of(m.file("keyslot"));
           file[60] = static_cast<char>(file[60] ^ 1);
           put_back(m.file("keyslot"), file);
         },
         errc::keyslot_damaged},
        {"keyslot emptied", [](Machine& m) { put_back(m.file("keyslot"), {}); },
         errc::keyslot_damaged},
        {"keyslot of a later version",
         [](Machine& m) {
           auto file = content_of(m.file("keyslot"));
           file[8] = 9;
           put_back(m.file("keyslot"), file);
         },
         errc::other_version},
        {"keyslot gone", [](Machine& m) { fs::remove(m.file("keyslot")); }, errc::keyslot_damaged},
        {"store.json gone", [](Machine& m) { fs::remove(m.file("store.json")); }, errc::damaged},
        {"store of a later format",
         [](Machine& m) { put_back(m.file("store.json"), R"({"format":4})"); },
         errc::other_version},
        {"database gone", [](Machine& m) { fs::remove(m.file("store.db")); }, errc::damaged},
        {"a database in clear",
         [](Machine& m) {
           put_back(m.file("store.db"),
                    std::string("SQLite format 3\0", 16) + std::string(8176, 0));
         },
         errc::local_state_tampered},
        {"a database cut to nothing", [](Machine& m) { put_back(m.file("store.db"), {}); },
         errc::damaged},
        {"a page of noise",
         [](Machine& m) {
           auto file = content_of(m.file("store.db"));
           std::fill(file.begin() + 8192, file.begin() + 2 * 8192, 'n');
           put_back(m.file("store.db"), file);
         },
         errc::damaged},
        {"head gone", [](Machine& m) { fs::remove(m.file("head")); }, errc::local_state_tampered},
        {"head cut", [](Machine& m) { put_back(m.file("head"), "COFFRETH"); },
         errc::local_state_tampered},
        {"folder open to all", [](Machine& m) { ::chmod(m.directory().c_str(), 0777); },
         errc::unsafe_location},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Machine machine;
      REQUIRE(!locked_vault(machine).is_zero());
      c.harm(machine);
      CHECK(row(opening(machine)).code == row(c.expected).code);
    }
  }

  TEST_CASE("two programs do not open one vault, and none is made over it") {
    Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    CHECK(opening(machine) == errc::in_use);
    CHECK(machine.create().error() == errc::in_use);
    made = errc::internal;  // locks
    CHECK(machine.create().error() == errc::already_initialised);
    CHECK(opening(machine) == errc::ok);
    fs::remove(machine.file("keyslot"));
    CHECK(machine.create().error() == errc::already_initialised);
  }

  TEST_CASE("an older copy of the database alone is noticed, an older head file is made good") {
    Machine machine;
    locked_vault(machine);
    const auto old_database = content_of(machine.file("store.db"));
    const auto old_head = content_of(machine.file("head"));
    {
      auto vault = machine.open();
      CHECK(!put(*vault, prepared("Second", "2")).is_zero());
    }
    const auto database = content_of(machine.file("store.db"));

    put_back(machine.file("store.db"), old_database);
    CHECK(opening(machine) == errc::local_state_tampered);

    put_back(machine.file("store.db"), database);
    put_back(machine.file("head"), old_head);
    CHECK(machine.open()->documents()->size() == 2);
    CHECK(content_of(machine.file("head")) != old_head);
    put_back(machine.file("store.db"), old_database);
    CHECK(opening(machine) == errc::local_state_tampered);
  }

  TEST_CASE("no single page of an older database hides a document or undoes a removal") {
    Machine machine;
    const auto removed = locked_vault(machine);
    const auto before = content_of(machine.file("store.db"));
    {
      auto vault = machine.open();
      CHECK(!put(*vault, prepared("Second", "2")).is_zero());
      CHECK(vault->remove(removed).has_value());
    }
    const auto after = content_of(machine.file("store.db"));
    int noticed = 0;
    for (std::size_t at = 0; at + 8192 <= before.size(); at += 8192) {
      CAPTURE(at / 8192);
      auto mixed = after;
      std::copy_n(before.begin() + static_cast<std::ptrdiff_t>(at), 8192,
                  mixed.begin() + static_cast<std::ptrdiff_t>(at));
      if (mixed == after) continue;
      put_back(machine.file("store.db"), mixed);
      auto vault = machine.open();
      if (vault.has_error()) {
        ++noticed;
        continue;
      }
      const auto documents = vault->documents();
      if (documents.has_error()) {
        ++noticed;
        continue;
      }
      REQUIRE(documents->size() == 1);
      CHECK(documents->front().entry.title == "Second");
    }
    CHECK(noticed > 0);
    put_back(machine.file("store.db"), after);
    CHECK(opening(machine) == errc::ok);
  }

  TEST_CASE("files of two vaults do not mix") {
    Machine one{1};
    Machine two{2};
    locked_vault(one);
    locked_vault(two);
    for (const char* name : {"keyslot", "store.db", "head"}) {
      CAPTURE(name);
      const auto kept = content_of(one.file(name));
      put_back(one.file(name), content_of(two.file(name)));
      const auto error = opening(one);
      CHECK((error == errc::damaged || error == errc::local_state_tampered));
      put_back(one.file(name), kept);
    }
    CHECK(opening(one) == errc::ok);
  }

  TEST_CASE("no word of a document or a person stands in any file, the write-ahead log included") {
    Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    auto document = prepared("Titrecanari", "Textecanari dans le corps");
    document.entry.authors = {
        {.name = "Auteurcanari", .id = {}, .profession = {}, .organisation = {}}};
    CHECK(!put(made->vault, std::move(document)).is_zero());
    CHECK(!put(made->vault, prepared("Groscanari", std::string(2u << 20, 'g') + "Fincanari"))
               .is_zero());
    std::size_t bytes = 0;
    for (const auto& file : fs::recursive_directory_iterator(machine.directory())) {
      if (!file.is_regular_file()) continue;
      auto content = content_of(file.path().string());
      bytes += content.size();
      CAPTURE(file.path().filename().string());
      for (const char* word : {"canari", "Camille", "Exemple", "ordinateur", "note.txt"})
        CHECK(content.find(word) == std::string::npos);
      struct stat info {};
      CHECK(::stat(file.path().c_str(), &info) == 0);
      CHECK((info.st_mode & 0077) == 0);
    }
    CHECK(bytes > (2u << 20));
    CHECK(fs::exists(machine.file("store.db-wal")));
  }

  TEST_CASE("a copy taken after any acknowledged act holds that act") {
    Machine machine;
    auto made = machine.create();
    std::vector<DocumentId> kept;
    for (int i = 0; i < 4; ++i) {
      kept.push_back(put(made->vault, prepared("Document " + std::to_string(i), "x")));
      Machine crashed;
      fs::copy(machine.directory(), crashed.directory(), fs::copy_options::recursive);
      ::chmod(crashed.directory().c_str(), 0700);
      auto vault = crashed.open();
      REQUIRE(vault.has_value());
      for (const auto& id : kept) CHECK(vault->body(id).has_value());
      CHECK(vault->check(true)->empty());
    }
  }

  TEST_CASE("a disk that fills up at any write leaves whole acts, and the next start repairs") {
    const std::string big(2u << 20, 'b');
    for (std::int64_t n = 0;; ++n) {
      CAPTURE(n);
      Machine machine;
      machine.disk.writes_left = n;
      bool acknowledged = false;
      {
        auto made = machine.create();
        if (made.has_value()) {
          const auto done = made->vault.put_documents({prepared("Gros", big), prepared("P", "p")});
          acknowledged = done.has_value();
        } else {
          CHECK(made.error() == errc::disk_full);
        }
      }
      machine.disk.writes_left = -1;
      if (opening(machine) == errc::never_initialised) CHECK(machine.create().has_value());
      auto vault = machine.open();
      REQUIRE(vault.has_value());
      const auto documents = vault->documents();
      CHECK((documents->empty() || documents->size() == 2));
      if (acknowledged) CHECK(documents->size() == 2);
      CHECK(vault->check(true)->empty());
      if (acknowledged) {
        CHECK(n > 8);
        break;
      }
    }
  }
}

}  // namespace
}  // namespace coffret::store
