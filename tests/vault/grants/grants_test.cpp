// SPDX-License-Identifier: EUPL-1.2
#include "tests/support/grant_home.hpp"

using namespace coffret;
using namespace coffret::test;

namespace {

protocol::Policy policy_of(const Home& home, const grants::Parcel& parcel) {
  const auto policy =
      protocol::verify_policy(parcel.publication.policy, home.vault.signer().public_key());
  REQUIRE(policy.has_value());
  return *policy;
}

}  // namespace

TEST_SUITE("vault/grants parcels") {
  TEST_CASE("the link and the server's half open every document, byte for byte") {
    Home home;
    const auto parcel = home.prepare(home.request());
    REQUIRE(parcel.has_value());
    CHECK(shown_text(parcel->link_text).starts_with("https://coffret.example/v#c1."));
    Reader reader{*parcel};
    CHECK(std::equal(reader.link.server.begin(), reader.link.server.end(),
                     place.fingerprint.bytes.begin()));
    REQUIRE(reader.said().files.size() == 2);
    CHECK(reader.join(reader.said().files[0]) == *home.vault.body(home.note));
    CHECK(reader.join(reader.said().files[1]) == *home.vault.body(home.letter));
    CHECK(reader.said().files[0].name == "Bilan d'automne.txt");
    CHECK(reader.said().files[1].date == "2026-02");
    CHECK(reader.said().owner == "Camille Exemple");
    CHECK(reader.said().to == "Dr Alice Martin");
    CHECK(reader.said().expires_at == home.machine.clock.time + 86400);
    CHECK(reader.said().rights == 1);
    CHECK(reader.said().root == home.vault.root_key());
    CHECK(reader.manifest->device == home.vault.device());
  }

  TEST_CASE("the policy says what the server must know, and no word of a document") {
    Home home;
    auto request = home.request();
    request.openings = 3;
    request.download = true;
    const auto parcel = home.prepare(std::move(request));
    REQUIRE(parcel.has_value());
    const auto policy = policy_of(home, *parcel);
    CHECK(policy.vault == home.vault.id());
    CHECK(policy.link == parcel->link);
    CHECK(policy.delivery == Delivery::link);
    CHECK(policy.openings == 3);
    CHECK(policy.rights == 3);
    CHECK(policy.passcode.empty());
    const Reader reader{*parcel};
    CHECK(policy.proof_hash ==
          crypto::sha256(crypto::read_proof(reader.key, reader.link.id).bytes));
    REQUIRE(policy.files.size() == parcel->files.size());
    for (std::size_t i = 0; i < policy.files.size(); ++i) {
      const auto& [id, file] = parcel->files[i];
      CHECK(policy.files[i].id == id);
      CHECK(policy.files[i].size == file.size());
      CHECK(policy.files[i].sha256 == crypto::sha256(file.view()));
    }
    const auto public_bytes = as_text(parcel->publication.policy.body);
    for (const std::string word : {"Bilan", "Lettre", "Alice", "Camille", "Consultation"})
      CHECK(public_bytes.find(word) == std::string_view::npos);
  }

  TEST_CASE("the decision is remembered with its secrets wrapped") {
    Home home;
    const auto parcel = home.prepare(home.request());
    REQUIRE(parcel.has_value());
    REQUIRE(home.vault.append(store::make_operation(parcel->decision)).has_value());
    const auto kept = home.vault.grant(parcel->grant);
    REQUIRE(kept.has_value());
    CHECK(kept->decision == parcel->decision);
    CHECK(kept->decision.documents == std::vector{home.note, home.letter});
    CHECK(kept->decision.policy == wire::encode(parcel->publication.policy));
    const auto secret = home.vault.unwrap<crypto::LinkSecret>(
        kept->epoch, crypto::WrapPurpose::link, parcel->link.view(), 1,
        kept->decision.wrapped_link_secret);
    REQUIRE(secret.has_value());
    CHECK(shown(*secret) == shown(crypto::parse_link(parcel->link_text)->secret));
    const auto half = home.vault.unwrap<Secret<32, struct HalfTag>>(
        kept->epoch, crypto::WrapPurpose::server_half, parcel->link.view(), 1,
        kept->decision.wrapped_server_half);
    REQUIRE(half.has_value());
    CHECK(shown(*half) == to_bytes(parcel->publication.server_half.bytes));
  }

  TEST_CASE("a passcode is made, or taken, and only its proof's hash is published") {
    Home home;
    auto request = home.request();
    request.with_passcode = true;
    const auto made = home.prepare(std::move(request));
    REQUIRE(made.has_value());
    REQUIRE(made->passcode.has_value());
    CHECK(shown_text(*made->passcode).size() == 6);

    request = home.request();
    request.with_passcode = true;
    request.passcode = secret_text("pomme d'api");
    const auto taken = home.prepare(std::move(request));
    REQUIRE(taken.has_value());
    CHECK_FALSE(taken->passcode.has_value());
    const auto link = crypto::parse_link(taken->link_text);
    const auto proof = crypto::passcode_proof(link->secret, link->id, secret_text("pomme d'api"));
    CHECK(policy_of(home, *taken).passcode == to_bytes(crypto::sha256(proof.bytes).bytes));
  }

  TEST_CASE("two grants of the same documents share nothing") {
    Home home;
    const auto one = home.prepare(home.request());
    const auto two = home.prepare(home.request());
    REQUIRE(one.has_value());
    REQUIRE(two.has_value());
    CHECK(one->link != two->link);
    CHECK(one->publication.server_half != two->publication.server_half);
    for (const auto& [id, file] : one->files)
      for (const auto& [other_id, other] : two->files) CHECK(id != other_id);
    const Reader reader{*one};
    CHECK(crypto::open_jwe(reader.key, received(two->files[1].second), 4 << 20).error() ==
          errc::unauthenticated);
  }

  TEST_CASE("a large document is cut into parts of 4 MiB") {
    Home home;
    auto document = prepared("Scanner", "");
    document.body.assign(9 << 20, 'x');
    document.sha256 = crypto::sha256(document.body);
    auto request = home.request();
    request.documents = {put(home.vault, document)};
    const auto parcel = home.prepare(std::move(request));
    REQUIRE(parcel.has_value());
    Reader reader{*parcel};
    REQUIRE(reader.said().files.size() == 1);
    CHECK(reader.said().files[0].parts.size() == 3);
    CHECK(reader.join(reader.said().files[0]) == document.body);
  }

  TEST_CASE("a request that cannot become a grant is refused, and why") {
    Home home;
    const auto refused = [&](auto change) {
      auto request = home.request();
      change(request);
      return to_errc(home.prepare(std::move(request)).error());
    };
    const auto now = home.machine.clock.time;
    CHECK(refused([](auto& r) { r.documents.clear(); }) == errc::denied);
    CHECK(refused([&](auto& r) { r.expires_at = now; }) == errc::denied);
    CHECK(refused([&](auto& r) { r.expires_at = now + 367 * 86400; }) == errc::denied);
    CHECK(refused([](auto& r) { r.not_before = -1; }) == errc::denied);
    CHECK(refused([](auto& r) { r.passcode = secret_text(""); }) == errc::denied);
    CHECK(refused([](auto& r) { r.delivery = Delivery::key; }) == errc::denied);
    CHECK(refused([](auto& r) { r.purpose.assign(1025, 'x'); }) == errc::too_large);
    CHECK(refused([](auto& r) { r.documents.push_back(test::counting_id<DocumentId>(1)); }) ==
          errc::not_found);
    REQUIRE(home.vault.remove(home.letter).has_value());
    CHECK(refused([](auto&) {}) == errc::not_found);
    const grants::ServerPlace clear{"http://127.0.0.1:8080", place.fingerprint};
    auto request = home.request();
    request.documents = {home.note};
    CHECK(grants::prepare(home.vault, std::move(request), clear, home.machine.clock,
                          home.machine.random)
              .error() == errc::unsupported);
  }

  TEST_CASE("a document named twice is shared once") {
    Home home;
    auto request = home.request();
    request.documents = {home.note, home.letter, home.note};
    const auto parcel = home.prepare(std::move(request));
    REQUIRE(parcel.has_value());
    CHECK(parcel->decision.documents == std::vector{home.note, home.letter});
    CHECK(Reader{*parcel}.said().files.size() == 2);
  }

  TEST_CASE("the state of a grant, from what this device knows") {
    store::GrantView grant;
    grant.decision.not_before = 100;
    grant.decision.expires_at = 200;
    CHECK(grants::state_of(grant, 99) == GrantState::scheduled);
    CHECK(grants::state_of(grant, 100) == GrantState::live);
    CHECK(grants::state_of(grant, 199) == GrantState::live);
    CHECK(grants::state_of(grant, 200) == GrantState::expired);
    grant.revoked_at = 150;
    CHECK(grants::state_of(grant, 150) == GrantState::revoking);
    CHECK(grants::state_of(grant, 200) == GrantState::expired);
    grant.acknowledged_at = 160;
    CHECK(grants::state_of(grant, 150) == GrantState::revoked);
    CHECK(grants::state_of(grant, 200) == GrantState::revoked);
  }
}
