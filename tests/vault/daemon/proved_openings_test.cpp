// SPDX-License-Identifier: EUPL-1.2
//
// What the server may write of a grant to a key, and what of it is believed.
#include "vault/daemon/proved_openings.hpp"

#include <doctest/doctest.h>

#include "sync/protocol/policy.hpp"
#include "sync/protocol/signature.hpp"
#include "tests/support/keys.hpp"
#include "tests/support/test_signer.hpp"

using namespace coffret;
using namespace coffret::daemon;
using coffret::test::counting_id;
using coffret::test::TestSigner;
using protocol::OpeningAct;

namespace {

constexpr std::int64_t noon = 1'800'000'000;
const auto server = counting_id<Fingerprint>(1);
const auto granted_link = counting_id<LinkId>(2);
const auto proof = counting_id<Sha256>(3);
const TestSigner doctor{std::uint8_t{1}};
const TestSigner stranger{std::uint8_t{2}};

store::GrantView grant_to_key() {
  protocol::Policy policy;
  policy.format = protocol::key_policy_format;
  policy.vault = counting_id<VaultId>(4);
  policy.link = granted_link;
  policy.delivery = Delivery::key;
  policy.not_before = noon;
  policy.expires_at = noon + 86400;
  policy.rights = 1;
  policy.reader = doctor.public_key();
  policy.proof_hash = protocol::sha256(proof.bytes);
  for (std::uint8_t i = 1; i < 3; ++i) {
    protocol::PolicyFile file;
    file.id = counting_id<FileId>(i);
    file.size = 1;
    policy.files.push_back(file);
  }
  store::GrantView grant;
  grant.decision.link = granted_link;
  grant.decision.delivery = Delivery::key;
  grant.decision.policy = wire::encode(protocol::sign_policy(policy, stranger));
  return grant;
}

protocol::OpeningStatement said(OpeningAct act, std::uint8_t nonce = 1) {
  protocol::OpeningStatement statement;
  statement.act = act;
  statement.server = server;
  statement.link = granted_link;
  statement.time = noon;
  statement.nonce = counting_id<protocol::Nonce>(nonce);
  if (act == OpeningAct::read) {
    statement.version = 1;
    statement.proof = proof;
  }
  return statement;
}

protocol::AccessLine line(OpeningOutcome outcome, std::string statement) {
  protocol::AccessLine made;
  made.format = statement.empty() ? protocol::access_line_format : protocol::signed_line_format;
  made.time = noon + 2;
  made.link = granted_link;
  made.outcome = outcome;
  made.version = 1;
  made.statement = std::move(statement);
  return made;
}

OpeningProof judged(const protocol::AccessLine& one) {
  ProvedOpenings openings{server};
  return openings.judge(one, grant_to_key());
}

}  // namespace

TEST_SUITE("vault/daemon proved openings") {
  TEST_CASE("what the caregiver's key signed is proved, opened and read") {
    ProvedOpenings openings{server};
    const auto grant = grant_to_key();
    const auto opened = line(OpeningOutcome::delivered,
                             protocol::sign_statement(said(OpeningAct::open, 1), doctor));
    const auto read =
        line(OpeningOutcome::read, protocol::sign_statement(said(OpeningAct::read, 2), doctor));
    CHECK(openings.judge(opened, grant) == OpeningProof::proved);
    CHECK(openings.judge(read, grant) == OpeningProof::proved);
    CHECK(openings.judge(opened, grant) == OpeningProof::forged);
    const auto anew = line(OpeningOutcome::delivered,
                           protocol::sign_statement(said(OpeningAct::open, 3), doctor));
    CHECK(openings.judge(anew, grant) == OpeningProof::proved);
  }

  TEST_CASE("what it did not sign is told as false") {
    struct {
      const char* name;
      OpeningOutcome outcome;
      void (*spoil)(protocol::OpeningStatement&);
    } const cases[] = {
        {"another link", OpeningOutcome::delivered,
         [](protocol::OpeningStatement& s) { s.link.bytes[0] ^= 1; }},
        {"another server", OpeningOutcome::delivered,
         [](protocol::OpeningStatement& s) { s.server.bytes[0] ^= 1; }},
        {"another day", OpeningOutcome::delivered,
         [](protocol::OpeningStatement& s) { s.time -= 86400; }},
        {"a reading told as an opening", OpeningOutcome::delivered,
         [](protocol::OpeningStatement& s) { s = said(OpeningAct::read); }},
        {"an opening told as a reading", OpeningOutcome::read, [](protocol::OpeningStatement&) {}},
        {"a reading of another version", OpeningOutcome::read,
         [](protocol::OpeningStatement& s) {
           s = said(OpeningAct::read);
           s.version = 2;
         }},
        {"a reading without the proof", OpeningOutcome::read,
         [](protocol::OpeningStatement& s) {
           s = said(OpeningAct::read);
           s.proof.bytes[0] ^= 1;
         }},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto statement = said(OpeningAct::open);
      c.spoil(statement);
      CHECK(judged(line(c.outcome, protocol::sign_statement(statement, doctor))) ==
            OpeningProof::forged);
    }
    const auto by_another = protocol::sign_statement(said(OpeningAct::open), stranger);
    CHECK(judged(line(OpeningOutcome::delivered, by_another)) == OpeningProof::forged);
    CHECK(judged(line(OpeningOutcome::delivered, "no statement")) == OpeningProof::forged);
    CHECK(judged(line(OpeningOutcome::delivered, {})) == OpeningProof::forged);
    CHECK(judged(line(OpeningOutcome::read, {})) == OpeningProof::forged);
  }

  // The server forgets a nonce when its statement is too old to be taken.
  TEST_CASE("a nonce that comes again in another statement is no lie of the server's") {
    ProvedOpenings openings{server};
    const auto grant = grant_to_key();
    auto again = said(OpeningAct::open);
    again.time += 3600;
    auto later = line(OpeningOutcome::delivered, protocol::sign_statement(again, doctor));
    later.time += 3600;
    const auto first =
        line(OpeningOutcome::delivered, protocol::sign_statement(said(OpeningAct::open), doctor));
    CHECK(openings.judge(first, grant) == OpeningProof::proved);
    CHECK(openings.judge(later, grant) == OpeningProof::proved);
    CHECK(openings.judge(later, grant) == OpeningProof::forged);
    CHECK(openings.judge(first, grant) == OpeningProof::forged);
  }

  TEST_CASE("what nobody signs stays a claim") {
    CHECK(judged(line(OpeningOutcome::not_active, {})) == OpeningProof::claimed);
    CHECK(judged(line(OpeningOutcome::refused, {})) == OpeningProof::claimed);
    CHECK(judged(line(OpeningOutcome::many_attempts, {})) == OpeningProof::claimed);
    auto link = grant_to_key();
    link.decision.delivery = Delivery::link;
    ProvedOpenings openings{server};
    CHECK(openings.judge(line(OpeningOutcome::delivered, {}), link) == OpeningProof::claimed);
    CHECK(openings.judge(line(OpeningOutcome::delivered,
                              protocol::sign_statement(said(OpeningAct::open), doctor)),
                         link) == OpeningProof::forged);
  }
}
