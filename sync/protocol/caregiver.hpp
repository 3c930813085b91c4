// SPDX-License-Identifier: EUPL-1.2
//
// caregiver.hpp: what a caregiver with a key of their own says and is told (PROTOCOL.md §13): the
// card that a patient pairs, the vault that a paired caregiver pins, and the statement by which an
// opening is proved.
//
// Card and statement are JWS compact (EdDSA): software that we did not write can verify them. What
// is read here is signed by the key that it names; whose key that is, is the caller's to know.
// Units: UTC seconds. Threads: pure functions.
// Errors: malformed, too_large, other_version, unauthenticated.
#ifndef COFFRET_SYNC_PROTOCOL_CAREGIVER_HPP
#define COFFRET_SYNC_PROTOCOL_CAREGIVER_HPP

#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/signer.hpp"
#include "coffret/time.hpp"
#include "coffret/wire.hpp"
#include "sync/protocol/http_signature.hpp"

namespace coffret::protocol {

inline constexpr std::string_view caregiver_card_type = "coffret-caregiver+jwt";
inline constexpr std::string_view statement_type = "coffret-opening+jwt";
inline constexpr std::size_t max_caregiver_card = 2048;  // bytes of the compact JWS
inline constexpr std::size_t max_caregiver_text = 256;   // bytes of a name, an organisation
inline constexpr std::size_t max_statement = 1024;       // bytes of the compact JWS

// Of both keys: who has the same identifier is the same caregiver.
using CaregiverId = Id<16, struct CaregiverTag>;

struct CaregiverKeys {
  SigningPublicKey signing;      // verifies what they sign
  AgreementPublicKey agreement;  // K_n is sealed to it

  template <class A>
  void serialize(A& a) {
    a(signing, agreement);
  }
  bool operator==(const CaregiverKeys&) const = default;
};
CaregiverId caregiver_id(const CaregiverKeys& keys);
// The bytes that fingerprints in words, and MACs at pairing, are made of.
Bytes key_bytes(const CaregiverKeys& keys);

struct CaregiverCard {
  std::uint32_t serial = 1;  // from 1; each card of a caregiver has its own pairing secret
  std::string name;          // shown; not empty
  std::string organisation;  // may be empty
  CaregiverKeys keys;
  std::int64_t issued_at = 0;
  bool operator==(const CaregiverCard&) const = default;
};
// Signed by keys.signing, which must be the signer's.
std::string sign_caregiver_card(const CaregiverCard& card, const Signer& signer);
Result<CaregiverCard> read_caregiver_card(std::string_view compact);

// Which vault a card's pairing secret vouches for. It travels in manifests, with the MAC behind it
// (vault/crypto/caregiver.hpp): who saw the card wrote it, and nobody else can.
struct Introduction {
  std::uint8_t format = 1;
  std::uint32_t serial = 0;  // of the card
  VaultId vault;
  SigningPublicKey root;

  template <class A>
  void serialize(A& a) {
    a(format, serial, vault, root);
  }
  bool operator==(const Introduction&) const = default;
};
inline constexpr std::size_t introduction_mac = 32;                                   // bytes
inline constexpr std::size_t introduction_size = 1 + 4 + 16 + 32 + introduction_mac;  // bytes
// The record in front of the MAC, which is not judged here.
Result<Introduction> read_introduction(ByteView with_mac);

// "I open this link now", "I have read this link's version n".
enum class OpeningAct : std::uint8_t { open = 1, read = 2 };

struct OpeningStatement {
  OpeningAct act = OpeningAct::open;
  Fingerprint server;  // of the association: a statement is good at one server
  LinkId link;
  std::uint32_t version = 0;  // n that was read; 0 where it is not known yet (open)
  std::int64_t time = 0;      // by the server's clock, as the reader knows it
  Nonce nonce;
  Sha256 proof;  // that it was decrypted (vault/DESIGN.md §9); zero (open)
  bool operator==(const OpeningStatement&) const = default;
};
std::string sign_statement(const OpeningStatement& statement, const Signer& signer);

struct SignedStatement {
  SigningPublicKey key;  // that signed it
  OpeningStatement statement;
};
Result<SignedStatement> read_statement(std::string_view compact);

// Whether the statement is this key's word about this link at this server, made within
// signature_window of `now`. Whether its nonce was used is the caller's to judge.
bool is_statement_of(const SignedStatement& signed_one, OpeningAct act, const SigningPublicKey& key,
                     const Fingerprint& server, const LinkId& link, Timestamp now) noexcept;

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_CAREGIVER_HPP
