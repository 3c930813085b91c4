// SPDX-License-Identifier: EUPL-1.2
//
// Property: what is accepted are this build's own parameters, whatever the text around them.
#include <cstdlib>

#include "vault/store/parameters.hpp"

using namespace coffret;
using namespace coffret::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parameters = parse_parameters(as_text(ByteView{data, size}));
  if (parameters.has_error()) return 0;
  if (*parameters != StoreParameters{}) std::abort();
  if (parse_parameters(format_parameters(*parameters)).has_error()) std::abort();
  return 0;
}
