// SPDX-License-Identifier: EUPL-1.2
//
// age_header.hpp: the text in front of an age file, as it is spelled. Only vault/crypto includes
// this; what its stanzas mean is age.cpp's.
//
// Errors: malformed; other_version (another first line); too_large.
#ifndef COFFRET_VAULT_CRYPTO_AGE_HEADER_HPP
#define COFFRET_VAULT_CRYPTO_AGE_HEADER_HPP

#include <string>
#include <string_view>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"

namespace coffret::crypto {

inline constexpr std::string_view age_version_line = "age-encryption.org/v1\n";

struct AgeStanza {
  std::vector<std::string_view> words;  // the kind and its arguments; at least one
  Bytes body;
};

struct AgeHeader {
  std::vector<AgeStanza> stanzas;
  std::string_view covered;  // by the MAC: up to and including "---"
  Bytes mac;                 // 32 bytes
  std::size_t size = 0;      // of the whole header in bytes
};

// Views point into `file`. One spelling: what is read is what format_age_stanza would write.
Result<AgeHeader> read_age_header(std::string_view file);

std::string format_age_stanza(const std::vector<std::string_view>& words, ByteView body);
// Base64 (RFC 4648) without padding, which is the header's.
std::string age_base64(ByteView bytes);
Result<Bytes> from_age_base64(std::string_view text);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_AGE_HEADER_HPP
