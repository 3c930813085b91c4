// SPDX-License-Identifier: EUPL-1.2
//
// schema.hpp: the tables of store format 2. All but `entries` and `operations` can be made again
// from them and from the bodies.
#ifndef COFFRET_VAULT_STORE_SCHEMA_HPP
#define COFFRET_VAULT_STORE_SCHEMA_HPP

// What the reader makes of a body changes with releases. This number is kept with what it made, and
// goes up when it reads more, or more truly: what an older one made is read again, in the
// background. 0: never read; 1: by a release before there was this number.
#define COFFRET_DERIVED_VERSION "6"
// Here, and not read by this release's reader. A constant in SQL, so that its index is used.
#define COFFRET_IS_UNREAD "derived < " COFFRET_DERIVED_VERSION " AND place <> 0 AND place <> 3"

namespace coffret::store {

// What a sync asks for, found without a look at every row. Made when the store is opened, also in a
// store of an earlier release, which keeps them true without knowing of them.
inline constexpr const char* indexes =
    "CREATE INDEX IF NOT EXISTS documents_missing ON documents(seq) WHERE place = 0;"
    "DROP INDEX IF EXISTS documents_unread; DROP INDEX IF EXISTS documents_unread_2;"  // of others
    "DROP INDEX IF EXISTS documents_unread_3; DROP INDEX IF EXISTS documents_unread_4;"
    "DROP INDEX IF EXISTS documents_unread_5;"
    "CREATE INDEX IF NOT EXISTS documents_unread_" COFFRET_DERIVED_VERSION
    " ON documents(row) WHERE " COFFRET_IS_UNREAD ";";

// What later releases draw from bodies, in tables of its own: made when a store of an earlier one
// is opened, and kept true by that release too, whose deletes cascade. TEMPORARY where the disk is
// full: what is kept can still be read.
#define COFFRET_BESIDE(TEMPORARY, OF_FACT, OF_DOCUMENT)                                           \
  "CREATE " TEMPORARY                                                                             \
  " TABLE IF NOT EXISTS fact_codings("                                                            \
  "row INTEGER NOT NULL, position INTEGER NOT NULL, place INTEGER NOT NULL, code TEXT NOT NULL, " \
  "system TEXT NOT NULL, display TEXT NOT NULL, PRIMARY KEY(row, position, place)" OF_FACT        \
  ") WITHOUT ROWID;"                                                                              \
  "CREATE " TEMPORARY " TABLE IF NOT EXISTS pictures(row INTEGER PRIMARY KEY" OF_DOCUMENT         \
  ", width INTEGER NOT NULL, height INTEGER NOT NULL);"
inline constexpr const char* beside = COFFRET_BESIDE(
    "", ", FOREIGN KEY(row, position) REFERENCES facts(row, position) ON DELETE CASCADE",
    " REFERENCES documents(row) ON DELETE CASCADE");
inline constexpr const char* beside_for_now = COFFRET_BESIDE("TEMPORARY", "", "");

inline constexpr const char* schema = R"sql(
CREATE TABLE entries(
  seq INTEGER PRIMARY KEY,
  control INTEGER NOT NULL,       -- 1: anything but a document put
  body BLOB NOT NULL,
  signature BLOB NOT NULL);
-- Apart from the entries, so that walking the chain reads only what it hashes.
CREATE TABLE operations(
  seq INTEGER PRIMARY KEY REFERENCES entries(seq),
  blob BLOB NOT NULL);
-- One row per document version; what it says of itself is read from its entry.
CREATE TABLE documents(
  row INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  name TEXT NOT NULL,             -- the identifier's text
  version INTEGER NOT NULL,
  object BLOB NOT NULL,
  sha256 BLOB NOT NULL,
  size INTEGER NOT NULL,
  place INTEGER NOT NULL,         -- of the body: 0 still to be fetched, 1 bodies, 2 a sealed file,
                                  -- 3 purged
  derived INTEGER NOT NULL,       -- which version made text, attachments and facts; 0: none yet
  unique_id TEXT NOT NULL,        -- value of the document's own id; empty: it has none
  lineage BLOB NOT NULL);         -- versions.hpp: whose it is, and of which document a version
CREATE INDEX documents_by_seq ON documents(seq);
CREATE INDEX documents_by_name ON documents(name, version);
CREATE INDEX documents_by_object ON documents(object);
CREATE INDEX documents_by_sha256 ON documents(sha256);
CREATE INDEX documents_by_unique_id ON documents(unique_id) WHERE unique_id <> '';
CREATE TABLE bodies(
  row INTEGER PRIMARY KEY REFERENCES documents(row),
  body BLOB NOT NULL);
CREATE TABLE attachments(
  row INTEGER NOT NULL REFERENCES documents(row),
  position INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY(row, position));
-- What the body states; the columns beside `fact` are drawn from it.
CREATE TABLE facts(
  row INTEGER NOT NULL REFERENCES documents(row),
  position INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  code TEXT NOT NULL,
  date TEXT NOT NULL,
  label TEXT NOT NULL,            -- the words people search it by, folded as the search index folds
  fact BLOB NOT NULL,             -- record Fact
  PRIMARY KEY(row, position));
CREATE INDEX facts_by_kind ON facts(kind);
CREATE INDEX facts_by_code ON facts(code) WHERE code <> '';
CREATE INDEX facts_by_date ON facts(date);
CREATE TABLE texts(
  row INTEGER PRIMARY KEY REFERENCES documents(row),
  title TEXT NOT NULL,
  author TEXT NOT NULL,
  text TEXT NOT NULL);
CREATE VIRTUAL TABLE search USING fts5(
  title, author, text, content='texts', content_rowid='row', tokenize='coffret');
)sql";

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_SCHEMA_HPP
