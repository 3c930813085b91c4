// SPDX-License-Identifier: EUPL-1.2
//
// schema.hpp: the tables of store format 2. All but `entries` and `operations` can be made again
// from them and from the bodies.
#ifndef COFFRET_VAULT_STORE_SCHEMA_HPP
#define COFFRET_VAULT_STORE_SCHEMA_HPP

namespace coffret::store {

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
  derived INTEGER NOT NULL,       -- 1: text, attachments and facts were set
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
