// SPDX-License-Identifier: EUPL-1.2
//
// documents.hpp: the rows of documents and bodies: an index over the log's puts, and where each
// body lies on this device.
//
// Errors: those of sqlite.hpp; not_found; local_state_tampered (a row that its entry contradicts).
#ifndef COFFRET_VAULT_STORE_DOCUMENTS_HPP
#define COFFRET_VAULT_STORE_DOCUMENTS_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"
#include "vault/store/keyring.hpp"
#include "vault/store/operation.hpp"
#include "vault/store/sqlite.hpp"
#include "vault/store/versions.hpp"
#include "vault/store/views.hpp"

namespace coffret::store {

inline constexpr std::size_t max_row_body = 1024 * 1024;  // bytes; larger bodies stay sealed files

enum class Place : std::uint8_t { missing = 0, row = 1, file = 2, purged = 3 };

struct DocumentRow {
  std::int64_t row = 0;
  std::uint64_t seq = 0;
  std::string name;
  std::uint32_t version = 1;
  ObjectId object;
  Sha256 sha256;
  std::uint64_t size = 0;
  Place place = Place::missing;
  std::string unique_id;
  Lineage lineage;
};

// Whether the row says what the entry put. Errors: local_state_tampered.
Result<void> compare(const DocumentRow& row, const Opened& opened, const DocumentPut& put);
DocumentView make_view(const DocumentRow& row, const Opened& opened, const DocumentPut& put);
// Title, date and type as the person changed them. Null: nothing was changed.
void apply(const DocumentAmended* amended, DocumentEntry& entry);
// All of the filter but its author, which the index answers.
bool matches(const DocumentFilter& filter, const DocumentView& view);
// The part of it that asks the entry.
bool matches(const DocumentFilter& filter, const CodedValue& type, std::string_view category,
             std::string_view date);
inline constexpr std::size_t compared_date = 10;  // characters of a date that a filter compares
// Its dates alone.
bool within_dates(const DocumentFilter& filter, std::string_view date);
// Newest date first, then newest entry; undated last.
bool later(const DocumentView& a, const DocumentView& b);

class Documents {
 public:
  explicit Documents(Connection& db) noexcept : db_(&db) {}

  Result<std::int64_t> add(const Opened& opened, const DocumentPut& put, Place place);
  Result<void> set_place(std::int64_t row, Place place);
  Result<void> set_seq(std::int64_t row, std::uint64_t seq);
  Result<void> set_derived(std::int64_t row, const std::vector<Bytes>& attachments,
                           const PictureSize& picture);
  Result<PictureSize> picture(std::int64_t row) const;  // zero where none is kept

  // Nothing but the row itself is left.
  Result<void> purge(std::int64_t row);
  // The row too, of a document that the log no longer names.
  Result<void> remove(std::int64_t row);
  // The other way: the body is to be fetched again.
  Result<void> revive(std::int64_t row);

  Result<void> add_body(std::int64_t row, ByteView body);
  Result<Bytes> body(std::int64_t row) const;
  Result<Bytes> attachment(std::int64_t row, std::size_t position) const;

  Result<std::uint64_t> count() const;
  Result<std::uint64_t> count_kept() const;  // without purged ones
  // The newest version of each document.
  Result<std::vector<DocumentRow>> current() const;
  Result<std::vector<DocumentRow>> all() const;
  Result<std::vector<DocumentRow>> by_sha256(const Sha256& sha256) const;
  // Not purged, of a content that several have: by content, then in the log's order.
  Result<std::vector<DocumentRow>> of_same_bytes() const;
  // Not purged and read, of an own id that 2 to `most` have, in the log's order.
  Result<std::vector<DocumentRow>> of_same_unique_id(std::size_t most) const;
  Result<std::vector<DocumentRow>> missing() const;
  // Bytes of the sealed objects that entries behind seq put.
  Result<std::uint64_t> sealed_after(std::uint64_t seq) const;
  Result<std::vector<DocumentRow>> underived() const;  // present, text never set
  Result<std::vector<DocumentRow>> underived_after(std::int64_t row, std::size_t limit) const;
  Result<DocumentRow> at(std::int64_t row) const;
  Result<std::vector<DocumentRow>> after(std::int64_t row, std::size_t limit) const;
  Result<DocumentRow> by_seq(std::uint64_t seq) const;
  Result<std::vector<DocumentRow>> by_unique_id(std::string_view value) const;
  Result<DocumentRow> by_object(const ObjectId& object) const;
  // The newest version of the only document whose identifier begins so.
  Result<DocumentRow> by_prefix(std::string_view prefix) const;

 private:
  Result<DocumentRow> one(Statement& query) const;
  Result<std::vector<DocumentRow>> many(Statement& query) const;

  Connection* db_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_DOCUMENTS_HPP
