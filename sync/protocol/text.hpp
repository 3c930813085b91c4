// SPDX-License-Identifier: EUPL-1.2
//
// text.hpp: text that is shown to a person and comes from outside.
#ifndef COFFRET_SYNC_PROTOCOL_TEXT_HPP
#define COFFRET_SYNC_PROTOCOL_TEXT_HPP

#include <string_view>

namespace coffret::protocol {

// Whether it is well-formed UTF-8 (RFC 3629) without control characters (C0, DEL, C1): it cannot
// start a line of a log or move a terminal's cursor.
bool is_plain_text(std::string_view text) noexcept;

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_TEXT_HPP
