// SPDX-License-Identifier: EUPL-1.2
//
// sha1.hpp: SHA-1 (FIPS 180-4), because IHE XDM and XDS name it as the checksum of a document.
//
// A checksum against accidents only; no security rests on it. Ours, because libsodium has none and
// OpenSSL stays out of this room: the confined program links as little as it can.
#ifndef COFFRET_VAULT_READER_SHA1_HPP
#define COFFRET_VAULT_READER_SHA1_HPP

#include <string>

#include "coffret/bytes.hpp"

namespace coffret::reader {

std::string sha1_hex(ByteView bytes);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_SHA1_HPP
