// SPDX-License-Identifier: EUPL-1.2
//
// A device that begins at a checkpoint, as its commands tell it: usable at once, and the history
// read when nothing else asks the server.
#include <doctest/doctest.h>

#include "tests/support/checkpoint_world.hpp"
#include "tests/support/daemon_rig.hpp"
#include "vault/daemon/history_reading.hpp"
#include "vault/store/checkpoints.hpp"
#include "vault/store/history.hpp"

namespace coffret::daemon {
namespace {

using protocol::Endpoint;
using test::DaemonRig;
using test::MemberServer;

// A vault whose first document was renamed often, with a checkpoint at the server, and a device
// that was rebuilt from it.
struct AtCheckpoint {
  MemberServer server;
  DaemonRig rig{server};
  DaemonRig second{server, 2};
  DocumentId id;

  explicit AtCheckpoint(int renamed = 40) {
    REQUIRE(rig.init() == errc::ok);
    REQUIRE(rig.join() == errc::ok);
    id = rig.put_text("Premier");
    rename(renamed);
    REQUIRE(rig.error_of("sync") == errc::ok);
    touch(rig, [](store::Vault& vault) { return store::Checkpoints{vault}.write(); });
    (void)rig.put_text("Après");
    REQUIRE(rig.error_of("sync") == errc::ok);
    server.page_size = 10;
  }
  void rename(int times) {
    for (int i = 0; i < times; ++i)
      touch(rig, [&](store::Vault& vault) {
        return vault.amend({.document = id,
                            .title = "Nom " + std::to_string(i),
                            .date = {},
                            .kind = {},
                            .note = {}});
      });
  }
  void touch(DaemonRig& on, const std::function<Result<void>(store::Vault&)>& act) {
    REQUIRE(on.service.session().with(act).has_value());
  }
  void begin() { REQUIRE(second.rebuild(rig.recovery) == errc::ok); }
  boost::json::object history(DaemonRig& of) {
    return of.ask("status").result.at("history").as_object();
  }
};

TEST_SUITE("vault/daemon/history") {
  TEST_CASE("a device that begins at a checkpoint has what counts, and says how far it has read") {
    AtCheckpoint world;
    CHECK(world.second.ask("status").result.at("history").is_null());
    world.server.asked.clear();
    world.begin();
    CHECK(world.second.number_in_status("documents") == 2);
    CHECK(world.second.number_in_status("missing") == 0);
    CHECK(world.second.ask("check", {{"read_data", true}}).result.at("ok").as_bool());
    const auto told = world.history(world.second);
    CHECK_FALSE(told.at("complete").as_bool());
    CHECK(told.at("read").to_number<std::uint64_t>() == 0);
    CHECK(told.at("of").to_number<std::uint64_t>() > 40);
    CHECK(world.history(world.rig).at("complete").as_bool());
    // Far fewer pages than the history has.
    const auto pages =
        std::count(world.server.asked.begin(), world.server.asked.end(), Endpoint::read_log);
    world.server.asked.clear();
    const auto read = world.second.ask("history read");
    REQUIRE(read.error == errc::ok);
    CHECK(read.result.at("complete").as_bool());
    CHECK(world.history(world.second).at("complete").as_bool());
    CHECK(std::count(world.server.asked.begin(), world.server.asked.end(), Endpoint::read_log) > 4);
    CHECK(pages > 0);
    CHECK(world.second.ask("check").result.at("ok").as_bool());
    const auto edits = world.second.ask("history", {{"id", world.id.text()}});
    CHECK(edits.result.at("history").as_object().at("complete").as_bool());
    CHECK(world.second.heard.rows.front().at("edits").as_array().size() == 40);
  }

  TEST_CASE("all of the history is read first where that is asked for") {
    AtCheckpoint world;
    world.server.page_size = 1000;
    const auto pin = to_base64url(world.server.fingerprint().view());
    const auto made = world.second.ask(
        "rebuild", {{"url", world.server.url}, {"pin", pin}, {"whole_history", true}},
        {{"recovery", world.rig.recovery}, {"passphrase", world.second.passphrase}});
    REQUIRE(made.error == errc::ok);
    CHECK(made.result.at("history").as_object().at("complete").as_bool());
  }

  TEST_CASE("a backup says that the history is still being read, and is made when it was") {
    AtCheckpoint world;
    world.begin();
    const auto out = world.second.machine.folder / "copie.age";
    CHECK(world.second.error_of("backup", {{"out", out}}) == errc::history_unread);
    CHECK(world.second.error_of("device compare", {{"at", 5}}) == errc::history_unread);
    CHECK(world.second.error_of("device compare") == errc::ok);
    CHECK(world.second.machine.disk.size(out).error() == errc::not_found);
    REQUIRE(world.second.error_of("history read") == errc::ok);
    CHECK(world.second.error_of("backup", {{"out", out}}) == errc::ok);
    CHECK(world.second.error_of("device compare", {{"at", 5}}) == errc::ok);
  }

  TEST_CASE("what the line or a lock cuts short goes on where it was") {
    AtCheckpoint world;
    world.begin();
    unsigned pages = 0;
    world.server.lose = [&](std::string_view) { return ++pages > 3; };
    CHECK(world.second.error_of("history read") == errc::server_unreachable);
    world.server.lose = {};
    const auto read = world.history(world.second).at("read").to_number<std::uint64_t>();
    CHECK(read >= 10);
    REQUIRE(world.second.error_of("lock") == errc::ok);
    CHECK(world.second.error_of("history read") == errc::locked);
    REQUIRE(world.second.unlock() == errc::ok);
    CHECK(world.history(world.second).at("read").to_number<std::uint64_t>() >= read);
    world.server.asked.clear();
    CHECK(world.second.ask("history read").result.at("complete").as_bool());
    CHECK(std::count(world.server.asked.begin(), world.server.asked.end(), Endpoint::read_log) < 5);
  }

  TEST_CASE("a pause and a sync come first") {
    AtCheckpoint world;
    world.begin();
    REQUIRE(world.second.error_of("sync", {{"pause", true}}) == errc::ok);
    CHECK_FALSE(world.second.ask("history read").result.at("complete").as_bool());
    CHECK(world.history(world.second).at("read").to_number<std::uint64_t>() == 0);
    REQUIRE(world.second.error_of("sync", {{"resume", true}}) == errc::ok);
    CHECK(world.history(world.second).at("read").to_number<std::uint64_t>() == 0);
    CHECK(world.second.ask("history read").result.at("complete").as_bool());
  }

  TEST_CASE("a server that shows another history is an alarm with its evidence") {
    AtCheckpoint world;
    world.begin();
    const auto whole = world.server.log;
    std::swap(world.server.log[4], world.server.log[5]);
    CHECK(world.second.error_of("history read") == errc::fork_detected);
    const auto there = world.second.machine.disk.list(world.second.machine.directory());
    CHECK(std::any_of(there->begin(), there->end(),
                      [](const auto& name) { return name.starts_with("fork-evidence-"); }));
    CHECK(world.second.number_in_status("documents") == 2);
    CHECK_FALSE(world.history(world.second).at("contradicted").as_bool());
    world.server.log = whole;
    world.server.log.resize(10);
    CHECK(world.second.error_of("history read") == errc::server_rolled_back);
    world.server.log = whole;
    CHECK(world.second.ask("history read").result.at("complete").as_bool());
  }

  TEST_CASE("the thread of the daemon reads it by itself") {
    AtCheckpoint world;
    world.begin();
    const HistoryThread reading{world.second.service};
    for (int i = 0; i < 1000 && !world.history(world.second).at("complete").as_bool(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    CHECK(world.history(world.second).at("complete").as_bool());
  }

  TEST_CASE("a sync writes a checkpoint once the log is long against what it says") {
    MemberServer server;
    DaemonRig rig{server};
    DaemonRig second{server, 2};
    REQUIRE(rig.init() == errc::ok);
    REQUIRE(rig.join() == errc::ok);
    const auto id = rig.put_text("Premier");
    REQUIRE(rig.error_of("sync") == errc::ok);
    REQUIRE(second.rebuild(rig.recovery) == errc::ok);
    const auto seed =
        std::move(crypto::parse_recovery_file(test::secret_text(rig.recovery)).value().seed);
    // What another device wrote over years.
    const auto write = [&](std::uint64_t entries) {
      const auto keys = test::keys_of_sheet(seed, server.log);
      const auto written = second.service.session().with([&](store::Vault& vault) -> Result<void> {
        test::lengthen(server.log, vault, keys, id, entries, second.machine.random);
        return {};
      });
      REQUIRE(written.has_value());
    };
    const auto announced = [&] {
      const auto body = protocol::decode_entry(server.log.back().body);
      return !body->puts.empty() && server.objects.contains(body->puts.front());
    };
    write(4200);
    server.quota = 1000;  // no room for it
    REQUIRE(rig.error_of("sync") == errc::ok);
    CHECK_FALSE(announced());
    server.quota = 1u << 30;
    write(1100);
    REQUIRE(rig.error_of("sync") == errc::ok);
    CHECK(announced());
    const auto length = server.log.size();
    (void)rig.put_text("Deuxième");
    REQUIRE(rig.error_of("sync") == errc::ok);
    CHECK(server.log.size() == length + 1);
    DaemonRig third{server, 3};
    REQUIRE(third.rebuild(rig.recovery) == errc::ok);
    CHECK_FALSE(third.ask("status").result.at("history").as_object().at("complete").as_bool());
    CHECK(third.number_in_status("documents") == 2);
  }
}

}  // namespace
}  // namespace coffret::daemon
