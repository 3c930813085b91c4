// SPDX-License-Identifier: EUPL-1.2
//
// `sync` and `rebuild` against a server that the test drives.
#include <doctest/doctest.h>

#include "coffret/json.hpp"
#include "tests/support/daemon_rig.hpp"

namespace coffret::daemon {
namespace {

using boost::json::object;
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
    const std::vector<Endpoint> expected{Endpoint::read_log, Endpoint::pack_objects,
                                         Endpoint::append_log};
    CHECK(joined.server.asked == expected);
    CHECK(joined.rig.number_in_status("pending") == 0);
  }

  TEST_CASE("with a server of before packs, each object travels alone, up and down") {
    Joined joined;
    joined.server.version = 1;
    (void)joined.rig.put_text("Deuxième");
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    const std::vector<Endpoint> expected{Endpoint::read_log, Endpoint::upload_object,
                                         Endpoint::append_log};
    CHECK(joined.server.asked == expected);
    DaemonRig second{joined.server, 2};
    REQUIRE(second.rebuild(joined.rig.recovery) == errc::ok);
    CHECK(second.number_in_status("missing") == 0);
    CHECK_FALSE(joined.server.was_asked(Endpoint::fetch_objects));
  }

  TEST_CASE("hundreds of documents take a few requests, over several connections") {
    constexpr int documents = 600;
    Joined joined;
    (void)joined.rig.service.session().with([&](store::Vault& vault) -> Result<void> {
      for (int i = 0; i < documents; i += 50) {
        std::vector<store::PreparedDocument> batch;
        for (int j = i; j < i + 50; ++j)
          batch.push_back(test::prepared("Lettre " + std::to_string(j), "n° " + std::to_string(j)));
        REQUIRE(vault.put_documents(std::move(batch)).has_value());
      }
      return {};
    });
    const auto done = joined.rig.ask("sync");
    REQUIRE(done.error == errc::ok);
    CHECK(done.result.at("pushed") == documents);
    CHECK(joined.server.asked.size() < documents / 10);
    CHECK(joined.server.objects.size() == documents + 1);

    joined.server.asked.clear();
    DaemonRig second{joined.server, 2};
    REQUIRE(second.rebuild(joined.rig.recovery) == errc::ok);
    CHECK(second.number_in_status("documents") == documents + 1);
    CHECK(second.number_in_status("missing") == 0);
    CHECK(joined.server.asked.size() < documents / 10);
    CHECK(second.ask("check", {{"read_data", true}}).result.at("ok") == true);
  }

  TEST_CASE("of all lanes one at a time holds a large object") {
    constexpr std::size_t large = (std::size_t{4} << 20) + 300'000;
    Joined joined;
    (void)joined.rig.service.session().with([&](store::Vault& vault) -> Result<void> {
      for (int i = 0; i < 40; ++i) {
        auto one = test::prepared("Lettre " + std::to_string(i), "n° " + std::to_string(i));
        if (i % 10 == 3) {
          one.body = Bytes(large, static_cast<std::uint8_t>(i));
          one.sha256 = crypto::sha256(one.body);
        }
        REQUIRE_FALSE(test::put(vault, std::move(one)).is_zero());
      }
      return {};
    });
    std::vector<ObjectId> sent;
    joined.server.refuse = [&](const protocol::Target& target) {
      if (target.endpoint == Endpoint::object_status || target.endpoint == Endpoint::upload_object)
        sent.push_back(target.object);
      return errc::ok;
    };
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    sent.erase(std::unique(sent.begin(), sent.end()), sent.end());
    CHECK(sent.size() == 4);  // each from its first part to its last, before the next began
    CHECK(joined.server.objects.size() == 41);
  }

  TEST_CASE("a server that has no room for a moment is asked again") {
    Joined joined;
    (void)joined.rig.put_text("Attend");
    unsigned times = 0;
    joined.server.refuse = [&](const protocol::Target& target) {
      const bool pack = target.endpoint == Endpoint::pack_objects;
      return pack && ++times == 1 ? errc::rate_limited : errc::ok;
    };
    CHECK(joined.rig.error_of("sync") == errc::ok);
    CHECK(times == 2);
    CHECK(joined.rig.number_in_status("pending") == 0);
  }

  TEST_CASE("a key that the server has and the log does not is withdrawn, and told") {
    Joined joined;
    DaemonRig second{joined.server, 2};
    REQUIRE(second.rebuild(joined.rig.recovery) == errc::ok);
    const auto stranger = test::counting_id<DeviceId>(0x51);
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    joined.server.planted = {stranger};

    // Nothing new: nothing is asked.
    joined.server.asked.clear();
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    CHECK(joined.server.asked.size() == 1);
    CHECK(joined.server.withdrawn.empty());

    // With an ordinary entry of another device.
    joined.server.planted = {stranger};
    (void)second.put_text("Une note");
    REQUIRE(second.error_of("sync") == errc::ok);
    CHECK(joined.rig.error_of("sync") == errc::key_planted);
    CHECK(joined.server.withdrawn == std::vector<DeviceId>{stranger});
    CHECK(joined.rig.number_in_status("missing") == 0);  // all the rest was done
    CHECK(joined.rig.error_of("sync") == errc::ok);

    // Also where the server has it in words alone.
    joined.server.planted = {stranger};
    joined.server.refuse = [](const protocol::Target& target) {
      return target.endpoint == Endpoint::remove_device ? errc::not_found : errc::ok;
    };
    (void)second.put_text("Une autre");
    REQUIRE(second.error_of("sync") == errc::ok);
    CHECK(joined.rig.error_of("sync") == errc::key_planted);
    joined.server.refuse = {};

    // And when who may sign changes here.
    joined.server.withdrawn.clear();
    joined.server.planted = {stranger};
    const auto other = second.ask("status").result.at("device");
    CHECK(joined.rig.error_of("device remove", {{"id", other}}) == errc::key_planted);
    CHECK(joined.server.withdrawn == std::vector<DeviceId>{stranger});
    CHECK(joined.rig.error_of("sync") == errc::ok);
  }

  TEST_CASE("what an interrupted sync left on the server is not sent again") {
    Joined joined;
    for (int i = 0; i < 40; ++i) (void)joined.rig.put_text("Lettre " + std::to_string(i));
    joined.server.refuse = [](const protocol::Target& target) {
      return target.endpoint == Endpoint::append_log ? errc::server_error : errc::ok;
    };
    CHECK(joined.rig.error_of("sync") == errc::server_error);
    CHECK(joined.server.objects.size() == 41);
    joined.server.refuse = {};
    joined.server.asked.clear();
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    CHECK_FALSE(joined.server.was_asked(Endpoint::pack_objects));
    CHECK(joined.rig.number_in_status("pending") == 0);
  }

  TEST_CASE("a line that fails now and then does not end a sync; one that is gone does") {
    Joined joined;
    (void)joined.rig.put_text("Deuxième");
    int failures = 3;
    joined.server.lose = [&](std::string_view target) {
      const bool fails = target.ends_with("/objects/pack") && failures > 0;
      if (fails) --failures;
      return fails;
    };
    CHECK(joined.rig.error_of("sync") == errc::ok);
    (void)joined.rig.put_text("Troisième");
    failures = 1000;
    CHECK(joined.rig.error_of("sync") == errc::server_unreachable);
    CHECK(failures > 980);
    CHECK(joined.rig.number_in_status("pending") == 1);
  }

  TEST_CASE("a paused sync says so, also after a restart, and goes on when it is resumed") {
    Joined joined;
    (void)joined.rig.put_text("Deuxième");
    CHECK(joined.rig.ask("sync", {{"pause", true}}).result.at("paused") == true);
    CHECK(joined.rig.error_of("sync") == errc::sync_paused);
    CHECK(joined.rig.error_of("sync", {{"watch", true}}) == errc::sync_paused);
    CHECK(joined.server.asked.empty());
    SyncState restarted{joined.rig.machine.disk, joined.rig.machine.directory()};
    CHECK(restarted.paused());
    CHECK(joined.rig.ask("status").result.at("sync_paused") == true);
    CHECK(joined.rig.error_of("sync", {{"resume", true}}) == errc::ok);
    CHECK(joined.rig.number_in_status("pending") == 0);
    CHECK(joined.rig.ask("status").result.at("sync_paused") == false);
  }

  TEST_CASE("a pause stops a running sync between two packs, and status says why it stopped") {
    Joined joined;
    (void)joined.rig.put_text("Deuxième");
    joined.server.refuse = [&](const protocol::Target& target) {
      if (target.endpoint == Endpoint::pack_objects)
        REQUIRE(joined.rig.service.sync_state().pause().has_value());
      return errc::ok;
    };
    CHECK(joined.rig.error_of("sync") == errc::sync_paused);
    CHECK_FALSE(joined.server.was_asked(Endpoint::append_log));
    const auto stopped = joined.rig.ask("status").result.at("sync_stopped");
    CHECK(stopped.at("code") == "sync_paused");
    CHECK(std::string{stopped.at("why").as_string()} ==
          row(errc::sync_paused).sentence(Language::french));
  }

  TEST_CASE("a watch takes in what another device sends, sends what is new here, and ends") {
    Joined joined;
    DaemonRig second{joined.server, 2};
    REQUIRE(second.rebuild(joined.rig.recovery) == errc::ok);
    int waits = 0;
    joined.server.on_wait = [&] {
      ++waits;
      if (waits == 1) {  // while the first device waits, the second one writes
        (void)second.put_text("Du second");
        REQUIRE(second.error_of("sync") == errc::ok);
      }
      if (waits == 2) (void)joined.rig.put_text("Du premier");
      if (waits == 3) joined.rig.service.ask_stop();
    };
    const auto done = joined.rig.ask("sync", {{"watch", true}});
    CHECK(done.error == errc::ok);
    CHECK(waits == 3);
    const auto& rows = joined.rig.heard.rows;
    REQUIRE(rows.size() == 3);  // how it stood, what came, what went
    CHECK(rows[1].at("pulled") == 1);
    CHECK(rows[2].at("pushed") == 1);
    CHECK(joined.rig.number_in_status("documents") == 3);
  }

  TEST_CASE("answers that come too early, and refusals of a wait, do not make a watch spin") {
    for (const errc answer : {errc::ok, errc::rate_limited}) {
      CAPTURE(static_cast<int>(answer));
      Joined joined;
      std::vector<std::chrono::steady_clock::time_point> waits;
      joined.server.refuse = [&](const protocol::Target& target) {
        if (target.endpoint != Endpoint::wait_log) return errc::ok;
        waits.push_back(std::chrono::steady_clock::now());
        if (waits.size() == 2) joined.rig.service.ask_stop();
        return answer;
      };
      CHECK(joined.rig.error_of("sync", {{"watch", true}}) == errc::ok);
      REQUIRE(waits.size() == 2);
      CHECK(waits[1] - waits[0] >= std::chrono::seconds{1});
    }
  }

  TEST_CASE("one watch of a vault at a time, and another one after it") {
    Joined joined;
    errc beside = errc::ok;
    joined.server.on_wait = [&] {
      test::HeardAnswer other;
      LocalRequest request{{{"command", "sync"}, {"watch", true}}, {}};
      beside = joined.rig.service.handle(request, other).error;
      joined.rig.service.ask_stop();
    };
    CHECK(joined.rig.error_of("sync", {{"watch", true}}) == errc::ok);
    CHECK(beside == errc::in_use);
    CHECK(joined.rig.error_of("sync", {{"watch", true}}) != errc::in_use);
  }

  TEST_CASE("a sync with nothing new asks one thing") {
    Joined joined;
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    CHECK(joined.server.asked == std::vector{Endpoint::read_log});
  }

  TEST_CASE("every refusal of what a server sent leaves a line, and none says that a file is bad") {
    struct {
      const char* what;
      std::function<void(MemberServer&)> spoil;
      errc told;
    } const cases[] = {
        {"a page that is none", [](MemberServer& s) { s.claimed = 1000; }, errc::unauthenticated},
        {"an error without a meaning",
         [](MemberServer& s) { s.refuse = [](const protocol::Target&) { return errc::internal; }; },
         errc::server_error},
        {"an answer that never came",
         [](MemberServer& s) {
           s.refuse = [](const protocol::Target&) { return errc::timed_out; };
         },
         errc::timed_out},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      Joined joined;
      c.spoil(joined.server);
      CHECK(joined.rig.error_of("sync") == c.told);
      const auto audit = joined.rig.machine.disk.read(joined.rig.machine.file("audit.log"), 4096);
      REQUIRE(audit.has_value());
      CHECK(as_text(*audit).find(row(c.told).code) != std::string_view::npos);
    }
  }

  TEST_CASE("attack 33: a check asks the server for what it says it has") {
    struct {
      const char* what;
      std::function<void(MemberServer&)> lose;
    } const cases[] = {
        {"gone, and said to be there",
         [](MemberServer& s) {
           s.refuse = [](const protocol::Target& target) {
             return target.endpoint == Endpoint::fetch_object ? errc::not_found : errc::ok;
           };
         }},
        {"other bytes under its name",
         [](MemberServer& s) {
           for (auto& [id, bytes] : s.objects)
             for (auto& byte : bytes) byte ^= 1;
         }},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      Joined joined;
      CHECK(joined.rig.ask("check", {{"against_server", true}}).result.at("ok") == true);
      CHECK(joined.server.was_asked(Endpoint::fetch_object));
      c.lose(joined.server);
      const auto found = joined.rig.ask("check", {{"against_server", true}});
      REQUIRE(found.error == errc::ok);
      const auto& problems = found.result.at("problems").as_array();
      REQUIRE(problems.size() == 1);
      CHECK(problems[0].at("kind") == "server_lacks_object");
      CHECK(std::string{problems[0].at("item").as_string()} ==
            joined.server.objects.begin()->first.text());
    }
  }

  TEST_CASE("a check that finds the server rolled back leaves a line") {
    Joined joined;
    joined.server.log.pop_back();
    const auto done = joined.rig.ask("check", {{"against_server", true}});
    REQUIRE(done.error == errc::ok);
    CHECK(done.result.at("ok") == false);
    const auto audit = joined.rig.machine.disk.read(joined.rig.machine.file("audit.log"), 4096);
    REQUIRE(audit.has_value());
    CHECK(as_text(*audit).find("server_rolled_back") != std::string_view::npos);
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
      CHECK_FALSE(joined.server.was_asked(Endpoint::pack_objects));
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

  TEST_CASE("an object that the server altered is told, and keeps nothing else from passing") {
    Joined joined;
    (void)joined.rig.put_text("Deuxième");
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    DaemonRig second{joined.server, 2};
    auto& altered = joined.server.objects.begin()->second;
    altered.back() ^= 1;
    CHECK(second.rebuild(joined.rig.recovery) == errc::unauthenticated);
    CHECK(second.number_in_status("missing") == 1);
    (void)second.put_text("Nouveau");
    const auto told = second.ask("sync");
    CHECK(told.error == errc::unauthenticated);
    const bool named = told.detail == "Deuxième" || told.detail == "Premier";
    CHECK(named);
    CHECK(second.number_in_status("pending") == 0);
    altered.back() ^= 1;
    CHECK(second.error_of("sync") == errc::ok);
    CHECK(second.number_in_status("missing") == 0);
  }

  TEST_CASE("what was removed thirty days ago is erased after a pull, by both clocks") {
    constexpr std::int64_t day = 24 * 3600;
    Joined joined;
    auto& clock = joined.rig.machine.clock;
    const auto today = clock.time;
    const auto id = joined.rig.put_text("Retiré");
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    REQUIRE(joined.rig.error_of("remove", {{"id", id.text()}}) == errc::ok);
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    const auto known = [&] { return joined.rig.error_of("show", {{"id", id.text()}}) == errc::ok; };

    REQUIRE(joined.rig.error_of("lock") == errc::ok);
    clock.time = today + 3000 * day;  // the machine starts years ahead
    REQUIRE(joined.rig.unlock() == errc::ok);
    REQUIRE(joined.rig.error_of("sync") == errc::ok);  // of a server that tells no time
    joined.server.time = today + 29 * day;
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    CHECK(known());
    joined.server.time = today + 31 * day;
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    CHECK_FALSE(known());
    CHECK(joined.rig.number_in_status("pending") == 0);
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

TEST_SUITE("vault/daemon/join") {
  TEST_CASE("an invite is heard as a secret, and as the first line of what was handed in") {
    struct {
      const char* name;
      std::string after;
      errc expected;
    } const cases[] = {
        {"alone", "", errc::ok},
        {"with its line's end", " \r\nand a note", errc::ok},
        {"with something behind", ".x", errc::malformed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      MemberServer server;
      DaemonRig rig{server};
      REQUIRE(rig.init() == errc::ok);
      CHECK(rig.error_of("server join", {{"url", server.url}, {"invite", server.invite()}}) ==
            errc::usage);
      CHECK(rig.ask("server join", {{"url", server.url}}, {{"invite", server.invite() + c.after}})
                .error == c.expected);
    }
  }
}

std::vector<std::string> evidence_of(DaemonRig& rig) {
  auto files = rig.machine.disk.list(rig.machine.directory());
  REQUIRE(files.has_value());
  std::erase_if(*files, [](const auto& file) { return !file.starts_with("fork-evidence-"); });
  return *files;
}

TEST_SUITE("vault/daemon/evidence") {
  TEST_CASE("what a server showed against the known history is kept, named, and holds no content") {
    struct {
      const char* name;
      void (*spoil)(MemberServer&);
      errc expected;
      bool with_entry;
    } const cases[] = {
        {"one entry fewer", [](MemberServer& s) { s.log.pop_back(); }, errc::server_rolled_back,
         false},
        {"another last entry", [](MemberServer& s) { s.log.back() = s.log.front(); },
         errc::fork_detected, false},
        {"another history that is longer",
         [](MemberServer& s) {
           auto body = wire::decode<protocol::Entry>(s.log.back().body);
           REQUIRE(body.has_value());
           body->seq = s.log.size() + 1;  // and says to follow another entry than the last
           auto next = s.log.back();
           next.body = wire::encode(*body);
           s.log.push_back(next);
         },
         errc::fork_detected, true},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Joined joined;
      const auto remembered = joined.server.head();
      c.spoil(joined.server);
      const auto outcome = joined.rig.ask("sync");
      CHECK(outcome.error == c.expected);
      REQUIRE(evidence_of(joined.rig) == std::vector<std::string>{outcome.detail});
      const auto text =
          joined.rig.machine.disk.read(joined.rig.machine.file(outcome.detail), 1 << 20);
      REQUIRE(text.has_value());
      auto parsed = parse_json(as_text(*text), {.bytes = 1 << 20, .depth = 8});
      REQUIRE(parsed.has_value());
      const auto& told = parsed->as_object();
      const auto said = [](const boost::json::value& value) {
        return std::string{value.as_string().data(), value.as_string().size()};
      };
      CHECK(said(told.at("code")) == row(c.expected).code);
      CHECK(said(told.at("remembered").at("hash")) == remembered.hash.text());
      CHECK(said(told.at("shown").at("hash")) == joined.server.head().hash.text());
      CHECK(protocol::verify_card(said(told.at("server").at("card")), joined.server.fingerprint())
                .has_value());
      CHECK(told.at("first_entry").is_object() == c.with_entry);
      CHECK(as_text(*text).find("Premier") == std::string_view::npos);
      CHECK(as_text(*text).find("Camille") == std::string_view::npos);
    }
  }

  TEST_CASE("the same showing is one file, and showings without end do not fill the disk") {
    Joined joined;
    joined.server.log.back() = joined.server.log.front();
    for (int i = 0; i < 3; ++i) CHECK_FALSE(joined.rig.ask("sync").detail.empty());
    CHECK(evidence_of(joined.rig).size() == 1);
    for (int i = 0; i < 40; ++i) {
      joined.server.log.back().body.back() = static_cast<std::uint8_t>(i);
      CHECK(joined.rig.error_of("sync") == errc::fork_detected);
    }
    CHECK(evidence_of(joined.rig).size() == 32);
  }

  TEST_CASE("an alarm whose evidence cannot be written is an alarm all the same") {
    Joined joined;
    joined.server.log.pop_back();
    joined.rig.machine.disk.writes_left = 0;
    const auto outcome = joined.rig.ask("sync");
    CHECK(outcome.error == errc::server_rolled_back);
    CHECK(outcome.detail.empty());
  }

  TEST_CASE(
      "after an alarm nothing is given to the server until it shows the known history again") {
    const object grant{{"to", "Dr Exemple"}, {"for", "1h"}, {"all", true}};
    struct {
      const char* name;
      void (*spoil)(MemberServer&);
      errc expected;
    } const cases[] = {
        {"one entry fewer", [](MemberServer& s) { s.log.pop_back(); }, errc::server_rolled_back},
        {"another last entry", [](MemberServer& s) { s.log.back() = s.log.front(); },
         errc::fork_detected},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Joined joined;
      REQUIRE(joined.rig.error_of("grant create", grant) == errc::ok);
      REQUIRE(joined.rig.error_of("grant list") == errc::ok);
      const std::string id{joined.rig.heard.rows.front().at("id").as_string()};
      REQUIRE(joined.rig.error_of("sync") == errc::ok);
      const auto whole = joined.server.log;
      c.spoil(joined.server);
      REQUIRE(joined.rig.error_of("sync") == c.expected);
      joined.server.log = whole;  // it behaves, for whoever does not ask for the log
      joined.server.asked.clear();
      const auto refused = joined.rig.ask("grant create", grant);
      CHECK(refused.error == c.expected);
      CHECK(evidence_of(joined.rig) == std::vector<std::string>{refused.detail});
      CHECK(joined.rig.error_of("access-log") == c.expected);
      CHECK(joined.rig.error_of("grant list") == errc::ok);
      CHECK(joined.server.asked.empty());
      CHECK(joined.rig.error_of("grant revoke", {{"id", id}}) == errc::ok);
      CHECK(joined.server.revoked.size() == 1);
      CHECK(joined.rig.error_of("sync") == errc::ok);
      CHECK(joined.rig.error_of("grant create", grant) == errc::ok);
      REQUIRE(evidence_of(joined.rig).size() == 1);  // kept, as settled
      CHECK(evidence_of(joined.rig).front().ends_with(".settled.json"));
    }
  }

  TEST_CASE("a grant is not published where the log is not the known one") {
    struct {
      const char* name;
      void (*spoil)(MemberServer&);
      errc expected;
    } const cases[] = {
        {"one entry fewer", [](MemberServer& s) { s.log.pop_back(); }, errc::server_rolled_back},
        {"another last entry", [](MemberServer& s) { s.log.back() = s.log.front(); },
         errc::fork_detected},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Joined joined;
      c.spoil(joined.server);
      const auto made =
          joined.rig.ask("grant create", {{"to", "Dr Exemple"}, {"for", "1h"}, {"all", true}});
      CHECK(made.error == c.expected);
      CHECK(joined.server.policies.empty());
      CHECK_FALSE(joined.server.was_asked(Endpoint::upload_parcel));
      CHECK(evidence_of(joined.rig) == std::vector<std::string>{made.detail});
    }
  }

  TEST_CASE("alarms that are settled again and again do not fill the disk either") {
    Joined joined;
    const auto whole = joined.server.log;
    for (int i = 0; i < 40; ++i) {
      joined.server.log.back().body.back() = static_cast<std::uint8_t>(i);
      if (joined.server.log.back().body == whole.back().body) continue;
      CHECK(joined.rig.error_of("sync") == errc::fork_detected);
      joined.server.log = whole;
      CHECK(joined.rig.error_of("sync") == errc::ok);
    }
    CHECK(evidence_of(joined.rig).size() == 32);
  }

  TEST_CASE("a check against the server keeps what it was shown, too") {
    Joined joined;
    joined.server.log.back() = joined.server.log.front();
    const auto checked = joined.rig.ask("check", {{"against_server", true}});
    REQUIRE(checked.error == errc::ok);
    const auto& problem = checked.result.at("problems").as_array().front();
    CHECK(problem.at("kind") == "fork_detected");
    CHECK(evidence_of(joined.rig) ==
          std::vector<std::string>{problem.at("evidence").as_string().c_str()});
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

  TEST_CASE("the card is judged by what the log remembers of it, before a device is enrolled") {
    struct {
      const char* name;
      void (*change)(MemberServer&);
      errc expected;
    } const cases[] = {
        {"as it was", [](MemberServer&) {}, errc::ok},
        {"newer", [](MemberServer& s) { s.card.serial = 3; }, errc::ok},
        {"older", [](MemberServer& s) { s.card.serial = 1; }, errc::key_changed},
        {"as old, with another key",
         [](MemberServer& s) { s.card.spki = {test::counting_id<Sha256>(60)}; }, errc::key_changed},
        {"of another identity",
         [](MemberServer& s) { s.identity = test::TestSigner{std::uint8_t{78}}; }, errc::unpinned},
    };
    std::uint64_t seed = 20;
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Joined joined;
      joined.server.card.serial = 2;
      joined.server.card.spki = {test::counting_id<Sha256>(50)};
      REQUIRE(joined.rig.error_of("sync") == errc::ok);
      joined.server.asked.clear();
      c.change(joined.server);
      DaemonRig second{joined.server, seed++};
      CHECK(second.rebuild(joined.rig.recovery) == c.expected);
      CHECK(joined.server.was_asked(Endpoint::enrol_device) == (c.expected == errc::ok));
      if (c.expected != errc::ok) CHECK(second.unlock() == errc::never_initialised);
    }
  }

  TEST_CASE("a rebuild that the sheet stops keeps what the server showed") {
    Joined joined;
    const auto end = joined.server.head();
    DaemonRig second{joined.server, 2};
    // As coffretd does when it starts.
    REQUIRE(second.machine.disk.make_directory(second.machine.directory()).has_value());
    CHECK(second.rebuild(sheet_at(joined.rig.recovery, end.seq + 1, end.hash)) ==
          errc::server_rolled_back);
    CHECK(evidence_of(second).size() == 1);
  }

  TEST_CASE("a server that claims a log without end is left, not followed") {
    Joined joined;
    joined.server.claimed = std::uint64_t{1} << 40;
    DaemonRig second{joined.server, 2};
    // It cannot show the end of it.
    CHECK(second.rebuild(joined.rig.recovery) == errc::malformed);
    const std::vector<Endpoint> expected{Endpoint::vault_by_root, Endpoint::read_log,
                                         Endpoint::read_log};
    CHECK(joined.server.asked == expected);
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
