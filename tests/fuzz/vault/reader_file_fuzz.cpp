// SPDX-License-Identifier: EUPL-1.2
//
// Files whose first bytes tell what they are: pictures, RTF, DICOM, HL7 v2, certificates.
#include "tests/fuzz/vault/description_property.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  coffret::reader::check_description({data, size}, "a.bin");
  return 0;
}
