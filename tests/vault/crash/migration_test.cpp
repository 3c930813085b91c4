// SPDX-License-Identifier: EUPL-1.2
//
// A store migrated to a format that does not exist, by steps of this test's own: on a copy,
// compared, resumable after a crash at any durable call, the old one kept for thirty days.
#include "vault/store/migration.hpp"

#include <doctest/doctest.h>

#include "coffret/file_upgrade.hpp"
#include "tests/support/crash_play.hpp"
#include "vault/store/parameters.hpp"

namespace coffret::test {
namespace {

constexpr store::FormatChange two_steps{store::store_format, store::store_format + 2};

const store::Migration good[] = {
    {store::store_format,
     [](store::Connection& db) {
       return db.execute("ALTER TABLE documents ADD COLUMN shelf TEXT NOT NULL DEFAULT 'one'");
     }},
    {store::store_format + 1, [](store::Connection& db) {
       return db.execute(
           "CREATE TABLE shelves(name TEXT PRIMARY KEY);"
           "INSERT INTO shelves SELECT DISTINCT shelf FROM documents");
     }}};

// A vault whose store key the test knows.
struct Shelf2 {
  CrashMachine machine;
  std::optional<crypto::OpenedKeyslot> keyslot;

  Shelf2() {
    auto made = machine.create();
    REQUIRE(made.has_value());
    for (const char* title : {"Un", "Deux", "Trois"})
      REQUIRE(!put(made->vault, prepared(title, "texte")).is_zero());
    made = errc::internal;  // locks
    const auto file = machine.disk.read(machine.directory() + "/keyslot", 4096);
    REQUIRE(file.has_value());
    auto opened = crypto::open_keyslot(*file, machine.passphrase, cheap_cost);
    REQUIRE(opened.has_value());
    keyslot.emplace(std::move(*opened));
  }
  Result<void> migrate(std::span<const store::Migration> steps,
                       store::FormatChange change = two_steps) {
    COFFRET_TRY(const auto place, store::Directory::open(machine.directory(), machine.disk));
    return store::migrate(place, keyslot->secrets.store_key, change, steps, machine.environment());
  }
  std::int64_t number(const char* sql) {
    auto db =
        store::Connection::open(machine.directory() + "/store.db", keyslot->secrets.store_key);
    if (db.has_error()) return -1;
    auto query = db->prepare(sql);
    if (query.has_error()) return -2;
    const auto found = query->step();
    return found.has_value() && *found ? query->int64(0) : -3;
  }
  std::string parameters() {
    return to_text(*machine.disk.read(machine.directory() + "/store.json", 4096));
  }
  std::vector<std::string> kept() {
    std::vector<std::string> names;
    const auto all = machine.disk.list(machine.directory());
    for (const auto& name : all.value())
      if (name.find(".format-") != std::string::npos || name.find("migrat") != std::string::npos)
        names.push_back(name);
    return names;
  }
};

void expect_migrated(Shelf2& shelf) {
  CHECK(shelf.number("SELECT count(*) FROM documents WHERE shelf = 'one'") == 3);
  CHECK(shelf.number("SELECT count(*) FROM shelves") == 1);
  CHECK(shelf.number("SELECT count(*) FROM entries") == 4);
  CHECK(shelf.parameters() == store::format_parameters({.format = two_steps.to}));
  REQUIRE(shelf.kept().size() == 1);
  CHECK(shelf.kept()[0] == "store.db.format-2.until-" + std::to_string(shelf.machine.clock.time +
                                                                       FileUpgrade::kept_seconds));
}

TEST_SUITE("vault/crash/migration") {
  TEST_CASE("a migration keeps every row, says the new format and keeps the old file") {
    Shelf2 shelf;
    REQUIRE(shelf.migrate(good).has_value());
    expect_migrated(shelf);
    // This build cannot read what a later one made, and says so.
    CHECK(shelf.machine.open().error() == errc::other_version);
    CHECK(shelf.migrate(good).has_value());
    expect_migrated(shelf);
  }

  TEST_CASE("a step that loses a row, breaks the chain or fails changes nothing") {
    struct {
      const char* name;
      store::Migration step;
      errc expected;
    } const cases[] = {
        {"loses a row",
         {2, [](store::Connection& db) { return db.execute("DELETE FROM bodies WHERE row = 1"); }},
         errc::damaged},
        {"loses the newest entry",
         {2,
          [](store::Connection& db) {
            return db.execute(
                "DELETE FROM operations WHERE seq = 4; DELETE FROM entries WHERE seq = 4");
          }},
         errc::damaged},
        {"breaks the chain",
         {2,
          [](store::Connection& db) {
            return db.execute("UPDATE entries SET body = x'00' WHERE seq = 2");
          }},
         errc::damaged},
        {"fails",
         {2, [](store::Connection&) { return Result<void>{errc::disk_full}; }},
         errc::disk_full},
        {"begins elsewhere",
         {7, [](store::Connection&) { return Result<void>{}; }},
         errc::other_version},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Shelf2 shelf;
      const auto before = shelf.parameters();
      const auto done = shelf.migrate({&c.step, 1}, {2, 3});
      REQUIRE(done.has_error());
      CHECK(row(to_errc(done.error())).code == row(c.expected).code);
      CHECK(shelf.parameters() == before);
      CHECK(shelf.kept().empty());
      auto vault = shelf.machine.open();
      REQUIRE(vault.has_value());
      CHECK(vault->documents()->size() == 3);
      CHECK(vault->check(true)->empty());
    }
  }

  TEST_CASE("a migration cut short anywhere is taken up by the next unlock") {
    Shelf2 shelf;
    Recording recording{shelf.machine.medium};
    REQUIRE(shelf.migrate(good).has_value());
    recording.mark();
    recording.stop();
    const auto count = walk(recording, [&](const Crash& crash) {
      shelf.machine.medium = crash.left;
      const auto again = shelf.migrate(good);
      CHECK_MESSAGE(again.has_value(), "again: " << row(to_errc(again.error())).code);
      if (again.has_value()) expect_migrated(shelf);
    });
    MESSAGE("migration: walked " << count.steps << " durable calls, " << count.crashes
                                 << " crashes");
    CHECK(count.crashes > 30);

    std::size_t met = 0;
    Dice dice{number_in_environment("COFFRET_CRASH_SEED", 20261128)};
    for (std::size_t step = 0; step < recording.steps.size(); ++step)
      for (const auto& fault : faults_at(step, dice)) {
        CAPTURE(step);
        shelf.machine.medium = recording.start;
        shelf.machine.medium.break_at(fault);
        (void)shelf.migrate(good);
        if (shelf.machine.medium.broken() > 0) ++met;
        shelf.machine.medium.break_at(std::nullopt);
        CHECK(shelf.migrate(good).has_value());
        expect_migrated(shelf);
      }
    MESSAGE("migration: " << met << " faults met");
  }

  TEST_CASE("the old file goes when its time is over, and no other") {
    Shelf2 shelf;
    auto& disk = shelf.machine.disk;
    const auto directory = shelf.machine.directory();
    for (const char* name : {"store.db.format-1.until-1000", "store.db.format-1.until-x",
                             "store.db.format-2.until-3000", "other.format-1.until-1000"})
      REQUIRE(disk.replace(directory + "/" + name, {}).has_value());
    REQUIRE(FileUpgrade::forget_old(directory, "store.db", 2000, disk).has_value());
    CHECK(disk.size(directory + "/store.db.format-1.until-1000").has_error());
    for (const char* name :
         {"store.db.format-1.until-x", "store.db.format-2.until-3000", "other.format-1.until-1000"})
      CHECK(disk.size(directory + "/" + name).has_value());
  }
}

}  // namespace
}  // namespace coffret::test
