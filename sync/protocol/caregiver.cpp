// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/caregiver.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cstdlib>

#include "sync/protocol/hash.hpp"
#include "sync/protocol/json_fields.hpp"
#include "sync/protocol/signature.hpp"
#include "sync/protocol/text.hpp"

namespace coffret::protocol {
namespace {

using boost::json::object;

constexpr std::uint64_t card_format = 1;
constexpr std::uint64_t statement_format = 1;
constexpr std::string_view caregiver_label = "coffret.caregiv1";

boost::json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

std::string_view name_of(OpeningAct act) {
  return act == OpeningAct::open ? "open" : "read";
}

std::string shown_text(json::Reader& in, std::string_view name) {
  std::string text = in.text(name, max_caregiver_text);
  if (!is_plain_text(text)) in.fail(errc::malformed);
  return text;
}

// A later format may look otherwise: it is judged before the rest.
Result<void> judge_format(const boost::json::value& value, std::uint64_t known) {
  json::Reader in{value};
  const auto format = in.number("v");
  COFFRET_CHECK(in.result());
  return format == known ? Result<void>{} : Result<void>{errc::other_version};
}

}  // namespace

Bytes key_bytes(const CaregiverKeys& keys) {
  // Not append(): g++ 12 takes growing a copy of a fixed array for an overflow.
  Bytes bytes(SigningPublicKey::size + AgreementPublicKey::size);
  const auto second = std::ranges::copy(keys.signing.bytes, bytes.begin()).out;
  std::ranges::copy(keys.agreement.bytes, second);
  return bytes;
}

CaregiverId caregiver_id(const CaregiverKeys& keys) {
  const auto hash = blake2b(caregiver_label, key_bytes(keys));
  CaregiverId id;
  std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

std::string sign_caregiver_card(const CaregiverCard& card, const Signer& signer) {
  const object payload{{"v", card_format},
                       {"serial", card.serial},
                       {"name", card.name},
                       {"organisation", card.organisation},
                       {"agreement", to_base64url(card.keys.agreement.bytes)},
                       {"issued_at", card.issued_at}};
  return sign_jws(caregiver_card_type, boost::json::serialize(payload), signer);
}

Result<CaregiverCard> read_caregiver_card(std::string_view compact) {
  COFFRET_TRY(const auto jws, verify_jws(compact, caregiver_card_type, max_caregiver_card));
  COFFRET_TRY(const auto value, parse_json(jws.payload, {.bytes = max_caregiver_card}));
  COFFRET_CHECK(judge_format(value, card_format));
  json::Reader in{value};
  CaregiverCard card;
  card.serial = in.small_number("serial");
  card.name = shown_text(in, "name");
  card.organisation = shown_text(in, "organisation");
  card.keys = {jws.key, in.raw<AgreementPublicKey>("agreement")};
  card.issued_at = in.time("issued_at");
  if (card.serial == 0 || card.name.empty()) in.fail(errc::malformed);
  COFFRET_CHECK(in.result());
  return card;
}

Result<Introduction> read_introduction(ByteView with_mac) {
  if (with_mac.empty()) return errc::malformed;
  if (with_mac[0] != Introduction{}.format) return errc::other_version;
  if (with_mac.size() != introduction_size) return errc::malformed;
  return wire::decode<Introduction>(with_mac.first(introduction_size - introduction_mac));
}

std::string sign_statement(const OpeningStatement& statement, const Signer& signer) {
  object payload{{"v", statement_format},
                 {"act", view(name_of(statement.act))},
                 {"server", to_base64url(statement.server.bytes)},
                 {"link", statement.link.text()},
                 {"time", statement.time},
                 {"nonce", to_base64url(statement.nonce.bytes)}};
  if (statement.act == OpeningAct::read) {
    payload["n"] = statement.version;
    payload["proof"] = to_base64url(statement.proof.bytes);
  }
  return sign_jws(statement_type, boost::json::serialize(payload), signer);
}

Result<SignedStatement> read_statement(std::string_view compact) {
  COFFRET_TRY(const auto jws, verify_jws(compact, statement_type, max_statement));
  COFFRET_TRY(const auto value, parse_json(jws.payload, {.bytes = max_statement}));
  COFFRET_CHECK(judge_format(value, statement_format));
  json::Reader in{value};
  OpeningStatement statement;
  const std::string act = in.text("act", 16);
  statement.server = in.raw<Fingerprint>("server");
  statement.link = in.id<LinkId>("link");
  statement.time = in.time("time");
  statement.nonce = in.raw<Nonce>("nonce");
  if (act == name_of(OpeningAct::read)) {
    statement.act = OpeningAct::read;
    statement.version = in.small_number("n");
    statement.proof = in.raw<Sha256>("proof");
    if (statement.version == 0) in.fail(errc::malformed);
  } else if (act != name_of(OpeningAct::open)) {
    in.fail(errc::malformed);
  }
  COFFRET_CHECK(in.result());
  return SignedStatement{jws.key, statement};
}

bool is_statement_of(const SignedStatement& signed_one, OpeningAct act, const SigningPublicKey& key,
                     const Fingerprint& server, const LinkId& link, Timestamp now) noexcept {
  const auto& said = signed_one.statement;
  return signed_one.key == key && said.act == act && said.server == server && said.link == link &&
         std::abs(said.time - to_unix(now)) <= signature_window.count();
}

}  // namespace coffret::protocol
