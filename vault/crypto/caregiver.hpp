// SPDX-License-Identifier: EUPL-1.2
//
// caregiver.hpp: a grant to a caregiver's own key (vault/DESIGN.md §18): K_n sealed to it, and the
// code by which they and a patient pair in person.
//
// The key travels as a compact JWE (RFC 7516): ECDH-ES, direct, on X25519 (RFC 7518 §4.6, RFC
// 8037), A256GCM, apv = the link's identifier; its content is K_n, 32 bytes. Errors: malformed;
// unsupported (another alg, enc, curve); unauthenticated (another key or link). Threads: pure
// functions.
#ifndef COFFRET_VAULT_CRYPTO_CAREGIVER_HPP
#define COFFRET_VAULT_CRYPTO_CAREGIVER_HPP

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "coffret/sealed.hpp"
#include "vault/crypto/keys.hpp"
#include "vault/crypto/pairing.hpp"

namespace coffret::crypto {

inline constexpr std::size_t max_key_jwe = 1024;  // bytes

Result<ContentKey> open_key_jwe(const AgreementKey& recipient, const LinkId& link,
                                const ReceivedParcelFile& jwe);

// Concat KDF (NIST SP 800-56A, RFC 7518 §4.6.2) of one block: `bits` is 128 or 256, and as many
// bits of `out` are the key. PartyUInfo and PartyVInfo may be empty.
void concat_kdf(std::span<std::uint8_t, 32> out, ByteView shared, std::string_view algorithm,
                ByteView party_u, ByteView party_v, std::uint32_t bits);

// The pairing secret of a caregiver's card: made again from their own keys, stored nowhere.
PairingSecret card_secret(const VaultKey& own, std::uint32_t serial);

// What shows that whoever wrote an introduction had seen the card. `keys`: the caregiver's, both.
PairingMac introduction_mac(const PairingSecret& secret, ByteView keys, ByteView introduction);

// One line: coffret-caregiver:1.<card, JWS compact>.<eight groups of the secret>-<check group>.
struct CaregiverCode {
  std::string card;  // signed; not judged here
  PairingSecret secret;
};
SecretText caregiver_code(const CaregiverCode& code);
bool is_caregiver_code(const SecretText& text);
// Any case and white space in the groups. Errors: malformed (no such code); wrong_passcode (a slip:
// the check group tells); other_version.
Result<CaregiverCode> parse_caregiver_code(const SecretText& text);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_CAREGIVER_HPP
