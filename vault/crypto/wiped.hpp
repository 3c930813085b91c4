// SPDX-License-Identifier: EUPL-1.2
//
// wiped.hpp: working memory for secrets that live no longer than a call. Only vault/crypto
// includes this; what outlives a call is a Secret.
#ifndef COFFRET_VAULT_CRYPTO_WIPED_HPP
#define COFFRET_VAULT_CRYPTO_WIPED_HPP

#include <sodium.h>

#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/secret.hpp"

namespace coffret::crypto {

// N bytes on the stack, wiped when they leave scope.
template <std::size_t N>
class Wiped {
 public:
  Wiped() = default;
  ~Wiped() { ::sodium_memzero(bytes_.data(), N); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;

  std::span<std::uint8_t, N> space() noexcept { return bytes_; }
  std::span<const std::uint8_t, N> view() const noexcept { return bytes_; }
  std::uint8_t* data() noexcept { return bytes_.data(); }
  const std::uint8_t* data() const noexcept { return bytes_.data(); }

 private:
  std::array<std::uint8_t, N> bytes_{};
};

// Elements on the heap, wiped when they leave scope. The count is fixed: growing would leave
// copies behind.
template <class T>
class WipedVector {
 public:
  explicit WipedVector(std::size_t count) : items_(count) {}
  ~WipedVector() { ::sodium_memzero(items_.data(), items_.size() * sizeof(T)); }
  WipedVector(WipedVector&& other) noexcept : items_(std::move(other.items_)) {
    other.items_.clear();
  }
  WipedVector(const WipedVector&) = delete;
  WipedVector& operator=(const WipedVector&) = delete;
  WipedVector& operator=(WipedVector&&) = delete;

  T* data() noexcept { return items_.data(); }
  const T* data() const noexcept { return items_.data(); }
  std::size_t size() const noexcept { return items_.size(); }

 private:
  std::vector<T> items_;
};

// Writes text into the space a SecretText gives. More than fits is our own mistake.
class SecretWriter {
 public:
  explicit SecretWriter(MutableByteView space) noexcept : space_(space) {}

  // The next `size` bytes, for the caller to fill.
  MutableByteView take(std::size_t size) {
    if (size > space_.size() - used_) throw std::length_error("a secret text is too long");
    used_ += size;
    return space_.subspan(used_ - size, size);
  }
  SecretWriter& operator<<(std::string_view text) {
    const auto into = take(text.size());
    if (!text.empty()) std::memcpy(into.data(), text.data(), text.size());
    return *this;
  }
  std::size_t used() const noexcept { return used_; }

 private:
  MutableByteView space_;
  std::size_t used_ = 0;
};

// A SecretText from what `write` puts into a SecretWriter.
template <class Write>
SecretText make_secret_text(Write&& write) {
  return SecretText::make([&](MutableByteView space) {
    SecretWriter writer{space};
    write(writer);
    return writer.used();
  });
}

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_WIPED_HPP
