// SPDX-License-Identifier: EUPL-1.2
//
// sealed_for_sync.hpp: sealed values with bytes of the test's choice, for sync_tests only, which
// does not link vault/crypto, whose class this stands in for.
#ifndef COFFRET_TESTS_SUPPORT_SEALED_FOR_SYNC_HPP
#define COFFRET_TESTS_SUPPORT_SEALED_FOR_SYNC_HPP

#include "coffret/sealed.hpp"

namespace coffret::crypto {

class Sealer {
 public:
  static SealedObject object(Bytes bytes) { return SealedObject{std::move(bytes)}; }
  static SealedParcelFile parcel_file(Bytes bytes) { return SealedParcelFile{std::move(bytes)}; }
};

}  // namespace coffret::crypto

#endif  // COFFRET_TESTS_SUPPORT_SEALED_FOR_SYNC_HPP
