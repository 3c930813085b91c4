// SPDX-License-Identifier: EUPL-1.2
//
// The store's formats: operations, the head file, store.json.
#include <doctest/doctest.h>

#include "tests/support/flip.hpp"
#include "tests/support/keys.hpp"
#include "vault/store/head.hpp"
#include "vault/store/operation.hpp"
#include "vault/store/parameters.hpp"

namespace coffret::store {
namespace {

using test::counting_id;
using test::counting_key;

template <class P>
bool survives(const P& payload) {
  const auto bytes = wire::encode(make_operation(payload));
  const auto operation = decode_operation(bytes);
  if (operation.has_error()) return false;
  const auto decoded = decode_payload(*operation);
  return decoded.has_value() && std::get<P>(*decoded) == payload;
}

TEST_SUITE("vault/store/format") {
  TEST_CASE("type numbers and the frame's bytes never change") {
    Operation operation = make_operation(DocumentRemoved{counting_id<DocumentId>(0x10)});
    operation.acting_for = "A";
    const std::string expected =
        "0500"                              // type
        "00"                                // not ignorable
        "00000000000000000000000000000000"  // person
        "0100000041"                        // acting_for
        "10000000101112131415161718191a1b1c1d1e1f"
        "00000000";  // extension
    CHECK(to_hex(wire::encode(operation)) == expected);
    CHECK(static_cast<int>(Genesis::type) == 1);
    CHECK(static_cast<int>(DocumentPut::type) == 4);
    CHECK(static_cast<int>(GrantDecided::type) == 7);
    CHECK(static_cast<int>(AccessCheckpoint::type) == 11);
    CHECK(static_cast<int>(DocumentAmended::type) == 12);
    CHECK(static_cast<int>(DocumentAssigned::type) == 13);
    CHECK(static_cast<int>(PersonNamed::type) == 14);
    CHECK(static_cast<int>(PersonIdentified::type) == 15);
    CHECK(static_cast<int>(GrantPublished::type) == 30);
    CHECK(static_cast<int>(CaregiverPaired::type) == 32);
    CHECK(static_cast<int>(CaregiverRemoved::type) == 33);
    CHECK(static_cast<int>(DepositLinkMade::type) == 40);
    CHECK(static_cast<int>(DepositLinkClosed::type) == 41);
    CHECK(static_cast<int>(DepositSettled::type) == 42);
    CHECK(static_cast<int>(CardNoted::type) == 50);
  }

  TEST_CASE("every payload decodes to what was encoded") {
    CHECK(survives(
        Genesis{.owner = "Camille", .root = {}, .recovery = {}, .device = {}, .device_name = "d"}));
    CHECK(survives(EpochStarted{2, {1, 2}}));
    CHECK(survives(DeviceAdded{{}, "téléphone"}));
    DocumentPut put;
    put.entry.title = "Bilan";
    put.locator = {counting_id<ObjectId>(3), 0, 65568};
    CHECK(survives(put));
    CHECK(survives(DocumentRemoved{counting_id<DocumentId>(1)}));
    CHECK(survives(DocumentRestored{counting_id<DocumentId>(1)}));
    GrantDecided grant;
    grant.documents = {counting_id<DocumentId>(1), counting_id<DocumentId>(2)};
    CHECK(survives(grant));
    GrantPublished published;
    published.documents = grant.documents;
    published.expires_at = 9;
    CHECK(survives(published));
    CHECK(survives(GrantRevoked{counting_id<GrantId>(1), 7}));
    CHECK(survives(GrantAcknowledged{counting_id<GrantId>(1), 7, {1}}));
    ServerPinned pinned;
    pinned.url = "https://serveur.example";
    CHECK(survives(pinned));
    CHECK(survives(AccessCheckpoint{{.size = 1, .peaks = {counting_id<Sha256>(1)}}, "note"}));
    CHECK(survives(DocumentAmended{.document = counting_id<DocumentId>(1),
                                   .title = "Titre",
                                   .date = {},
                                   .kind = CodedValue{"11502-2", "2.16.840.1.113883.6.1", "CR"},
                                   .note = ""}));
    CHECK(survives(DocumentAssigned{counting_id<DocumentId>(1), counting_id<PersonId>(2)}));
    CHECK(survives(PersonNamed{counting_id<PersonId>(2), "Léo Exemple"}));
    CaregiverPaired paired;
    paired.name = "Dr Alice Martin";
    paired.keys = {counting_id<SigningPublicKey>(1), counting_id<AgreementPublicKey>(2)};
    paired.caregiver = protocol::caregiver_id(paired.keys);
    paired.introduction.assign(protocol::introduction_size, 3);
    CHECK(survives(paired));
    CHECK(survives(CaregiverRemoved{paired.caregiver}));
    DepositLinkMade made;
    made.from = "Laboratoire Exemple";
    made.key = counting_id<DepositPublicKey>(4);
    made.wrapped_key = {1, 2};
    made.deposits = 3;
    made.bytes = 4;
    CHECK(survives(made));
    CHECK(survives(DepositLinkClosed{made.link, 7}));
    CHECK(survives(DepositSettled{
        made.link, counting_id<DepositId>(1), true, {counting_id<DocumentId>(1)}, 7}));
    CHECK(survives(
        CardNoted{counting_id<GrantId>(1), CardEvent::opened, 7, "Dr Martin", "chute", GrantId{}}));
    CHECK(survives(CardNoted{counting_id<GrantId>(1), CardEvent::renewed, 7, "", "",
                             counting_id<GrantId>(2)}));
    CHECK(survives(PersonIdentified{{},
                                    {.family = "EXEMPLE",
                                     .families = {"EXEMPLE"},
                                     .given = "Léo",
                                     .birth_date = "2015-02-03",
                                     .gender = "M",
                                     .ids = {{"1", "1.2.250.1.213.1.4.8"}}}}));
  }

  TEST_CASE("payloads over a limit, cut or with bytes behind them are malformed") {
    auto operation = make_operation(EpochStarted{1, {}});  // an epoch starts at 2
    CHECK(decode_payload(operation).error() == errc::malformed);
    GrantDecided grant;
    grant.delivery = static_cast<Delivery>(9);
    CHECK(decode_payload(make_operation(grant)).error() == errc::malformed);
    CHECK(decode_payload(make_operation(AccessCheckpoint{{.size = 3, .peaks = {}}, ""})).error() ==
          errc::malformed);
    GrantPublished first;
    first.version = 1;  // the decision is the first
    CHECK(decode_payload(make_operation(first)).error() == errc::malformed);
    const std::string long_text(limits::short_text + 1, 'x');
    CHECK(decode_payload(make_operation(PersonNamed{{}, "Léo"})).error() == errc::malformed);
    CHECK(decode_payload(make_operation(PersonNamed{counting_id<PersonId>(1), ""})).error() ==
          errc::malformed);
    CHECK(
        decode_payload(make_operation(PersonNamed{counting_id<PersonId>(1), long_text})).error() ==
        errc::malformed);
    CHECK(decode_payload(make_operation(DocumentAmended{{}, long_text, {}, {}, {}})).error() ==
          errc::malformed);
    operation = make_operation(GrantRevoked{});
    operation.payload.push_back(0);
    CHECK(decode_payload(operation).error() == errc::malformed);
    operation.payload.resize(3);
    CHECK(decode_payload(operation).error() == errc::malformed);
    operation = make_operation(GrantRevoked{});
    operation.acting_for.assign(limits::short_text + 1, 'a');
    CHECK(decode_operation(wire::encode(operation)).error() == errc::malformed);
    CHECK(decode_operation(Bytes(max_operation + 1)).error() == errc::too_large);
  }

  TEST_CASE("an unknown type is ignored only when it says so") {
    Operation operation;
    operation.type = static_cast<OperationType>(0xFFFF);
    CHECK(decode_payload(operation).error() == errc::other_version);
    operation.ignorable = true;
    CHECK(std::holds_alternative<std::monostate>(*decode_payload(operation)));
  }

  TEST_CASE("a head file with any bit changed, or of another device or key, is refused") {
    const auto key = counting_key<crypto::HeadKey>(1);
    const KeptHead head{.device = counting_id<DeviceId>(2),
                        .head = {9, counting_id<EntryHash>(3)},
                        .next = protocol::Head{10, counting_id<EntryHash>(4)},
                        .server = {8, counting_id<EntryHash>(5)},
                        .latest = 1'800'000'000};
    const auto file = encode_head(head, key);
    REQUIRE(decode_head(file, head.device, key).has_value());
    CHECK(*decode_head(file, head.device, key) == head);
    std::size_t refused = 0;
    const auto flips = test::for_each_flip(file, [&](const Bytes& changed) {
      if (decode_head(changed, head.device, key).has_error()) ++refused;
    });
    CHECK(refused == flips);
    CHECK(decode_head(file, counting_id<DeviceId>(9), key).error() == errc::local_state_tampered);
    CHECK(decode_head(file, head.device, counting_key<crypto::HeadKey>(2)).error() ==
          errc::local_state_tampered);
    for (std::size_t size = 0; size < file.size(); ++size)
      CHECK(decode_head(ByteView{file}.first(size), head.device, key).has_error());
    auto newer = file;
    newer[8] = 2;
    CHECK(decode_head(newer, head.device, key).error() == errc::other_version);
  }

  TEST_CASE("store.json says what this build makes, and nothing else is opened") {
    const auto written = format_parameters({});
    CHECK(written ==
          "{\"format\":2,\"cipher\":{\"library\":\"SQLCipher 4\",\"key\":\"raw\","
          "\"page_size\":8192,\"hmac\":\"HMAC_SHA256\"}}\n");
    CHECK(parse_parameters(written).has_value());
    struct {
      const char* json;
      errc expected;
    } const cases[] = {
        {"", errc::damaged},
        {"[]", errc::damaged},
        {"{\"format\":\"1\"}", errc::damaged},
        {"{\"format\":2}", errc::damaged},
        {"{\"format\":2,\"format\":2}", errc::damaged},
        {"{\"format\":1}", errc::other_version},
        {"{\"format\":3}", errc::damaged},
        {"{\"format\":4}", errc::other_version},
        {"{\"format\":2,\"cipher\":{\"page_size\":4096,\"hmac\":\"HMAC_SHA256\"}}",
         errc::other_version},
        {"{\"format\":2,\"cipher\":{\"page_size\":8192,\"hmac\":\"HMAC_SHA1\"}}",
         errc::other_version},
    };
    for (const auto& c : cases) {
      CAPTURE(c.json);
      CHECK(parse_parameters(c.json).error() == c.expected);
    }
  }
}

}  // namespace
}  // namespace coffret::store
