// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/documents.hpp"

#include <algorithm>

#include "vault/crypto/sealer.hpp"
#include "vault/store/schema.hpp"

#define COFFRET_DOCUMENT_COLUMNS \
  "row, seq, name, version, object, sha256, size, place, unique_id, lineage"

namespace coffret::store {
namespace {

std::int64_t stored(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

Result<DocumentRow> read_row(const Statement& row) {
  DocumentRow out;
  out.row = row.int64(0);
  out.seq = static_cast<std::uint64_t>(row.int64(1));
  out.name = row.text(2);
  out.version = static_cast<std::uint32_t>(row.int64(3));
  COFFRET_TRY(out.object, ObjectId::from(row.blob(4)));
  COFFRET_TRY(out.sha256, Sha256::from(row.blob(5)));
  out.size = static_cast<std::uint64_t>(row.int64(6));
  out.place = static_cast<Place>(row.int64(7));
  out.unique_id = row.text(8);
  COFFRET_TRY(out.lineage, wire::decode<Lineage>(row.blob(9)));
  return out;
}

}  // namespace

Result<DocumentRow> Documents::one(Statement& query) const {
  COFFRET_TRY(const bool found, query.step());
  if (!found) return errc::not_found;
  auto row = read_row(query);
  query.reset();
  return row;
}

Result<std::vector<DocumentRow>> Documents::many(Statement& query) const {
  std::vector<DocumentRow> rows;
  for (;;) {
    COFFRET_TRY(const bool more, query.step());
    if (!more) return rows;
    COFFRET_TRY(auto row, read_row(query));
    rows.push_back(std::move(row));
  }
}

Result<std::int64_t> Documents::add(const Opened& opened, const DocumentPut& put, Place place) {
  COFFRET_TRY(auto* insert,
              db_->use("INSERT INTO documents(seq, name, version, object, sha256, size, place, "
                       "unique_id, lineage, derived) "
                       "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)"));
  const std::string name = put.document.text();
  const Bytes lineage = wire::encode(lineage_of(opened.operation.person, put));
  insert->bind(8, std::string_view{put.entry.unique_id.value}).bind(9, lineage);
  insert->bind(1, stored(opened.entry.seq)).bind(2, std::string_view{name}).bind(3, put.version);
  insert->bind(4, put.locator.object.view()).bind(5, put.sha256.view()).bind(6, stored(put.size));
  COFFRET_CHECK(insert->bind(7, static_cast<std::int64_t>(place)).run());
  return db_->last_row();
}

Result<void> Documents::set_place(std::int64_t row, Place place) {
  COFFRET_TRY(auto* update, db_->use("UPDATE documents SET place = ?2 WHERE row = ?1"));
  return update->bind(1, row).bind(2, static_cast<std::int64_t>(place)).run();
}

Result<void> Documents::set_seq(std::int64_t row, std::uint64_t seq) {
  COFFRET_TRY(auto* update, db_->use("UPDATE documents SET seq = ?2 WHERE row = ?1"));
  return update->bind(1, row).bind(2, stored(seq)).run();
}

Result<void> Documents::set_derived(std::int64_t row, const std::vector<Bytes>& attachments,
                                    const PictureSize& picture) {
  for (const char* sql :
       {"DELETE FROM attachments WHERE row = ?1", "DELETE FROM pictures WHERE row = ?1"}) {
    COFFRET_TRY(auto* clear, db_->use(sql));
    COFFRET_CHECK(clear->bind(1, row).run());
  }
  if (picture != PictureSize{}) {
    COFFRET_TRY(auto* insert,
                db_->use("INSERT INTO pictures(row, width, height) VALUES(?1, ?2, ?3)"));
    COFFRET_CHECK(insert->bind(1, row).bind(2, picture.width).bind(3, picture.height).run());
  }
  std::int64_t position = 0;
  for (const auto& content : attachments) {
    COFFRET_TRY(auto* insert,
                db_->use("INSERT INTO attachments(row, position, content) VALUES(?1, ?2, ?3)"));
    COFFRET_CHECK(insert->bind(1, row).bind(2, position++).bind(3, content).run());
  }
  COFFRET_TRY(auto* update, db_->use("UPDATE documents SET derived = " COFFRET_DERIVED_VERSION
                                     " WHERE row = ?1"));
  return update->bind(1, row).run();
}

Result<void> Documents::purge(std::int64_t row) {
  for (const char* sql :
       {"DELETE FROM bodies WHERE row = ?1", "DELETE FROM attachments WHERE row = ?1",
        "DELETE FROM pictures WHERE row = ?1",
        "UPDATE documents SET place = 3, derived = 1 WHERE row = ?1"}) {
    COFFRET_TRY(auto* statement, db_->use(sql));
    COFFRET_CHECK(statement->bind(1, row).run());
  }
  return {};
}

Result<void> Documents::remove(std::int64_t row) {
  for (const char* sql :
       {"DELETE FROM bodies WHERE row = ?1", "DELETE FROM attachments WHERE row = ?1",
        "DELETE FROM pictures WHERE row = ?1", "DELETE FROM documents WHERE row = ?1"}) {
    COFFRET_TRY(auto* statement, db_->use(sql));
    COFFRET_CHECK(statement->bind(1, row).run());
  }
  return {};
}

Result<void> Documents::revive(std::int64_t row) {
  COFFRET_TRY(auto* update, db_->use("UPDATE documents SET place = 0, derived = 0 WHERE row = ?1"));
  return update->bind(1, row).run();
}

Result<void> Documents::add_body(std::int64_t row, ByteView body) {
  COFFRET_TRY(auto* insert, db_->use("INSERT INTO bodies(row, body) VALUES(?1, ?2)"));
  return insert->bind(1, row).bind(2, body).run();
}

Result<Bytes> Documents::body(std::int64_t row) const {
  COFFRET_TRY(auto* query, db_->use("SELECT body FROM bodies WHERE row = ?1"));
  COFFRET_TRY(const bool found, query->bind(1, row).step());
  if (!found) return errc::not_found;
  Bytes body = to_bytes(query->blob(0));
  query->reset();
  return body;
}

Result<PictureSize> Documents::picture(std::int64_t row) const {
  COFFRET_TRY(auto* query, db_->use("SELECT width, height FROM pictures WHERE row = ?1"));
  COFFRET_TRY(const bool found, query->bind(1, row).step());
  PictureSize size;
  if (found)
    size = {static_cast<std::uint32_t>(query->int64(0)),
            static_cast<std::uint32_t>(query->int64(1))};
  query->reset();
  return size;
}

Result<Bytes> Documents::attachment(std::int64_t row, std::size_t position) const {
  COFFRET_TRY(auto* query,
              db_->use("SELECT content FROM attachments WHERE row = ?1 AND position = ?2"));
  COFFRET_TRY(const bool found, query->bind(1, row).bind(2, stored(position)).step());
  if (!found) return errc::not_found;
  Bytes content = to_bytes(query->blob(0));
  query->reset();
  return content;
}

Result<std::uint64_t> Documents::count() const {
  COFFRET_TRY(auto* query, db_->use("SELECT count(*) FROM documents"));
  COFFRET_TRY(const bool found, query->step());
  const auto count = found ? static_cast<std::uint64_t>(query->int64(0)) : 0;
  query->reset();
  return count;
}

Result<std::uint64_t> Documents::count_kept() const {
  COFFRET_TRY(auto* query, db_->use("SELECT count(*) FROM documents WHERE place <> 3"));
  COFFRET_TRY(const bool found, query->step());
  const auto count = found ? static_cast<std::uint64_t>(query->int64(0)) : 0;
  query->reset();
  return count;
}

Result<std::vector<DocumentRow>> Documents::current() const {
  COFFRET_TRY(auto* query,
              db_->use("SELECT " COFFRET_DOCUMENT_COLUMNS " FROM documents AS d WHERE NOT EXISTS "
                       "(SELECT 1 FROM documents AS l WHERE l.name = d.name AND "
                       "(l.version, l.seq) > (d.version, d.seq)) ORDER BY seq"));
  return many(*query);
}

Result<std::vector<DocumentRow>> Documents::all() const {
  COFFRET_TRY(auto* query,
              db_->use("SELECT " COFFRET_DOCUMENT_COLUMNS " FROM documents ORDER BY seq"));
  return many(*query);
}

Result<std::vector<DocumentRow>> Documents::by_sha256(const Sha256& sha256) const {
  COFFRET_TRY(auto* query,
              db_->use("SELECT " COFFRET_DOCUMENT_COLUMNS " FROM documents WHERE sha256 = ?1"));
  query->bind(1, sha256.view());
  return many(*query);
}

Result<std::vector<DocumentRow>> Documents::of_same_bytes() const {
  COFFRET_TRY(auto* query,
              db_->use("SELECT " COFFRET_DOCUMENT_COLUMNS
                       " FROM documents WHERE sha256 IN (SELECT sha256 FROM documents "
                       "GROUP BY sha256 HAVING count(*) > 1) AND place <> 3 ORDER BY sha256, seq"));
  return many(*query);
}

Result<std::vector<DocumentRow>> Documents::of_same_unique_id(std::size_t most) const {
  COFFRET_TRY(auto* query,
              db_->use("SELECT " COFFRET_DOCUMENT_COLUMNS
                       " FROM documents WHERE unique_id <> '' AND unique_id IN (SELECT unique_id "
                       "FROM documents WHERE unique_id <> '' GROUP BY unique_id "
                       "HAVING count(*) BETWEEN 2 AND ?1) AND place <> 3 "
                       "AND derived >= " COFFRET_DERIVED_VERSION " ORDER BY seq"));
  query->bind(1, stored(most));
  return many(*query);
}

Result<std::vector<DocumentRow>> Documents::missing() const {
  COFFRET_TRY(auto* query, db_->use("SELECT " COFFRET_DOCUMENT_COLUMNS
                                    " FROM documents WHERE place = 0 ORDER BY seq"));
  return many(*query);
}

Result<std::uint64_t> Documents::sealed_after(std::uint64_t seq) const {
  COFFRET_TRY(auto* query, db_->use("SELECT size FROM documents WHERE seq > ?1"));
  query->bind(1, stored(seq));
  std::uint64_t bytes = 0;
  for (;;) {
    COFFRET_TRY(const bool more, query->step());
    if (!more) return bytes;
    bytes += crypto::object_size(static_cast<std::uint64_t>(query->int64(0)));
  }
}

Result<std::vector<DocumentRow>> Documents::underived() const {
  COFFRET_TRY(auto* query,
              db_->use("SELECT " COFFRET_DOCUMENT_COLUMNS
                       " FROM documents WHERE derived = 0 AND place <> 0 ORDER BY seq"));
  return many(*query);
}

Result<std::vector<DocumentRow>> Documents::underived_after(std::int64_t row,
                                                            std::size_t limit) const {
  COFFRET_TRY(auto* query, db_->use("SELECT " COFFRET_DOCUMENT_COLUMNS
                                    " FROM documents WHERE " COFFRET_IS_UNREAD " AND row > ?1 "
                                    "ORDER BY row LIMIT ?2"));
  query->bind(1, row).bind(2, stored(limit));
  return many(*query);
}

Result<DocumentRow> Documents::at(std::int64_t row) const {
  COFFRET_TRY(auto* query,
              db_->use("SELECT " COFFRET_DOCUMENT_COLUMNS " FROM documents WHERE row = ?1"));
  return one(query->bind(1, row));
}

Result<std::vector<DocumentRow>> Documents::after(std::int64_t row, std::size_t limit) const {
  COFFRET_TRY(auto* query, db_->use("SELECT " COFFRET_DOCUMENT_COLUMNS
                                    " FROM documents WHERE row > ?1 ORDER BY row LIMIT ?2"));
  query->bind(1, row).bind(2, stored(limit));
  return many(*query);
}

Result<DocumentRow> Documents::by_seq(std::uint64_t seq) const {
  COFFRET_TRY(auto* query,
              db_->use("SELECT " COFFRET_DOCUMENT_COLUMNS " FROM documents WHERE seq = ?1"));
  return one(query->bind(1, stored(seq)));
}

Result<std::vector<DocumentRow>> Documents::by_unique_id(std::string_view value) const {
  if (value.empty()) return std::vector<DocumentRow>{};
  COFFRET_TRY(auto* query, db_->use("SELECT " COFFRET_DOCUMENT_COLUMNS
                                    " FROM documents WHERE unique_id = ?1 AND unique_id <> ''"));
  query->bind(1, value);
  return many(*query);
}

Result<DocumentRow> Documents::by_object(const ObjectId& object) const {
  COFFRET_TRY(auto* query,
              db_->use("SELECT " COFFRET_DOCUMENT_COLUMNS " FROM documents WHERE object = ?1"));
  return one(query->bind(1, object.view()));
}

Result<DocumentRow> Documents::by_prefix(std::string_view prefix) const {
  // '~' sorts after every character of base32. The two first rows tell whether there is one name.
  COFFRET_TRY(auto* query, db_->use("SELECT " COFFRET_DOCUMENT_COLUMNS
                                    " FROM documents WHERE name >= ?1 AND name < ?1 || '~' "
                                    "ORDER BY name, version DESC, seq DESC"));
  query->bind(1, prefix);
  COFFRET_TRY(const auto first, one(*query));
  query->bind(1, prefix);
  for (;;) {
    COFFRET_TRY(const bool more, query->step());
    if (!more) return first;
    if (query->text(2) == first.name) continue;
    query->reset();
    return errc::not_found;
  }
}

}  // namespace coffret::store
