// SPDX-License-Identifier: EUPL-1.2
#include <sodium.h>

#include <algorithm>

#include "sync/protocol/hash.hpp"
#include "sync/server/objects.hpp"

namespace coffret::server {
namespace {

constexpr std::size_t chunk_size = 256 * 1024;  // bytes read at a time

// objects/ab/<letter>.<owner>.<id>: ab are the first letters of the identifier, which is a hash or
// random, so that no directory grows large.
class FileObjects final : public Objects {
 public:
  FileObjects(std::string directory, Disk& disk) : directory_(std::move(directory)), disk_(disk) {}

  Result<void> append(const BlobKey& key, std::uint64_t offset, ByteView part) override {
    // Finished before a crash that came before the records heard of it: it goes on arriving.
    if (offset > 0 && disk_.size(arriving(key)).has_error() &&
        disk_.size(finished(key)).has_value())
      COFFRET_CHECK(disk_.move(finished(key), arriving(key)));
    return disk_.write_at(arriving(key), offset, part);
  }

  Result<BlobDigest> digest(const BlobKey& key, std::uint64_t size) override {
    protocol::ObjectHasher object;
    protocol::Sha256Hasher sha256;
    Bytes chunk(static_cast<std::size_t>(std::min<std::uint64_t>(chunk_size, size)));
    for (std::uint64_t at = 0; at < size;) {
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), size - at));
      COFFRET_TRY(const std::size_t got,
                  disk_.read_at(arriving(key), at, MutableByteView{chunk}.first(want)));
      if (got != want) return errc::not_found;
      object.update(ByteView{chunk}.first(got));
      sha256.update(ByteView{chunk}.first(got));
      at += got;
    }
    return BlobDigest{object.finish(), sha256.finish()};
  }

  Result<void> finish(const BlobKey& key, std::uint64_t size) override {
    const auto here = disk_.size(arriving(key));
    if (here.has_error()) {
      // Finished before a crash that came before the records heard of it.
      const auto there = disk_.size(finished(key));
      if (there.has_value() && *there == size) return {};
      return here.error();
    }
    if (*here != size) return errc::io;
    COFFRET_CHECK(disk_.make_directory(shard(key)));
    return disk_.move(arriving(key), finished(key));
  }

  Result<std::variant<Bytes, http::FileBody>> content(const BlobKey& key, std::uint64_t offset,
                                                      std::uint64_t length) override {
    COFFRET_TRY(const std::uint64_t size, disk_.size(finished(key)));
    if (offset > size || length > size - offset) return errc::io;
    return std::variant<Bytes, http::FileBody>{http::FileBody{finished(key), offset, length}};
  }

  Result<void> remove(const BlobKey& key) override {
    COFFRET_CHECK(disk_.remove(arriving(key)));
    return disk_.remove(finished(key));
  }

  Result<void> probe() override {
    const std::string path = directory_ + "/uploads/probe";
    const std::string_view word = "coffret";
    COFFRET_CHECK(disk_.replace(path, as_bytes(word)));
    COFFRET_TRY(const Bytes back, disk_.read(path, word.size()));
    return as_text(back) == word ? Result<void>{} : Result<void>{errc::io};
  }

 private:
  static std::string name(const BlobKey& key) {
    return std::string{key.kind == BlobKind::object ? "o." : "p."} + to_base32(key.owner) + "." +
           to_base32(key.id);
  }
  std::string shard(const BlobKey& key) const {
    return directory_ + "/objects/" + to_base32(key.id).substr(0, 2);
  }
  std::string finished(const BlobKey& key) const { return shard(key) + "/" + name(key); }
  std::string arriving(const BlobKey& key) const { return directory_ + "/uploads/" + name(key); }

  const std::string directory_;
  Disk& disk_;
};

}  // namespace

Result<std::unique_ptr<Objects>> open_file_objects(std::string directory, Disk& disk) {
  if (::sodium_init() < 0) return errc::internal;
  COFFRET_CHECK(disk.make_directory(directory + "/objects"));
  COFFRET_CHECK(disk.make_directory(directory + "/uploads"));
  return std::unique_ptr<Objects>{std::make_unique<FileObjects>(std::move(directory), disk)};
}

}  // namespace coffret::server
