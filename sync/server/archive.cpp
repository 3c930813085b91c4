// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/archive.hpp"

#include <algorithm>
#include <set>

#include "sync/server/archive_files.hpp"
#include "sync/server/sqlite.hpp"
#include "sync/server/stored_blobs.hpp"

namespace coffret::server {
namespace {

constexpr std::string_view manifest_name = "manifest.json";
constexpr std::string_view unfinished_name = "restoring";  // in a directory that is being filled

// What arrives is not here yet, and whoever was reading was given S by a server that may be no more
// when this is put back.
constexpr const char* trim = R"sql(
BEGIN IMMEDIATE;
UPDATE accounts SET
  used_bytes = used_bytes - (SELECT coalesce(sum(total), 0) FROM blobs
    WHERE blobs.vault = accounts.vault AND state <> 1 AND dropped_at = 0),
  used_objects = used_objects - (SELECT count(*) FROM blobs
    WHERE blobs.vault = accounts.vault AND state <> 1 AND dropped_at = 0),
  dropped_bytes = dropped_bytes - (SELECT coalesce(sum(total), 0) FROM blobs
    WHERE blobs.vault = accounts.vault AND state <> 1 AND dropped_at > 0);
DELETE FROM blobs WHERE state <> 1;
DELETE FROM readers;
DELETE FROM locations;
COMMIT;
PRAGMA journal_mode = DELETE;
)sql";

Result<bool> is_empty(const std::string& directory, const Disk& disk) {
  const auto names = disk.list(directory);
  if (names.has_error())
    return names.error() == errc::not_found ? Result<bool>{true} : Result<bool>{names.error()};
  return names->empty();
}

// Whether the live database still has this blob: it may have been freed since the snapshot.
Result<bool> is_gone(Connection& live, const BlobKey& key) {
  auto q =
      live.query("SELECT 1 FROM blobs WHERE kind = ?1 AND owner = ?2 AND id = ?3 AND state = 1",
                 static_cast<std::uint8_t>(key.kind), ByteView{key.owner}, key.id);
  COFFRET_TRY(const bool found, q.step());
  return !found;
}

Result<void> forget_blob(Connection& copy, const BlobKey& key) {
  return copy
      .query("DELETE FROM blobs WHERE kind = ?1 AND owner = ?2 AND id = ?3",
             static_cast<std::uint8_t>(key.kind), ByteView{key.owner}, key.id)
      .run();
}

// Links every blob the database names from one directory into another, and reads each there. The
// file of a pack is linked once.
class Blobs {
 public:
  Blobs(const std::string& from, const std::string& to, Disk& disk, std::string& where)
      : from_(from), to_(to), disk_(disk), where_(where) {}

  Result<void> take(const StoredBlob& blob, BackupCount& count) {
    const std::string file = blob_file(blob.row);
    where_ = file;
    if (!blob.row.place || !packs_.contains(file)) COFFRET_CHECK(link(file));
    if (blob.row.place) packs_.insert(file);
    COFFRET_CHECK(verify_blob(blob.row, to_ + "/" + file, disk_));
    ++count.objects;
    count.bytes += blob.row.total;
    return {};
  }
  Result<void> finish() {
    for (const auto& folder : folders_) COFFRET_CHECK(sync_directory(folder));
    if (!packs_.empty()) COFFRET_CHECK(sync_directory(to_ + "/objects/packs"));
    if (!folders_.empty()) COFFRET_CHECK(sync_directory(to_ + "/objects"));
    where_.clear();
    return {};
  }

 private:
  Result<void> link(const std::string& file) {
    const std::string folder = to_ + "/" + file.substr(0, file.rfind('/'));
    if (folders_.insert(folder).second) COFFRET_CHECK(disk_.make_directory(folder));
    return link_or_copy(from_ + "/" + file, to_ + "/" + file, disk_);
  }

  const std::string& from_;
  const std::string& to_;
  Disk& disk_;
  std::string& where_;
  std::set<std::string> folders_;
  std::set<std::string> packs_;  // files
};

Result<void> back_up_blobs(const std::string& directory, const std::string& to, Connection& copy,
                           Disk& disk, BackupCount& count, std::string& where) {
  COFFRET_TRY(Connection live, Connection::open(directory + "/records.db"));
  Blobs blobs{directory, to, disk, where};
  COFFRET_CHECK(each_blob(copy, [&](const StoredBlob& blob) -> Result<void> {
    const auto taken = blobs.take(blob, count);
    if (taken.has_value()) return {};
    // An object that is freed leaves zeros in its pack, or no file.
    const bool freed = taken.error() == errc::damaged && blob.row.place;
    if (taken.error() != errc::not_found && !freed) return taken.error();
    COFFRET_TRY(const bool gone, is_gone(live, blob.row.key));
    if (!gone && (freed || blob.named)) return errc::damaged;
    return forget_blob(copy, blob.row.key);
  }));
  return blobs.finish();
}

Result<void> count_records(Connection& db, BackupCount& count) {
  auto q = db.query("SELECT count(*), coalesce(sum(head_seq), 0) FROM accounts");
  COFFRET_CHECK(q.step());
  count.accounts = q.number<std::uint64_t>(0);
  count.entries = q.number<std::uint64_t>(1);
  return {};
}

std::string below(std::string directory, std::string_view name) {
  return directory.append("/").append(name);
}

Result<void> copy_small_files(const std::string& from, const std::string& to, bool card, Disk& disk,
                              std::string& where) {
  for (std::size_t i = 0; i < std::size(small_files); ++i) {
    const std::string name{small_files[i]};
    if ((name == "card.jws") != card) continue;
    where = name;
    const auto content = disk.read(below(from, name), max_small_file);
    if (content.has_error()) {
      if (content.error() == errc::not_found && i >= needed_files) continue;
      return content.error();
    }
    if (name.starts_with("tls/")) COFFRET_CHECK(disk.make_directory(to + "/tls"));
    COFFRET_CHECK(disk.replace(below(to, name), *content));
  }
  where.clear();
  return {};
}

// Everything but the blobs is as the manifest says.
Result<Manifest> verified_manifest(const std::string& from, const Disk& disk, std::string& where) {
  where = manifest_name;
  const auto text = disk.read(from + "/" + std::string{manifest_name}, max_small_file);
  if (text.has_error())
    return text.error() == errc::not_found ? errc::file_not_found : to_errc(text.error());
  const auto manifest = parse_archive_manifest(*text);
  if (manifest.has_error())
    return manifest.error() == errc::other_version ? errc::other_version : errc::backup_damaged;
  std::size_t found = 0;
  for (const auto& file : manifest->files) {
    where = file.name;
    const auto there = hash_file(from, file.name, disk);
    if (there.has_error() || there->size != file.size || there->sha256 != file.sha256)
      return errc::backup_damaged;
    found += file.name == "records.db" || file.name == "identity.key" || file.name == "card.jws";
  }
  where = manifest_name;
  if (found != needed_files + 1) return errc::backup_damaged;
  where.clear();
  return *manifest;
}

// A place that holds nothing, or what an earlier try of the same left there.
Result<void> claim(const std::string& directory, Disk& disk, std::string& where) {
  const std::string mark = directory + "/" + std::string{unfinished_name};
  COFFRET_TRY(const bool empty, is_empty(directory, disk));
  if (!empty && disk.size(mark).has_error()) {
    where = directory;
    return errc::file_exists;
  }
  COFFRET_CHECK(disk.make_directory(directory));
  COFFRET_CHECK(disk.replace(mark, {}));
  for (const char* name :
       {"/records.db", "/records.db-wal", "/records.db-shm", "/records.db-journal"})
    COFFRET_CHECK(disk.remove(directory + name));
  return {};
}

}  // namespace

Result<BackupCount> back_up(const std::string& directory, const std::string& to,
                            const Machine& machine, std::string& where) {
  Disk& disk = machine.disk;
  COFFRET_CHECK(read_card(directory, disk));
  COFFRET_TRY(const auto identity, Identity::load(directory + "/identity.key", disk));
  COFFRET_TRY(const bool empty, is_empty(to, disk));
  if (!empty) {
    where = to;
    return errc::file_exists;
  }
  COFFRET_CHECK(disk.make_directory(to));
  Manifest manifest{identity->fingerprint(), {}, {}};
  manifest.count.backup_at = to_unix(machine.clock.now());
  {
    where = "records.db";
    COFFRET_CHECK(of_this_schema(directory));
    COFFRET_TRY(Connection live, Connection::open(directory + "/records.db"));
    COFFRET_CHECK(live.copy_to(to + "/records.db"));
  }
  {
    COFFRET_TRY(Connection copy, Connection::open(to + "/records.db"));
    COFFRET_CHECK(verify_database(copy));
    COFFRET_CHECK(copy.execute(trim));
    COFFRET_CHECK(count_records(copy, manifest.count));
    COFFRET_CHECK(back_up_blobs(directory, to, copy, disk, manifest.count, where));
  }
  COFFRET_CHECK(copy_small_files(directory, to, false, disk, where));
  COFFRET_CHECK(copy_small_files(directory, to, true, disk, where));
  for (const auto name : {std::string_view{"records.db"}, small_files[0], small_files[1],
                          small_files[2], small_files[3], small_files[4]}) {
    const auto file = hash_file(to, name, disk);
    if (file.has_value()) manifest.files.push_back(*file);
  }
  COFFRET_CHECK(disk.replace(to + "/" + std::string{manifest_name},
                             as_bytes(format_archive_manifest(manifest))));
  return manifest.count;
}

Result<BackupCount> put_back(const std::string& from, const std::string& directory,
                             const Machine& machine, std::string& where) {
  Disk& disk = machine.disk;
  COFFRET_TRY(const auto manifest, verified_manifest(from, disk, where));
  BackupCount count = manifest.count;
  const auto now = machine.clock.now();
  {
    where = "records.db";
    COFFRET_TRY(Connection kept, Connection::open(from + "/records.db"));
    if (verify_database(kept).has_error()) return errc::backup_damaged;
    COFFRET_TRY(const auto version, records_version(from + "/records.db"));
    if (version > schema_version) return errc::other_version;
    const auto sound = each_blob(kept, [&](const StoredBlob& blob) -> Result<void> {
      where = blob_file(blob.row);
      return verify_blob(blob.row, from + "/" + where, disk).has_value()
                 ? Result<void>{}
                 : Result<void>{errc::backup_damaged};
    });
    COFFRET_CHECK(sound);
    COFFRET_CHECK(claim(directory, disk, where));
    COFFRET_CHECK(kept.copy_to(directory + "/records.db"));
    BackupCount linked;
    Blobs blobs{from, directory, disk, where};
    COFFRET_CHECK(
        each_blob(kept, [&](const StoredBlob& blob) { return blobs.take(blob, linked); }));
    COFFRET_CHECK(blobs.finish());
  }
  COFFRET_CHECK(copy_small_files(from, directory, false, disk, where));
  where = "records.db";
  // Made by an older build, perhaps.
  COFFRET_CHECK(upgrade_storage(directory, machine));
  where.clear();
  {
    COFFRET_TRY(const auto records, open_sqlite_records(directory + "/records.db"));
    COFFRET_CHECK(records->begin_epoch(from_unix(count.backup_at), now));
  }
  COFFRET_CHECK(copy_small_files(from, directory, true, disk, where));
  COFFRET_CHECK(disk.remove(directory + "/" + std::string{unfinished_name}));
  return count;
}

}  // namespace coffret::server
