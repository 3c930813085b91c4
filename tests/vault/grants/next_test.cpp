// SPDX-License-Identifier: EUPL-1.2
//
// Further versions of a grant.
#include "tests/support/grant_home.hpp"
#include "vault/crypto/passcode.hpp"

using namespace coffret;
using namespace coffret::test;

namespace {

// A grant that stands in the log, and what is published of it next.
struct Standing {
  Home home;
  std::optional<grants::Parcel> parcel;

  Standing() {
    auto request = home.request();
    request.documents = {home.note};
    request.passcode = secret_text("123456");
    request.with_passcode = true;
    auto made = home.prepare(std::move(request));
    REQUIRE(made.has_value());
    parcel.emplace(std::move(*made));
    REQUIRE(home.vault.append(store::make_operation(parcel->decision, parcel->terms)).has_value());
  }

  store::GrantView view() const { return *home.vault.grant(parcel->grant); }
  grants::NextRequest request(std::vector<DocumentId> documents) const {
    const auto& decision = view().decision;
    return {.version = view().version + 1,
            .documents = std::move(documents),
            .not_before = decision.not_before,
            .expires_at = decision.expires_at,
            .openings = decision.openings};
  }
  Result<grants::NextVersion> next(const grants::NextRequest& request) {
    return grants::prepare_next(home.vault, view(), request, place, home.machine.clock,
                                home.machine.random);
  }
  void keep(const store::GrantPublished& published) {
    auto operation = store::make_operation(published);
    operation.ignorable = true;
    REQUIRE(home.vault.append(operation).has_value());
  }
};

protocol::Policy policy_of(const grants::NextVersion& next) {
  const auto policy = protocol::decode_policy(next.publication.policy.body);
  REQUIRE(policy.has_value());
  return *policy;
}

}  // namespace

TEST_SUITE("vault/grants next versions") {
  TEST_CASE("a new version has a new half and key, and opens with the link of before") {
    Standing standing;
    const auto next = standing.next(standing.request({standing.home.note, standing.home.letter}));
    REQUIRE(next.has_value());
    CHECK(next->publication.server_half != standing.parcel->publication.server_half);
    const auto link = crypto::parse_link(standing.parcel->link_text);
    const auto key = crypto::parcel_key(link->secret, next->publication.server_half, link->id, 2);
    const auto opened = crypto::open_jwe(key, received(next->files.front().second), 4 << 20);
    REQUIRE(opened.has_value());
    const auto text = as_text(opened->content);
    const auto jws = text.substr(0, text.find('\0'));
    const auto manifest = protocol::verify_manifest(jws, link->id, 2);
    REQUIRE(manifest.has_value());
    CHECK(manifest->manifest.files.size() == 2);
    CHECK(protocol::verify_manifest(jws, link->id, 1).error() == errc::unauthenticated);
    // The key of before opens nothing of it.
    const auto before =
        crypto::parcel_key(link->secret, standing.parcel->publication.server_half, link->id, 1);
    CHECK(crypto::open_jwe(before, received(next->files.front().second), 4 << 20).error() ==
          errc::unauthenticated);
  }

  TEST_CASE("passcode, rights and link stay; number, files and end are the new ones") {
    Standing standing;
    auto request = standing.request({standing.home.letter});
    request.expires_at += 86400;
    const auto next = standing.next(request);
    REQUIRE(next.has_value());
    const auto before = protocol::decode_policy(standing.parcel->publication.policy.body);
    const auto policy = policy_of(*next);
    CHECK(policy.version == 2);
    CHECK(policy.link == before->link);
    CHECK(policy.passcode == before->passcode);
    CHECK_FALSE(policy.passcode.empty());
    CHECK(policy.rights == before->rights);
    CHECK(policy.expires_at == before->expires_at + 86400);
    CHECK(policy.proof_hash != before->proof_hash);
  }

  TEST_CASE("the log tells the newest version, and what stood before it") {
    Standing standing;
    auto request = standing.request({standing.home.note, standing.home.letter});
    request.expires_at += 3600;
    const auto next = standing.next(request);
    REQUIRE(next.has_value());
    standing.keep(next->published);
    const auto view = standing.view();
    CHECK(view.version == 2);
    CHECK(view.decision.documents.size() == 2);
    CHECK(view.decision.expires_at == standing.parcel->decision.expires_at + 3600);
    CHECK(view.decision.consent == standing.parcel->decision.consent);
    REQUIRE(view.versions.size() == 2);
    CHECK(view.versions[0].expires_at == standing.parcel->decision.expires_at);
    const auto half = standing.home.vault.unwrap<Secret<32, struct HalfTag>>(
        view.half_epoch, crypto::WrapPurpose::server_half, view.decision.link.view(), 2,
        view.decision.wrapped_server_half);
    REQUIRE(half.has_value());
    CHECK(shown(*half) == to_bytes(next->publication.server_half.bytes));
    // The same number, written later by another device, changes nothing.
    auto late = next->published;
    late.documents = {standing.home.letter};
    standing.keep(late);
    CHECK(standing.view().decision.documents.size() == 2);
    CHECK(standing.next(standing.request({standing.home.note}))->published.version == 3);
  }

  TEST_CASE("a version that is not newer, empty, too long or of no time is refused") {
    Standing standing;
    auto request = standing.request({standing.home.note});
    request.version = 1;
    CHECK(standing.next(request).error() == errc::conflict);
    CHECK(standing.next(standing.request({})).error() == errc::denied);
    request = standing.request({standing.home.note});
    request.expires_at = request.not_before;
    CHECK(standing.next(request).error() == errc::denied);
    request.expires_at = request.not_before + protocol::max_validity + 1;
    CHECK(standing.next(request).error() == errc::denied);
  }

  TEST_CASE("an SHL keeps its key and its address, and its link states the new end") {
    Home home;
    auto asked = home.request();
    asked.delivery = Delivery::shl;
    asked.terms.all = true;
    asked.terms.evolving = true;
    auto made = home.prepare(std::move(asked));
    REQUIRE(made.has_value());
    const auto before = crypto::parse_shl(made->link_text);
    REQUIRE(before.has_value());
    CHECK(before->flag == "L");  // what evolves may be looked at again, and is never a single file
    CHECK(protocol::decode_policy(made->publication.policy.body)->shl_long_term);
    REQUIRE(home.vault.append(store::make_operation(made->decision, made->terms)).has_value());
    const auto view = *home.vault.grant(made->grant);
    const grants::NextRequest request{.version = 2,
                                      .documents = {home.note},
                                      .not_before = view.decision.not_before,
                                      .expires_at = view.decision.expires_at + 60};
    const auto next = grants::prepare_next(home.vault, view, request, place, home.machine.clock,
                                           home.machine.random);
    REQUIRE(next.has_value());
    REQUIRE(next->shl_link.has_value());
    const auto after = crypto::parse_shl(*next->shl_link);
    REQUIRE(after.has_value());
    CHECK(after->url == before->url);
    CHECK(shown(after->key) == shown(before->key));
    CHECK(after->flag == "L");
    CHECK(after->expires_at == *before->expires_at + 60);
    CHECK(crypto::open_jwe(before->key, received(next->files.front().second), 4 << 20).has_value());
  }

  TEST_CASE("an evolving link may wait for its first document, any other may not be empty") {
    Home home;
    auto request = home.request();
    request.documents.clear();
    CHECK(home.prepare(std::move(request)).error() == errc::denied);
    request = home.request();
    request.documents.clear();
    request.terms.all = true;
    request.terms.evolving = true;
    const auto parcel = home.prepare(std::move(request));
    REQUIRE(parcel.has_value());
    const Reader reader{*parcel};
    CHECK(reader.manifest->manifest.files.empty());
    request = home.request();
    request.documents.clear();
    request.terms.all = true;
    request.terms.evolving = true;
    request.delivery = Delivery::shl;
    CHECK(home.prepare(std::move(request)).error() == errc::denied);
  }

  TEST_CASE("a decision of a build before opens, and says that it knows no terms") {
    Home home;
    const auto parcel = home.prepare(home.request());
    REQUIRE(parcel.has_value());
    REQUIRE(home.vault.append(store::make_operation(parcel->decision)).has_value());
    const auto view = *home.vault.grant(parcel->grant);
    CHECK(view.decision == parcel->decision);
    CHECK_FALSE(view.terms.has_value());
    CHECK(view.version == 1);
    CHECK(view.versions.size() == 1);
    // Terms of a build to come are left alone, and what is known of the decision holds.
    auto later = store::make_operation(parcel->decision, parcel->terms);
    later.extension[0] = 2;
    CHECK_FALSE(store::terms_of(later).has_value());
    CHECK(store::decode_payload(later).has_value());
  }
}
