// SPDX-License-Identifier: EUPL-1.2
//
// random.hpp: the injected source of unpredictable bytes. Tests pass a seeded one.
//
// Threads: fill may be called from any thread.
#ifndef COFFRET_RANDOM_HPP
#define COFFRET_RANDOM_HPP

#include "coffret/bytes.hpp"

namespace coffret {

class Random {
 public:
  virtual ~Random() = default;
  // Fills all of `into`. Cannot fail: a machine without randomness stops the program.
  virtual void fill(MutableByteView into) = 0;

  // A fresh identifier (ids.hpp) from this source.
  template <class IdType>
  IdType make() {
    IdType id;
    fill(id.bytes);
    return id;
  }
};

}  // namespace coffret

#endif  // COFFRET_RANDOM_HPP
