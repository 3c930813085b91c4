// SPDX-License-Identifier: EUPL-1.2
//
// sealed.hpp: bytes that may leave the machine, and bytes that came from outside.
//
// Only vault/crypto can make a SealedObject, a SealedOperation or a SealedParcelFile, so code that
// takes one cannot be handed plaintext. What arrives is Received<…> until vault/crypto opens it.
#ifndef COFFRET_SEALED_HPP
#define COFFRET_SEALED_HPP

#include <utility>

#include "coffret/bytes.hpp"
#include "coffret/ids.hpp"

namespace coffret {

namespace crypto {
class Sealer;  // vault/crypto/sealer.hpp
}

template <class Tag>
class Sealed {
 public:
  ByteView view() const noexcept { return bytes_; }
  std::size_t size() const noexcept { return bytes_.size(); }
  Bytes take() && { return std::move(bytes_); }

 private:
  friend class crypto::Sealer;
  explicit Sealed(Bytes bytes) : bytes_(std::move(bytes)) {}
  Bytes bytes_;
};

using SealedObject = Sealed<struct SealedObjectTag>;          // immutable object of the server
using SealedOperation = Sealed<struct SealedOperationTag>;    // the operation of a log entry
using SealedParcelFile = Sealed<struct SealedParcelFileTag>;  // one JWE of a parcel

template <class Tag>
struct Received {
  Bytes bytes;  // unverified
};

using ReceivedObject = Received<struct SealedObjectTag>;
using ReceivedOperation = Received<struct SealedOperationTag>;
using ReceivedParcelFile = Received<struct SealedParcelFileTag>;

}  // namespace coffret

#endif  // COFFRET_SEALED_HPP
