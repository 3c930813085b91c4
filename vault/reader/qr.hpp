// SPDX-License-Identifier: EUPL-1.2
//
// qr.hpp: QR codes (ISO/IEC 18004) on a picture, and the EU COVID certificates among them.
//
// Threads: may run on several threads at once.
#ifndef COFFRET_VAULT_READER_QR_HPP
#define COFFRET_VAULT_READER_QR_HPP

#include <string>
#include <vector>

#include "vault/reader/pixels.hpp"

namespace coffret::reader {

namespace qr_limits {
inline constexpr std::uint8_t codes = 16;   // of one picture
inline constexpr std::size_t code = 7'089;  // characters: what version 40 holds
}  // namespace qr_limits

// What the codes say, byte for byte, in no order that means anything. Parts of a text that is
// spread over several codes are left out.
std::vector<std::string> read_qr_codes(const GreyPicture& picture);

// The certificates ("HC1:…", hcert.hpp) on a picture, one a line, in the order of their characters
// so that the same picture gives the same text. Empty for whatever is no picture, shows none, or
// costs more memory than there is.
std::string certificates_on(ByteView picture);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_QR_HPP
