// SPDX-License-Identifier: EUPL-1.2
//
// flip.hpp: every text or byte string that differs in one bit from a good one.
#ifndef COFFRET_TESTS_SUPPORT_FLIP_HPP
#define COFFRET_TESTS_SUPPORT_FLIP_HPP

#include <cstddef>

namespace coffret::test {

// Calls check(changed) for each single-bit change of a byte container; returns how many it called.
template <class Container, class Check>
std::size_t for_each_flip(Container good, Check check) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit, ++count) {
      const auto kept = good[i];
      good[i] = static_cast<typename Container::value_type>(static_cast<unsigned char>(kept) ^
                                                            (1U << bit));
      check(good);
      good[i] = kept;
    }
  }
  return count;
}

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_FLIP_HPP
