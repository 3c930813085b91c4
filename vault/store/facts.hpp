// SPDX-License-Identifier: EUPL-1.2
//
// facts.hpp: the rows of what documents state. Never part of an operation: drawn from the body by
// every device for itself.
//
// Errors: those of sqlite.hpp; damaged (a row that is no fact).
#ifndef COFFRET_VAULT_STORE_FACTS_HPP
#define COFFRET_VAULT_STORE_FACTS_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/fact.hpp"
#include "vault/store/sqlite.hpp"

namespace coffret::store {

struct FactRow {
  std::int64_t row = 0;  // of the document
  Fact fact;
};

class Facts {
 public:
  explicit Facts(Connection& db) noexcept : db_(&db) {}

  Result<void> add(std::int64_t row, const std::vector<Fact>& facts);
  Result<void> remove(std::int64_t row);  // all of a document's

  // `words`: any of its codes exactly, or a part of the label; empty: all. In order of documents.
  Result<std::vector<FactRow>> find(std::optional<FactKind> kind, std::string_view words) const;
  // A document's, in its own order.
  Result<std::vector<Fact>> of(std::int64_t row) const;
  // How many rows are not what their fact says, or stand for no document.
  Result<std::uint64_t> count_wrong() const;

 private:
  Result<void> add_codings(std::int64_t row, std::int64_t position,
                           const std::vector<CodedValue>& codings);
  Result<std::vector<CodedValue>> codings_of(std::int64_t row, std::int64_t position) const;
  Result<std::string> label(const Fact& fact) const;
  Connection* db_;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_FACTS_HPP
