// SPDX-License-Identifier: EUPL-1.2
//
// typed_date.hpp: a date as a person types it.
#ifndef COFFRET_VAULT_DAEMON_TYPED_DATE_HPP
#define COFFRET_VAULT_DAEMON_TYPED_DATE_HPP

#include <string>
#include <string_view>

#include "coffret/error.hpp"

namespace coffret::daemon {

struct Call;

// "2020", "2020-03", "2020-03-12", "12/03/2020" (day first), "03/2020" or a whole RFC 3339 instant
// in UTC, as ISO 8601 of the same precision. The day must exist, in the years 1800 to 2999.
// Errors: usage.
Result<std::string> typed_date(std::string_view text);

// The date of a flag ("since"); empty when it was not given. Errors: usage, with the flag and what
// was typed as the detail.
Result<std::string> day_of(Call& call, const std::string& flag);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_TYPED_DATE_HPP
