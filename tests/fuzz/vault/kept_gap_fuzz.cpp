// SPDX-License-Identifier: EUPL-1.2
//
// Properties: no input is accepted as a gap file as it is; the same content with the MAC it should
// have is accepted only if it is the one encoding of what it says.
#include <cstdlib>

#include "vault/store/gap.hpp"

using namespace coffret;
using namespace coffret::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = crypto::HeadKey::make([](auto bytes) {
    for (auto& byte : bytes) byte = 7;
  });
  const ByteView input{data, size};
  DeviceId device;
  if (decode_gap(input, device, key).has_value()) std::abort();

  Bytes file = to_bytes(input);
  append(file, crypto::head_mac(key, file));
  constexpr std::size_t device_at = 9;  // bytes: magic and version
  if (size >= device_at + DeviceId::size)
    device = *DeviceId::from(input.subspan(device_at, DeviceId::size));
  const auto gap = decode_gap(file, device, key);
  if (gap.has_value() && encode_gap(*gap, key) != file) std::abort();
  return 0;
}
