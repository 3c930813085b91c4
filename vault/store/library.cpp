// SPDX-License-Identifier: EUPL-1.2
//
// Documents put, found, read and taken away.
#include <malloc.h>

#include <algorithm>
#include <set>

#include "coffret/ascii.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/store/state.hpp"

namespace coffret::store {
namespace {

constexpr std::size_t shortest_prefix = 4;  // characters of an identifier
constexpr std::size_t much = 8u << 20;      // bytes of one body

Result<void> check_prepared(const PreparedDocument& document) {
  if (document.body.size() > limits::file_size || document.text.size() > limits::text_size)
    return errc::too_large;
  if (!within_limits(document.entry) || !within_limits(document.facts)) return errc::malformed;
  if (!document.attachments.empty() &&
      document.attachments.size() != document.entry.attachments.size())
    return errc::malformed;
  return {};
}

DocumentPut make_put(Vault::State& state, PreparedDocument& document, const DocumentId& id) {
  return {.document = id,
          .version = 1,
          .entry = std::move(document.entry),
          .size = document.body.size(),
          .sha256 = document.sha256,
          .locator = {},
          .wrapped_key = {},
          .imported_at = state.now(),
          .source = std::move(document.source),
          .quarantined = document.quarantined};
}

// Seals the body under a fresh key: fills in the put's locator and wrapped key. A large body's
// sealed form is a file before any transaction names it.
Result<void> seal_body(Vault::State& state, const crypto::LogKey& log_key,
                       const PreparedDocument& document, DocumentPut& put) {
  const auto key = crypto::make_key<crypto::DocumentKey>(state.env.random);
  const auto sealed =
      crypto::Sealer::seal(key, {state.owner.vault, put.document, put.version}, document.body);
  put.locator = {
      .object = protocol::object_id(sealed.view()), .offset = 0, .length = sealed.size()};
  put.wrapped_key = crypto::Sealer::wrap(log_key,
                                         {state.owner.vault, crypto::WrapPurpose::document,
                                          to_bytes(put.document.view()), put.version},
                                         key, state.env.random);
  if (document.body.size() <= max_row_body) return {};
  return state.env.disk.replace(state.directory.object(put.locator.object), sealed.view());
}

Result<DocumentId> put_one(Vault::State& state, Act& act, const crypto::LogKey& log_key,
                           PreparedDocument& document) {
  auto put = make_put(state, document, state.env.random.make<DocumentId>());
  // It is held twice now, as it is and sealed: what is cached of the store makes room.
  if (document.body.size() >= much) {
    COFFRET_CHECK(state.db.execute("PRAGMA shrink_memory"));
    (void)::malloc_trim(0);
  }
  COFFRET_CHECK(seal_body(state, log_key, document, put));
  auto operation = make_operation(put);
  operation.person = document.person;
  operation.acting_for = std::move(document.acting_for);
  COFFRET_TRY(const auto opened, act.append(operation, {put.locator.object}));

  const bool large = document.body.size() > max_row_body;
  COFFRET_TRY(const auto row, state.documents.add(opened, put, large ? Place::file : Place::row));
  if (!large) COFFRET_CHECK(state.documents.add_body(row, document.body));
  COFFRET_CHECK(state.search.add(row, put.entry, document.text));
  COFFRET_CHECK(state.documents.set_derived(row, document.attachments, document.picture));
  COFFRET_CHECK(state.facts.add(row, document.facts));
  return put.document;
}

// What an author filter leaves; none: it asks for nobody.
using Authored = std::optional<std::set<std::int64_t>>;
Result<Authored> authored_rows(const Vault::State& state, const DocumentFilter& filter) {
  if (filter.author.empty()) return Authored{};
  COFFRET_TRY(auto rows, state.search.by_author(filter.author));
  return Authored{std::move(rows)};
}

}  // namespace

Result<std::vector<PutOutcome>> Vault::put_documents(std::vector<PreparedDocument> batch) {
  for (const auto& document : batch) COFFRET_CHECK(check_prepared(document));
  std::vector<PutOutcome> outcomes;
  COFFRET_TRY(auto act, Act::begin(*state_));
  const auto before = act.head();
  for (auto& document : batch) {
    COFFRET_TRY(const auto known, find_duplicate(document.sha256));
    if (known) {
      outcomes.push_back({*known, true});
      continue;
    }
    COFFRET_TRY(const auto id, put_one(*state_, act, log_key(), document));
    outcomes.push_back({id, false});
  }
  if (act.head() != before) COFFRET_CHECK(act.commit());
  return outcomes;
}

Result<std::optional<DocumentId>> Vault::find_duplicate(const Sha256& body,
                                                        bool removed_too) const {
  COFFRET_TRY(const auto rows, state_->documents.by_sha256(body));
  for (const auto& row : rows) {
    COFFRET_TRY(const auto id, DocumentId::parse(row.name));
    if (removed_too || !state_->control.removed_at(id)) return std::optional{id};
  }
  return std::optional<DocumentId>{};
}

Result<void> Vault::remove(const DocumentId& id) {
  COFFRET_TRY([[maybe_unused]] const auto row, state_->find(id));
  const auto there = state_->standing(id);
  if (state_->control.removed_at(there)) return {};
  COFFRET_TRY([[maybe_unused]] const auto head, append(make_operation(DocumentRemoved{there})));
  return {};
}

Result<void> Vault::restore(const DocumentId& id) {
  COFFRET_TRY([[maybe_unused]] const auto row, state_->find(id));
  const auto there = state_->standing(id);
  if (!state_->control.removed_at(there)) return {};
  COFFRET_TRY([[maybe_unused]] const auto head, append(make_operation(DocumentRestored{there})));
  return {};
}

Result<std::vector<DocumentView>> Vault::documents(const DocumentFilter& filter) const {
  COFFRET_TRY(const auto authored, authored_rows(*state_, filter));
  COFFRET_TRY(const auto listed, state_->lister(filter));
  std::vector<DocumentView> views;
  COFFRET_TRY(const auto rows, state_->documents.current());
  for (const auto& row : rows) {
    if (row.place == Place::purged || !listed(row.row)) continue;
    if (authored && !authored->contains(row.row)) continue;
    COFFRET_TRY(auto view, state_->view(row));
    if (matches(filter, view)) views.push_back(std::move(view));
  }
  std::sort(views.begin(), views.end(), later);
  return views;
}

Result<DocumentView> Vault::document(std::string_view id_or_prefix) const {
  if (id_or_prefix.size() < shortest_prefix) return errc::not_found;
  const std::string prefix = ascii_lower(id_or_prefix);
  COFFRET_TRY(const auto row, state_->documents.by_prefix(prefix));
  if (row.place != Place::purged) return state_->view(row);
  COFFRET_TRY(const auto id, DocumentId::parse(row.name));
  COFFRET_TRY(const auto standing, state_->find(id));
  if (standing.place == Place::purged) return errc::not_found;
  return state_->view(standing);
}

DocumentId Vault::stands_for(const DocumentId& id) const {
  return state_->control.stands_for(id);
}

Result<std::vector<Arrival>> Vault::arrived_after(std::int64_t number, std::size_t limit) const {
  std::vector<Arrival> arrived;
  COFFRET_TRY(const auto rows, state_->documents.after(number, limit));
  for (const auto& row : rows) {
    COFFRET_TRY(auto view, state_->view(row));
    arrived.push_back({row.row, std::move(view)});
  }
  return arrived;
}

Result<DocumentEntry> Vault::entry_as_put(const DocumentId& id) const {
  COFFRET_TRY(const auto row, state_->find(id));
  COFFRET_TRY(const auto document, state_->stored(row));
  return document.put().entry;
}

Result<std::vector<Fact>> Vault::facts_of(const DocumentId& id) const {
  COFFRET_TRY(const auto row, state_->find(id));
  return state_->facts.of(row.row);
}

Result<StoredBody> Vault::stored_body(const DocumentId& id) const {
  COFFRET_TRY(const auto row, state_->find(id));
  COFFRET_TRY(const auto document, state_->stored(row));
  return state_->stored_body(document);
}

Result<Bytes> Vault::body(const DocumentId& id) const {
  COFFRET_TRY(auto body, stored_body(id));
  return std::move(body).read();
}

Result<std::string> Vault::text(const DocumentId& id) const {
  COFFRET_TRY(const auto row, state_->find(id));
  return state_->search.text(row.row);
}

Result<Bytes> Vault::attachment(const DocumentId& id, std::size_t index) const {
  COFFRET_TRY(const auto row, state_->find(id));
  COFFRET_TRY(const auto document, state_->stored(row));
  const auto& named = document.put().entry.attachments;
  if (index >= named.size()) return errc::not_found;
  COFFRET_TRY(auto content, state_->documents.attachment(row.row, index));
  if (content.size() != named[index].size || crypto::sha256(content) != named[index].sha256)
    return errc::damaged;
  return content;
}

Result<PictureSize> Vault::picture(const DocumentId& id) const {
  COFFRET_TRY(const auto row, state_->find(id));
  return state_->documents.picture(row.row);
}

Result<void> Vault::set_derived(const DocumentId& id, std::string_view text,
                                const std::vector<Bytes>& attachments,
                                const std::vector<Fact>& facts, const PictureSize& picture) {
  if (text.size() > limits::text_size) return errc::too_large;
  if (!within_limits(facts)) return errc::malformed;
  COFFRET_TRY(const auto row, state_->find(id));
  COFFRET_TRY(auto transaction, Transaction::begin(state_->db));
  COFFRET_CHECK(state_->search.replace_text(row.row, text));
  COFFRET_CHECK(state_->documents.set_derived(row.row, attachments, picture));
  COFFRET_CHECK(state_->facts.remove(row.row));
  COFFRET_CHECK(state_->facts.add(row.row, facts));
  return transaction.commit();
}

Result<std::vector<DocumentId>> Vault::without_text() const {
  std::vector<DocumentId> ids;
  COFFRET_TRY(const auto rows, state_->documents.underived());
  for (const auto& row : rows) {
    COFFRET_TRY(const auto id, DocumentId::parse(row.name));
    ids.push_back(id);
  }
  return ids;
}

Result<std::vector<Unread>> Vault::unread_after(std::int64_t number, std::size_t limit) const {
  std::vector<Unread> unread;
  COFFRET_TRY(const auto rows, state_->documents.underived_after(number, limit));
  for (const auto& row : rows) {
    COFFRET_TRY(const auto id, DocumentId::parse(row.name));
    unread.push_back({row.row, id});
  }
  return unread;
}

Result<std::vector<SearchHit>> Vault::search(std::string_view words, std::size_t limit,
                                             const DocumentFilter& filter,
                                             std::size_t* matched) const {
  static_assert(search_reach == Search::candidates);
  std::vector<SearchHit> hits;
  if (matched != nullptr) *matched = 0;
  COFFRET_TRY(const auto terms, terms_of(words));
  if (terms.empty()) return hits;
  COFFRET_TRY(const auto authored, authored_rows(*state_, filter));
  COFFRET_TRY(const auto listed, state_->lister(filter));
  const auto wanted = [&](std::int64_t row) {
    return (!authored || authored->contains(row)) && listed(row);
  };
  COFFRET_TRY(const auto found, state_->search.find(terms, wanted, limit, matched));
  for (const auto& one : found) {
    COFFRET_TRY(const auto row, state_->documents.at(one.row));
    COFFRET_TRY(auto view, state_->view(row));
    if (!matches(filter, view)) continue;
    COFFRET_TRY(auto snippet, state_->search.snippet(one));
    hits.push_back({std::move(view), std::move(snippet)});
  }
  return hits;
}

}  // namespace coffret::store
