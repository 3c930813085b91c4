// SPDX-License-Identifier: EUPL-1.2
//
// XML of strangers: CDA, FHIR in XML, anything.
#include "tests/fuzz/vault/description_property.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  coffret::reader::check_description({data, size}, "a.xml");
  return 0;
}
