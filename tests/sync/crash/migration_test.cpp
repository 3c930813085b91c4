// SPDX-License-Identifier: EUPL-1.2
//
// The server's records migrated to a version that does not exist, by steps of this test's own, and
// files of a later version, which are refused and left as they are.
#include "sync/server/migration.hpp"

#include <doctest/doctest.h>

#include "sync/server/sqlite_records.hpp"
#include "tests/support/crash_walk.hpp"
#include "tests/support/medium_vfs.hpp"
#include "tests/support/server_rig.hpp"
#include "tools/system/durable_disk.hpp"

namespace coffret::test {
namespace {

constexpr auto now_version = server::schema_version;

const server::SchemaStep good[] = {
    {now_version,
     [](server::Connection& db) {
       return db.execute("ALTER TABLE accounts ADD COLUMN shelf INTEGER NOT NULL DEFAULT 7");
     }},
    {now_version + 1, [](server::Connection& db) {
       return db.execute(
           "CREATE TABLE shelves(number INTEGER PRIMARY KEY) STRICT;"
           "INSERT INTO shelves SELECT DISTINCT shelf FROM accounts;");
     }}};

struct OnMedium {
  Medium medium;
  MediumVfs vfs{medium};
};

// A server's directory with one account and one object, stopped.
struct Stopped : OnMedium, ServerRig {
  Stopped() : ServerRig(std::make_unique<DurableDisk>(OnMedium::medium)) {
    Member alice{1};
    REQUIRE(join(alice, invite()).status == 201);
    (void)put_object(alice, Bytes(100, 1));
    service.reset();
    storage = {};
  }
  std::string records() const { return folder / "data/records.db"; }
  Result<void> migrate(std::span<const server::SchemaStep> steps,
                       std::int64_t to = now_version + 2) {
    return server::migrate_records(folder / "data", to, steps, machine());
  }
  std::int64_t number(const char* sql) {
    auto db = server::Connection::open(records());
    if (db.has_error()) return -1;
    auto query = db->query(sql);
    const auto found = query.step();
    return found.has_value() && *found ? query.integer(0) : -2;
  }
  // What a person would miss: the objects as the table tells of them, and the newest time.
  std::int64_t kept() {
    return number(
        "SELECT sum(total + 3 * offset + 5 * state + 7 * named + created_at) +"
        "  (SELECT value FROM meta WHERE name = 'last_time') FROM blobs");
  }
  std::size_t beside() {
    std::size_t count = 0;
    const auto all = disk.list(folder / "data");
    for (const auto& name : all.value())
      if (name.find(".format-") != std::string::npos || name.find("migrat") != std::string::npos)
        ++count;
    return count;
  }
};

void expect_migrated(Stopped& house) {
  CHECK(*server::records_version(house.records()) == now_version + 2);
  CHECK(house.number("SELECT count(*) FROM accounts WHERE shelf = 7") == 1);
  CHECK(house.number("SELECT count(*) FROM blobs") == 1);
  CHECK(house.number("SELECT count(*) FROM shelves") == 1);
  CHECK(house.beside() == 1);
}

TEST_SUITE("sync/crash/migration") {
  TEST_CASE("records of an older version keep every row, and the old file stays for a while") {
    Stopped house;
    REQUIRE(house.migrate(good).has_value());
    expect_migrated(house);
    REQUIRE(house.migrate(good).has_value());
    expect_migrated(house);
    house.clock.pass(std::int64_t{31} * 86400);
    REQUIRE(house.migrate(good).has_value());
    CHECK(house.beside() == 0);
  }

  TEST_CASE("records of the first release are taken over with every row") {
    Stopped house;
    const auto kept = house.kept();
    REQUIRE(kept > 0);
    {
      auto db = server::Connection::open(house.records());
      REQUIRE(db.has_value());
      // As version 1 was: without what version 2 added.
      REQUIRE(db->execute("DROP INDEX blobs_pack; ALTER TABLE blobs DROP COLUMN pack;"
                          "ALTER TABLE blobs DROP COLUMN start; DROP TABLE former_roots;"
                          "DROP TABLE restorations; DROP TABLE closed_grants;"
                          "UPDATE meta SET value = 1 WHERE name = 'schema_version';")
                  .has_value());
    }
    CHECK(server::open_storage(house.folder / "data", house.machine()).error() ==
          errc::other_version);
    REQUIRE(house.migrate(server::schema_steps(), server::schema_version).has_value());
    CHECK(*server::records_version(house.records()) == server::schema_version);
    CHECK(house.number("SELECT count(*) FROM blobs WHERE pack = x'' AND start = 0") == 1);
    CHECK(house.kept() == kept);
    CHECK(house.beside() == 1);
    house.open();
  }

  TEST_CASE("records of version 2, which knew no restorations, are taken over and closed to it") {
    Stopped house;
    const auto kept = house.kept();
    {
      auto db = server::Connection::open(house.records());
      REQUIRE(db.has_value());
      REQUIRE(db->execute("DROP TABLE restorations; DROP TABLE closed_grants;"
                          "UPDATE meta SET value = 2 WHERE name = 'schema_version';")
                  .has_value());
    }
    CHECK(server::open_storage(house.folder / "data", house.machine()).error() ==
          errc::other_version);
    REQUIRE(house.migrate(server::schema_steps(), server::schema_version).has_value());
    CHECK(*server::records_version(house.records()) == 3);
    CHECK(house.number("SELECT count(*) FROM blobs") == 1);
    CHECK(house.kept() == kept);
    CHECK(house.number("SELECT count(*) FROM restorations") == 0);
    CHECK(house.number("SELECT count(*) FROM closed_grants") == 0);
    CHECK(house.beside() == 1);
    house.open();
  }

  TEST_CASE("a step that loses a row or fails changes nothing") {
    const server::SchemaStep loses{
        now_version, [](server::Connection& db) { return db.execute("DELETE FROM blobs"); }};
    const server::SchemaStep fails{
        now_version, [](server::Connection&) { return Result<void>{errc::disk_full}; }};
    Stopped house;
    CHECK(house.migrate({&loses, 1}, now_version + 1).error() == errc::damaged);
    CHECK(house.migrate({&fails, 1}, now_version + 1).error() == errc::disk_full);
    CHECK(house.migrate({}, now_version + 1).error() == errc::other_version);
    CHECK(house.beside() == 0);
    CHECK(*server::records_version(house.records()) == now_version);
    house.open();
  }

  TEST_CASE("records that another program still reads are not migrated, and lose nothing") {
    Stopped house;
    const auto kept = house.kept();
    {
      auto reader = server::Connection::open(house.records());
      REQUIRE(reader.has_value());
      REQUIRE(reader->execute("BEGIN").has_value());
      auto old = reader->query("SELECT count(*) FROM accounts");
      REQUIRE(old.step().value());
      auto writer = server::Connection::open(house.records());
      REQUIRE(writer.has_value());
      REQUIRE(writer->execute("UPDATE blobs SET created_at = created_at + 1").has_value());
      // What was written since stands in the log alone, which the reader keeps from being emptied.
      CHECK(house.migrate(good).error() == errc::records_in_use);
      CHECK(house.beside() == 0);
    }
    CHECK(*server::records_version(house.records()) == now_version);
    CHECK(house.kept() == kept + 1);
    REQUIRE(house.migrate(good).has_value());
    expect_migrated(house);
    CHECK(house.kept() == kept + 1);
  }

  TEST_CASE("a migration cut short anywhere is taken up by the next start") {
    Stopped house;
    Recording recording{house.medium};
    REQUIRE(house.migrate(good).has_value());
    recording.mark();
    recording.stop();
    const auto count = walk(recording, [&](const Crash& crash) {
      house.medium = crash.left;
      const auto again = house.migrate(good);
      CHECK_MESSAGE(again.has_value(), "again: " << row(to_errc(again.error())).code);
      if (again.has_value()) expect_migrated(house);
    });
    MESSAGE("records migrated: walked " << count.steps << " durable calls, " << count.crashes
                                        << " crashes");
    CHECK(count.crashes > 20);
  }

  TEST_CASE("records and halves of a later version are refused, and not a byte of them changes") {
    struct {
      const char* file;
      const char* sql;
    } const cases[] = {
        {"records.db",
         "UPDATE meta SET value = 4 WHERE name = 'schema_version';"
         "DROP TABLE locations;"},
        {"halves.db", "PRAGMA user_version = 2; DROP TABLE halves;"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.file);
      Stopped house;
      const auto path = (house.folder / "data/") + c.file;
      {
        auto db = server::Connection::open(path);
        REQUIRE(db.has_value());
        REQUIRE(db->execute(c.sql).has_value());
      }
      const auto before = house.medium.files().at(path);
      CHECK(server::open_storage(house.folder / "data", house.machine()).error() ==
            errc::other_version);
      CHECK((house.medium.files().at(path).bytes() == before.bytes()));
    }
  }
}

}  // namespace
}  // namespace coffret::test
