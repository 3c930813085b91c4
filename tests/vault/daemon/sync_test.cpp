// SPDX-License-Identifier: EUPL-1.2
//
// `sync` and `rebuild` against a server that the test drives.
#include <doctest/doctest.h>

#include "tests/support/daemon_rig.hpp"

namespace coffret::daemon {
namespace {

using protocol::Endpoint;
using test::DaemonRig;
using test::MemberServer;

// A vault that has joined its server, and pushed one document.
struct Joined {
  MemberServer server;
  DaemonRig rig{server};

  Joined() {
    REQUIRE(rig.init() == errc::ok);
    REQUIRE(rig.join() == errc::ok);
    (void)rig.put_text("Premier");
    REQUIRE(rig.error_of("sync") == errc::ok);
    server.asked.clear();
  }
  DocumentId grant() {
    const auto id = rig.put_text("Pour le médecin");
    const auto made = rig.ask("grant create", {{"to", "Dr Exemple"}, {"for", "1h"}, {"all", true}});
    REQUIRE(made.error == errc::ok);
    return id;
  }
};

// What a sheet of the same vault says when it was made at another head.
std::string sheet_at(const std::string& recovery, std::uint64_t seq, const EntryHash& head) {
  auto sheet = crypto::parse_recovery_file(test::secret_text(recovery));
  REQUIRE(sheet.has_value());
  sheet->facts.seq = seq;
  sheet->facts.head = head;
  return test::shown_text(crypto::recovery_file(sheet->seed, sheet->facts));
}

TEST_SUITE("vault/daemon/sync") {
  TEST_CASE("a sync pulls before it pushes, and uploads bodies before the entries that name them") {
    Joined joined;
    (void)joined.rig.put_text("Deuxième");
    const auto done = joined.rig.ask("sync");
    REQUIRE(done.error == errc::ok);
    CHECK(done.result.at("pushed") == 1);
    const std::vector<Endpoint> expected{Endpoint::read_log, Endpoint::missing_objects,
                                         Endpoint::upload_object, Endpoint::append_log};
    CHECK(joined.server.asked == expected);
    CHECK(joined.rig.number_in_status("pending") == 0);
  }

  TEST_CASE("a sync with nothing new asks one thing") {
    Joined joined;
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    CHECK(joined.server.asked == std::vector{Endpoint::read_log});
  }

  TEST_CASE("a revocation goes out before anything else") {
    Joined joined;
    (void)joined.grant();
    joined.server.reachable = false;
    REQUIRE(joined.rig.error_of("grant list") == errc::ok);
    const std::string id{joined.rig.heard.rows.front().at("id").as_string()};
    REQUIRE(joined.rig.error_of("grant revoke", {{"id", id}}) == errc::server_unreachable);
    joined.server.reachable = true;
    joined.server.asked.clear();
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    CHECK(joined.server.first(Endpoint::revoke_grant) == 0);
    CHECK(joined.server.revoked.size() == 1);
  }

  TEST_CASE("a server that forgot or rewrote history is told nothing more") {
    struct {
      const char* name;
      void (*spoil)(MemberServer&);
      errc expected;
    } const cases[] = {
        {"one entry fewer", [](MemberServer& s) { s.log.pop_back(); }, errc::server_rolled_back},
        {"nothing left", [](MemberServer& s) { s.log.clear(); }, errc::server_rolled_back},
        {"another last entry", [](MemberServer& s) { s.log.back() = s.log.front(); },
         errc::fork_detected},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Joined joined;
      (void)joined.rig.put_text("Jamais envoyé");
      c.spoil(joined.server);
      CHECK(joined.rig.error_of("sync") == c.expected);
      CHECK_FALSE(joined.server.was_asked(Endpoint::append_log));
      CHECK_FALSE(joined.server.was_asked(Endpoint::upload_object));
      CHECK(joined.rig.number_in_status("pending") == 1);
      const auto audit = joined.rig.machine.disk.read(joined.rig.machine.file("audit.log"), 4096);
      REQUIRE(audit.has_value());
      CHECK(as_text(*audit).find(row(c.expected).code) != std::string_view::npos);
    }
  }

  TEST_CASE("two devices that append at once both get their entries in") {
    Joined joined;
    DaemonRig second{joined.server, 2};
    REQUIRE(second.rebuild(joined.rig.recovery) == errc::ok);
    (void)joined.rig.put_text("Du premier");
    (void)second.put_text("Du second");

    bool once = true;
    joined.server.refuse = [&](const protocol::Target& target) {
      if (target.endpoint == Endpoint::append_log && std::exchange(once, false))
        CHECK(second.error_of("sync") == errc::ok);  // comes in between
      return errc::ok;
    };
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    joined.server.refuse = {};
    REQUIRE(second.error_of("sync") == errc::ok);
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    CHECK(joined.rig.number_in_status("documents") == 3);
    CHECK(joined.rig.number_in_status("missing") == 0);
    CHECK(joined.rig.ask("status").result.at("head") == second.ask("status").result.at("head"));
  }

  TEST_CASE("a server that always claims a conflict does not hold a sync for ever") {
    Joined joined;
    (void)joined.rig.put_text("Refusé");
    joined.server.refuse = [](const protocol::Target& target) {
      return target.endpoint == Endpoint::append_log ? errc::conflict : errc::ok;
    };
    CHECK(joined.rig.error_of("sync") == errc::conflict);
    CHECK(std::count(joined.server.asked.begin(), joined.server.asked.end(),
                     Endpoint::append_log) <= 20);
    CHECK(joined.rig.number_in_status("pending") == 1);
  }

  TEST_CASE("an object that the server lost keeps nothing else from being exchanged") {
    Joined joined;
    (void)joined.rig.put_text("Deuxième");
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    const auto lost = joined.server.objects.extract(joined.server.objects.begin());
    DaemonRig second{joined.server, 2};
    REQUIRE(second.rebuild(joined.rig.recovery) == errc::ok);
    CHECK(second.number_in_status("missing") == 1);
    (void)second.put_text("Nouveau");
    REQUIRE(second.error_of("sync") == errc::ok);
    CHECK(second.number_in_status("pending") == 0);

    joined.server.objects[lost.key()] = lost.mapped();
    REQUIRE(second.error_of("sync") == errc::ok);
    CHECK(second.number_in_status("missing") == 0);
  }

  TEST_CASE("an object that the server altered stops the sync before it pushes") {
    Joined joined;
    DaemonRig second{joined.server, 2};
    joined.server.objects.begin()->second.back() ^= 1;
    CHECK(second.rebuild(joined.rig.recovery) == errc::unauthenticated);
    (void)second.put_text("Nouveau");
    joined.server.asked.clear();
    CHECK(second.error_of("sync") == errc::unauthenticated);
    CHECK_FALSE(joined.server.was_asked(Endpoint::append_log));
  }

  TEST_CASE("bodies that arrived before a cut are still read at the next sync") {
    Joined joined;
    DaemonRig second{joined.server, 2};
    REQUIRE(second.rebuild(joined.rig.recovery) == errc::ok);
    (void)joined.rig.put_text("Mirabelle");
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    // The body is taken in as a sync does it, and then the power goes.
    (void)second.service.session().with([&](store::Vault& vault) -> Result<void> {
      const auto seen = vault.status();
      REQUIRE(vault
                  .accept_remote({joined.server.head(),
                                  {joined.server.log.begin() +
                                       static_cast<std::ptrdiff_t>(seen->server_head.seq),
                                   joined.server.log.end()}})
                  .has_value());
      for (const auto& missing : *vault.missing_objects())
        REQUIRE(vault.store_object(missing.object, {joined.server.objects.at(missing.object)})
                    .has_value());
      return {};
    });
    REQUIRE(second.error_of("sync") == errc::ok);
    REQUIRE(second.error_of("search", {{"words", boost::json::array{"mirabelle"}}}) == errc::ok);
    REQUIRE(second.heard.rows.size() == 1);
    CHECK(second.heard.rows[0].at("snippet").as_string().find("Mirabelle") !=
          boost::json::string::npos);
  }

  TEST_CASE("a renewed card is remembered, and an older one is refused from then on") {
    Joined joined;
    const auto old_card = joined.server.card;
    joined.server.card.serial = 2;
    joined.server.card.spki = {test::counting_id<Sha256>(50)};
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    CHECK(joined.rig.ask("server card").result.at("serial") == 2);
    joined.server.card = old_card;
    CHECK(joined.rig.error_of("sync") == errc::key_changed);
  }
}

TEST_SUITE("vault/daemon/rebuild") {
  TEST_CASE("a second machine has every document, and is one more device") {
    Joined joined;
    DaemonRig second{joined.server, 2};
    REQUIRE(second.rebuild(joined.rig.recovery) == errc::ok);
    CHECK(joined.server.enrolled == 1);
    CHECK(second.number_in_status("documents") == 1);
    CHECK(second.number_in_status("missing") == 0);
    CHECK(second.number_in_status("pending") == 0);
  }

  TEST_CASE("the sheet's head must lie on the history that the server shows") {
    Joined joined;
    const auto end = joined.server.head();
    EntryHash other = end.hash;
    other.bytes[0] ^= 1;
    struct {
      const char* name;
      std::uint64_t seq;
      EntryHash head;
      errc expected;
    } const cases[] = {
        {"one that the server does not show", end.seq + 1, other, errc::server_rolled_back},
        {"far beyond", ~std::uint64_t{0} >> 1, other, errc::server_rolled_back},
        {"another entry in its place", end.seq, other, errc::fork_detected},
        {"another first entry", 1, other, errc::fork_detected},
        {"the last entry", end.seq, end.hash, errc::ok},
    };
    std::uint64_t seed = 10;
    for (const auto& c : cases) {
      CAPTURE(c.name);
      DaemonRig second{joined.server, seed++};
      joined.server.asked.clear();
      CHECK(second.rebuild(sheet_at(joined.rig.recovery, c.seq, c.head)) == c.expected);
      CHECK(joined.server.was_asked(Endpoint::enrol_device) == (c.expected == errc::ok));
    }
  }

  TEST_CASE("a rebuild whose enrolment fails made nothing, and may be tried again") {
    Joined joined;
    DaemonRig second{joined.server, 2};
    joined.server.refuse = [](const protocol::Target& target) {
      return target.endpoint == Endpoint::enrol_device ? errc::server_error : errc::ok;
    };
    CHECK(second.rebuild(joined.rig.recovery) == errc::server_error);
    CHECK(second.error_of("status") == errc::ok);
    CHECK(second.unlock() == errc::never_initialised);
    joined.server.refuse = {};
    CHECK(second.rebuild(joined.rig.recovery) == errc::ok);
    CHECK(joined.server.enrolled == 1);
    CHECK(second.number_in_status("documents") == 1);
  }

  TEST_CASE("the key of another vault opens nothing") {
    Joined joined;
    MemberServer elsewhere;
    DaemonRig other{elsewhere, 3};
    REQUIRE(other.init() == errc::ok);
    DaemonRig second{joined.server, 2};
    const auto sheet = sheet_at(other.recovery, 0, {});
    CHECK(second.rebuild(sheet) == errc::wrong_recovery_key);
  }
}

}  // namespace
}  // namespace coffret::daemon
