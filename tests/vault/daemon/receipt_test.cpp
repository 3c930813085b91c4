// SPDX-License-Identifier: EUPL-1.2
//
// What was agreed to, as it is kept and handed on.
#include <doctest/doctest.h>

#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "coffret/json.hpp"
#include "sync/protocol/signature.hpp"
#include "tests/support/grant_life.hpp"
#include "vault/daemon/consent.hpp"
#include "vault/daemon/receipt.hpp"

namespace coffret::daemon {
namespace {

using boost::json::object;
using protocol::Endpoint;
using test::asking;
using test::Life;

const object evolving = test::evolving();
const std::string consent_fixture = COFFRET_SOURCE_DIR "/tests/vault/daemon/consent.json";

TEST_SUITE("vault/daemon/receipt") {
  TEST_CASE("a receipt is signed by the device, also after the consent was withdrawn") {
    Life life;
    const auto id = life.granted(asking({{"all", true}, {"purpose", "Avis"}}));
    const auto before = life.rig.ask("grant receipt", {{"id", id}});
    REQUIRE(before.error == errc::ok);
    CHECK(before.result.at("withdrawn_at").is_null());
    CHECK(before.result.at("consent").at("status") == "active");
    life.rig.machine.clock.time += 3600;
    REQUIRE(life.rig.error_of("grant revoke", {{"id", id}}) == errc::ok);
    const auto after = life.rig.ask("grant receipt", {{"id", id}});
    REQUIRE(after.error == errc::ok);
    const auto when = to_rfc3339(from_unix(life.rig.machine.clock.time));
    CHECK(Life::text(after.result, "withdrawn_at") == when);
    CHECK(after.result.at("consent").at("status") == "inactive");
    CHECK(after.result.at("consent").at("provision").at("period").at("end") ==
          boost::json::value(when));
    CHECK(Life::text(after.result, "text").find("Retiré le") != std::string::npos);
    SigningPublicKey key;
    (void)life.rig.service.session().with([&](store::Vault& vault) -> Result<void> {
      key = vault.signer().public_key();
      return {};
    });
    const auto jws = Life::text(after.result, "receipt");
    const auto verified = protocol::verify_jws(jws, receipt_type, 1 << 20);
    REQUIRE(verified.has_value());
    CHECK(verified->key == key);
    const auto told = parse_json(verified->payload, {.bytes = 1 << 20, .depth = 16});
    REQUIRE(told.has_value());
    CHECK(told->at("withdrawn_at") == boost::json::value(when));
    CHECK(told->at("consent").at("form") == boost::json::string(consent_form));
    CHECK(told->at("consent").at("text") == life.shown(id).at("consent"));
    CHECK(told->at("purpose") == "Avis");
  }

  TEST_CASE("a receipt tells all that was disclosed, also what fell out of the grant since") {
    Life life;
    const auto id = life.granted(evolving);
    const auto first = life.shown(id).at("document_ids").as_array()[0];
    const auto later = life.rig.put_text("Arrivé depuis");
    REQUIRE(life.rig.error_of("sync") == errc::ok);
    REQUIRE(life.rig.error_of("remove", {{"id", first}}) == errc::ok);
    REQUIRE(life.rig.error_of("sync") == errc::ok);
    REQUIRE(life.shown(id).at("documents") == 1);
    const auto receipt = life.rig.ask("grant receipt", {{"id", id}});
    REQUIRE(receipt.error == errc::ok);
    const auto verified =
        protocol::verify_jws(Life::text(receipt.result, "receipt"), receipt_type, 1 << 20);
    REQUIRE(verified.has_value());
    const auto told = parse_json(verified->payload, {.bytes = 1 << 20, .depth = 16});
    REQUIRE(told.has_value());
    const auto& documents = told->at("documents").as_array();
    REQUIRE(documents.size() == 2);
    CHECK(documents[0].at("id") == boost::json::value(later.text()));
    CHECK(documents[1].at("id") == first);
    CHECK(told->at("versions").as_array()[0].at("document_ids").as_array()[0] == first);
    const auto text = Life::text(receipt.result, "text");
    CHECK(text.find("Valable à partir du :") != std::string::npos);
    CHECK(text.find("- Compte rendu") != std::string::npos);
    CHECK(text.find("- Arrivé depuis") != std::string::npos);
  }

  TEST_CASE("what was disclosed and is no more in the vault is told by its identifier") {
    ReceiptOf of;
    of.grant.versions = {{.version = 1, .documents = {}}};
    of.gone = {test::counting_id<DocumentId>(5)};
    const auto id = of.gone.front().text();
    CHECK(receipt_text(of, Language::french).find(id + " (n'est plus dans le coffre)") !=
          std::string::npos);
    CHECK(receipt_json(of, {}, {}).find(id) != std::string::npos);
    CHECK(boost::json::serialize(receipt_fhir(of, Language::french).at("provision")).find(id) !=
          std::string::npos);
  }

  TEST_CASE("the receipt as FHIR is the Consent that was held against the standard") {
    ReceiptOf of;
    auto& decision = of.grant.decision;
    decision.grant = test::counting_id<GrantId>(1);
    decision.caregiver = "Dr Alice Martin";
    decision.role = "Cardiologue";
    decision.organisation = "Cabinet <Exemple>";
    decision.purpose = "Avis";
    decision.consent = "Je donne à Dr Alice Martin accès à 1 document.\nJe peux y mettre fin.";
    decision.created_at = 1'800'000'000;
    decision.not_before = 1'800'000'000;
    decision.expires_at = 1'800'600'000;
    of.grant.terms = store::GrantTerms{};
    of.grant.terms->rights = 3;
    of.grant.terms->consent_form = consent_form;
    of.grant.terms->language = "fr";
    of.grant.versions = {
        {.version = 1, .at = decision.created_at, .expires_at = 1'800'600'000, .documents = {}}};
    of.grant.revoked_at = 1'800'003'600;
    of.grant.acknowledged_at = 1'800'003'601;
    of.state = GrantState::revoked;
    of.owner = "Camille Exemple";
    of.person.name = "Camille Exemple";
    of.person.identity.family = "Exemple";
    of.person.identity.given = "Camille";
    of.person.identity.birth_date = "1985-05-14";
    store::DocumentView document;
    document.entry.title = "Bilan & <suite>";
    document.entry.date = "2026-03-14";
    document.sha256 = test::counting_id<Sha256>(7);
    of.documents = {document};
    of.issued_at = from_unix(1'800'010'000);
    // The narrative spells times in the machine's zone: it is checked apart.
    auto consent = receipt_fhir(of, Language::french);
    const auto narrative = std::string{consent.at("text").at("div").as_string()};
    CHECK(narrative.find("Bilan &amp; &lt;suite&gt;") != std::string::npos);
    CHECK(narrative.find("Cabinet &lt;Exemple&gt;") != std::string::npos);
    consent["text"].as_object()["div"] =
        "<div xmlns=\"http://www.w3.org/1999/xhtml\">Reçu de consentement</div>";
    const auto text = boost::json::serialize(consent);
    if (std::getenv("COFFRET_WRITE_FIXTURES") != nullptr) std::ofstream{consent_fixture} << text;
    std::ifstream file{consent_fixture};
    CHECK(text == std::string{std::istreambuf_iterator<char>{file}, {}});
  }

  TEST_CASE("the receipt of a child's record names the child as patient and the owner as grantor") {
    Life life;
    REQUIRE(life.rig.error_of("person add", {{"name", "Léa Exemple"}}) == errc::ok);
    (void)life.rig.service.session().with([&](store::Vault& vault) -> Result<void> {
      auto document = test::prepared("À Léa", "x");
      document.person = vault.persons().back().id;
      (void)test::put(vault, document);
      return {};
    });
    const auto id = life.granted(asking({{"all", true}, {"person", "Léa Exemple"}}));
    const auto receipt = life.rig.ask("grant receipt", {{"id", id}});
    REQUIRE(receipt.error == errc::ok);
    const auto& consent = receipt.result.at("consent").as_object();
    CHECK(consent.at("performer").as_array()[0].at("reference") == "#grantor");
    const auto& contained = consent.at("contained").as_array();
    REQUIRE(contained.size() == 3);
    CHECK(contained[0].at("name").as_array()[0].at("text") == "Léa Exemple");
    CHECK(contained[2].at("resourceType") == "RelatedPerson");
    CHECK(contained[2].at("patient").at("reference") == "#patient");
    CHECK(Life::text(receipt.result, "text").find("Dossier de : Léa Exemple") != std::string::npos);
    CHECK(Life::text(life.shown(id), "consent").find("du dossier de Léa Exemple") !=
          std::string::npos);
  }

  TEST_CASE("a grant of a build before is shown, prolonged, ended, and has a receipt") {
    Life life;
    std::string id;
    (void)life.granted(asking({{"all", true}, {"allow", "download"}}));
    (void)life.rig.service.session().with([&](store::Vault& vault) -> Result<void> {
      auto decision = vault.grants().front().decision;
      // As it was written before: no terms beside it, and a text of its own.
      decision.grant = test::counting_id<GrantId>(9);
      decision.consent = "Un texte d'avant.";
      id = decision.grant.text();
      return vault.append(store::make_operation(decision)).has_value() ? Result<void>{}
                                                                       : Result<void>{errc::io};
    });
    CHECK(life.shown(id).at("evolving") == false);
    CHECK(Life::text(life.shown(id), "consent") == "Un texte d'avant.");
    const auto receipt = life.rig.ask("grant receipt", {{"id", id}});
    REQUIRE(receipt.error == errc::ok);
    CHECK(Life::text(receipt.result, "text").find("Un texte d'avant.") != std::string::npos);
    const auto verified =
        protocol::verify_jws(Life::text(receipt.result, "receipt"), receipt_type, 1 << 20);
    REQUIRE(verified.has_value());
    const auto told = parse_json(verified->payload, {.bytes = 1 << 20, .depth = 16});
    REQUIRE(told.has_value());
    CHECK(told->at("rights") == 3);  // as its signed policy says
    CHECK(life.rig.error_of("grant extend", {{"id", id}, {"for", "2d"}}) == errc::ok);
    CHECK(life.rig.error_of("grant revoke", {{"id", id}}) == errc::ok);
  }
}

}  // namespace
}  // namespace coffret::daemon
