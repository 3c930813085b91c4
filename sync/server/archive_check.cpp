// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <set>

#include "sync/server/archive.hpp"
#include "sync/server/sqlite.hpp"
#include "sync/server/stored_blobs.hpp"

namespace coffret::server {
namespace {

constexpr std::size_t entries_at_a_time = 1000;
constexpr std::size_t bytes_at_a_time = 8u << 20;

class StoredCheck {
 public:
  StoredCheck(const std::string& directory, const CheckOptions& options, const Machine& machine)
      : directory_(directory), options_(options), machine_(machine) {}

  Result<std::vector<StoredProblem>> run() {
    COFFRET_CHECK(of_this_schema(directory_));
    {
      COFFRET_TRY(Connection db, Connection::open(directory_ + "/records.db"));
      if (verify_database(db).has_error()) report("database", "records.db");
      // What damage cuts short is told; what can still be read is still read.
      for (const auto& part : {blobs(db), orphans(db)})
        if (part.has_error()) report("database", "blobs");
    }
    COFFRET_TRY(const auto records, open_sqlite_records(directory_ + "/records.db"));
    const auto accounts = records->accounts();
    if (accounts.has_error()) {
      report("database", "accounts");
      return std::move(problems_);
    }
    for (const auto& account : *accounts)
      if (log(*records, account).has_error()) report("database", account.vault.text());
    return std::move(problems_);
  }

 private:
  void report(std::string kind, std::string item) {
    problems_.push_back({std::move(kind), std::move(item)});
  }

  Result<void> blobs(Connection& db) {
    return each_blob(db, [&](const StoredBlob& blob) -> Result<void> {
      const std::string file = blob_file(blob.row);
      const auto& place = blob.row.place;
      const std::string item = place ? to_base32(blob.row.key.id) : file;
      const auto size = machine_.disk.size(directory_ + "/" + file);
      if (size.has_error()) {
        // Freed beside us since the page was read, unless something names it.
        if (!blob.named) return {};
        report("missing_blob", item);
        return give_up(db, blob.row.key);
      }
      const bool fits = place ? *size >= place->start && *size - place->start >= blob.row.total
                              : *size == blob.row.total;
      if (fits && (!options_.read_data ||
                   verify_blob(blob.row, directory_ + "/" + file, machine_.disk).has_value()))
        return {};
      // Its place in a pack is given back, like its name, while this looked.
      if (place && freed_meanwhile(db, blob.row.key)) return {};
      report("blob", item);
      // A pack holds others too; it ends with the last of them.
      if (options_.give_up_bad && !place)
        COFFRET_CHECK(machine_.disk.remove(directory_ + "/" + file));
      return give_up(db, blob.row.key);
    });
  }

  static bool freed_meanwhile(Connection& db, const BlobKey& key) {
    const auto row = load_blob(db, key);
    return row.has_error() && row.error() == errc::not_found;
  }

  // Its row stays, as of an upload that has not begun: what names it still does.
  Result<void> give_up(Connection& db, const BlobKey& key) {
    if (!options_.give_up_bad || key.kind != BlobKind::object) return {};
    return db
        .query(
            "UPDATE blobs SET state = 0, offset = 0, pack = x'', start = 0 WHERE kind = ?1 AND "
            "owner = ?2 AND id = ?3 "
            "AND state = 1",
            static_cast<std::uint8_t>(key.kind), ByteView{key.owner}, key.id)
        .run();
  }

  // Files that no row names, whatever its state. A row is there before its file and outlives it, so
  // the files are listed first, and one that is gone meanwhile is none. A pack is there before its
  // rows: `serve` removes those that nobody names when it starts.
  Result<void> orphans(Connection& db) {
    std::set<std::string> unnamed;
    const auto shards = machine_.disk.list(directory_ + "/objects");
    if (shards.has_error()) return {};
    for (const auto& shard : *shards) {
      if (shard == "packs") continue;
      const auto files = machine_.disk.list(directory_ + "/objects/" + shard);
      if (files.has_error()) continue;
      for (const auto& file : *files)
        unnamed.insert(std::string{"objects/"}.append(shard).append("/").append(file));
    }
    auto q = db.query("SELECT kind, owner, id FROM blobs");
    for (;;) {
      COFFRET_TRY(const bool more, q.step());
      if (!more) break;
      BlobKey key;
      key.kind = static_cast<BlobKind>(q.integer(0));
      if (q.blob(1).size() != key.owner.size()) return errc::damaged;
      std::ranges::copy(q.blob(1), key.owner.begin());
      key.id = to_bytes(q.blob(2));
      BlobRow row;
      row.key = std::move(key);
      unnamed.erase(blob_file(row));
    }
    for (const auto& file : unnamed)
      if (machine_.disk.size(directory_ + "/" + file).has_value()) report("orphan_blob", file);
    return {};
  }

  Result<void> log(Records& records, const Account& account) {
    protocol::Head head;
    for (;;) {
      COFFRET_TRY(const auto page,
                  records.entries(account.vault, head.seq, entries_at_a_time, bytes_at_a_time));
      if (page.entries.empty()) {
        if (head != page.head) report("chain", account.vault.text());
        return {};
      }
      for (const auto& entry : page.entries)
        if (!follows(records, account.vault, entry, head)) {
          report("entry", account.vault.text() + " " + std::to_string(head.seq + 1));
          return {};
        }
    }
  }

  bool follows(Records& records, const VaultId& vault, const protocol::SignedEntry& entry,
               protocol::Head& head) {
    const auto stated = protocol::decode_entry(entry.body);
    if (stated.has_error() || stated->seq != head.seq + 1 || stated->previous != head.hash)
      return false;
    if (options_.read_data) {
      const auto device = records.device(vault, stated->device);
      if (device.has_error() || protocol::verify_entry(entry, vault, head, device->key).has_error())
        return false;
    }
    head = {stated->seq, protocol::entry_hash(entry.body)};
    return true;
  }

  const std::string& directory_;
  const CheckOptions& options_;
  const Machine& machine_;
  std::vector<StoredProblem> problems_;
};

}  // namespace

Result<std::vector<StoredProblem>> check_stored(const std::string& directory,
                                                const CheckOptions& options,
                                                const Machine& machine) {
  COFFRET_CHECK(read_card(directory, machine.disk));
  return StoredCheck{directory, options, machine}.run();
}

}  // namespace coffret::server
