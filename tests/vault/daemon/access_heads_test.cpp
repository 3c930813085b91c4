// SPDX-License-Identifier: EUPL-1.2
//
// The access log is looked at once a day by itself: pinned, judged, and missed when it stays away.
#include "vault/daemon/access_heads.hpp"

#include <doctest/doctest.h>

#include "tests/support/daemon_rig.hpp"

namespace coffret::daemon {
namespace {

using boost::json::object;
using protocol::Endpoint;

constexpr std::int64_t day = 86400;  // seconds

struct Watched {
  test::MemberServer server;
  test::DaemonRig rig{server};

  Watched() {
    REQUIRE(rig.init() == errc::ok);
    REQUIRE(rig.join() == errc::ok);
    (void)rig.put_text("Compte rendu");
    REQUIRE(rig.error_of("sync") == errc::ok);
  }
  void grant() {
    REQUIRE(rig.error_of("grant create", {{"to", "Dr Exemple"}, {"for", "30d"}, {"all", true}}) ==
            errc::ok);
  }
  void quiet_day() {
    protocol::AccessLine line;
    line.time = rig.machine.clock.time;
    line.outcome = OpeningOutcome::daily_head;
    line.recipient_sealed = false;
    server.lines.push_back(line);
  }
  errc sync() {
    server.asked.clear();
    return rig.error_of("sync");
  }
  std::uint64_t pinned() {
    std::uint64_t size = 0;
    (void)rig.service.session().with([&](store::Vault& vault) -> Result<void> {
      if (const auto access = vault.access()) size = access->range.size;
      return {};
    });
    return size;
  }
  bool late() {
    const auto told = rig.ask("status").result.at("access_heads");
    return !told.is_null() && told.at("late").as_bool();
  }
};

TEST_SUITE("vault/daemon/access_heads") {
  TEST_CASE("a sync asks for the signed head once a day, and pins it for every device") {
    Watched watched;
    watched.quiet_day();
    CHECK(watched.sync() == errc::ok);
    CHECK_FALSE(watched.server.was_asked(Endpoint::access_log));  // nothing was ever granted
    CHECK(watched.rig.ask("status").result.at("access_heads").is_null());

    watched.grant();
    CHECK(watched.sync() == errc::ok);
    CHECK(watched.server.was_asked(Endpoint::access_log));
    CHECK(watched.pinned() == 1);
    CHECK(watched.rig.number_in_status("pending") == 0);  // the other devices have it, too

    watched.quiet_day();
    CHECK(watched.sync() == errc::ok);
    CHECK_FALSE(watched.server.was_asked(Endpoint::access_log));
    watched.rig.machine.clock.time += day;
    CHECK(watched.sync() == errc::ok);
    CHECK(watched.pinned() == 2);
    CHECK_FALSE(watched.late());
  }

  TEST_CASE("a log that stays as it was for days is told, and no longer once it grows") {
    Watched watched;
    watched.grant();
    watched.quiet_day();
    REQUIRE(watched.sync() == errc::ok);
    for (int days = 1; days <= 3; ++days) {
      watched.rig.machine.clock.time += day;
      CHECK(watched.sync() == errc::ok);
      CHECK_FALSE(watched.late());
    }
    watched.rig.machine.clock.time += day;
    CHECK_FALSE(watched.late());  // without a sync it is the sync that is missed
    CHECK(watched.sync() == errc::ok);
    CHECK(watched.late());
    watched.quiet_day();
    watched.rig.machine.clock.time += day;
    CHECK(watched.sync() == errc::ok);
    CHECK_FALSE(watched.late());
  }

  TEST_CASE("a server that never answers for the log is told as well") {
    Watched watched;
    watched.grant();
    watched.server.refuse = [](const protocol::Target& target) {
      return target.endpoint == Endpoint::access_log ? errc::server_error : errc::ok;
    };
    for (int days = 0; days <= 4; ++days) {
      CHECK(watched.sync() == errc::ok);  // all else is exchanged
      watched.rig.machine.clock.time += day;
    }
    CHECK(watched.late());
  }

  TEST_CASE("a rewritten log is an alarm of the sync, which has done the rest") {
    Watched watched;
    watched.grant();
    watched.quiet_day();
    REQUIRE(watched.sync() == errc::ok);
    watched.rig.machine.clock.time += day;
    watched.server.lines[0].time += 1;
    (void)watched.rig.put_text("Une note de plus");
    CHECK(watched.sync() == errc::fork_detected);
    CHECK(watched.rig.number_in_status("pending") == 0);
    CHECK(watched.pinned() == 1);
    watched.server.lines.clear();
    CHECK(watched.sync() == errc::server_rolled_back);
  }

  TEST_CASE("an unknown grant has no log, and the whole log can be taken away as a file") {
    Watched watched;
    watched.grant();
    watched.quiet_day();
    CHECK(watched.rig.error_of("access-log", {{"grant", "abcdefgh"}}) == errc::not_found);
    CHECK(watched.rig.error_of("access-log", {{"grant", "a"}}) == errc::not_found);
    REQUIRE(watched.rig.error_of("access-log") == errc::ok);
    CHECK(watched.rig.heard.content.empty());
    REQUIRE(watched.rig.error_of("access-log", {{"export", true}}) == errc::ok);
    const auto text = as_text(watched.rig.heard.content);
    CHECK(text.starts_with("coffret-access-log 1\nserver " +
                           to_base64url(watched.server.fingerprint().bytes) + "\nkey "));
    CHECK(text.find("\nlines 1\n" + to_base64(wire::encode(watched.server.lines[0])) +
                    "\ncheckpoint\ncoffret/") != std::string_view::npos);
  }

  TEST_CASE("days without a line are told between which") {
    Watched watched;
    watched.grant();
    watched.quiet_day();
    watched.rig.machine.clock.time += 5 * day;
    watched.quiet_day();
    watched.rig.machine.clock.time += day;
    watched.quiet_day();
    const auto told = watched.rig.ask("access-log").result;
    CHECK(told.at("quiet").as_array().size() == 1);
  }
}

}  // namespace
}  // namespace coffret::daemon
