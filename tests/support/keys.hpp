// SPDX-License-Identifier: EUPL-1.2
//
// keys.hpp: predictable randomness, keys and secret texts for tests.
#ifndef COFFRET_TESTS_SUPPORT_KEYS_HPP
#define COFFRET_TESTS_SUPPORT_KEYS_HPP

#include <algorithm>
#include <numeric>
#include <string>
#include <string_view>

#include "coffret/random.hpp"
#include "coffret/secret.hpp"

namespace coffret::test {

// 0, 1, 2 … 255, 0 …: over all calls.
class CountingRandom final : public Random {
 public:
  explicit CountingRandom(std::uint8_t first = 0) : next_(first) {}
  void fill(MutableByteView into) override {
    for (auto& byte : into) byte = next_++;
  }

 private:
  std::uint8_t next_;
};

// The identifier or key whose bytes are first, first + 1 …
template <class Id>
Id counting_id(std::uint8_t first) {
  Id id;
  std::iota(id.bytes.begin(), id.bytes.end(), first);
  return id;
}
template <class Key>
Key counting_key(std::uint8_t first) {
  return Key::make([&](auto bytes) { std::iota(bytes.begin(), bytes.end(), first); });
}

inline SecretText secret_text(std::string_view text) {
  return SecretText::make([&](auto space) {
    const std::size_t size = std::min(text.size(), space.size());
    std::copy_n(text.begin(), size, space.begin());
    return size;
  });
}

// What a secret holds: in tests only.
template <class SecretType>
Bytes shown(const SecretType& secret) {
  return to_bytes(secret.expose());
}
inline std::string shown_text(const SecretText& secret) {
  return to_text(secret.expose());
}

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_KEYS_HPP
