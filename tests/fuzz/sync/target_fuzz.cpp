// SPDX-License-Identifier: EUPL-1.2
//
// Property: a request target that is accepted, written and read again, names the same; where its
// query is ours it is written as the very text that was read.
#include <cstdlib>

#include "sync/protocol/paths.hpp"

using namespace coffret;
using namespace coffret::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  for (const std::string_view method : {"GET", "POST", "HEAD", "PATCH", "PUT", "DELETE"}) {
    const auto target = parse_target(method, text);
    if (target.has_error()) continue;
    if (method_of(target->endpoint) != method) std::abort();
    const std::string written = format_target(*target);
    const auto again = parse_target(method, written);
    if (again.has_error() || *again != *target) std::abort();
    const bool vaults = text.starts_with("/v1/vaults/") && !text.ends_with('?');
    if (vaults && written != text) std::abort();
  }
  return 0;
}
