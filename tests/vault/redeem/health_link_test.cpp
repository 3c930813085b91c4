// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include "sync/protocol/link_messages.hpp"
#include "sync/protocol/status.hpp"
#include "tests/support/link_server.hpp"
#include "tests/support/vault_machine.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/redeem/redeem.hpp"

using namespace coffret;
using redeem::RedeemOptions;
using test::LinkServer;
using test::secret_text;

namespace {

constexpr std::string_view fhir = "application/fhir+json";

// "Cher confrère" in base64.
constexpr std::string_view bundle = R"({"resourceType":"Bundle","type":"collection","entry":[
  {"resource":{"resourceType":"Patient","name":[{"family":"Modèle","given":["Jeanne","Marie"]}],
    "birthDate":"1954-03-12"}},
  {"resource":{"resourceType":"DocumentReference","description":"Lettre de sortie","content":[
    {"attachment":{"contentType":"text/plain","data":"Q2hlciBjb25mcsOocmU="}}]}}]})";
constexpr std::string_view summary = R"({"resourceType":"Bundle","type":"document","entry":[
  {"resource":{"resourceType":"Composition","title":"Résumé patient"}},
  {"resource":{"resourceType":"Condition"}}]})";

struct Home {
  test::Machine machine;
  LinkServer server;
  protocol::ShlPath path = test::counting_id<protocol::ShlPath>(50);
  std::string target = "/shl/" + to_base64url(path.bytes);

  crypto::ContentKey key() const { return test::counting_key<crypto::ContentKey>(5); }
  std::string jwe(std::string_view content, std::string_view type = fhir) {
    return to_text(crypto::Sealer::seal(key(), type, as_bytes(content), machine.random).view());
  }
  SecretText link(const std::string& flag, const std::string& url = {}) {
    crypto::SmartHealthLink link{
        url.empty() ? server.url + target : url, key(), 1'900'000'000, flag, "Dr Alice Martin", 1};
    return crypto::format_shl(link, "https://coffret.example/v#");
  }
  void list(std::vector<protocol::ShlFile> files) {
    server.on("POST " + target,
              LinkServer::answer(200, protocol::to_json(protocol::ShlManifest{std::move(files)})));
  }
  Result<redeem::Answer> open(const SecretText& text, const RedeemOptions& options = {}) {
    return redeem::redeem(text, options, server.environment(machine.clock, machine.random));
  }
};

protocol::ShlFile embedded(std::string jwe, std::string type = std::string{fhir}) {
  protocol::ShlFile file;
  file.content_type = std::move(type);
  file.embedded = std::move(jwe);
  return file;
}
protocol::ShlFile located(std::string url) {
  protocol::ShlFile file;
  file.content_type = fhir;
  file.location = std::move(url);
  return file;
}

}  // namespace

TEST_SUITE("vault/redeem health link") {
  TEST_CASE("flag U is one GET that names the reader, and never a manifest") {
    Home home;
    home.server.on("GET " + home.target, LinkServer::answer(200, home.jwe(bundle)));
    RedeemOptions options;
    options.recipient = "Dr Alice Martin";
    const auto answer = home.open(home.link("U"), options);
    REQUIRE(answer.has_value());
    REQUIRE(answer->redeemed.has_value());
    REQUIRE(home.server.requests.size() == 1);
    CHECK(home.server.requests[0].target == home.target + "?recipient=Dr%20Alice%20Martin");
    const auto& got = *answer->redeemed;
    CHECK(got.delivery == Delivery::shl);
    CHECK(got.patient.name == "Jeanne Marie Modèle");
    CHECK(got.patient.birth_date == "1954-03-12");
    CHECK(got.expires_at == 1'900'000'000);
    CHECK_FALSE(got.signature.has_value());
    REQUIRE(got.files.size() == 1);
    CHECK(got.files[0].name == "Lettre de sortie.txt");
    CHECK(as_text(got.files[0].bytes) == "Cher confrère");
  }

  TEST_CASE("a manifest's files are taken where they are: embedded, or at their location") {
    Home home;
    const std::string place = home.target + "/files/" + std::string(43, 'A');
    home.server.on("GET " + place, LinkServer::answer(200, home.jwe(summary)));
    home.list({embedded(home.jwe(bundle)), located(home.server.url + place)});
    const auto answer = home.open(home.link(""));
    REQUIRE(answer.has_value());
    REQUIRE(answer->redeemed.has_value());
    const auto& files = answer->redeemed->files;
    REQUIRE(files.size() == 2);
    CHECK(files[0].name == "Lettre de sortie.txt");
    CHECK(files[1].name == "Résumé patient.json");
    CHECK(as_text(files[1].bytes) == summary);
    const auto asked =
        protocol::from_json<protocol::ShlManifestRequest>(home.server.requests[0].body);
    REQUIRE(asked.has_value());
    CHECK(asked->recipient == "coffret redeem");
    CHECK_FALSE(asked->passcode.has_value());
  }

  TEST_CASE("a manifest that sends the reader elsewhere is refused") {
    Home home;
    home.list({located("https://elsewhere.example/file")});
    CHECK(home.open(home.link("")).error() == errc::denied);
    home.list({located("https://coffret.example.elsewhere.example/file")});
    CHECK(home.open(home.link("")).error() == errc::denied);
  }

  TEST_CASE("a passcode goes into the manifest request, and a refusal counts down") {
    Home home;
    std::string sent;
    home.server.on("POST " + home.target, [&](const http::Request& request) {
      sent = protocol::from_json<protocol::ShlManifestRequest>(request.body)->passcode.value_or("");
      if (sent != "123456")
        return LinkServer::answer(401, protocol::error_body(errc::wrong_passcode, 3));
      return LinkServer::answer(
          200, protocol::to_json(protocol::ShlManifest{{embedded(home.jwe(bundle))}}));
    });
    CHECK(home.open(home.link("P")).error() == errc::wrong_passcode);
    CHECK(home.server.log.empty());
    RedeemOptions wrong;
    wrong.passcode = secret_text("000000");
    CHECK(home.open(home.link("P"), wrong)->remaining_attempts == 3);
    RedeemOptions right;
    right.ask_passcode = []() -> Result<SecretText> { return secret_text("123456"); };
    CHECK(home.open(home.link("P"), right)->redeemed.has_value());
  }

  TEST_CASE("an altered file is refused, and so is one under another key") {
    Home home;
    auto jwe = home.jwe(bundle);
    jwe[jwe.size() / 2] = jwe[jwe.size() / 2] == 'A' ? 'B' : 'A';
    home.server.on("GET " + home.target, LinkServer::answer(200, jwe));
    CHECK(home.open(home.link("U")).error() == errc::unauthenticated);
    const auto other = test::counting_key<crypto::ContentKey>(6);
    const auto sealed = crypto::Sealer::seal(other, fhir, as_bytes(bundle), home.machine.random);
    home.server.on("GET " + home.target, LinkServer::answer(200, as_text(sealed.view())));
    CHECK(home.open(home.link("U")).error() == errc::unauthenticated);
  }

  TEST_CASE("an ended link is not active") {
    Home home;
    CHECK(home.open(home.link("U")).error() == errc::link_not_active);
    CHECK(home.open(home.link("")).error() == errc::link_not_active);
  }

  TEST_CASE("links of other services are said to be unsupported, and are not called") {
    Home home;
    for (const std::string url :
         {"https://coffret.example/share/abc", "https://coffret.example/shl/too-short",
          "https://coffret.example/shl/"}) {
      CAPTURE(url);
      CHECK(home.open(home.link("U", url)).error() == errc::unsupported);
    }
    home.server.on("GET /v1/card", LinkServer::answer(200, "<!doctype html>"));
    CHECK(home.open(home.link("U")).error() == errc::unsupported);
    CHECK(home.server.log.empty());
  }

  TEST_CASE("a pinned server is the only one that hears of the link") {
    Home home;
    home.server.on("GET " + home.target, LinkServer::answer(200, home.jwe(bundle)));
    RedeemOptions options;
    options.pin = test::counting_id<Fingerprint>(1);
    CHECK(home.open(home.link("U"), options).error() == errc::unpinned);
    CHECK(home.server.log.empty());
    options.pin = home.server.fingerprint();
    CHECK(home.open(home.link("U"), options).has_value());
  }

  TEST_CASE("what FHIR says beside its attachments is kept, and nothing is lost") {
    struct Case {
      const char* what;
      std::string json;
      std::vector<std::string> names;
    };
    const std::vector<Case> cases{
        {"one resource", R"({"resourceType":"Condition"})", {"FHIR.json"}},
        {"a patient alone", R"({"resourceType":"Patient"})", {"FHIR.json"}},
        {"an attachment elsewhere",
         R"({"resourceType":"DocumentReference","content":[{"attachment":{"url":"https://x"}}]})",
         {"FHIR.json"}},
        {"an attachment that is no base64",
         R"({"resourceType":"DocumentReference","content":[{"attachment":{"data":"?"}}]})",
         {"FHIR.json"}},
        {"two attachments of one name",
         R"({"resourceType":"DocumentReference","content":[
              {"attachment":{"title":"../a","contentType":"text/plain","data":"YQ=="}},
              {"attachment":{"title":"../a","contentType":"text/plain","data":"Yg=="}}]})",
         {"a.txt", "a (2).txt"}},
        {"an attachment and an observation",
         R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation"}},1,{},
              {"resource":{"resourceType":"DocumentReference","type":{"text":"Note"},"content":[
              {"attachment":{"contentType":"application/pdf","data":"YQ=="}}]}}]})",
         {"Note.pdf", "FHIR.json"}},
    };
    for (const auto& one : cases) {
      CAPTURE(one.what);
      Home home;
      home.server.on("GET " + home.target, LinkServer::answer(200, home.jwe(one.json + "   ")));
      const auto answer = home.open(home.link("U"));
      REQUIRE(answer.has_value());
      std::vector<std::string> names;
      for (const auto& file : answer->redeemed->files) names.push_back(file.name);
      CHECK(names == one.names);
    }
  }

  TEST_CASE("a smart health card is kept as it is, an access token is not") {
    Home home;
    home.list({embedded(home.jwe("{}", "application/smart-health-card")),
               embedded(home.jwe("{}", "application/smart-api-access"))});
    const auto answer = home.open(home.link(""));
    REQUIRE(answer.has_value());
    REQUIRE(answer->redeemed->files.size() == 1);
    CHECK(answer->redeemed->files[0].content_type == "application/smart-health-card");
    CHECK(answer->redeemed->files[0].name == "Dr Alice Martin.json");
  }

  TEST_CASE("what is sealed but is no FHIR is malformed") {
    Home home;
    for (const std::string_view text : {"", "[]", "{", "<xml/>"}) {
      CAPTURE(text);
      home.server.on("GET " + home.target, LinkServer::answer(200, home.jwe(text)));
      CHECK(home.open(home.link("U")).error() == errc::malformed);
    }
  }
}
