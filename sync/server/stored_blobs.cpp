// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/stored_blobs.hpp"

#include <algorithm>

#include "sync/protocol/hash.hpp"

namespace coffret::server {
namespace {

constexpr std::size_t page = 512;                // rows
constexpr std::size_t chunk_size = 1024 * 1024;  // bytes read at a time

Result<std::vector<StoredBlob>> blobs_after(Connection& db, const BlobKey* last) {
  static const BlobKey none{};
  const BlobKey& from = last == nullptr ? none : *last;
  auto q = db.query(
      "SELECT kind, owner, id, vault, total, sha256, named, pack, start FROM blobs "
      "WHERE state = 1 AND (kind, owner, id) > (?1, ?2, ?3) ORDER BY kind, owner, id LIMIT ?4",
      last == nullptr ? std::int64_t{-1} : static_cast<std::int64_t>(from.kind),
      ByteView{from.owner}, from.id, page);
  std::vector<StoredBlob> blobs;
  for (;;) {
    COFFRET_TRY(const bool more, q.step());
    if (!more) return blobs;
    auto& [row, named] = blobs.emplace_back();
    row.key.kind = static_cast<BlobKind>(q.integer(0));
    if (q.blob(1).size() != row.key.owner.size()) return errc::damaged;
    std::ranges::copy(q.blob(1), row.key.owner.begin());
    row.key.id = to_bytes(q.blob(2));
    q.read(3, row.vault);
    row.total = q.number<std::uint64_t>(4);
    row.complete = true;
    q.read(5, row.sha256);
    named = q.integer(6) != 0;
    row.place = place_in(q, 7);
  }
}

}  // namespace

Result<void> each_blob(Connection& db,
                       const std::function<Result<void>(const StoredBlob&)>& visit) {
  std::vector<StoredBlob> blobs;
  do {
    COFFRET_TRY(auto next, blobs_after(db, blobs.empty() ? nullptr : &blobs.back().row.key));
    for (const auto& blob : next) COFFRET_CHECK(visit(blob));
    blobs = std::move(next);
  } while (!blobs.empty());
  return {};
}

std::string blob_name(const BlobKey& key) {
  std::string_view kind = "o.";
  if (key.kind == BlobKind::parcel) kind = "p.";
  if (key.kind == BlobKind::deposit) kind = "d.";
  return std::string{kind} + to_base32(key.owner) + "." + to_base32(key.id);
}

std::string blob_file(const BlobRow& row) {
  if (row.place) {
    const std::string pack = row.place->pack.text();
    return "objects/packs/" + pack.substr(0, 2) + "/" + pack;
  }
  return "objects/" + to_base32(row.key.id).substr(0, 2) + "/" + blob_name(row.key);
}

Result<BlobHashes> verify_blob(const BlobRow& row, const std::string& path, const Disk& disk) {
  COFFRET_TRY(const auto whole, disk.size(path));
  const std::uint64_t start = row.place ? row.place->start : 0;
  const std::uint64_t size = row.total;
  if (row.place ? whole < start || whole - start < size : whole != size) return errc::damaged;
  protocol::ObjectHasher object;
  protocol::Sha256Hasher sha256;
  Bytes chunk(static_cast<std::size_t>(std::min<std::uint64_t>(chunk_size, size)));
  for (std::uint64_t at = 0; at < size;) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), size - at));
    COFFRET_TRY(const std::size_t got,
                disk.read_at(path, start + at, MutableByteView{chunk}.first(want)));
    if (got == 0) return errc::damaged;
    const ByteView part = ByteView{chunk}.first(got);
    object.update(part);
    sha256.update(part);
    at += got;
  }
  BlobHashes hashes{size, sha256.finish()};
  const bool right = row.key.kind == BlobKind::object
                         ? std::ranges::equal(object.finish().bytes, row.key.id)
                         : hashes.sha256 == row.sha256;
  return right ? Result<BlobHashes>{hashes} : Result<BlobHashes>{errc::damaged};
}

Result<void> of_this_schema(const std::string& directory) {
  const auto version = records_version(directory + "/records.db");
  if (version.has_error()) return version.error();
  return *version == schema_version ? Result<void>{} : Result<void>{errc::other_version};
}

Result<void> verify_database(Connection& db) {
  auto q = db.query("PRAGMA integrity_check(1)");
  COFFRET_TRY(const bool told, q.step());
  return told && as_text(q.blob(0)) == "ok" ? Result<void>{} : Result<void>{errc::damaged};
}

}  // namespace coffret::server
