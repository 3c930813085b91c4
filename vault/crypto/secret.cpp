// SPDX-License-Identifier: EUPL-1.2
#include "coffret/secret.hpp"

#include <sodium.h>

#include <exception>
#include <new>

namespace coffret::detail {

void GuardedDeleter::operator()(std::uint8_t* p) const noexcept {
  ::sodium_free(p);
}

GuardedBytes guarded_alloc(std::size_t size) {
  static const bool ready = ::sodium_init() >= 0;  // before the first key, from any thread
  if (!ready) std::terminate();
  auto* p = static_cast<std::uint8_t*>(::sodium_malloc(size));
  if (p == nullptr) throw std::bad_alloc{};
  return GuardedBytes{p};
}

void guarded_seal(std::uint8_t* p) noexcept {
  if (::sodium_mprotect_readonly(p) != 0) std::terminate();  // a key we cannot protect
}

}  // namespace coffret::detail
