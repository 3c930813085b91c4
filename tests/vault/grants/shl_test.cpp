// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>
#include <sodium.h>

#include "coffret/json.hpp"
#include "tests/support/vault_machine.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/grants/grants.hpp"

using namespace coffret;
using grants::GrantRequest;
using grants::Parcel;
using test::prepared;
using test::put;
using test::secret_text;
using test::shown_text;

namespace {

constexpr std::string_view summary =
    R"({"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition"}}]})";

struct ShlHome {
  test::Machine machine;
  store::Vault vault = std::move(machine.create()->vault);

  GrantRequest request(std::vector<DocumentId> documents) const {
    GrantRequest request;
    request.caregiver = "Dr Alice Martin";
    request.purpose = "Suivi";
    request.documents = std::move(documents);
    request.delivery = Delivery::shl;
    request.not_before = machine.clock.time;
    request.expires_at = machine.clock.time + 3600;
    return request;
  }
  Result<Parcel> prepare(GrantRequest request, const std::string& url = "https://coffret.example") {
    return grants::prepare(vault, std::move(request), {url, {}}, machine.clock, machine.random);
  }
  DocumentId letter() {
    auto document = prepared("Lettre de sortie", "Cher confrère", "2026-09-16T10:00:00+02:00");
    document.entry.type = {"11490-0", "2.16.840.1.113883.6.1", "Lettre de sortie"};
    document.entry.authors = {
        {.name = "Paul Spécimen", .id = {}, .profession = {}, .organisation = {}}};
    document.entry.patient.family = "Modèle";
    document.entry.patient.given = "Jeanne";
    document.entry.patient.birth_date = "1954-03-12";
    document.entry.patient.gender = "F";
    document.entry.patient.ids = {{"254037512345678", "1.2.250.1.213.1.4.8"}};
    return put(vault, document);
  }
  DocumentId fhir() {
    auto document = prepared("Résumé", "");
    document.entry.format = DocumentFormat::fhir;
    document.entry.media_type = "application/fhir+json";
    document.body = to_bytes(as_bytes(summary));
    document.sha256 = crypto::sha256(document.body);
    return put(vault, document);
  }
};

struct Opened {
  explicit Opened(const Parcel& parcel) : link(*crypto::parse_shl(parcel.link_text)) {
    policy = *protocol::decode_policy(parcel.publication.policy.body);
    for (const auto& [id, file] : parcel.files) {
      const ReceivedParcelFile jwe{to_bytes(file.view())};
      const auto opened = crypto::open_jwe(link.key, jwe, 64 << 20);
      REQUIRE(opened.has_value());
      CHECK(opened->content_type == "application/fhir+json");
      contents.push_back(to_text(opened->content));
    }
  }
  boost::json::value json(std::size_t at) const {
    return *parse_json(contents[at], {.bytes = 64 << 20, .depth = 64});
  }

  crypto::SmartHealthLink link;
  protocol::Policy policy;
  std::vector<std::string> contents;
};

}  // namespace

TEST_SUITE("vault/grants shl") {
  TEST_CASE("one document without conditions is a flag-U link to one FHIR Bundle") {
    ShlHome home;
    const auto letter = home.letter();
    const auto parcel = home.prepare(home.request({letter}));
    REQUIRE(parcel.has_value());
    CHECK(shown_text(parcel->link_text).starts_with("https://coffret.example/v#shlink:/"));
    const Opened opened{*parcel};
    CHECK(opened.link.flag == "U");
    CHECK(opened.link.expires_at == home.machine.clock.time + 3600);
    CHECK(opened.link.label == "Dr Alice Martin");
    CHECK(opened.link.url ==
          "https://coffret.example/shl/" + to_base64url(opened.policy.shl.bytes));
    CHECK(opened.policy.shl_direct);
    CHECK(opened.policy.proof_hash.is_zero());
    CHECK(parcel->publication.server_half.is_zero());
    CHECK(parcel->decision.wrapped_server_half.empty());
    REQUIRE(opened.policy.files.size() == 1);
    CHECK(opened.policy.files[0].content_type == "application/fhir+json");
  }

  TEST_CASE("the Bundle holds the Patient and the very bytes of the document") {
    ShlHome home;
    const auto letter = home.letter();
    const auto parcel = home.prepare(home.request({letter}));
    REQUIRE(parcel.has_value());
    const auto bundle = Opened{*parcel}.json(0);
    CHECK(bundle.at("resourceType") == "Bundle");
    CHECK(bundle.at("type") == "collection");
    CHECK(bundle.at("timestamp") == "2027-01-15T08:00:00Z");
    const auto& entries = bundle.at("entry").as_array();
    REQUIRE(entries.size() == 2);
    const auto& patient = entries[0].at("resource");
    CHECK(patient.at("resourceType") == "Patient");
    CHECK(patient.at("name").at(0).at("family") == "Modèle");
    CHECK(patient.at("birthDate") == "1954-03-12");
    CHECK(patient.at("gender") == "female");
    CHECK(patient.as_object().if_contains("identifier") == nullptr);
    const auto& reference = entries[1].at("resource");
    CHECK(reference.at("resourceType") == "DocumentReference");
    CHECK(reference.at("status") == "current");
    CHECK(reference.at("subject").at("reference") == entries[0].at("fullUrl"));
    CHECK(reference.at("date") == "2026-09-16T10:00:00+02:00");
    CHECK(reference.at("type").at("coding").at(0).at("system") == "http://loinc.org");
    CHECK(reference.at("author").at(0).at("display") == "Paul Spécimen");
    const auto& attachment = reference.at("content").at(0).at("attachment");
    CHECK(attachment.at("contentType") == "text/plain");
    CHECK(attachment.at("title") == "Lettre de sortie");
    const std::string data{attachment.at("data").as_string()};
    CHECK(*from_base64(data) == *home.vault.body(letter));
    const std::string url{entries[1].at("fullUrl").as_string()};
    CHECK(url.size() == 45);
    CHECK(url.starts_with("urn:uuid:"));
    CHECK(url[23] == '4');
  }

  TEST_CASE("documents of several persons are nobody's: no Patient, no subject") {
    ShlHome home;
    const std::vector documents{home.letter(), put(home.vault, prepared("Carnet", "x"))};
    auto request = home.request(documents);
    request.several_persons = true;
    const auto parcel = home.prepare(std::move(request));
    REQUIRE(parcel.has_value());
    const auto bundle = Opened{*parcel}.json(0);
    const auto& entries = bundle.at("entry").as_array();
    REQUIRE(entries.size() == 2);
    for (const auto& entry : entries) {
      CHECK(entry.at("resource").at("resourceType") == "DocumentReference");
      CHECK_FALSE(entry.at("resource").as_object().contains("subject"));
    }
  }

  TEST_CASE("FHIR JSON travels as it is, a file of its own, behind spaces that hide its length") {
    ShlHome home;
    const auto parcel = home.prepare(home.request({home.fhir(), home.letter()}));
    REQUIRE(parcel.has_value());
    const Opened opened{*parcel};
    CHECK(opened.link.flag.empty());  // two files cannot be one GET
    CHECK_FALSE(opened.policy.shl_direct);
    REQUIRE(opened.contents.size() == 2);
    const auto end = opened.contents[0].find_last_not_of(' ') + 1;
    CHECK(opened.contents[0].substr(0, end) == summary);
    CHECK(opened.contents[0].size() == crypto::padme(summary.size()));
    CHECK(opened.json(1).at("entry").as_array().size() == 2);

    const auto alone = home.prepare(home.request({home.fhir()}));
    REQUIRE(alone.has_value());
    CHECK(Opened{*alone}.contents.size() == 1);
    CHECK(Opened{*alone}.link.flag == "U");
  }

  TEST_CASE("what only calls itself FHIR is a document like any other") {
    ShlHome home;
    auto document = prepared("Faux", "{\"resourceType\":");
    document.entry.format = DocumentFormat::fhir;
    const auto parcel = home.prepare(home.request({put(home.vault, document)}));
    REQUIRE(parcel.has_value());
    CHECK(Opened{*parcel}.json(0).at("entry").as_array().size() == 2);
  }

  TEST_CASE("counting needs a manifest link") {
    ShlHome home;
    auto request = home.request({home.letter()});
    request.openings = 2;
    const auto parcel = home.prepare(std::move(request));
    REQUIRE(parcel.has_value());
    const Opened opened{*parcel};
    CHECK(opened.link.flag.empty());
    CHECK_FALSE(opened.policy.shl_direct);
    CHECK(opened.policy.openings == 2);
  }

  TEST_CASE("a passcode makes flag P, and the policy keeps its Argon2id hash") {
    ShlHome home;
    auto request = home.request({home.letter()});
    request.with_passcode = true;
    const auto parcel = home.prepare(std::move(request));
    REQUIRE(parcel.has_value());
    REQUIRE(parcel->passcode.has_value());
    const Opened opened{*parcel};
    CHECK(opened.link.flag == "P");
    const auto code = shown_text(*parcel->passcode);
    const auto hash = to_text(opened.policy.passcode);
    CHECK(::crypto_pwhash_str_verify(hash.c_str(), code.data(), code.size()) == 0);
    CHECK(::crypto_pwhash_str_verify(hash.c_str(), "0000000", 7) != 0);

    auto odd = home.request({home.letter()});
    odd.passcode = secret_text("\xff");
    CHECK(home.prepare(std::move(odd)).error() == errc::malformed);
  }

  TEST_CASE("more than 25 MiB of FHIR is refused") {
    ShlHome home;
    auto document = prepared("Scanner", "");
    document.body.assign(19u << 20, 'x');  // 25.3 MiB in base64
    document.sha256 = crypto::sha256(document.body);
    CHECK(home.prepare(home.request({put(home.vault, document)})).error() == errc::too_large);
  }

  TEST_CASE("an address that the standard has no room for is refused") {
    ShlHome home;
    const std::string url = "https://" + std::string(60, 'a') + "." + std::string(20, 'b');
    CHECK(home.prepare(home.request({home.letter()}), url).error() == errc::too_large);
  }

  TEST_CASE("the key in the link is kept wrapped with the decision") {
    ShlHome home;
    const auto parcel = home.prepare(home.request({home.letter()}));
    REQUIRE(parcel.has_value());
    REQUIRE(home.vault.append(store::make_operation(parcel->decision)).has_value());
    const auto kept = home.vault.grant(parcel->grant);
    REQUIRE(kept.has_value());
    const auto key = home.vault.unwrap<crypto::ContentKey>(kept->epoch, crypto::WrapPurpose::link,
                                                           parcel->link.view(), 1,
                                                           kept->decision.wrapped_link_secret);
    REQUIRE(key.has_value());
    CHECK(test::shown(*key) == test::shown(crypto::parse_shl(parcel->link_text)->key));
  }
}
