// SPDX-License-Identifier: EUPL-1.2
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "sync/protocol/hash.hpp"
#include "sync/server/objects.hpp"
#include "sync/server/stored_blobs.hpp"

namespace coffret::server {
namespace {

constexpr std::size_t chunk_size = 256 * 1024;  // bytes read at a time

// Frees the blocks of a range of a file that has one name only. Where that cannot be done nothing
// is lost but room, until the file goes.
void punch(const std::string& path, std::uint64_t offset, std::uint64_t length) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return;
  struct stat info {};
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink == 1)
    (void)::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                      static_cast<off_t>(length));
  (void)::close(fd);
}

// objects/ab/<letter>.<owner>.<id>: ab are the first letters of the identifier, which is a hash or
// random, so that no directory grows large. objects/packs/ab/<id>: likewise.
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

  bool present(const BlobRow& row) override {
    const auto size = disk_.size(directory_ + "/" + blob_file(row));
    if (size.has_error()) return false;
    return row.place ? *size >= row.place->start && *size - row.place->start >= row.total
                     : *size == row.total;
  }

  Result<void> verify(const BlobRow& row) override {
    const auto read = verify_blob(row, directory_ + "/" + blob_file(row), disk_);
    if (read.has_value()) return {};
    const bool gone = read.error() == errc::not_found;
    return gone ? Result<void>{errc::damaged} : Result<void>{read.error()};
  }

  Result<void> remove(const BlobKey& key) override {
    COFFRET_CHECK(disk_.remove(arriving(key)));
    return disk_.remove(finished(key));
  }

  Result<void> keep_pack(const PackId& pack, ByteView bytes) override {
    COFFRET_CHECK(disk_.make_directory(pack_shard(pack)));
    return disk_.replace(pack_file(pack), bytes);
  }

  Result<std::variant<Bytes, http::FileBody>> packed(const PackId& pack, std::uint64_t offset,
                                                     std::uint64_t length) override {
    COFFRET_TRY(const std::uint64_t size, disk_.size(pack_file(pack)));
    if (offset > size || length > size - offset) return errc::not_found;
    return std::variant<Bytes, http::FileBody>{http::FileBody{pack_file(pack), offset, length}};
  }

  void give_back(const Place& place, std::uint64_t length) override {
    // Only whole blocks are freed; the rest of a block that a neighbour shares is zeroed.
    punch(pack_file(place.pack), place.start, length);
  }

  Result<void> drop_pack(const PackId& pack) override { return disk_.remove(pack_file(pack)); }

  Result<std::vector<PackId>> packs() override {
    std::vector<PackId> all;
    COFFRET_TRY(const auto shards, disk_.list(packs_directory()));
    for (const auto& shard : shards) {
      COFFRET_TRY(const auto names, disk_.list(packs_directory() + "/" + shard));
      for (const auto& name : names)
        if (const auto pack = PackId::parse(name); pack.has_value()) all.push_back(*pack);
    }
    return all;
  }

  Result<void> probe() override {
    const std::string path = directory_ + "/uploads/probe";
    const std::string_view word = "coffret";
    COFFRET_CHECK(disk_.replace(path, as_bytes(word)));
    COFFRET_TRY(const Bytes back, disk_.read(path, word.size()));
    return as_text(back) == word ? Result<void>{} : Result<void>{errc::io};
  }

 private:
  std::string shard(const BlobKey& key) const {
    return directory_ + "/objects/" + to_base32(key.id).substr(0, 2);
  }
  std::string finished(const BlobKey& key) const { return shard(key) + "/" + blob_name(key); }
  std::string arriving(const BlobKey& key) const {
    return directory_ + "/uploads/" + blob_name(key);
  }

  std::string packs_directory() const { return directory_ + "/objects/packs"; }
  std::string pack_shard(const PackId& pack) const {
    return packs_directory() + "/" + pack.text().substr(0, 2);
  }
  std::string pack_file(const PackId& pack) const { return pack_shard(pack) + "/" + pack.text(); }

  const std::string directory_;
  Disk& disk_;
};

}  // namespace

Result<std::unique_ptr<Objects>> open_file_objects(std::string directory, Disk& disk) {
  if (::sodium_init() < 0) return errc::internal;
  COFFRET_CHECK(disk.make_directory(directory + "/objects/packs"));
  COFFRET_CHECK(disk.make_directory(directory + "/uploads"));
  return std::unique_ptr<Objects>{std::make_unique<FileObjects>(std::move(directory), disk)};
}

}  // namespace coffret::server
