// SPDX-License-Identifier: EUPL-1.2
#include "coffret/time.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/reader_process.hpp"

namespace coffret::daemon {
namespace {

constexpr std::int64_t undo_seconds = std::int64_t{30} * 86400;

Result<store::DocumentView> find(Call& call) {
  return call.with([&](store::Vault& vault) { return vault.document(call.text("id")); });
}

}  // namespace

Result<Object> list(Call& call) {
  store::DocumentFilter filter;
  filter.kind = call.text("kind");
  filter.category = call.text("category");
  filter.since = call.text("since");
  filter.until = call.text("until");
  filter.author = call.text("author");
  COFFRET_TRY(const auto documents,
              call.with([&](store::Vault& vault) { return vault.documents(filter); }));
  for (const auto& document : documents)
    COFFRET_CHECK(call.answer.row(summary_json(document, call.language)));
  return Object{{"count", documents.size()}};
}

Result<Object> search(Call& call) {
  std::string words;
  for (const auto& word : call.texts("words")) {
    if (!words.empty()) words += ' ';
    // A shell took the quotes of a phrase away; a word with spaces is one.
    const bool phrase = word.find(' ') != std::string::npos && word.find('"') == std::string::npos;
    words += phrase ? '"' + word + '"' : word;
  }
  COFFRET_TRY(const auto hits, call.with([&](store::Vault& vault) { return vault.search(words); }));
  for (const auto& hit : hits) {
    auto row = summary_json(hit.document, call.language);
    row["snippet"] = hit.snippet;
    COFFRET_CHECK(call.answer.row(row));
  }
  return Object{{"count", hits.size()}};
}

Result<Object> show(Call& call) {
  COFFRET_TRY(const auto document, find(call));
  const std::string content = call.text("content");
  if (content == "text") {
    COFFRET_TRY(const auto text,
                call.with([&](store::Vault& vault) { return vault.text(document.id); }));
    COFFRET_CHECK(call.answer.bytes(as_bytes(text)));
  } else if (content == "original") {
    COFFRET_TRY(const auto body,
                call.with([&](store::Vault& vault) { return vault.body(document.id); }));
    COFFRET_CHECK(call.answer.bytes(body));
  } else if (content == "html") {
    COFFRET_TRY(const auto body,
                call.with([&](store::Vault& vault) { return vault.body(document.id); }));
    Reader reader{call.service.config().reader_program};
    COFFRET_TRY(const auto html, reader.render(body, document.entry.file_name, call.language));
    COFFRET_CHECK(call.answer.bytes(as_bytes(html)));
  }
  return whole_json(document, call.language);
}

Result<Object> remove_document(Call& call) {
  COFFRET_TRY(const auto document, find(call));
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.remove(document.id); }));
  const auto now = call.service.environment().clock.now();
  return Object{{"id", document.id.text()}, {"until", to_rfc3339(now + Seconds{undo_seconds})}};
}

Result<Object> restore_document(Call& call) {
  COFFRET_TRY(const auto document, find(call));
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.restore(document.id); }));
  return Object{{"id", document.id.text()}};
}

}  // namespace coffret::daemon
