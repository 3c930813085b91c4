// SPDX-License-Identifier: EUPL-1.2
//
// card.hpp: the operator's signed card and the one-line invite (PROTOCOL.md §1).
//
// Errors: malformed; too_large; unauthenticated (signature); unpinned (another identity than
// expected).
#ifndef COFFRET_SYNC_PROTOCOL_CARD_HPP
#define COFFRET_SYNC_PROTOCOL_CARD_HPP

#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/signer.hpp"

namespace coffret::protocol {

inline constexpr std::size_t max_card_size = 8 * 1024;  // bytes of the compact JWS
inline constexpr std::size_t max_card_text = 256;       // bytes of each text
inline constexpr std::size_t max_card_spki = 8;         // hashes, at least 1

struct OperatorCard {
  std::uint64_t serial = 1;
  std::string name;
  std::string country;  // ISO 3166-1 alpha-2
  std::string law;      // the law the copy lies under, in words
  std::string host;
  std::string contact;
  std::vector<Sha256> spki;  // SHA-256 of the DER SubjectPublicKeyInfo: current and next TLS key
  std::int64_t issued_at = 0;
  bool operator==(const OperatorCard&) const = default;
};

// The texts are plain (text.hpp) and within the limits above: a card that is not is never accepted.
std::string sign_card(const OperatorCard& card, const Signer& identity);

struct VerifiedCard {
  OperatorCard card;
  SigningPublicKey identity;
};
Result<VerifiedCard> verify_card(std::string_view compact, const Fingerprint& pinned);

// Member states of the European Union and of the EEA, by ISO code.
bool in_eea(std::string_view country) noexcept;

using InviteToken = Id<20, struct InviteTokenTag>;

struct Invite {
  std::string url;  // "https://host[:port]", no trailing slash
  Fingerprint server;
  InviteToken token;
};
std::string format_invite(const Invite& invite);
Result<Invite> parse_invite(std::string_view line);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_CARD_HPP
