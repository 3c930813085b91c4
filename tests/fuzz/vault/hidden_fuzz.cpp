// SPDX-License-Identifier: EUPL-1.2
//
// Property: whatever a picture or a converter says, what is found keeps its limits, says each
// detail once, and is found again.
#include <algorithm>
#include <cstdlib>

#include "vault/reader/hidden.hpp"

using namespace coffret;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(ByteView file, std::string_view converted) {
  const auto details = reader::hidden_details(file, converted);
  require(reading::within_limits(reading::Hidden{0, details}));
  for (auto at = details.begin(); at != details.end(); ++at)
    require(std::find(at + 1, details.end(), *at) == details.end());
  require(reader::hidden_details(file, converted) == details);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  check(bytes, {});
  check(as_bytes(std::string_view{"%PDF-1.4"}), as_text(bytes));
  return 0;
}
