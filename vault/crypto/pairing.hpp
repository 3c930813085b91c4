// SPDX-License-Identifier: EUPL-1.2
//
// pairing.hpp: what two devices of one person derive from the secret of a pairing code, and the
// code itself (vault/DESIGN.md §13).
//
// Errors of parse_pairing_code: wrong_passcode (a slip anywhere: the check group tells),
// other_version.
// Threads: pure functions.
#ifndef COFFRET_VAULT_CRYPTO_PAIRING_HPP
#define COFFRET_VAULT_CRYPTO_PAIRING_HPP

#include <array>
#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "vault/crypto/keys.hpp"

namespace coffret::crypto {

using PairingSecret = Secret<20, struct PairingSecretTag>;  // ten minutes, once, never sent

// Names the rendezvous; says nothing of the secret.
std::array<std::uint8_t, 16> pairing_id(const PairingSecret& secret);

// Of message number `step`; `before` is every message so far, so that none can be taken out of its
// conversation. same compares in constant time.
using PairingMac = std::array<std::uint8_t, 32>;
PairingMac pairing_mac(const PairingSecret& secret, std::uint8_t step, ByteView before,
                       ByteView message);
bool same_mac(const PairingMac& a, const PairingMac& b) noexcept;

// Eight of the check words for these bytes: 64 bits of their hash, for two people or two screens.
std::string eight_words(ByteView what);
// Whether there is a word, and each is one of the list: what is not was misread, whatever it is
// compared with. Any case; white space, dashes and commas between the words.
bool are_check_words(std::string_view spoken);

struct PairingCode {
  std::string url;  // "https://host[:port]", no trailing slash
  Fingerprint server;
  PairingSecret secret;
};
// One line: url/#p1.<fingerprint>.<eight groups of the secret>-<check group>.
SecretText pairing_code(const PairingCode& code);
// Any case and separators inside the groups; the digits 0, 1 and 8 are read as O, I and B.
Result<PairingCode> parse_pairing_code(const SecretText& text);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_PAIRING_HPP
