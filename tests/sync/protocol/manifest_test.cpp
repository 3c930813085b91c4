// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/manifest.hpp"

#include <doctest/doctest.h>

#include "sync/protocol/signature.hpp"
#include "tests/support/flip.hpp"
#include "tests/support/keys.hpp"
#include "tests/support/test_signer.hpp"

using namespace coffret;
using namespace coffret::protocol;
using test::counting_id;
using test::TestSigner;

namespace {

const TestSigner root{std::uint8_t{1}};
const TestSigner first{std::uint8_t{2}};
const TestSigner second{std::uint8_t{3}};

const auto vault = counting_id<VaultId>(10);
const auto first_id = counting_id<DeviceId>(30);
const auto second_id = counting_id<DeviceId>(60);

DeviceCertificate certificate(const DeviceId& device, const Signer& key) {
  DeviceCertificate result;
  result.vault = vault;
  result.device = device;
  result.signing_key = key.public_key();
  result.agreement_key = counting_id<AgreementPublicKey>(90);
  result.enrolled_at = 1'700'000'000;
  return result;
}

SignedCertificate by_root() {
  return sign_certificate(certificate(first_id, first), root);
}
SignedCertificate by_first() {
  auto body = certificate(second_id, second);
  body.issuer = Issuer::device;
  body.issuer_device = first_id;
  return sign_certificate(body, first);
}

ManifestFile file(std::string name, std::uint64_t size, std::uint8_t from) {
  return {.name = std::move(name),
          .type = "application/pdf",
          .title = "Ordonnance \"de sortie\"",
          .date = "2026-09",
          .author = "Dr Paul Spécimen",
          .size = size,
          .sha256 = counting_id<Sha256>(from),
          .parts = {counting_id<FileId>(from)}};
}

Manifest manifest() {
  Manifest m;
  m.link = counting_id<LinkId>(100);
  m.version = 1;
  m.vault = vault;
  m.issued_at = 1'800'000'000;
  m.expires_at = 1'800'086'400;
  m.owner = "Jeanne Modèle";
  m.to = "Dr Alice Martin";
  m.purpose = "Consultation\nde cardiologie";
  m.rights = 3;
  m.patient_name = "Jeanne Modèle";
  m.patient_birth_date = "1954-03-12";
  m.files = {file("ordonnance.pdf", 1234, 5), file("vide.pdf", 0, 6)};
  m.chain = {by_root()};
  m.root = root.public_key();
  return m;
}

Result<VerifiedManifest> verified(const std::string& compact) {
  return verify_manifest(compact, counting_id<LinkId>(100), 1);
}

// The manifest's JSON with one text replaced by another.
std::string with(const std::string& what, const std::string& by) {
  std::string json = manifest_json(manifest());
  const auto at = json.find(what);
  REQUIRE(at != std::string::npos);
  return json.replace(at, what.size(), by);
}

}  // namespace

TEST_SUITE("sync/protocol manifest") {
  TEST_CASE("what a device signed is read again, member for member") {
    const auto read = verified(sign_manifest(manifest(), first));
    REQUIRE(read.has_value());
    CHECK(read->manifest == manifest());
    CHECK(read->device == first_id);
  }

  TEST_CASE("what an answer goes through is read as it was said, up to its length") {
    auto m = manifest();
    m.reply = "d1." + std::string(max_reply - 3, 'x');
    const auto read = verified(sign_manifest(m, first));
    REQUIRE(read.has_value());
    CHECK(read->manifest == m);
    m.reply += 'x';
    CHECK(verified(sign_manifest(m, first)).error() == errc::too_large);
    CHECK(manifest_json(manifest()).find("reply") == std::string::npos);
  }

  TEST_CASE("every flipped bit of a manifest is refused") {
    auto small = manifest();
    small.files.pop_back();
    std::size_t accepted = 0;
    test::for_each_flip(sign_manifest(small, first), [&](const std::string& altered) {
      if (verified(altered).has_value()) ++accepted;
    });
    CHECK(accepted == 0);
  }

  TEST_CASE("a manifest opens neither another link nor another version") {
    const auto compact = sign_manifest(manifest(), first);
    CHECK(verify_manifest(compact, counting_id<LinkId>(101), 1).error() == errc::unauthenticated);
    CHECK(verify_manifest(compact, counting_id<LinkId>(100), 2).error() == errc::unauthenticated);
  }

  TEST_CASE("a device that another device enrolled is believed through both certificates") {
    auto m = manifest();
    m.chain = {by_first(), by_root()};
    const auto read = verified(sign_manifest(m, second));
    REQUIRE(read.has_value());
    CHECK(read->device == second_id);
    m.chain = {by_root(), by_first()};
    CHECK(verified(sign_manifest(m, second)).has_value());
  }

  TEST_CASE("a chain that does not lead from the signer to the root is refused") {
    auto other_vault = certificate(first_id, first);
    other_vault.vault = counting_id<VaultId>(11);
    auto circle = certificate(first_id, first);
    circle.issuer = Issuer::device;
    circle.issuer_device = second_id;
    auto back = certificate(second_id, second);
    back.issuer = Issuer::device;
    back.issuer_device = first_id;
    struct Case {
      const char* what;
      std::vector<SignedCertificate> chain;
      const Signer& signer;
    };
    const std::vector<Case> cases{
        {"no certificate", {}, first},
        {"of another device", {by_root()}, second},
        {"issuer missing", {by_first()}, second},
        {"not signed by the root", {sign_certificate(certificate(first_id, first), second)}, first},
        {"of another vault", {sign_certificate(other_vault, root)}, first},
        {"a circle", {sign_certificate(circle, second), sign_certificate(back, first)}, first},
    };
    for (const auto& one : cases) {
      CAPTURE(one.what);
      auto m = manifest();
      m.chain = one.chain;
      CHECK(verified(sign_manifest(m, one.signer)).error() == errc::unauthenticated);
    }
  }

  TEST_CASE("a payload is read strictly, unknown members aside") {
    struct Case {
      std::string json;
      errc error;
    };
    const std::vector<Case> cases{
        {with("\"v\":1", "\"v\":2"), errc::other_version},
        {with("\"view\"", "\"deposit\""), errc::unknown_policy},
        {with("[\"view\",", "["), errc::malformed},
        {with("\"size\":1234", "\"size\":4194305"), errc::malformed},
        {with("\"size\":1234", "\"size\":-1"), errc::malformed},
        {with("\"size\":1234", "\"size\":1e3"), errc::malformed},
        {with("\"owner\"", "\"owned\""), errc::malformed},
        {with("\"n\":1", "\"n\":4294967296"), errc::malformed},
        {with("\"patient\":{", "\"patient\":[{"), errc::malformed},
        {with("\"v\":1", "\"v\":1,\"v\":1"), errc::malformed},
        {with("Jeanne", std::string(max_manifest_text + 1, 'x')), errc::too_large},
        {std::string(max_manifest + 1, ' '), errc::too_large},
        {"", errc::malformed},
    };
    for (const auto& one : cases) {
      CAPTURE(one.json.substr(0, 200));
      CHECK(read_manifest(one.json).error() == one.error);
    }
    CHECK(*read_manifest(with("\"v\":1", "\"v\":1,\"_more\":{\"a\":[]}")) == manifest());
  }
}
