// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/messages.hpp"

#include <doctest/doctest.h>

#include "sync/protocol/link_messages.hpp"

namespace coffret::protocol {
namespace {

template <class IdType>
IdType filled(std::uint8_t value) {
  IdType id;
  id.bytes.fill(value);
  return id;
}

const std::string id16 = "aebagbafaydqqcikbmga2dqpca";  // bytes 1 to 16
const std::string id32 = std::string(52, 'a');          // zero
const std::string raw32 = std::string(43, 'A');         // zero
const std::string raw64 = std::string(86, 'A');         // zero

template <class Message>
void reads_back(const Message& message, std::string_view json) {
  const auto read = from_json<Message>(as_bytes(json));
  CAPTURE(json);
  REQUIRE(read.has_value());
  CHECK(*read == message);
  CHECK(to_json(message) == json);
}

template <class Message>
errc refusal(std::string_view json) {
  const auto read = from_json<Message>(as_bytes(json));
  return read.has_error() ? to_errc(read.error()) : errc::ok;
}

// A message with one member taken out, spoilt, or joined by another.
std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_SUITE("sync/protocol/messages") {
  TEST_CASE("the owner's messages are written in one form and read back") {
    AccountRequest account;
    account.token = filled<InviteToken>(0);
    account.certificate.body = {1, 2, 3};
    reads_back(account, R"({"token":")" + std::string(32, 'a') + R"(","root_key":")" + raw32 +
                            R"(","certificate":"AQID","certificate_signature":")" + raw64 +
                            R"("})");
    auto elsewhere = account;
    elsewhere.device = account.certificate;
    reads_back(elsewhere, R"({"token":")" + std::string(32, 'a') + R"(","root_key":")" + raw32 +
                              R"(","certificate":"AQID","certificate_signature":")" + raw64 +
                              R"(","device_certificate":"AQID","device_certificate_signature":")" +
                              raw64 + R"("})");
    reads_back(AccountAnswer{{}, 5}, R"({"account":")" + id32 + R"(","quota":5})");
    reads_back(DeviceRequest{account.certificate},
               R"({"certificate":"AQID","certificate_signature":")" + raw64 + R"("})");
    reads_back(VaultAnswer{*VaultId::parse(id16)}, R"({"vault":")" + id16 + R"("})");
    const Head head{2, filled<EntryHash>(0xff)};
    const std::string head_text = R"({"seq":2,"hash":")" + head.hash.text() + R"("})";
    reads_back(HeadAnswer{head}, R"({"head":)" + head_text + "}");
    reads_back(HeadAnswer{}, R"({"head":{"seq":0,"hash":")" + id32 + R"("}})");
    reads_back(VaultStatus{head, 9007199254740991, 1, 0},
               R"({"head":)" + head_text + R"(,"quota":9007199254740991,"used":1,"objects":0})");
    reads_back(VaultStatus{head, 1, 1, 0, std::vector<DeviceId>{*DeviceId::parse(id16)}},
               R"({"head":)" + head_text + R"(,"quota":1,"used":1,"objects":0,"devices":[")" +
                   id16 + R"("]})");
    reads_back(VaultStatus{head, 1, 1, 0, std::vector<DeviceId>{}},
               R"({"head":)" + head_text + R"(,"quota":1,"used":1,"objects":0,"devices":[]})");
    reads_back(ObjectsRequest{{{}, {}}}, R"({"objects":[")" + id32 + R"(",")" + id32 + R"("]})");
    reads_back(MissingAnswer{}, R"({"missing":[]})");
    for (const auto state :
         {GrantState::scheduled, GrantState::live, GrantState::used_up, GrantState::expired,
          GrantState::revoking, GrantState::revoked, GrantState::locked})
      reads_back(GrantStatus{state, 1, 2}, R"({"state":")" + std::string{name(state)} +
                                               R"(","openings":1,"wrong_passcodes":2})");
  }

  TEST_CASE("the reader's messages are written in one form and read back") {
    reads_back(LinkInfo{Delivery::link, true, 1'764'000'000},
               R"({"delivery":"link","passcode":true,"expires_at":1764000000})");
    reads_back(LinkInfo{Delivery::link, false, 1, true},
               R"({"delivery":"link","passcode":false,"expires_at":1,"reason":true})");
    reads_back(OpenRequest{}, R"({"recipient":""})");
    OpenRequest of_card;
    of_card.recipient = "a.b";
    of_card.reason = "c.d";
    reads_back(of_card, R"({"recipient":"a.b","reason":"c.d"})");
    reads_back(
        OpenRequest{"eyJ.a..b-_", Sha256{}, "token_-"},
        R"({"recipient":"eyJ.a..b-_","passcode_proof":")" + raw32 + R"(","reader":"token_-"})");
    reads_back(WaitAnswer{"t", 9, 3}, R"({"reader":"t","opens_at":9,"server_time":3})");
    ServerHalf half;
    half.bytes[0] = 0x04;
    reads_back(OpenAnswer{half, 3, {{*FileId::parse(id16), 7}}, "t", 2, 1},
               R"({"server_half":"B)" + raw32.substr(1) + R"(","version":3,"files":[{"id":")" +
                   id16 + R"(","size":7}],"reader":"t","reader_until":2,"server_time":1})");
    reads_back(ReadProof{}, R"({"proof":")" + raw32 + R"("})");
    const ShlFile located{"application/fhir+json", "https://a.example/x", {}, {}, {}, {}};
    const ShlFile embedded{"application/fhir+json", {},          "a.b",
                           "2026-01-01T00:00:00Z",  "finalized", "4.0.1"};
    reads_back(ShlManifest{{located, embedded}},
               R"({"files":[{"contentType":"application/fhir+json",)"
               R"("location":"https://a.example/x"},{"contentType":"application/fhir+json",)"
               R"("embedded":"a.b","lastUpdated":"2026-01-01T00:00:00Z","status":"finalized",)"
               R"("fhirVersion":"4.0.1"}]})");
  }

  TEST_CASE("members in another order, and unknown ones, do not matter") {
    CHECK(refusal<AccountAnswer>(R"( { "later" : [1,{"x":null}], "quota":5 , "account":")" + id32 +
                                 R"("} )") == errc::ok);
  }

  TEST_CASE("a member that is missing, doubled, null or of another type is malformed") {
    const std::string good = to_json(VaultStatus{{1, filled<EntryHash>(1)}, 10, 5, 2});
    REQUIRE(refusal<VaultStatus>(good) == errc::ok);
    struct {
      std::string_view from, to;
    } const cases[] = {
        {"\"quota\":10,", ""},
        {"\"quota\":10", "\"quota\":10,\"quota\":10"},
        {"\"quota\":10", "\"quota\":null"},
        {"\"quota\":10", "\"quota\":\"10\""},
        {"\"quota\":10", "\"quota\":-1"},
        {"\"quota\":10", "\"quota\":1.0"},
        {"\"quota\":10", "\"quota\":1e1"},
        {"\"quota\":10", "\"quota\":9007199254740992"},
        {"\"quota\":10", "\"quota\":18446744073709551615"},
        {"\"quota\":10", "\"quota\":[10]"},
        {"\"seq\":1", "\"seq\":0"},  // an empty log with a last entry
        {"\"seq\":1,", ""},
        {"\"head\":{", "\"head\":[{"},
        {"\"hash\":\"", "\"hash\":\"A"},
        {"{", "[{"},
        {"\"quota\"", "\"devices\":null,\"quota\""},
        {"\"quota\"", "\"devices\":[\"a\"],\"quota\""},
        {"\"quota\"", "\"devices\":[7],\"quota\""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.to);
      CHECK(refusal<VaultStatus>(replaced(good, c.from, c.to)) == errc::malformed);
    }
    for (const std::string_view wrong : {"", "null", "[]", "7", "{", "{}x", "{}"}) {
      CAPTURE(wrong);
      CHECK(refusal<VaultStatus>(wrong) == errc::malformed);
    }
  }

  TEST_CASE("bytes and identifiers have one spelling and one length") {
    const std::string good = to_json(DeviceRequest{{{1, 2, 3, 4}, {}}});
    REQUIRE(refusal<DeviceRequest>(good) == errc::ok);
    for (const std::string_view wrong : {"AQIDBA==", "AQIDBB", "AQID BA", "AQIDB", "AQI+BA"}) {
      CAPTURE(wrong);
      CHECK(refusal<DeviceRequest>(replaced(good, "AQIDBA", wrong)) == errc::malformed);
    }
    CHECK(refusal<DeviceRequest>(replaced(good, raw64, raw64 + "A")) == errc::malformed);
    CHECK(refusal<VaultAnswer>(R"({"vault":")" + id16 + R"(a"})") == errc::malformed);
    CHECK(refusal<VaultAnswer>(R"({"vault":"AEBAGBAFAYDQQCIKBMGA2DQPCA"})") == errc::malformed);
  }

  TEST_CASE("a list or a body above its limit is too large") {
    ObjectsRequest request;
    request.objects.resize(max_listed_objects);
    CHECK(to_json(request).size() <= max_message);
    CHECK(refusal<ObjectsRequest>(to_json(request)) == errc::ok);
    request.objects.resize(max_listed_objects + 1);
    CHECK(refusal<ObjectsRequest>(to_json(request)) == errc::too_large);
    CHECK(refusal<DeviceRequest>(to_json(DeviceRequest{{Bytes(max_certificate_size + 1), {}}})) ==
          errc::too_large);
    CHECK(refusal<VaultAnswer>(std::string(max_message + 1, ' ')) == errc::too_large);

    OpenAnswer answer;
    answer.reader = "t";
    answer.files.assign(max_parcel_files, {filled<FileId>(1), max_parcel_file_size});
    CHECK(to_json(answer).size() <= max_open_answer);
    CHECK(refusal<OpenAnswer>(to_json(answer)) == errc::ok);
    answer.files.push_back(answer.files[0]);
    CHECK(refusal<OpenAnswer>(to_json(answer)) == errc::too_large);
    OpenRequest open{std::string(max_recipient, 'a'), {}, {}};
    CHECK(refusal<OpenRequest>(to_json(open)) == errc::ok);
    open.recipient.push_back('a');
    CHECK(refusal<OpenRequest>(to_json(open)) == errc::too_large);
  }

  TEST_CASE("a word outside its list is malformed") {
    CHECK(refusal<GrantStatus>(R"({"state":"open","openings":0,"wrong_passcodes":0})") ==
          errc::malformed);
    CHECK(refusal<LinkInfo>(R"({"delivery":"shl","passcode":true,"expires_at":1})") ==
          errc::malformed);
    CHECK(refusal<LinkInfo>(R"({"delivery":"link","passcode":1,"expires_at":1})") ==
          errc::malformed);
    CHECK(refusal<OpenRequest>(R"({"recipient":"<b>"})") == errc::malformed);
    CHECK(refusal<OpenRequest>(R"({"recipient":"","reader":"a b"})") == errc::malformed);
    CHECK(refusal<OpenRequest>(R"({"recipient":"","reason":"in words"})") == errc::malformed);
    CHECK(refusal<WaitAnswer>(R"({"reader":"","opens_at":9,"server_time":3})") == errc::malformed);
    OpenRequest wordy;
    wordy.reason.assign(max_reason + 1, 'a');
    CHECK(refusal<OpenRequest>(to_json(wordy)) == errc::too_large);
    CHECK(refusal<LinkInfo>(R"({"delivery":"link","passcode":true,"expires_at":1,"reason":1})") ==
          errc::malformed);
    CHECK(refusal<OpenAnswer>(to_json(OpenAnswer{{}, 1, {}, "t", 1, 1})) == errc::malformed);
    CHECK(refusal<OpenAnswer>(to_json(OpenAnswer{{}, 1, {{{}, 1}}, "", 1, 1})) == errc::malformed);
  }

  TEST_CASE("a manifest request is read as the SMART Health Links guide writes it") {
    const auto plain = from_json<ShlManifestRequest>(as_bytes(R"({"recipient":"Dr Th\u00e9o"})"));
    REQUIRE(plain.has_value());
    CHECK(plain->recipient == "Dr Th\u00e9o");
    CHECK_FALSE(plain->passcode.has_value());
    CHECK_FALSE(plain->embedded_length_max.has_value());
    const auto full = from_json<ShlManifestRequest>(
        as_bytes(R"({"recipient":"x","passcode":"123456","embeddedLengthMax":0,"_own":1})"));
    REQUIRE(full.has_value());
    CHECK(full->passcode == "123456");
    CHECK(full->embedded_length_max == 0);
    for (const std::string_view wrong :
         {R"({})", R"({"recipient":""})", R"({"recipient":1})", R"({"recipient":"a\nb"})",
          R"({"recipient":"x","passcode":123456})", R"({"recipient":"x","embeddedLengthMax":-1})",
          R"({"recipient":"x","embeddedLengthMax":"10"})", "{\"recipient\":\"\xff\"}"}) {
      CAPTURE(wrong);
      CHECK(refusal<ShlManifestRequest>(wrong) == errc::malformed);
    }
  }

  TEST_CASE("a foreign manifest may say more, but each file must be somewhere") {
    CHECK(refusal<ShlManifest>(
              R"({"status":"can-change","list":{"resourceType":"List"},"files":[)"
              R"({"contentType":"application/fhir+json","embedded":"a","x":1}]})") == errc::ok);
    CHECK(refusal<ShlManifest>(R"({"files":[{"contentType":"application/fhir+json"}]})") ==
          errc::malformed);
    CHECK(refusal<ShlManifest>(R"({"files":[{"location":"https://a.example"}]})") ==
          errc::malformed);
    CHECK(refusal<ShlManifest>(R"({})") == errc::malformed);
  }
}

}  // namespace
}  // namespace coffret::protocol
