// SPDX-License-Identifier: EUPL-1.2
//
// objects.hpp: the port for immutable blobs: objects of vaults and files of parcels. All are
// ciphertext; the records port knows whose they are and which may be freed.
//
// Flow: append() parts in order → digest() → finish() → content() … → remove(). Nothing is read
// before finish(), and nothing changes after it. Small objects that came together are one file:
// keep_pack() → packed() … → give_back() each → drop_pack().
// Calls block; they are made on storage threads.
// Units: bytes. Errors: not_found, disk_full, io.
// Threads: any; two writers of one key are the caller's to keep apart.
#ifndef COFFRET_SYNC_SERVER_OBJECTS_HPP
#define COFFRET_SYNC_SERVER_OBJECTS_HPP

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "coffret/disk.hpp"
#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "sync/http/message.hpp"
#include "sync/server/records.hpp"

namespace coffret::server {

// What identifies the bytes of a blob: an object's name, and the hash a policy states.
struct BlobDigest {
  ObjectId object;  // as protocol::object_id
  Sha256 sha256;
};

class Objects {
 public:
  virtual ~Objects() = default;

  // Durable when it returns. offset: bytes appended so far; what a crash left behind it is
  // overwritten.
  virtual Result<void> append(const BlobKey& key, std::uint64_t offset, ByteView part) = 0;
  // Of the first `size` bytes appended. Errors: not_found (fewer are here).
  virtual Result<BlobDigest> digest(const BlobKey& key, std::uint64_t size) = 0;
  // The first `size` bytes become the blob, whole or not at all. Repeatable.
  virtual Result<void> finish(const BlobKey& key, std::uint64_t size) = 0;
  // A finished blob's bytes: in memory, or as a file to be sent without reading it first.
  virtual Result<std::variant<Bytes, http::FileBody>> content(const BlobKey& key,
                                                              std::uint64_t offset,
                                                              std::uint64_t length) = 0;
  // Whether a finished object's file is there in its length; verify reads it, too, and compares it
  // with its name. Wherever it lies. Errors of verify: damaged (also when it is gone).
  virtual bool present(const BlobRow& row) = 0;
  virtual Result<void> verify(const BlobRow& row) = 0;
  // Finished or not; absent is success.
  virtual Result<void> remove(const BlobKey& key) = 0;

  // The bytes of several objects one after the other, durable when it returns, as one write.
  virtual Result<void> keep_pack(const PackId& pack, ByteView bytes) = 0;
  // Part of what a pack holds. Errors: not_found (also when the file is shorter).
  virtual Result<std::variant<Bytes, http::FileBody>> packed(const PackId& pack,
                                                             std::uint64_t offset,
                                                             std::uint64_t length) = 0;
  // An object's bytes in a pack are wanted no more: their room goes back to the system at once
  // where it can, and with drop_pack() at the latest. A file that has a second name (a backup's) is
  // left whole.
  virtual void give_back(const Place& place, std::uint64_t length) = 0;
  virtual Result<void> drop_pack(const PackId& pack) = 0;  // absent is success
  virtual Result<std::vector<PackId>> packs() = 0;
  // Whether the engine can write and read back now. For /readyz.
  virtual Result<void> probe() = 0;
};

// The embedded engine: files under `directory`/objects, arriving ones under `directory`/uploads.
// Borrows the disk.
Result<std::unique_ptr<Objects>> open_file_objects(std::string directory, Disk& disk);

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_OBJECTS_HPP
