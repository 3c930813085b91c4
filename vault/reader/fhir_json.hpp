// SPDX-License-Identifier: EUPL-1.2
//
// fhir_json.hpp: FHIR's JSON from strangers, read once: numbers stay as they are written (5.40 must
// not become 5.4), so each is a string of its own characters; a name twice in one object is
// refused.
//
// Threads: may run on several threads at once.
#ifndef COFFRET_VAULT_READER_FHIR_JSON_HPP
#define COFFRET_VAULT_READER_FHIR_JSON_HPP

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string_view>

#include "coffret/error.hpp"

namespace coffret::reader {

namespace fhir_json_limits {
inline constexpr std::size_t depth = 64;          // the deepest of our samples has 13
inline constexpr std::size_t values = 1'600'000;  // items and members, commas in text
// Bytes of memory that the values take, by the model in fhir_json.cpp: with a file of nothing but
// values and what describes it, a reader stays under 100 MB. A payload is not counted: it takes
// what it has in the file.
inline constexpr std::size_t memory = 48u << 20;
inline constexpr std::size_t payload = 64u << 10;  // bytes of a string that is one
}  // namespace fhir_json_limits

// The value lives in `memory`. Errors: malformed (JSON, depth, a name twice; also bytes behind the
// value); too_large (values or memory). Each with its cause (because.hpp).
Result<boost::json::value> parse_fhir_json(std::string_view text, boost::json::storage_ptr memory);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_FHIR_JSON_HPP
