// SPDX-License-Identifier: EUPL-1.2
//
// wiping.hpp: ordinary memory that is wiped when it is given back, for what shows a secret in
// another form: the picture of a link. A secret itself is a Secret or a SecretText.
//
// Limits: not locked in memory; what a library makes on the way is the library's.
#ifndef COFFRET_VAULT_CRYPTO_WIPING_HPP
#define COFFRET_VAULT_CRYPTO_WIPING_HPP

#include <string.h>  // NOLINT(modernize-deprecated-headers): explicit_bzero is not in <cstring>

#include <memory>
#include <vector>

#include "coffret/bytes.hpp"

namespace coffret::crypto {

inline void wipe(MutableByteView bytes) noexcept {
  if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

// Also wipes what a growing container leaves behind.
template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  explicit WipingAllocator(const WipingAllocator<U>&) noexcept {}
  T* allocate(std::size_t count) { return std::allocator<T>{}.allocate(count); }
  void deallocate(T* items, std::size_t count) noexcept {
    ::explicit_bzero(items, count * sizeof(T));
    std::allocator<T>{}.deallocate(items, count);
  }
  template <class U>
  bool operator==(const WipingAllocator<U>&) const noexcept {
    return true;
  }
};

using WipingBytes = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;

inline void append(WipingBytes& to, ByteView bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_WIPING_HPP
