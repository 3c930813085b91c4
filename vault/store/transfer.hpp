// SPDX-License-Identifier: EUPL-1.2
//
// transfer.hpp: bodies on their way between the vault and the server, in two steps each: one that
// touches the vault (short), and one that only computes and may run beside it, on any thread.
//
// Up:   Vault::unsealed() → seal() → the server.
// Down: Vault::unopened() → the server → open() → keep_file() → Vault::store_bodies().
//
// Units: bytes. Ownership: values; each holds the key of its one document version.
// Threads: the functions here are pure, but keep_file, which writes a file of its own.
#ifndef COFFRET_VAULT_STORE_TRANSFER_HPP
#define COFFRET_VAULT_STORE_TRANSFER_HPP

#include <string>

#include "coffret/disk.hpp"
#include "coffret/error.hpp"
#include "coffret/sealed.hpp"
#include "vault/crypto/sealer.hpp"

namespace coffret::store {

struct Unsealed {
  ObjectId object;  // that sealing must give
  crypto::BodyContext context;
  crypto::DocumentKey key;
  Bytes bytes;
  bool sealed = false;  // the bytes are the object itself, as a file of the vault has it
};

// Errors: damaged (what is here does not make the object that the entry names: it never leaves).
Result<SealedObject> seal(Unsealed body);

// Under which name the first bytes of an object lie in `objects` while the rest is to come.
std::string arriving_name(const ObjectId& object);

struct Unopened {
  ObjectId object;
  std::int64_t row = 0;
  crypto::BodyContext context;
  crypto::DocumentKey key;
  std::uint64_t size = 0;  // of the body
  Sha256 sha256;           // of the body
  std::string file;        // where the sealed object is to lie; empty: the body becomes a row
};

struct ReadyBody {
  std::int64_t row = 0;
  std::string file;  // as above
  Bytes bytes;       // the sealed object for a file, else the body
};

// Compared with the object's name, and with size and SHA-256 as the entry has them.
// Errors: unauthenticated, malformed.
Result<ReadyBody> open(const Unopened& wanted, ReceivedObject received);

// The file of a large body, durable before any row names it; nothing for a small one.
Result<void> keep_file(Disk& disk, const ReadyBody& body);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_TRANSFER_HPP
