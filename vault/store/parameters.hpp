// SPDX-License-Identifier: EUPL-1.2
//
// parameters.hpp: store.json, the store's format version and cipher parameters in clear, so that a
// later build knows what it meets before it has a key.
//
// Errors of parsing: damaged (not what we write), other_version (well formed, but not ours).
#ifndef COFFRET_VAULT_STORE_PARAMETERS_HPP
#define COFFRET_VAULT_STORE_PARAMETERS_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "vault/store/sqlite.hpp"

namespace coffret::store {

inline constexpr std::int64_t store_format = 2;
// The same with gaps in its log (gap.hpp), until the history is read: a build that knows of no gaps
// would take them for tampering.
inline constexpr std::int64_t gap_store_format = 3;
inline constexpr std::int64_t oldest_store_format = 2;  // from which migration.hpp can begin

struct StoreParameters {
  std::int64_t format = store_format;
  std::int64_t page_bytes = page_size;
  std::string mac{page_mac};
  bool operator==(const StoreParameters&) const = default;
};

std::string format_parameters(const StoreParameters& parameters);
// Accepts this build's parameters only, in this format or one that it can migrate.
// Errors: damaged, other_version.
Result<StoreParameters> parse_parameters(std::string_view json);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_PARAMETERS_HPP
