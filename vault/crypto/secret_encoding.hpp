// SPDX-License-Identifier: EUPL-1.2
//
// secret_encoding.hpp: text forms of keys, without tables that a cache could tell apart and
// without copies left behind. Only vault/crypto includes this; what is not secret uses
// coffret/encoding.hpp.
#ifndef COFFRET_VAULT_CRYPTO_SECRET_ENCODING_HPP
#define COFFRET_VAULT_CRYPTO_SECRET_ENCODING_HPP

#include <string_view>

#include "coffret/error.hpp"
#include "vault/crypto/wiped.hpp"

namespace coffret::crypto {

// base64url without padding.
void write_base64url(SecretWriter& out, ByteView secret);
// Strict, as from_base64url. false: not the encoding of exactly out.size() bytes.
[[nodiscard]] bool read_base64url(MutableByteView out, std::string_view text);

// A key from its base64url text. Errors: malformed.
template <class Key>
Result<Key> key_from_base64url(std::string_view text) {
  bool good = false;
  auto key = Key::make([&](auto out) { good = read_base64url(out, text); });
  if (!good) return errc::malformed;
  return key;
}

// Base32, upper case, without padding: ceil(8 n / 5) characters.
void write_base32(MutableByteView out, ByteView secret);
// false: another character, or trailing bits that are not zero.
[[nodiscard]] bool read_base32(MutableByteView out, ByteView text);

// The last digits of a code that is typed over: base32 of the beginning of a hash over all that
// stands before them, with a label of its own for each sort of code, so that a slip anywhere shows.
// `digits`: those of the secret.
inline constexpr std::size_t code_check_digits = 4;
void write_code_check(MutableByteView out, std::string_view label, std::string_view before,
                      ByteView digits);
// In fours, with a hyphen between.
void write_groups(SecretWriter& out, ByteView digits);
// As a person typed them: white space and hyphens aside, in either case; the digits that base32
// lacks are the letters they look like. false: not exactly out.size() of them.
[[nodiscard]] bool read_groups(MutableByteView out, std::string_view groups);

// The text without ASCII white space around it.
std::string_view trimmed(std::string_view text) noexcept;

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_SECRET_ENCODING_HPP
