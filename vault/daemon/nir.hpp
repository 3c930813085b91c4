// SPDX-License-Identifier: EUPL-1.2
//
// nir.hpp: French social security numbers (NIR; the INS is one) in the words of a document.
//
// Fifteen characters: sex, year, month, département (Corsica: 2A, 2B), commune, order, and a key of
// two digits, 97 − (the first thirteen mod 97). Groups may be apart. A number without its right key
// is not taken for one: among fifteen digits of anything, one in ninety-seven passes by chance.
// Threads: pure functions.
#ifndef COFFRET_VAULT_DAEMON_NIR_HPP
#define COFFRET_VAULT_DAEMON_NIR_HPP

#include <string_view>

namespace coffret::daemon {

// `number` without anything between its characters.
bool is_nir(std::string_view number);
// Whether one stands in the text, its groups together, or apart by a space, dot, dash or
// no-break space each.
bool holds_nir(std::string_view text);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_NIR_HPP
