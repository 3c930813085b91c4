// SPDX-License-Identifier: EUPL-1.2
//
// passcode.hpp: the passcode of a link: made, hashed for an SHL's policy, and written into an SHL's
// manifest request. What a protected link keeps of one is in parcel.hpp.
//
// A passcode is short and guessable: what protects it is the server's lifetime count of wrong
// tries. The hash is against whoever reads the server's disk, at the cost the server accepts to pay
// for each try (security.md §5).
// Errors: malformed (empty, longer than 256 bytes, not UTF-8, control characters);
// not_enough_memory (for Argon2id). Threads: pure functions; Random must be thread-safe.
#ifndef COFFRET_VAULT_CRYPTO_PASSCODE_HPP
#define COFFRET_VAULT_CRYPTO_PASSCODE_HPP

#include <optional>
#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "coffret/random.hpp"
#include "coffret/secret.hpp"

namespace coffret::crypto {

// Six decimal digits, each value equally likely.
SecretText make_passcode(Random& random);

// Whether a chosen one has as many characters as one that is made. Five wrong tries are allowed in
// all: of four digits, one stranger in two thousand would be let in.
bool is_long_enough(const SecretText& passcode) noexcept;

// The PHC text of Argon2id v1.3 (64 MiB, 3 passes, 1 lane) over the passcode in NFC.
Result<std::string> shl_passcode_hash(const SecretText& passcode, Random& random);

// The body of an SHL manifest request (HL7 IG 1.0.0, M1). `recipient` is UTF-8.
Result<Bytes> shl_manifest_request(std::string_view recipient, const SecretText* passcode,
                                   std::size_t embedded_length_max);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_PASSCODE_HPP
