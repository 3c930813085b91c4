// SPDX-License-Identifier: EUPL-1.2
//
// What a small file of a vault's folder under the head key's MAC has to do, whatever it holds: no
// input is accepted as it is; the same content with the MAC it should have is accepted only if it
// is the one encoding of what it says.
#ifndef COFFRET_TESTS_FUZZ_VAULT_KEPT_FILE_PROPERTY_HPP
#define COFFRET_TESTS_FUZZ_VAULT_KEPT_FILE_PROPERTY_HPP

#include <cstdlib>

#include "vault/store/head.hpp"

namespace coffret::store {

template <class Decode, class Encode>
void check_kept_file(ByteView input, Decode decode, Encode encode) {
  static const auto key = crypto::HeadKey::make([](auto bytes) {
    for (auto& byte : bytes) byte = 7;
  });
  DeviceId device;
  if (decode(input, device, key).has_value()) std::abort();

  Bytes file = to_bytes(input);
  append(file, crypto::head_mac(key, file));
  constexpr std::size_t device_at = 9;  // bytes: magic and version
  if (input.size() >= device_at + DeviceId::size)
    device = *DeviceId::from(input.subspan(device_at, DeviceId::size));
  const auto kept = decode(file, device, key);
  if (kept.has_value() && encode(*kept, key) != file) std::abort();
}

}  // namespace coffret::store

#endif  // COFFRET_TESTS_FUZZ_VAULT_KEPT_FILE_PROPERTY_HPP
