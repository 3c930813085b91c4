// SPDX-License-Identifier: EUPL-1.2
//
// Properties: those of kept_file_property.hpp, of a head file.
#include "tests/fuzz/vault/kept_file_property.hpp"
#include "vault/store/head.hpp"

using namespace coffret;
using namespace coffret::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_kept_file({data, size}, decode_head, encode_head);
  return 0;
}
