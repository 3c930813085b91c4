// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/facts.hpp"

#include "coffret/wire.hpp"

// What a person asks for, ?1 as typed and ?2 folded: by any of its codes, or by its words.
#define COFFRET_NAMED                                                                \
  "?1 = '' OR code = ?1 OR (?2 <> '' AND instr(label, ?2)) OR EXISTS(SELECT 1 FROM " \
  "fact_codings AS c WHERE c.row = facts.row AND c.position = facts.position AND c.code = ?1)"

namespace coffret::store {
namespace {

Result<Fact> read_fact(ByteView record) {
  const auto fact = wire::decode<Fact>(record);
  if (fact.has_error() || !within_limits(*fact)) return errc::damaged;
  return *fact;
}

}  // namespace

// A person searches by the document's words or by the code's.
Result<std::string> Facts::label(const Fact& fact) const {
  std::string words = fact.label;
  if (fact.code.display != fact.label) words.append("\n").append(fact.code.display);
  return db_->folded_words(words);
}

Result<void> Facts::add(std::int64_t row, const std::vector<Fact>& facts) {
  std::int64_t position = 0;
  for (const auto& fact : facts) {
    COFFRET_TRY(const auto words, label(fact));
    const Bytes record = wire::encode(fact);
    COFFRET_TRY(auto* insert,
                db_->use("INSERT INTO facts(row, position, kind, code, date, label, fact) "
                         "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
    insert->bind(1, row).bind(2, position++).bind(3, static_cast<std::int64_t>(fact.kind));
    insert->bind(4, std::string_view{fact.code.code}).bind(5, std::string_view{fact.date});
    COFFRET_CHECK(insert->bind(6, std::string_view{words}).bind(7, record).run());
    COFFRET_CHECK(add_codings(row, position - 1, fact.codings));
  }
  return {};
}

Result<void> Facts::add_codings(std::int64_t row, std::int64_t position,
                                const std::vector<CodedValue>& codings) {
  std::int64_t place = 0;
  for (const auto& one : codings) {
    COFFRET_TRY(auto* insert,
                db_->use("INSERT INTO fact_codings(row, position, place, code, system, display) "
                         "VALUES(?1, ?2, ?3, ?4, ?5, ?6)"));
    insert->bind(1, row).bind(2, position).bind(3, place++);
    insert->bind(4, std::string_view{one.code}).bind(5, std::string_view{one.system});
    COFFRET_CHECK(insert->bind(6, std::string_view{one.display}).run());
  }
  return {};
}

Result<std::vector<CodedValue>> Facts::codings_of(std::int64_t row, std::int64_t position) const {
  COFFRET_TRY(auto* query, db_->use("SELECT code, system, display FROM fact_codings "
                                    "WHERE row = ?1 AND position = ?2 ORDER BY place"));
  query->bind(1, row).bind(2, position);
  std::vector<CodedValue> codings;
  for (;;) {
    COFFRET_TRY(const bool more, query->step());
    if (!more) return codings;
    codings.push_back(
        {std::string{query->text(0)}, std::string{query->text(1)}, std::string{query->text(2)}});
  }
}

Result<void> Facts::remove(std::int64_t row) {
  for (const char* sql :
       {"DELETE FROM fact_codings WHERE row = ?1", "DELETE FROM facts WHERE row = ?1"}) {
    COFFRET_TRY(auto* remove, db_->use(sql));
    COFFRET_CHECK(remove->bind(1, row).run());
  }
  return {};
}

Result<std::vector<FactRow>> Facts::find(std::optional<FactKind> kind,
                                         std::string_view words) const {
  COFFRET_TRY(const auto folded, db_->folded_words(words));
  // Two texts, so that one kind is read through its index. A word that folds to nothing is still
  // compared with the codes.
  COFFRET_TRY(auto* query,
              db_->use(kind ? "SELECT row, fact, position FROM facts WHERE kind = ?3 AND "
                              "(" COFFRET_NAMED ") ORDER BY row, position"
                            : "SELECT row, fact, position FROM facts WHERE " COFFRET_NAMED
                              " ORDER BY row, position"));
  query->bind(1, words).bind(2, std::string_view{folded});
  if (kind) query->bind(3, static_cast<std::int64_t>(*kind));
  std::vector<FactRow> found;
  for (;;) {
    COFFRET_TRY(const bool more, query->step());
    if (!more) return found;
    auto fact = read_fact(query->blob(1));
    if (fact.has_error()) {
      query->reset();
      return fact.error();
    }
    auto codings = codings_of(query->int64(0), query->int64(2));
    if (codings.has_error()) {
      query->reset();
      return codings.error();
    }
    fact->codings = std::move(*codings);
    found.push_back({query->int64(0), std::move(*fact)});
  }
}

Result<std::vector<Fact>> Facts::of(std::int64_t row) const {
  COFFRET_TRY(auto* query,
              db_->use("SELECT fact, position FROM facts WHERE row = ?1 ORDER BY position"));
  query->bind(1, row);
  std::vector<Fact> found;
  for (;;) {
    COFFRET_TRY(const bool more, query->step());
    if (!more) return found;
    auto fact = read_fact(query->blob(0));
    if (fact.has_error()) {
      query->reset();
      return fact.error();
    }
    auto codings = codings_of(row, query->int64(1));
    if (codings.has_error()) {
      query->reset();
      return codings.error();
    }
    fact->codings = std::move(*codings);
    found.push_back(std::move(*fact));
  }
}

Result<std::uint64_t> Facts::count_wrong() const {
  COFFRET_TRY(
      auto* query,
      db_->use(
          "SELECT kind, code, date, label, fact, documents.row, facts.row, position FROM facts "
          "LEFT JOIN documents USING (row)"));
  std::uint64_t wrong = 0;
  for (;;) {
    COFFRET_TRY(const bool more, query->step());
    if (!more) return wrong;
    auto fact = read_fact(query->blob(4));
    if (fact.has_error()) {
      ++wrong;
      continue;
    }
    const auto words = label(*fact);
    COFFRET_TRY(fact->codings, codings_of(query->int64(6), query->int64(7)));
    const bool right = query->int64(0) == static_cast<std::int64_t>(fact->kind) &&
                       query->text(1) == fact->code.code && query->text(2) == fact->date &&
                       words.has_value() && query->text(3) == *words && query->int64(5) != 0 &&
                       within_limits(*fact);
    if (!right) ++wrong;
  }
}

}  // namespace coffret::store
