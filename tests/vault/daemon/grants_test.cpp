// SPDX-License-Identifier: EUPL-1.2
//
// The grant commands and the access log, against a server that the test drives.
#include <doctest/doctest.h>

#include "coffret/grant.hpp"
#include "tests/support/daemon_rig.hpp"
#include "vault/daemon/patient_match.hpp"

namespace coffret::daemon {
namespace {

using boost::json::object;
using protocol::Endpoint;
using test::DaemonRig;
using test::MemberServer;

const object everything{{"to", "Dr Exemple"}, {"for", "1h"}, {"all", true}};

struct Sharing {
  MemberServer server;
  DaemonRig rig{server};

  Sharing() {
    REQUIRE(rig.init() == errc::ok);
    REQUIRE(rig.join() == errc::ok);
    (void)rig.put_text("Compte rendu");
    server.asked.clear();
  }
  // The identifier of a grant that was made and published.
  std::string granted(object arguments = everything) {
    const auto made = rig.ask("grant create", std::move(arguments));
    REQUIRE(made.error == errc::ok);
    return std::string{made.result.at("id").as_string()};
  }
  std::uint64_t grants() {
    return rig.ask("grant list").result.at("count").to_number<std::uint64_t>();
  }
  std::string state() {
    REQUIRE(grants() == 1);
    return std::string{rig.heard.rows.front().at("state").as_string()};
  }
  void log(OpeningOutcome outcome, bool sealed, const std::string& recipient) {
    protocol::AccessLine line;
    line.time = 1'800'000'100;
    line.link = server.policies.begin()->first;
    line.outcome = outcome;
    line.recipient_sealed = sealed;
    line.recipient = recipient;
    server.lines.push_back(line);
  }
};

TEST_SUITE("vault/daemon/grants") {
  TEST_CASE("a grant is published before it is recorded, and its link is handed over last") {
    Sharing sharing;
    (void)sharing.granted();
    const auto& asked = sharing.server.asked;
    CHECK(asked.back() == Endpoint::publish_grant);
    CHECK(sharing.server.first(Endpoint::upload_parcel) < asked.size() - 1);
    REQUIRE(sharing.rig.heard.secrets.size() == 1);
    CHECK(test::shown_text(sharing.rig.heard.secrets[0])
              .starts_with("https://coffret.example/v#c1."));
    CHECK(sharing.state() == "live");
  }

  TEST_CASE("documents of several persons in a grant are told") {
    Sharing sharing;
    CHECK(sharing.rig.ask("grant create", everything).result.at("several_persons") == false);
    (void)sharing.rig.service.session().with([&](store::Vault& vault) -> Result<void> {
      for (const auto* given : {"Camille", "CAMILLE, Dominique", "Léa"}) {
        auto document = test::prepared(given, given);
        document.entry.patient.family = "Exemple";
        document.entry.patient.given = given;
        (void)test::put(vault, document);
        const auto views = vault.documents();
        REQUIRE(views.has_value());
        CHECK(are_several(*views) == (given == std::string_view{"Léa"}));
      }
      return {};
    });
    CHECK(sharing.rig.ask("grant create", everything).result.at("several_persons") == true);
  }

  TEST_CASE("a passcode is handed over apart from the link") {
    Sharing sharing;
    auto arguments = everything;
    arguments["passcode"] = true;
    (void)sharing.granted(arguments);
    REQUIRE(sharing.rig.heard.secrets.size() == 2);
    CHECK(sharing.rig.heard.secrets[1].size() == 6);
  }

  TEST_CASE("a chosen passcode has six characters at least") {
    Sharing sharing;
    for (const auto* given : {"", "12345", "\u00e9\u00e9\u00e9\u00e9\u00e9"}) {
      CAPTURE(given);
      const auto refused = sharing.rig.ask("grant create", everything, {{"passcode", given}});
      CHECK(refused.error == errc::usage);
      CHECK(refused.detail.find("6") != std::string::npos);
    }
    CHECK(sharing.rig.ask("grant create", everything, {{"passcode", "123456"}}).error == errc::ok);
  }

  TEST_CASE("nothing is recorded or handed over when the server does not publish") {
    struct {
      const char* name;
      errc refusal;
      Endpoint at;
    } const cases[] = {
        {"over quota while uploading", errc::over_quota, Endpoint::upload_parcel},
        {"the policy is not understood", errc::unknown_policy, Endpoint::publish_grant},
        {"a file is missing there", errc::incomplete_upload, Endpoint::publish_grant},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Sharing sharing;
      sharing.server.refuse = [&](const protocol::Target& target) {
        return target.endpoint == c.at ? c.refusal : errc::ok;
      };
      CHECK(sharing.rig.error_of("grant create", everything) == c.refusal);
      CHECK(sharing.rig.heard.secrets.empty());
      CHECK(sharing.grants() == 0);
    }
    Sharing sharing;
    sharing.server.reachable = false;
    CHECK(sharing.rig.error_of("grant create", everything) == errc::server_unreachable);
    CHECK(sharing.grants() == 0);
  }

  TEST_CASE("a request that means nothing makes nothing") {
    struct {
      const char* name;
      const char* member;
      boost::json::value value;
      errc expected;
    } const cases[] = {
        {"no such delivery", "delivery", "pigeon", errc::usage},
        {"a caregiver who is not paired", "delivery", "key", errc::not_found},
        {"no such right", "allow", "upload", errc::usage},
        {"a right and none", "allow", "download,", errc::usage},
        {"no duration", "for", "soon", errc::malformed},
        {"no document", "all", false, errc::usage},
        {"fewer than no openings", "openings", -1, errc::usage},
        {"openings in words", "openings", "three", errc::usage},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Sharing sharing;
      auto arguments = everything;
      arguments[c.member] = c.value;
      const auto error = sharing.rig.error_of("grant create", arguments);
      CHECK(row(error).code == row(c.expected).code);
      CHECK_FALSE(sharing.server.was_asked(Endpoint::publish_grant));
      CHECK(sharing.grants() == 0);
    }
  }

  TEST_CASE("a revocation is recorded at once, and done when the server has said so") {
    Sharing sharing;
    const object id{{"id", sharing.granted()}};
    sharing.server.reachable = false;
    const auto cut = sharing.rig.ask("grant revoke", id);
    CHECK(cut.error == errc::server_unreachable);
    CHECK_FALSE(cut.detail.empty());
    CHECK(sharing.state() == "revoking");

    sharing.server.reachable = true;
    CHECK(sharing.rig.error_of("grant revoke", id) == errc::ok);
    CHECK(sharing.state() == "revoked");
    CHECK(sharing.server.revoked.size() == 1);
    sharing.server.asked.clear();
    CHECK(sharing.rig.error_of("grant revoke", id) == errc::ok);
    CHECK(sharing.server.asked.empty());
  }

  TEST_CASE("what only the server counts is shown when it answers") {
    Sharing sharing;
    const object id{{"id", sharing.granted()}};
    sharing.server.counted = {GrantState::used_up, 1, 2};
    auto shown = sharing.rig.ask("grant show", id).result;
    CHECK(shown.at("state") == "used_up");
    CHECK(shown.at("wrong_passcodes") == 2);
    CHECK(sharing.state() == "used_up");  // the list tells it too
    sharing.server.reachable = false;
    CHECK(sharing.state() == "live");
    shown = sharing.rig.ask("grant show", id).result;
    CHECK(shown.at("state") == "live");
    CHECK_FALSE(shown.contains("opened"));
  }

  TEST_CASE("the access log names whom it can, and no reader's claim can blind it") {
    Sharing sharing;
    (void)sharing.granted();
    sharing.log(OpeningOutcome::delivered, true, "not a sealed claim");
    sharing.log(OpeningOutcome::read, true, "");
    REQUIRE(sharing.rig.error_of("access-log") == errc::ok);
    REQUIRE(sharing.rig.heard.rows.size() == 2);
    CHECK(sharing.rig.heard.rows[0].at("recipient") == "");
    CHECK(sharing.rig.heard.rows[0].at("to") == "Dr Exemple");
    CHECK(sharing.rig.heard.rows[1].at("outcome") == "read");
  }

  TEST_CASE("an access log that lost or changed a line it had shown is an alarm") {
    Sharing sharing;
    (void)sharing.granted();
    sharing.log(OpeningOutcome::delivered, true, "");
    sharing.log(OpeningOutcome::read, true, "");
    REQUIRE(sharing.rig.error_of("access-log") == errc::ok);
    auto kept = sharing.server.lines;
    sharing.server.lines.pop_back();
    CHECK(sharing.rig.error_of("access-log") == errc::server_rolled_back);
    sharing.server.lines = kept;
    sharing.server.lines[0].time += 1;
    CHECK(sharing.rig.error_of("access-log") == errc::fork_detected);
    sharing.server.lines = kept;
    sharing.log(OpeningOutcome::not_active, true, "");
    CHECK(sharing.rig.ask("access-log").result.at("verified") == 3);
  }
}

}  // namespace
}  // namespace coffret::daemon
