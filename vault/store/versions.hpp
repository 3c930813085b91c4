// SPDX-License-Identifier: EUPL-1.2
//
// versions.hpp: which documents are versions of one, and which of them is the newest.
//
// Two documents of one person are versions of one when they share a set id, or when one says that
// it replaces the other (by the other's own id), and so on from version to version. What a document
// replaces is older than it; among the rest the version number decides where every one has a
// number, else the date, else the place in the log. The same documents give the same order on every
// device, whichever arrived first. Removed documents still link others, but replace none;
// quarantined ones do neither.
#ifndef COFFRET_VAULT_STORE_VERSIONS_HPP
#define COFFRET_VAULT_STORE_VERSIONS_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "coffret/ids.hpp"
#include "vault/store/operation.hpp"

namespace coffret::store {

// What the put says that matters for it. Kept in the document's row, compared with the entry.
struct Lineage {
  PersonId person;
  bool quarantined = false;
  Identifier unique_id;
  std::string set_id;
  std::string version_number;
  std::string date;
  std::vector<Identifier> replaces;

  template <class A>
  void serialize(A& a) {
    a(person, quarantined, unique_id, set_id, version_number, date, replaces);
  }
  bool operator==(const Lineage&) const = default;
};

Lineage lineage_of(const PersonId& person, const DocumentPut& put);

struct Relative {
  std::int64_t row = 0;
  DocumentId id;
  std::uint64_t seq = 0;
  bool removed = false;
  Lineage lineage;  // of the person whose record it is in now
};

// What documents are related by, as far as to tell that one more is related to none of them. A
// chance likeness of two hashes says "related" of what is not; never the other way round.
class Ties {
 public:
  bool bind(const Relative& document) const;
  void add(const Relative& document);

 private:
  std::unordered_set<std::size_t> documents_, ids_, sets_, replaced_;  // hashes
};

class Versions {
 public:
  Versions() = default;
  explicit Versions(std::vector<Relative> documents);

  // The newest of its versions that is not removed, when that is another one.
  std::optional<DocumentId> replaced_by(std::int64_t row) const;
  // The rows of all its versions, newest first; empty when it has no other.
  const std::vector<std::int64_t>& of(std::int64_t row) const;

 private:
  struct Group {
    std::vector<std::int64_t> rows;  // newest first
    std::int64_t newest = 0;         // row; 0: all are removed
    DocumentId id;                   // of the newest
  };
  void add(const std::vector<const Relative*>& members);

  std::vector<Group> groups_;
  std::unordered_map<std::int64_t, std::size_t> group_of_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_VERSIONS_HPP
