// SPDX-License-Identifier: EUPL-1.2
//
// The first byte chooses how the file is called; the rest is the file.
#include "tests/fuzz/vault/render_property.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const char* name = data[0] == 'j' ? "a.json" : data[0] == 't' ? "a.txt" : "a.xml";
  coffret::reader::check_rendering({data + 1, size - 1}, name);
  return 0;
}
