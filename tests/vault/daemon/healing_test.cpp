// SPDX-License-Identifier: EUPL-1.2
//
// A server that was put back to a backup: told, healed with the person's word, nothing lost.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/daemon_rig.hpp"

namespace coffret::daemon {
namespace {

using protocol::Endpoint;
using test::DaemonRig;
using test::MemberServer;

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
  boost::json::object heal(DaemonRig& who) {
    const auto done = who.ask("sync", {{"heal", true}});
    CAPTURE(done.error);
    REQUIRE(done.error == errc::ok);
    return done.result;
  }
};

TEST_SUITE("vault/daemon/healing") {
  TEST_CASE("an older server is a rollback, unless the association's note says why") {
    Joined joined;
    const auto held = joined.server.log.size();
    (void)joined.rig.put_text("Plus tard");
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    const auto whole = joined.server.log;
    const auto objects = joined.server.objects;
    joined.server.restore(held);
    const auto note = joined.server.note;

    joined.server.note.reset();
    CHECK(joined.rig.error_of("sync") == errc::server_rolled_back);
    joined.server.note = note;
    joined.server.forged_note = true;
    CHECK(joined.rig.error_of("sync") == errc::server_rolled_back);
    joined.server.forged_note = false;
    joined.server.note->vault.bytes[0] ^= 1;
    CHECK(joined.rig.error_of("sync") == errc::server_rolled_back);
    joined.server.note = note;
    joined.server.asked.clear();
    CHECK(joined.rig.error_of("sync") == errc::server_restored);
    CHECK_FALSE(joined.server.was_asked(Endpoint::append_log));
    CHECK_FALSE(joined.server.was_asked(Endpoint::upload_object));
    // Until the person has spoken nothing else is asked of it.
    CHECK(
        joined.rig.error_of("grant create", {{"to", "Dr Exemple"}, {"for", "1h"}, {"all", true}}) ==
        errc::server_restored);

    const auto told = joined.rig.ask("sync heal preview");
    REQUIRE(told.error == errc::ok);
    CHECK(told.result.at("entries") == 1);
    const auto done = joined.heal(joined.rig);
    CHECK(done.at("healed").at("entries") == 1);
    CHECK(done.at("healed").at("objects") == 1);
    REQUIRE(joined.server.log.size() > whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) CHECK(joined.server.log[i] == whole[i]);
    CHECK(joined.server.objects == objects);
    CHECK(joined.rig.error_of("sync") == errc::ok);
    CHECK(joined.rig.number_in_status("pending") == 0);
  }

  TEST_CASE("a note that was taken in excuses no second rollback") {
    Joined joined;
    const auto held = joined.server.log.size();
    (void)joined.rig.put_text("Plus tard");
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    joined.server.restore(held);
    REQUIRE(joined.rig.error_of("sync") == errc::server_restored);
    (void)joined.heal(joined.rig);
    joined.server.log.resize(held);
    CHECK(joined.rig.error_of("sync") == errc::server_rolled_back);
    CHECK(joined.rig.error_of("sync", {{"heal", true}}) == errc::server_rolled_back);
    CHECK(joined.server.log.size() == held);
    // Of another backup, later, it may speak.
    joined.server.restore(held);
    CHECK(joined.rig.error_of("sync") == errc::server_restored);
    (void)joined.heal(joined.rig);
  }

  TEST_CASE("a note about another history heals nothing") {
    Joined joined;
    const auto held = joined.server.log.size();
    (void)joined.rig.put_text("Plus tard");
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    joined.server.restore(held);
    joined.server.note->head.hash.bytes[0] ^= 1;
    CHECK(joined.rig.error_of("sync", {{"heal", true}}) == errc::fork_detected);
    CHECK(joined.server.log.size() == held);
  }

  TEST_CASE("two devices heal in any order, each with what the other and the server lack") {
    for (const bool first_knows_more : {true, false}) {
      CAPTURE(first_knows_more);
      Joined joined;
      auto& a = joined.rig;
      DaemonRig b{joined.server, 2};
      REQUIRE(b.rebuild(a.recovery) == errc::ok);
      REQUIRE(a.error_of("sync") == errc::ok);
      const auto held = joined.server.log.size();
      (void)a.put_text("Les deux le connaissent");
      REQUIRE(a.error_of("sync") == errc::ok);
      REQUIRE(b.error_of("sync") == errc::ok);
      (void)a.put_text("Envoyé, connu de A seul");
      REQUIRE(a.error_of("sync") == errc::ok);
      (void)a.put_text("Jamais envoyé par A");
      (void)b.put_text("Jamais envoyé par B");
      joined.server.restore(held);

      auto& first = first_knows_more ? a : b;
      auto& second = first_knows_more ? b : a;
      CHECK(first.error_of("sync") == errc::server_restored);
      (void)joined.heal(first);
      if (const auto next = second.error_of("sync"); next != errc::ok) {
        CHECK(next == errc::server_restored);
        (void)joined.heal(second);
      }
      REQUIRE(first.error_of("sync") == errc::ok);
      REQUIRE(second.error_of("sync") == errc::ok);
      for (auto* one : {&a, &b}) {
        CHECK(one->number_in_status("documents") == 5);
        CHECK(one->number_in_status("missing") == 0);
        CHECK(one->number_in_status("pending") == 0);
        CHECK(one->ask("check", {{"read_data", true}}).result.at("ok").as_bool());
      }
      CHECK(a.ask("status").result.at("head") == b.ask("status").result.at("head"));
      // Also after the daemons were started anew: nothing lies that the files do not say.
      for (auto* one : {&a, &b}) {
        REQUIRE(one->error_of("lock") == errc::ok);
        REQUIRE(one->unlock() == errc::ok);
        CHECK(one->error_of("sync") == errc::ok);
      }
    }
  }

  TEST_CASE("what is sent again says again who may sign, whichever device sends it") {
    Joined joined;
    auto& a = joined.rig;
    DaemonRig b{joined.server, 2};
    DaemonRig c{joined.server, 3};
    REQUIRE(b.rebuild(a.recovery) == errc::ok);
    REQUIRE(c.rebuild(a.recovery) == errc::ok);
    REQUIRE(a.error_of("sync") == errc::ok);
    const auto held = joined.server.log.size();
    const auto lost = b.ask("status").result.at("device");
    REQUIRE(a.error_of("device remove", {{"id", lost}}) == errc::ok);
    REQUIRE(a.error_of("recovery renew") == errc::ok);
    const auto sheet = test::shown_text(a.heard.secrets.front());
    (void)a.put_text("Dans la nouvelle époque");
    REQUIRE(a.error_of("sync") == errc::ok);
    REQUIRE(c.error_of("sync") == errc::ok);
    const auto whole = joined.server.log;
    const auto root = joined.server.root;
    const auto removed = joined.server.removed;
    REQUIRE(root.has_value());
    joined.server.restore(held);
    joined.server.root.reset();
    joined.server.removed.clear();

    CHECK(c.error_of("sync") == errc::server_restored);
    (void)joined.heal(c);
    REQUIRE(joined.server.log.size() > whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) CHECK(joined.server.log[i] == whole[i]);
    CHECK(joined.server.root == root);
    CHECK(joined.server.removed == removed);
    CHECK(a.error_of("sync") == errc::ok);
    CHECK(b.error_of("sync") == errc::device_removed);
    DaemonRig d{joined.server, 4};
    CHECK(d.rebuild(a.recovery) == errc::recovery_replaced);
    CHECK(d.rebuild(sheet) == errc::ok);
    CHECK(d.number_in_status("documents") == 2);
  }

  TEST_CASE("grants are confirmed with their server half, and revoked ones revoked again") {
    Joined joined;
    const auto create = [&](const char* to) {
      const auto made = joined.rig.ask("grant create", {{"to", to}, {"for", "1h"}, {"all", true}});
      REQUIRE(made.error == errc::ok);
      return std::string{made.result.at("id").as_string()};
    };
    (void)create("Dr Exemple");
    const auto ended = create("Dr Fini");
    REQUIRE(joined.rig.error_of("grant revoke", {{"id", ended}}) == errc::ok);
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    (void)create("Dr Perdu");
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    REQUIRE(joined.server.policies.size() == 3);
    const auto lost = joined.server.policies.extract(std::prev(joined.server.policies.end()));
    joined.server.revoked.clear();
    joined.server.restore(joined.server.log.size());

    // Nothing of the log is missing: it is told all the same, because the grants are closed.
    CHECK(joined.rig.error_of("sync") == errc::server_restored);
    const auto done = joined.heal(joined.rig);
    const auto& healed = done.at("healed").as_object();
    CHECK(healed.at("entries") == 0);
    CHECK(joined.server.revoked.size() == 1);
    const auto confirmed = healed.at("grants").to_number<std::uint64_t>();
    const auto missing = healed.at("lost_grants").as_array().size();
    CHECK(confirmed + missing == 2);
    CHECK(confirmed == joined.server.confirmed.size());
    for (const auto& [link, word] : joined.server.confirmed)
      CHECK_FALSE(word.server_half.is_zero());
    CHECK(joined.rig.error_of("sync") == errc::ok);
  }

  TEST_CASE(
      "a grant of which the backup has an earlier version is ended, and told to be given again") {
    Joined joined;
    auto& rig = joined.rig;
    const auto made = rig.ask("grant create", {{"to", "Dr Exemple"}, {"for", "1h"}, {"all", true}});
    REQUIRE(made.error == errc::ok);
    const auto id = made.result.at("id");
    REQUIRE(rig.error_of("sync") == errc::ok);
    const auto earlier = joined.server.policies;
    REQUIRE(earlier.size() == 1);
    REQUIRE(rig.error_of("grant extend", {{"id", id}, {"for", "2h"}}) == errc::ok);
    REQUIRE(rig.error_of("sync") == errc::ok);
    REQUIRE(joined.server.policies != earlier);
    joined.server.policies = earlier;
    joined.server.restore(joined.server.log.size());

    CHECK(rig.error_of("sync") == errc::server_restored);
    const auto done = joined.heal(rig);
    const auto& healed = done.at("healed").as_object();
    CHECK(healed.at("grants") == 0);
    REQUIRE(healed.at("lost_grants").as_array().size() == 1);
    CHECK(healed.at("lost_grants").at(0).at("id") == id);
    CHECK(joined.server.revoked.contains(earlier.begin()->first));
    CHECK(rig.error_of("sync") == errc::ok);
    CHECK(rig.ask("grant show", {{"id", id}}).result.at("state") == "revoked");
  }

  TEST_CASE("a person who was not asked sends nothing: the preview changes nothing") {
    Joined joined;
    const auto held = joined.server.log.size();
    (void)joined.rig.put_text("Plus tard");
    REQUIRE(joined.rig.error_of("sync") == errc::ok);
    joined.server.restore(held);
    REQUIRE(joined.rig.error_of("sync heal preview") == errc::ok);
    CHECK(joined.server.log.size() == held);
    joined.server.note.reset();
    CHECK(joined.rig.error_of("sync heal preview") == errc::not_found);
  }
}

}  // namespace
}  // namespace coffret::daemon
