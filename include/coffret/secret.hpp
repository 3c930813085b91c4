// SPDX-License-Identifier: EUPL-1.2
//
// secret.hpp: key material that cannot be copied, printed, compared or forgotten.
//
// The bytes live in guarded, locked pages (sodium_malloc), read-only once filled, and are wiped
// when the owner is destroyed. The Tag names the purpose: one key does not convert to another.
// expose() is the only way in; the include-wall test allows the word in vault/crypto and
// vault/store/sqlite.cpp, nowhere else (making and moving secrets needs no door).
//
// Limits: a debugger as root, or the memory of a suspended machine, still holds the key.
// Threads: a Secret may be read from several threads; moving it is one thread's act.
#ifndef COFFRET_SECRET_HPP
#define COFFRET_SECRET_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "coffret/bytes.hpp"

namespace coffret {

namespace detail {
struct GuardedDeleter {
  void operator()(std::uint8_t* p) const noexcept;  // wipes, then unmaps
};
using GuardedBytes = std::unique_ptr<std::uint8_t[], GuardedDeleter>;
GuardedBytes guarded_alloc(std::size_t size);  // throws std::bad_alloc
void guarded_seal(std::uint8_t* p) noexcept;   // read-only from here on
}  // namespace detail

template <std::size_t N, class Tag>
class Secret {
 public:
  static constexpr std::size_t size = N;

  // fill is called once with N writable bytes; after that nothing can write them.
  template <class Fill>
  static Secret make(Fill&& fill) {
    Secret s;
    fill(std::span<std::uint8_t, N>{s.bytes_.get(), N});
    detail::guarded_seal(s.bytes_.get());
    return s;
  }

  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) noexcept = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  // Valid while *this is alive and not moved from. Do not store the span.
  std::span<const std::uint8_t, N> expose() const noexcept {
    return std::span<const std::uint8_t, N>{bytes_.get(), N};
  }

 private:
  Secret() : bytes_(detail::guarded_alloc(N)) {}
  detail::GuardedBytes bytes_;
};

// A secret whose length is known only when it is read: a passphrase, a passcode, a recovery key
// as typed, a whole link. At most max_size bytes; longer input is cut by the reader that fills it.
class SecretText {
 public:
  static constexpr std::size_t max_size = 4096;  // bytes

  // fill gets max_size writable bytes and returns how many it used.
  template <class Fill>
  static SecretText make(Fill&& fill) {
    SecretText s;
    s.size_ = fill(std::span<std::uint8_t, max_size>{s.bytes_.get(), max_size});
    detail::guarded_seal(s.bytes_.get());
    return s;
  }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  // Valid while *this is alive and not moved from. Do not store the view.
  ByteView expose() const noexcept { return {bytes_.get(), size_}; }

 private:
  SecretText() : bytes_(detail::guarded_alloc(max_size)) {}
  detail::GuardedBytes bytes_;
  std::size_t size_ = 0;
};

}  // namespace coffret

#endif  // COFFRET_SECRET_HPP
