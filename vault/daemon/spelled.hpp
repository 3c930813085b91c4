// SPDX-License-Identifier: EUPL-1.2
//
// spelled.hpp: dates as people read them, in French and English.
//
// Threads: any. The time zone is the machine's.
#ifndef COFFRET_VAULT_DAEMON_SPELLED_HPP
#define COFFRET_VAULT_DAEMON_SPELLED_HPP

#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "coffret/time.hpp"

namespace coffret::daemon {

// "23 novembre 2026 à 14 h 02" or "23 November 2026 at 14:02", in local time.
std::string spelled(Timestamp time, Language language);

// A document's own date (ISO 8601 of any precision): "12 mars 2020". What is no date stays as it
// is: it is the document's, and not safe to print.
std::string spelled_date(std::string_view iso, Language language);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SPELLED_HPP
