// SPDX-License-Identifier: EUPL-1.2
//
// Grants to a caregiver's key: who opens signs each opening, and nobody else opens.
#include "sync/protocol/caregiver.hpp"
#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

using protocol::OpeningAct;
using test::code_of;
using test::Member;
using test::ServerRig;
using test::TestSigner;

struct KeyRig : ServerRig {
  KeyRig() : alice(1) {
    REQUIRE(join(alice, invite()).status == 201);
    policy = for_key(7);
    REQUIRE(publish(alice, policy).status == 200);
    link = policy.link;
  }

  protocol::Policy for_key(std::uint8_t number) {
    auto p = ServerRig::policy(alice, number, 0);
    p.format = protocol::key_policy_format;
    p.delivery = Delivery::key;
    p.reader = doctor.public_key();
    p.files.push_back(put_file(alice, p.link, "a sealed manifest"));
    return p;
  }
  protocol::OpeningStatement said(OpeningAct act) {
    protocol::OpeningStatement s;
    s.act = act;
    s.server = storage.identity->fingerprint();
    s.link = link;
    s.time = to_unix(clock.now());
    s.nonce = random.make<protocol::Nonce>();
    if (act == OpeningAct::read) s.version = 1;
    return s;
  }
  http::Response open(std::string statement, std::string reader = {}) {
    const protocol::OpenRequest asked{"", {}, std::move(reader), std::move(statement)};
    return ask("POST", "/v1/links/" + link.text() + "/open", protocol::to_json(asked));
  }
  http::Response open_as(const Signer& signer) {
    return open(protocol::sign_statement(said(OpeningAct::open), signer));
  }
  http::Response read(const std::string& reader, std::string statement) {
    return ask("POST", "/v1/links/" + link.text() + "/read",
               protocol::to_json(protocol::ReadProof{{}, std::move(statement)}), reader);
  }
  protocol::OpenAnswer opened(const http::Response& response) {
    REQUIRE(response.status == 200);
    auto answer = protocol::from_json<protocol::OpenAnswer>(response.body);
    REQUIRE(answer.has_value());
    return *answer;
  }
  std::vector<protocol::AccessLine> lines() {
    const auto response =
        signed_ask(alice.device, "GET", target(alice, "/access-log?after=0&limit=1000"));
    REQUIRE(response.status == 200);
    std::vector<protocol::AccessLine> all;
    const auto page = wire::decode<protocol::AccessPage>(response.body);
    REQUIRE(page.has_value());
    for (const auto& leaf : page->lines) {
      const auto line = protocol::decode_access_line(leaf);
      REQUIRE(line.has_value());
      all.push_back(*line);
    }
    return all;
  }

  Member alice;
  const TestSigner doctor{std::uint8_t{31}};
  const TestSigner stranger{std::uint8_t{32}};
  protocol::Policy policy;
  LinkId link;
};

}  // namespace

TEST_SUITE("sync/server/key links") {
  TEST_CASE("who signs with the granted key opens, and the line keeps what they signed") {
    KeyRig rig;
    const auto told = rig.ask("GET", "/v1/links/" + rig.link.text());
    REQUIRE(told.status == 200);
    CHECK(protocol::from_json<protocol::LinkInfo>(told.body)->delivery == Delivery::key);

    const auto statement = protocol::sign_statement(rig.said(OpeningAct::open), rig.doctor);
    const auto answer = rig.opened(rig.open(statement));
    CHECK(answer.server_half.is_zero());
    REQUIRE(answer.files.size() == 2);
    const auto file =
        rig.ask("GET", "/v1/links/" + rig.link.text() + "/files/" + answer.files[0].id.text(), {},
                answer.reader);
    CHECK(file.status == 200);
    const auto proof = protocol::sign_statement(rig.said(OpeningAct::read), rig.doctor);
    CHECK(rig.read(answer.reader, proof).status == 204);

    const auto lines = rig.lines();
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].format == protocol::signed_line_format);
    CHECK(lines[0].outcome == OpeningOutcome::delivered);
    CHECK(lines[0].statement == statement);
    CHECK(lines[1].outcome == OpeningOutcome::read);
    CHECK(lines[1].statement == proof);
  }

  TEST_CASE("who cannot sign with the granted key opens nothing, and leaves a line") {
    struct {
      const char* name;
      std::string (*statement)(KeyRig&);
    } const cases[] = {
        {"nothing signed", [](KeyRig&) { return std::string{}; }},
        {"something else", [](KeyRig&) { return std::string{"a.b.c"}; }},
        {"another caregiver's key",
         [](KeyRig& r) { return protocol::sign_statement(r.said(OpeningAct::open), r.stranger); }},
        {"a reading for an opening",
         [](KeyRig& r) { return protocol::sign_statement(r.said(OpeningAct::read), r.doctor); }},
        {"another link",
         [](KeyRig& r) {
           auto s = r.said(OpeningAct::open);
           s.link.bytes[0] ^= 1;
           return protocol::sign_statement(s, r.doctor);
         }},
        {"another server",
         [](KeyRig& r) {
           auto s = r.said(OpeningAct::open);
           s.server.bytes[0] ^= 1;
           return protocol::sign_statement(s, r.doctor);
         }},
        {"an old statement",
         [](KeyRig& r) {
           auto s = r.said(OpeningAct::open);
           s.time -= 301;
           return protocol::sign_statement(s, r.doctor);
         }},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      KeyRig rig;
      const auto refused = rig.open(c.statement(rig));
      CHECK(refused.status == 403);
      CHECK(code_of(refused) == "denied");
      const auto lines = rig.lines();
      REQUIRE(lines.size() == 1);
      CHECK(lines[0].outcome == OpeningOutcome::refused);
      CHECK(lines[0].statement.empty());
      CHECK(rig.open_as(rig.doctor).status == 200);
    }
  }

  TEST_CASE("a statement that somebody recorded opens nothing a second time") {
    KeyRig rig;
    const auto statement = protocol::sign_statement(rig.said(OpeningAct::open), rig.doctor);
    CHECK(rig.open(statement).status == 200);
    CHECK(code_of(rig.open(statement)) == "replayed");
    rig.ServerRig::open();  // as after a crash
    CHECK(code_of(rig.open(statement)) == "replayed");
    rig.clock.pass(601);
    CHECK(code_of(rig.open(statement)) == "denied");
  }

  // Their nonces are forgotten, as those of requests.
  TEST_CASE("what was signed before a restoration opens nothing after it") {
    KeyRig rig;
    const auto before = protocol::sign_statement(rig.said(OpeningAct::open), rig.doctor);
    const auto restored_at = to_unix(rig.clock.now());
    REQUIRE(rig.storage.records->begin_epoch(from_unix(restored_at - 1), from_unix(restored_at))
                .has_value());
    rig.ServerRig::open();
    rig.clock.pass(1);
    CHECK(code_of(rig.open(before)) == "clock_refused");
    CHECK(rig.lines().empty());
  }

  // Whoever reads the log judges the statement again, at the line's time.
  TEST_CASE("no line bears a statement that was too old when the line was written") {
    KeyRig rig;
    auto old = rig.said(OpeningAct::open);
    old.time -= 300;
    const auto statement = protocol::sign_statement(old, rig.doctor);
    rig.clock.pass_at_each_look(2);
    CHECK(rig.open(statement).status == 403);
    rig.clock.pass_at_each_look(0);
    const auto lines = rig.lines();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].outcome == OpeningOutcome::refused);
  }

  TEST_CASE("whoever knocks without a signature does not hide what was signed") {
    KeyRig rig;
    for (unsigned i = 0; i < 2 * lines_per_day; ++i) CHECK(rig.open({}).status == 403);
    const auto opening = protocol::sign_statement(rig.said(OpeningAct::open), rig.doctor);
    const auto answer = rig.opened(rig.open(opening));
    const auto reading = protocol::sign_statement(rig.said(OpeningAct::read), rig.doctor);
    REQUIRE(rig.read(answer.reader, reading).status == 204);
    const auto lines = rig.lines();
    REQUIRE(lines.size() == lines_per_day + 2);
    CHECK(lines[lines_per_day].statement == opening);
    CHECK(lines[lines_per_day + 1].statement == reading);
  }

  TEST_CASE("what is signed has its own bound, and beyond it shares the day's lines") {
    KeyRig rig;
    for (unsigned i = 0; i < lines_per_day; ++i) REQUIRE(rig.open({}).status == 403);
    REQUIRE(rig.storage.records
                ->change(rig.link,
                         [](GrantRow& row, Timestamp) -> Result<GrantChange> {
                           row.openings_used = 999;
                           return GrantChange{};
                         })
                .has_value());
    CHECK(rig.open_as(rig.doctor).status == 200);
    CHECK(rig.lines().size() == lines_per_day + 1);
    CHECK(rig.open_as(rig.doctor).status == 200);
    CHECK(rig.lines().size() == lines_per_day + 1);
    rig.clock.pass(86400);
    CHECK(rig.open({}).status != 200);
    const auto lines = rig.lines();
    REQUIRE(lines.size() == lines_per_day + 3);
    CHECK(lines[lines_per_day + 1].outcome == OpeningOutcome::many_attempts);
    CHECK(lines[lines_per_day + 1].count == 1);
  }

  TEST_CASE("reading is proved by the same key, the version and the proof") {
    struct {
      const char* name;
      void (*spoil)(protocol::OpeningStatement&);
    } const cases[] = {
        {"another version", [](protocol::OpeningStatement& s) { s.version = 2; }},
        {"another proof", [](protocol::OpeningStatement& s) { s.proof.bytes[0] = 1; }},
        {"another link", [](protocol::OpeningStatement& s) { s.link.bytes[0] ^= 1; }},
    };
    KeyRig rig;
    const auto reader = rig.opened(rig.open_as(rig.doctor)).reader;
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto said = rig.said(OpeningAct::read);
      c.spoil(said);
      CHECK(rig.read(reader, protocol::sign_statement(said, rig.doctor)).status == 403);
    }
    const auto said = rig.said(OpeningAct::read);
    CHECK(rig.read(reader, protocol::sign_statement(said, rig.stranger)).status == 403);
    CHECK(rig.read(reader, {}).status == 403);
    CHECK(rig.lines().size() == 1);
    CHECK(rig.read(reader, protocol::sign_statement(said, rig.doctor)).status == 204);
    CHECK(rig.lines().size() == 2);
  }

  TEST_CASE("openings are counted, ended and revoked as those of links are") {
    KeyRig rig;
    auto once = rig.for_key(8);
    once.openings = 1;
    REQUIRE(rig.publish(rig.alice, once).status == 200);
    rig.link = once.link;
    const auto reader = rig.opened(rig.open_as(rig.doctor)).reader;
    CHECK(rig.open_as(rig.doctor).status == 404);
    CHECK(rig.opened(rig.open({}, reader)).reader == reader);

    rig.link = rig.policy.link;
    CHECK(rig.open_as(rig.doctor).status == 200);
    REQUIRE(rig.revoke(rig.alice, rig.link).status == 200);
    CHECK(rig.open_as(rig.doctor).status == 404);
    const auto later = rig.for_key(9);
    REQUIRE(rig.publish(rig.alice, later).status == 200);
    rig.link = later.link;
    rig.clock.set(later.expires_at);
    CHECK(rig.open_as(rig.doctor).status == 404);
  }

  TEST_CASE("a key's grant is published without a half, and with one refused") {
    KeyRig rig;
    const auto policy = rig.for_key(10);
    protocol::Publication publication{protocol::sign_policy(policy, rig.alice.device), {}};
    publication.server_half.bytes.fill(1);
    CHECK(code_of(rig.signed_ask(rig.alice.device, "PUT",
                                 rig.target(rig.alice, "/grants/" + policy.link.text()),
                                 wire::encode(publication))) == "malformed");
  }
}

}  // namespace coffret::server
