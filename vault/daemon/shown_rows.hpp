// SPDX-License-Identifier: EUPL-1.2
//
// shown_rows.hpp: tables of codes with the words that people read for them.
#ifndef COFFRET_VAULT_DAEMON_SHOWN_ROWS_HPP
#define COFFRET_VAULT_DAEMON_SHOWN_ROWS_HPP

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "coffret/error.hpp"

namespace coffret::daemon {

struct ShownRow {
  std::string_view code;
  std::string_view french;
  std::string_view english;
};

// The row of a code, or null.
inline const ShownRow* row_of(std::span<const ShownRow> table, std::string_view code) {
  const auto at = std::find_if(table.begin(), table.end(),
                               [&](const ShownRow& row) { return row.code == code; });
  return at == table.end() ? nullptr : &*at;
}

inline std::string in_language(const ShownRow& row, Language language) {
  return std::string{language == Language::french ? row.french : row.english};
}

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SHOWN_ROWS_HPP
