// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/caregiver.hpp"

#include <doctest/doctest.h>

#include "sync/protocol/access_log.hpp"
#include "sync/protocol/link_messages.hpp"
#include "sync/protocol/policy.hpp"
#include "sync/protocol/signature.hpp"
#include "tests/support/keys.hpp"
#include "tests/support/test_signer.hpp"

using namespace coffret;
using namespace coffret::protocol;
using coffret::test::counting_id;

namespace {

constexpr std::int64_t noon = 1'800'000'000;
const test::TestSigner alice{std::uint8_t{1}};
const test::TestSigner bruno{std::uint8_t{2}};

CaregiverCard card() {
  return {3,
          "Dr Alice Martin",
          "Cabinet Exemple",
          {alice.public_key(), counting_id<AgreementPublicKey>(9)},
          noon};
}

OpeningStatement opening() {
  OpeningStatement said;
  said.server = counting_id<Fingerprint>(4);
  said.link = counting_id<LinkId>(5);
  said.time = noon;
  said.nonce = counting_id<Nonce>(6);
  return said;
}

OpeningStatement reading() {
  auto said = opening();
  said.act = OpeningAct::read;
  said.version = 2;
  said.proof = counting_id<Sha256>(7);
  return said;
}

// The same JSON, changed in one place and signed by the same key.
std::string again(const std::string& compact, std::string_view type, std::string_view from,
                  std::string_view to) {
  auto payload = verify_jws(compact, type, 4096)->payload;
  const auto at = payload.find(from);
  REQUIRE(at != std::string::npos);
  payload.replace(at, from.size(), to);
  return sign_jws(type, payload, alice);
}

Policy key_policy() {
  Policy p;
  p.format = key_policy_format;
  p.vault = counting_id<VaultId>(1);
  p.link = counting_id<LinkId>(2);
  p.device = counting_id<DeviceId>(3);
  p.delivery = Delivery::key;
  p.not_before = noon;
  p.expires_at = noon + 3600;
  p.rights = 1;
  p.proof_hash = counting_id<Sha256>(4);
  p.reader = alice.public_key();
  for (std::uint8_t i = 1; i < 4; ++i) {
    PolicyFile file;
    file.id = counting_id<FileId>(i);
    file.size = 10;
    p.files.push_back(file);
  }
  return p;
}

AccessLine signed_line() {
  AccessLine line;
  line.format = signed_line_format;
  line.time = noon;
  line.link = counting_id<LinkId>(5);
  line.version = 1;
  line.recipient_sealed = false;
  line.statement = sign_statement(opening(), alice);
  return line;
}

}  // namespace

TEST_SUITE("sync/protocol/caregiver") {
  TEST_CASE("a card says what was signed, and its keys make its identifier") {
    const auto read = read_caregiver_card(sign_caregiver_card(card(), alice));
    REQUIRE(read.has_value());
    CHECK(*read == card());
    auto other = card().keys;
    CHECK(caregiver_id(other) == caregiver_id(card().keys));
    other.agreement.bytes[31] ^= 1;
    CHECK(caregiver_id(other) != caregiver_id(card().keys));
    other = card().keys;
    other.signing = bruno.public_key();
    CHECK(caregiver_id(other) != caregiver_id(card().keys));
  }

  TEST_CASE("a card with one bit changed is nobody's card") {
    const auto good = sign_caregiver_card(card(), alice);
    for (std::size_t i = 0; i < good.size(); ++i) {
      CAPTURE(i);
      auto bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 1);
      CHECK(read_caregiver_card(bad).has_error());
    }
  }

  TEST_CASE("a card that means nothing is refused") {
    const auto good = sign_caregiver_card(card(), alice);
    struct {
      const char* name;
      const char* from;
      const char* to;
      errc expected;
    } const cases[] = {
        {"a later version", R"("v":1)", R"("v":2)", errc::other_version},
        {"the serial 0", R"("serial":3)", R"("serial":0)", errc::malformed},
        {"no name", "Dr Alice Martin", "", errc::malformed},
        {"a line break in the name", "Dr Alice", R"(Dr\nAlice)", errc::malformed},
        {"no agreement key", R"("agreement")", R"("agreements")", errc::malformed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      CHECK(read_caregiver_card(again(good, caregiver_card_type, c.from, c.to)).error() ==
            c.expected);
    }
    auto long_name = card();
    long_name.name.assign(max_caregiver_text + 1, 'x');
    CHECK(read_caregiver_card(sign_caregiver_card(long_name, alice)).error() == errc::too_large);
    CHECK(read_caregiver_card(sign_statement(opening(), alice)).error() == errc::malformed);
  }

  TEST_CASE("an introduction is read at its length alone") {
    Introduction said;
    said.serial = 3;
    said.vault = counting_id<VaultId>(1);
    said.root = alice.public_key();
    Bytes with_mac = wire::encode(said);
    with_mac.resize(introduction_size, 7);
    const auto read = read_introduction(with_mac);
    REQUIRE(read.has_value());
    CHECK(*read == said);
    with_mac.push_back(0);
    CHECK(read_introduction(with_mac).error() == errc::malformed);
    with_mac[0] = 2;
    CHECK(read_introduction(with_mac).error() == errc::other_version);
    CHECK(read_introduction({}).error() == errc::malformed);
  }

  TEST_CASE("a statement says what was signed, of both acts") {
    for (const auto& said : {opening(), reading()}) {
      const auto read = read_statement(sign_statement(said, alice));
      REQUIRE(read.has_value());
      CHECK(read->key == alice.public_key());
      CHECK(read->statement == said);
    }
    CHECK(sign_statement(reading(), alice).size() <= max_statement);
    CHECK(read_statement(
              again(sign_statement(opening(), alice), statement_type, R"("open")", R"("shut")"))
              .error() == errc::malformed);
    CHECK(read_statement(
              again(sign_statement(reading(), alice), statement_type, R"("n":2)", R"("n":0)"))
              .error() == errc::malformed);
  }

  TEST_CASE("a statement is good for one key, act, server, link and time") {
    struct {
      const char* name;
      bool good;
      void (*change)(OpeningStatement&);
    } const cases[] = {
        {"as it was asked for", true, [](OpeningStatement&) {}},
        {"five minutes late", true, [](OpeningStatement& s) { s.time -= 300; }},
        {"five minutes early", true, [](OpeningStatement& s) { s.time += 300; }},
        {"too late", false, [](OpeningStatement& s) { s.time -= 301; }},
        {"too early", false, [](OpeningStatement& s) { s.time += 301; }},
        {"the other act", false, [](OpeningStatement& s) { s.act = OpeningAct::read; }},
        {"another server", false, [](OpeningStatement& s) { s.server.bytes[0] ^= 1; }},
        {"another link", false, [](OpeningStatement& s) { s.link.bytes[0] ^= 1; }},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto said = opening();
      c.change(said);
      const SignedStatement signed_one{alice.public_key(), said};
      CHECK(is_statement_of(signed_one, OpeningAct::open, alice.public_key(), opening().server,
                            opening().link, from_unix(noon)) == c.good);
    }
    const SignedStatement of_another{bruno.public_key(), opening()};
    CHECK_FALSE(is_statement_of(of_another, OpeningAct::open, alice.public_key(), opening().server,
                                opening().link, from_unix(noon)));
  }

  TEST_CASE("a policy for a key is of the second format, and of no other") {
    CHECK(check_policy(key_policy()).has_value());
    const auto read = verify_policy(sign_policy(key_policy(), bruno), bruno.public_key());
    REQUIRE(read.has_value());
    CHECK(*read == key_policy());
    struct {
      const char* name;
      void (*change)(Policy&);
    } const cases[] = {
        {"the first format", [](Policy& p) { p.format = policy_format; }},
        {"a card's format", [](Policy& p) { p.format = card_policy_format; }},
        {"an unknown format", [](Policy& p) { p.format = 4; }},
        {"a link in the second format", [](Policy& p) { p.delivery = Delivery::link; }},
        {"nobody's key", [](Policy& p) { p.reader = {}; }},
        {"a passcode", [](Policy& p) { p.passcode.assign(32, 1); }},
        {"no proof", [](Policy& p) { p.proof_hash = {}; }},
        {"no room for the sealed key", [](Policy& p) { p.files.resize(1); }},
        {"a path of an SHL", [](Policy& p) { p.shl.bytes[0] = 1; }},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto policy = key_policy();
      c.change(policy);
      CHECK(check_policy(policy).error() == errc::unknown_policy);
      CHECK(verify_policy(sign_policy(policy, bruno), bruno.public_key()).error() ==
            errc::unknown_policy);
    }
  }

  TEST_CASE("a policy of a link is written as it always was") {
    auto policy = key_policy();
    policy.format = policy_format;
    policy.delivery = Delivery::link;
    const auto without = wire::encode(policy);
    policy.reader = {};
    CHECK(wire::encode(policy) == without);
    auto with = key_policy();
    CHECK(wire::encode(with).size() == without.size() + SigningPublicKey::size);
  }

  TEST_CASE("a line with a statement is of the second format, and of no other") {
    const auto good = signed_line();
    REQUIRE(decode_access_line(wire::encode(good)).has_value());
    CHECK(*decode_access_line(wire::encode(good)) == good);
    CHECK(wire::encode(good).size() <= max_access_line);
    auto refused = good;
    refused.outcome = OpeningOutcome::refused;
    refused.statement.clear();
    CHECK(decode_access_line(wire::encode(refused)).has_value());
    struct {
      const char* name;
      errc expected;
      void (*change)(AccessLine&);
    } const cases[] = {
        {"an unknown format", errc::other_version, [](AccessLine& l) { l.format = 4; }},
        {"no statement", errc::malformed, [](AccessLine& l) { l.statement.clear(); }},
        {"one that is too long", errc::malformed,
         [](AccessLine& l) { l.statement.assign(max_statement + 1, 'x'); }},
        {"a statement that moves the cursor", errc::malformed,
         [](AccessLine& l) { l.statement[0] = '\x1b'; }},
        {"a wrong passcode", errc::malformed,
         [](AccessLine& l) { l.outcome = OpeningOutcome::wrong_passcode; }},
        {"a refusal that carries one", errc::malformed,
         [](AccessLine& l) { l.outcome = OpeningOutcome::refused; }},
        {"a refusal in the first format", errc::malformed,
         [](AccessLine& l) {
           l.format = access_line_format;
           l.outcome = OpeningOutcome::refused;
         }},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto line = good;
      c.change(line);
      CHECK(decode_access_line(wire::encode(line)).error() == c.expected);
    }
  }

  TEST_CASE("messages of a key's opening carry no half, and a statement") {
    OpenAnswer answer;
    answer.files = {{counting_id<FileId>(1), 5}, {counting_id<FileId>(2), 6}};
    answer.reader = "token";
    const auto text = to_json(answer);
    CHECK(text.find("server_half") == std::string::npos);
    CHECK(*from_json<OpenAnswer>(as_bytes(text)) == answer);
    OpenRequest request;
    request.statement = sign_statement(opening(), alice);
    CHECK(*from_json<OpenRequest>(as_bytes(to_json(request))) == request);
    const ReadProof proof{counting_id<Sha256>(1), sign_statement(reading(), alice)};
    CHECK(*from_json<ReadProof>(as_bytes(to_json(proof))) == proof);
    request.statement.assign(max_statement + 1, 'x');
    CHECK(from_json<OpenRequest>(as_bytes(to_json(request))).error() == errc::too_large);
    const LinkInfo info{Delivery::key, false, noon};
    CHECK(*from_json<LinkInfo>(as_bytes(to_json(info))) == info);
  }
}
