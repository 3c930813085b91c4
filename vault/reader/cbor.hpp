// SPDX-License-Identifier: EUPL-1.2
//
// cbor.hpp: CBOR (RFC 8949) as far as certificates use it, into the values of our JSON library.
// Integer keys become their decimal text ("-260"); byte strings become strings of their bytes; tags
// are passed over. Floating-point numbers are refused.
#ifndef COFFRET_VAULT_READER_CBOR_HPP
#define COFFRET_VAULT_READER_CBOR_HPP

#include <boost/json/value.hpp>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"

namespace coffret::reader {

namespace cbor_limits {
inline constexpr int depth = 16;            // values inside values
inline constexpr std::size_t items = 4096;  // values in all
}  // namespace cbor_limits

// The one value that fills the bytes. Errors: malformed (also a repeated key); too_large (a bound
// above).
Result<boost::json::value> parse_cbor(ByteView bytes);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_CBOR_HPP
