// SPDX-License-Identifier: EUPL-1.2
//
// JSON of strangers; and files of any other shape, since a name decides nothing else.
#include "tests/fuzz/vault/description_property.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  coffret::reader::check_description({data, size}, "a.json");
  return 0;
}
