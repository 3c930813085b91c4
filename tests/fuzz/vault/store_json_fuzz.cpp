// SPDX-License-Identifier: EUPL-1.2
//
// Property: what is accepted are this build's own parameters, in a format that it opens, whatever
// the text around them; and what it writes of them reads back the same.
#include <cstdlib>

#include "vault/store/parameters.hpp"

using namespace coffret;
using namespace coffret::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parameters = parse_parameters(as_text(ByteView{data, size}));
  if (parameters.has_error()) return 0;
  const auto format = parameters->format;
  if (format < oldest_store_format || format > gap_store_format) std::abort();
  if (*parameters != StoreParameters{.format = format}) std::abort();
  const auto again = parse_parameters(format_parameters(*parameters));
  if (again.has_error() || *again != *parameters) std::abort();
  return 0;
}
