// SPDX-License-Identifier: EUPL-1.2
//
// Property: whatever is typed, the expression is a list of quoted terms: `"…"` or `"…"*`, one blank
// between, no quote inside. FTS5 can then find no syntax in it.
#include <cstdlib>

#include "vault/store/search.hpp"

using namespace coffret;
using namespace coffret::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto made = fts_expression(as_text(ByteView{data, size}));
  if (made.has_error()) return size > max_question ? 0 : (std::abort(), 0);
  std::string_view rest = *made;
  while (!rest.empty()) {
    if (rest.front() != '"') std::abort();
    const auto end = rest.find('"', 1);
    if (end == std::string_view::npos || end == 1) std::abort();
    rest.remove_prefix(end + 1);
    if (rest.starts_with('*')) rest.remove_prefix(1);
    if (rest.empty()) return 0;
    if (rest.size() < 2 || rest.front() != ' ') std::abort();
    rest.remove_prefix(1);
  }
  return 0;
}
