// SPDX-License-Identifier: EUPL-1.2
//
// hash.hpp: the two hashes of the protocol, whole and in pieces. BLAKE2b-256 with a 16-byte
// personal label for our own names (no key, no salt); SHA-256 where a foreign standard says so.
//
// Ownership: a hasher is a value that may be moved. Threads: one at a time.
#ifndef COFFRET_SYNC_PROTOCOL_HASH_HPP
#define COFFRET_SYNC_PROTOCOL_HASH_HPP

#include <array>
#include <memory>
#include <string_view>

#include "coffret/bytes.hpp"
#include "coffret/ids.hpp"

namespace coffret::protocol {

// `personal` is exactly 16 ASCII bytes.
std::array<std::uint8_t, 32> blake2b(std::string_view personal, ByteView bytes);

// The name of an object whose bytes come in pieces: an upload is named without being held whole.
class ObjectHasher {
 public:
  ObjectHasher();
  ~ObjectHasher();
  ObjectHasher(ObjectHasher&&) noexcept;
  ObjectHasher& operator=(ObjectHasher&&) noexcept;

  void update(ByteView bytes);
  ObjectId finish();  // once, then only destroy

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// SHA-256 of bytes that come in pieces.
class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  Sha256Hasher(Sha256Hasher&&) noexcept;
  Sha256Hasher& operator=(Sha256Hasher&&) noexcept;

  void update(ByteView bytes);
  Sha256 finish();  // once, then only destroy

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_HASH_HPP
