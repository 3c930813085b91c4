// SPDX-License-Identifier: EUPL-1.2
//
// Whom a vault pairs, and what it then grants to a key.
#include "vault/daemon/caregivers.hpp"

#include <doctest/doctest.h>

#include "sync/protocol/caregiver.hpp"
#include "tests/support/daemon_rig.hpp"
#include "vault/crypto/caregiver.hpp"
#include "vault/crypto/parcel.hpp"

namespace coffret::daemon {
namespace {

using boost::json::object;
using protocol::Endpoint;
using test::counting_id;
using test::counting_key;
using test::DaemonRig;
using test::MemberServer;
using test::TestSigner;

std::string text_of(const object& from, const char* name) {
  return std::string{from.at(name).as_string()};
}

// A caregiver who gives cards.
struct Doctor {
  explicit Doctor(std::uint8_t number, std::string shown = "Dr Alice Martin")
      : signer(number),
        agreement(counting_key<crypto::AgreementKey>(number)),
        name(std::move(shown)) {}

  protocol::CaregiverKeys keys() const {
    return {signer.public_key(), crypto::public_key(agreement)};
  }
  std::string fingerprint() const { return crypto::eight_words(protocol::key_bytes(keys())); }
  std::string code(std::uint32_t serial = 1) const {
    const protocol::CaregiverCard card{serial, name, "Cabinet Exemple", keys(), 1'800'000'000};
    return test::shown_text(crypto::caregiver_code(
        {protocol::sign_caregiver_card(card, signer),
         counting_key<crypto::PairingSecret>(static_cast<std::uint8_t>(serial))}));
  }

  TestSigner signer;
  crypto::AgreementKey agreement;
  std::string name;
};

struct Home {
  MemberServer server;
  DaemonRig rig{server};

  Home() {
    REQUIRE(rig.init() == errc::ok);
    REQUIRE(rig.join() == errc::ok);
    (void)rig.put_text("Compte rendu");
  }
  Outcome pair(const Doctor& doctor, object arguments) {
    return rig.ask("caregiver pair", std::move(arguments), {{"code", doctor.code()}});
  }
  errc paired(const Doctor& doctor) {
    return pair(doctor, {{"words", doctor.fingerprint()}}).error;
  }
  std::uint64_t count() {
    return rig.ask("caregiver list").result.at("count").to_number<std::uint64_t>();
  }
  Outcome grant(const std::string& to) {
    return rig.ask("grant create", {{"to", to}, {"for", "1h"}, {"all", true}, {"delivery", "key"}});
  }
  protocol::Policy policy() const {
    REQUIRE(server.policies.size() == 1);
    const auto read = protocol::decode_policy(server.policies.begin()->second);
    REQUIRE(read.has_value());
    return *read;
  }
};

TEST_SUITE("vault/daemon/caregivers") {
  TEST_CASE("a card is paired by the words that both see, and every device knows") {
    Home home;
    const Doctor doctor{1};
    const auto shown = home.pair(doctor, {{"preview", true}});
    CHECK(shown.error == errc::ok);
    CHECK(text_of(shown.result, "fingerprint") == doctor.fingerprint());
    CHECK(home.count() == 0);
    CHECK(home.paired(doctor) == errc::ok);
    REQUIRE(home.count() == 1);
    const auto& row = home.rig.heard.rows.front();
    CHECK(text_of(row, "name") == "Dr Alice Martin");
    CHECK(text_of(row, "organisation") == "Cabinet Exemple");
    CHECK(text_of(row, "fingerprint") == doctor.fingerprint());
    // Again, as with a second card: still one caregiver.
    CHECK(home.paired(doctor) == errc::ok);
    CHECK(home.count() == 1);
    // What the patient calls them stays.
    REQUIRE(home.rig.error_of("caregiver rename", {{"id", "Dr Alice Martin"}, {"name", "Alice"}}) ==
            errc::ok);
    CHECK(home.paired(doctor) == errc::ok);
    REQUIRE(home.count() == 1);
    CHECK(text_of(home.rig.heard.rows.front(), "name") == "Alice");
    // It is the log that knows.
    REQUIRE(home.rig.ask("lock").error == errc::ok);
    REQUIRE(home.rig.unlock() == errc::ok);
    CHECK(home.count() == 1);
  }

  TEST_CASE("a card that is not what the caregiver shows pairs nobody") {
    Home home;
    const Doctor doctor{1};
    const Doctor impostor{2};
    auto code = doctor.code();
    code[30] = code[30] == 'A' ? 'B' : 'A';
    const auto error = [&](object arguments, const std::string& text) {
      return home.rig.ask("caregiver pair", std::move(arguments), {{"code", text}}).error;
    };
    CHECK(error({{"words", doctor.fingerprint()}}, impostor.code()) == errc::words_differ);
    CHECK(error({{"words", "archet cloche"}}, doctor.code()) == errc::words_differ);
    CHECK(error({{"words", "nonsense"}}, doctor.code()) == errc::unknown_word);
    CHECK(error({}, doctor.code()) == errc::not_confirmed);
    CHECK(error({{"agreed", true}}, code) == errc::wrong_passcode);
    CHECK(error({{"agreed", true}}, "") == errc::malformed);
    CHECK(home.count() == 0);
    // A card that one key signed for another's.
    const protocol::CaregiverCard card{1, "Dr Alice Martin", "", doctor.keys(), 1'800'000'000};
    auto swapped = protocol::sign_caregiver_card(card, impostor.signer);
    const auto text =
        test::shown_text(crypto::caregiver_code({swapped, counting_key<crypto::PairingSecret>(1)}));
    CHECK(error({{"words", doctor.fingerprint()}}, text) == errc::words_differ);
    CHECK(home.count() == 0);
  }

  TEST_CASE("another key under a known name is refused until the old one is removed") {
    Home home;
    const Doctor doctor{1};
    const Doctor changed{2, "dr ALICE MARTÍN"};
    REQUIRE(home.paired(doctor) == errc::ok);
    const auto refused = home.pair(changed, {{"agreed", true}});
    CHECK(refused.error == errc::key_changed);
    CHECK(refused.detail.find("--name") != std::string::npos);
    CHECK(home.count() == 1);
    CHECK(home.pair(changed, {{"agreed", true}, {"name", "Dr Martin (Lyon)"}}).error == errc::ok);
    CHECK(home.count() == 2);
    CHECK(home.rig.error_of("caregiver rename",
                            {{"id", "Dr Martin (Lyon)"}, {"name", "Dr Alice Martin"}}) ==
          errc::key_changed);
    CHECK(home.rig.error_of("caregiver remove", {{"id", doctor.fingerprint()}}) == errc::ok);
    CHECK(home.rig.error_of("caregiver rename",
                            {{"id", "dr martin lyon"}, {"name", "Dr Alice Martin"}}) == errc::ok);
    REQUIRE(home.count() == 1);
    CHECK(text_of(home.rig.heard.rows.front(), "fingerprint") == changed.fingerprint());
  }

  TEST_CASE("two of one name, from two devices, are told apart by their keys") {
    Home home;
    const Doctor one{1};
    const Doctor two{2};
    REQUIRE(home.paired(one) == errc::ok);
    // As the other device wrote it, which had not heard of the first.
    (void)home.rig.service.session().with([&](store::Vault& vault) -> Result<void> {
      auto paired = vault.caregivers().front();
      paired.keys = two.keys();
      paired.caregiver = protocol::caregiver_id(paired.keys);
      auto operation = store::make_operation(paired);
      operation.ignorable = true;
      COFFRET_TRY([[maybe_unused]] const auto head, vault.append(operation));
      return {};
    });
    REQUIRE(home.count() == 2);
    const auto ambiguous = home.grant("Dr Alice Martin");
    CHECK(ambiguous.error == errc::ambiguous_name);
    CHECK(home.server.policies.empty());
    REQUIRE(home.grant(two.fingerprint()).error == errc::ok);
    CHECK(home.policy().reader == two.keys().signing);
  }

  TEST_CASE("a grant goes to the key that was paired, and to no other") {
    Home home;
    const Doctor doctor{1};
    const Doctor other{2};
    CHECK(home.grant("Dr Alice Martin").error == errc::not_found);
    CHECK(home.server.policies.empty());
    REQUIRE(home.paired(doctor) == errc::ok);
    REQUIRE(home.grant("dr alice martin").error == errc::ok);
    REQUIRE(home.rig.heard.secrets.size() == 1);
    const auto link = crypto::parse_key_link(home.rig.heard.secrets[0]);
    REQUIRE(link.has_value());

    const auto policy = home.policy();
    CHECK(policy.delivery == Delivery::key);
    CHECK(policy.reader == doctor.keys().signing);
    CHECK(policy.link == link->id);
    const auto grants = home.rig.ask("grant list");
    REQUIRE(home.rig.heard.rows.size() == 1);
    CHECK(text_of(home.rig.heard.rows[0], "delivery") == "key");
    CHECK(text_of(home.rig.heard.rows[0], "to") == "Dr Alice Martin");
    CHECK(text_of(home.rig.heard.rows[0], "organisation") == "Cabinet Exemple");
    CHECK(home.rig.error_of("grant create", {{"to", "Dr Alice Martin"},
                                             {"for", "1h"},
                                             {"all", true},
                                             {"delivery", "key"},
                                             {"passcode", true}}) == errc::unsupported);
    CHECK(home.rig.error_of("caregiver remove", {{"id", "Dr Alice Martin"}}) == errc::ok);
    CHECK(home.grant("Dr Alice Martin").error == errc::not_found);
  }

  TEST_CASE("a new recovery sheet changes nothing for whom this device introduced") {
    Home home;
    REQUIRE(home.paired(Doctor{1}) == errc::ok);
    REQUIRE(home.rig.error_of("recovery renew") == errc::ok);
    CHECK(home.grant("Dr Alice Martin").error == errc::ok);
  }

  TEST_CASE("a device of another root than the introduced one has the caregiver paired anew") {
    Home home;
    const Doctor doctor{1};
    REQUIRE(home.paired(doctor) == errc::ok);
    // As a device wrote it whose certificate led to another sheet's root.
    (void)home.rig.service.session().with([](store::Vault& vault) -> Result<void> {
      auto paired = vault.caregivers().front();
      paired.introduction[1 + 4 + VaultId::size] ^= 1;
      auto operation = store::make_operation(paired);
      operation.ignorable = true;
      COFFRET_TRY([[maybe_unused]] const auto head, vault.append(operation));
      return {};
    });
    const auto refused = home.grant("Dr Alice Martin");
    CHECK(refused.error == errc::key_changed);
    CHECK_FALSE(refused.detail.empty());
    CHECK(home.server.policies.empty());
    REQUIRE(home.paired(doctor) == errc::ok);
    CHECK(home.grant("Dr Alice Martin").error == errc::ok);
  }

  TEST_CASE("the access log tells what the key proved, and names what the server invented") {
    Home home;
    const Doctor doctor{1};
    REQUIRE(home.paired(doctor) == errc::ok);
    REQUIRE(home.grant("Dr Alice Martin").error == errc::ok);
    protocol::OpeningStatement said;
    said.server = home.server.fingerprint();
    said.link = home.policy().link;
    said.time = 1'800'000'100;
    said.nonce = counting_id<protocol::Nonce>(1);
    protocol::AccessLine line;
    line.format = protocol::signed_line_format;
    line.time = said.time;
    line.link = said.link;
    line.version = 1;
    line.recipient_sealed = false;
    line.statement = protocol::sign_statement(said, doctor.signer);
    home.server.lines.push_back(line);
    const auto honest = home.rig.ask("access-log");
    REQUIRE(honest.error == errc::ok);
    REQUIRE(home.rig.heard.rows.size() == 1);
    CHECK(home.rig.heard.rows[0].at("proved") == true);
    CHECK(home.rig.heard.rows[0].at("forged") == false);
    CHECK(text_of(home.rig.heard.rows[0], "recipient") == "Dr Alice Martin");
    CHECK_FALSE(honest.result.contains("exit_status"));

    line.format = protocol::access_line_format;
    line.statement.clear();
    home.server.lines.push_back(line);
    const auto told = home.rig.ask("access-log");
    REQUIRE(told.error == errc::ok);
    REQUIRE(home.rig.heard.rows.size() == 2);
    CHECK(home.rig.heard.rows[1].at("proved") == false);
    CHECK(home.rig.heard.rows[1].at("forged") == true);
    CHECK(told.result.at("forged") == 1);
    CHECK(told.result.at("exit_status") == row(errc::unauthenticated).exit_status);
  }
}

}  // namespace
}  // namespace coffret::daemon
