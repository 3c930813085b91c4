// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/text.hpp"

#include "coffret/harmless.hpp"
#include "coffret/utf8.hpp"

namespace coffret::protocol {

bool is_plain_text(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto [c, length] = next_character(text);
    if (length == 0 || is_control(c)) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace coffret::protocol
