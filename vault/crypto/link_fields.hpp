// SPDX-License-Identifier: EUPL-1.2
//
// link_fields.hpp: what our links have in common: https://HOST/v#<form>.<field>.<field>… Only
// vault/crypto includes this.
//
// Errors: malformed. The views are into the text given.
#ifndef COFFRET_VAULT_CRYPTO_LINK_FIELDS_HPP
#define COFFRET_VAULT_CRYPTO_LINK_FIELDS_HPP

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"

namespace coffret::crypto {

inline constexpr std::string_view link_page = "/v";

struct LinkFields {
  std::string base_url;  // "https://host[:port]", without a name, a path or anything else
  std::vector<std::string_view> fields;  // at least one
};
Result<LinkFields> link_fields(std::string_view url);

// The letter of a form and another number: one that another version of this program writes.
bool is_other_form(std::string_view field, std::string_view known);

Result<std::array<std::uint8_t, 16>> half_fingerprint(std::string_view field);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_LINK_FIELDS_HPP
