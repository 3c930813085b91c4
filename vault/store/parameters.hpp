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

struct StoreParameters {
  std::int64_t format = store_format;
  std::int64_t page_bytes = page_size;
  std::string mac{page_mac};
  bool operator==(const StoreParameters&) const = default;
};

std::string format_parameters(const StoreParameters& parameters);
// Accepts this build's parameters only. Errors: damaged, other_version.
Result<StoreParameters> parse_parameters(std::string_view json);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_PARAMETERS_HPP
