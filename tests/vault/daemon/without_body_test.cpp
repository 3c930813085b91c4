// SPDX-License-Identifier: EUPL-1.2
//
// A document whose content is not on this device is told by every command that meets it.
#include "vault/daemon/without_body.hpp"

#include <doctest/doctest.h>

#include <map>
#include <mutex>

#include "tests/support/daemon_rig.hpp"

namespace coffret::daemon {
namespace {

using test::DaemonRig;
using test::MemberServer;

// A second device of a vault with two documents, one of which the server lost before it came.
struct Lacking {
  MemberServer server;
  DaemonRig first{server};
  DaemonRig rig{server, 2};
  DocumentId lost;
  std::map<ObjectId, Bytes>::node_type object;

  Lacking() {
    REQUIRE(first.init() == errc::ok);
    REQUIRE(first.join() == errc::ok);
    lost = first.put_text("Compte rendu");
    REQUIRE(first.error_of("sync") == errc::ok);
    object = server.objects.extract(server.objects.begin());
    first.put_text("Ordonnance");
    REQUIRE(first.error_of("sync") == errc::ok);
    REQUIRE(rig.rebuild(first.recovery) == errc::ok);
  }
  void give_back() { server.objects.insert(std::move(object)); }
  Outcome show(const char* content) {
    return rig.ask("show", {{"id", lost.text()}, {"content", content}});
  }
};

std::string only_title(const Object& result) {
  const auto& named = result.at("missing_documents").as_array();
  REQUIRE(named.size() == 1);
  return std::string{named.front().as_object().at("title").as_string()};
}

TEST_SUITE("vault/daemon/without_body") {
  TEST_CASE("status and sync count it and name it, until it came") {
    Lacking lacking;
    for (const char* command : {"status", "sync"}) {
      CAPTURE(command);
      const auto told = lacking.rig.ask(command);
      REQUIRE(told.error == errc::ok);
      CHECK(told.result.at("missing") == 1);
      CHECK(only_title(told.result) == "Compte rendu");
    }
    lacking.give_back();
    const auto synced = lacking.rig.ask("sync");
    CHECK(synced.result.at("missing") == 0);
    CHECK(synced.result.at("missing_documents").as_array().empty());
    CHECK_FALSE(lacking.rig.ask("status").result.contains("missing_documents"));
  }

  TEST_CASE("check reports it with its title and a way out, except while a sync is under way") {
    Lacking lacking;
    for (const bool read_data : {false, true}) {
      const auto found = lacking.rig.ask("check", {{"read_data", read_data}});
      REQUIRE(found.result.at("problems").as_array().size() == 1);
      CHECK_FALSE(found.result.at("ok").as_bool());
      const auto& problem = found.result.at("problems").as_array().front().as_object();
      CHECK(problem.at("kind") == "missing_body");
      CHECK(problem.at("title") == "Compte rendu");
      CHECK_FALSE(problem.at("way_out").as_string().empty());
    }
    {
      const std::lock_guard a_sync{lacking.rig.service.syncing()};
      CHECK(lacking.rig.ask("check").result.at("ok").as_bool());
    }
    // What was tried in vain is not advised again.
    auto tried = lacking.rig.ask("check", {{"repair", true}});
    REQUIRE(tried.result.at("problems").as_array().size() == 1);
    const auto& left = tried.result.at("problems").as_array().front().as_object();
    CHECK(left.at("error") == "not_found");
    CHECK(std::string{left.at("way_out").as_string()}.find("autre appareil") != std::string::npos);

    lacking.give_back();
    tried = lacking.rig.ask("check", {{"repair", true}});
    CHECK(tried.result.at("ok").as_bool());
    CHECK(lacking.show("original").error == errc::ok);
  }

  TEST_CASE("showing it says that its content is not here, and whose") {
    Lacking lacking;
    for (const char* content : {"original", "text", "html"}) {
      CAPTURE(content);
      const auto shown = lacking.show(content);
      CHECK(shown.error == errc::body_missing);
      CHECK(shown.detail == "Compte rendu");
    }
    // What its entry says is here.
    CHECK(lacking.show("none").error == errc::ok);
    CHECK(lacking.rig.error_of("show", {{"id", "0123456789"}, {"content", "original"}}) ==
          errc::not_found);
  }

  TEST_CASE("a rehearsal that gives back less than the vault lists proves nothing") {
    Lacking lacking;
    const auto rehearsed = lacking.rig.ask("rehearse", {}, {{"recovery", lacking.first.recovery}});
    REQUIRE(rehearsed.error == errc::ok);
    CHECK_FALSE(rehearsed.result.at("ok").as_bool());
    CHECK(rehearsed.result.at("missing") == 1);
    CHECK(rehearsed.result.at("exit_status") == 3);
    CHECK(rehearsed.result.at("last_proven_restore").is_null());
    CHECK(lacking.rig.ask("status").result.at("last_proven_restore").is_null());
    lacking.give_back();
    REQUIRE(lacking.rig.error_of("sync") == errc::ok);
    const auto whole = lacking.rig.ask("rehearse", {}, {{"recovery", lacking.first.recovery}});
    REQUIRE(whole.error == errc::ok);
    CHECK(whole.result.at("ok").as_bool());
    CHECK(whole.result.at("exit_status") == 0);
    CHECK_FALSE(lacking.rig.ask("status").result.at("last_proven_restore").is_null());
  }

  TEST_CASE("sharing it says that its content is not here") {
    Lacking lacking;
    const auto made = lacking.rig.ask(
        "grant create", {{"to", "Dr Deux"}, {"for", "1h"}, {"documents", {lacking.lost.text()}}});
    CHECK(made.error == errc::body_missing);
  }
}

}  // namespace
}  // namespace coffret::daemon
