// SPDX-License-Identifier: EUPL-1.2
//
// stored_body.hpp: where the body of one document lies and what opens it, so that a large one is
// read and verified off the vault's strand and holds up nobody meanwhile.
//
// Ownership: borrows the Disk; owns its key. The vault's directory is to stay: keep a hold on the
// session (daemon/session.hpp) while one is alive, so that a lock waits for the key to be wiped.
// Threads: one at a time.
#ifndef COFFRET_VAULT_STORE_STORED_BODY_HPP
#define COFFRET_VAULT_STORE_STORED_BODY_HPP

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "coffret/bytes.hpp"
#include "coffret/disk.hpp"
#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "vault/crypto/sealer.hpp"

namespace coffret::store {

class StoredBody {
 public:
  // A sealed file.
  struct Sealed {
    const Disk* disk;
    std::string path;
    crypto::DocumentKey key;
    crypto::BodyContext context;
  };

  // As its entry names it: bytes, and the hash of them.
  StoredBody(std::variant<Bytes, Sealed> where, std::uint64_t size, const Sha256& sha256)
      : where_(std::move(where)), size_(size), sha256_(sha256) {}

  // Once. Errors: damaged (also: erased meanwhile).
  Result<Bytes> read() &&;

 private:
  std::variant<Bytes, Sealed> where_;
  std::uint64_t size_;
  Sha256 sha256_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_STORED_BODY_HPP
