// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/card.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "sync/protocol/json_fields.hpp"
#include "sync/protocol/signature.hpp"
#include "sync/protocol/text.hpp"

namespace coffret::protocol {
namespace {

constexpr std::string_view card_type = "coffret-card+jwt";

// The European Union's 27, then Iceland, Liechtenstein and Norway.
constexpr std::array<std::string_view, 30> eea = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO"};

bool is_country(std::string_view code) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  return code.size() == 2 && std::all_of(code.begin(), code.end(), upper);
}

bool is_card_text(std::string_view text) {
  return text.size() <= max_card_text && is_plain_text(text);
}

Result<OperatorCard> parse_card(std::string_view payload) {
  COFFRET_TRY(const auto value, parse_json(payload, {.bytes = max_card_size, .depth = 4}));
  json::Reader in{value};
  OperatorCard card;
  card.serial = in.number("serial");
  card.name = in.text("name", max_card_text);
  card.country = in.text("country", 2);
  card.law = in.text("law", max_card_text);
  card.host = in.text("host", max_card_text);
  card.contact = in.text("contact", max_card_text);
  card.spki = in.list<Sha256>("spki", max_card_spki, json::id_of_base64url<Sha256>);
  card.issued_at = in.time("issued_at");
  COFFRET_CHECK(in.result());
  const bool texts = is_card_text(card.name) && is_card_text(card.law) && is_card_text(card.host) &&
                     is_card_text(card.contact);
  if (!texts || !is_country(card.country) || card.serial == 0 || card.spki.empty())
    return errc::malformed;
  return card;
}

}  // namespace

std::string sign_card(const OperatorCard& card, const Signer& identity) {
  boost::json::array spki;
  for (const auto& hash : card.spki) spki.emplace_back(to_base64url(hash.bytes));
  boost::json::object payload;
  payload["serial"] = card.serial;
  payload["name"] = card.name;
  payload["country"] = card.country;
  payload["law"] = card.law;
  payload["host"] = card.host;
  payload["contact"] = card.contact;
  payload["spki"] = std::move(spki);
  payload["issued_at"] = card.issued_at;
  return sign_jws(card_type, boost::json::serialize(payload), identity);
}

Result<VerifiedCard> verify_card(std::string_view compact, const Fingerprint& pinned) {
  COFFRET_TRY(const auto jws, verify_jws(compact, card_type, max_card_size));
  if (fingerprint(jws.key) != pinned) return errc::unpinned;
  COFFRET_TRY(auto card, parse_card(jws.payload));
  return VerifiedCard{std::move(card), jws.key};
}

bool in_eea(std::string_view country) noexcept {
  return std::find(eea.begin(), eea.end(), country) != eea.end();
}

}  // namespace coffret::protocol
