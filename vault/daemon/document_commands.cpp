// SPDX-License-Identifier: EUPL-1.2
#include <boost/json/array.hpp>

#include "coffret/time.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/persons.hpp"
#include "vault/daemon/reader_process.hpp"
#include "vault/daemon/typed_date.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t most_hits = 50;
constexpr std::int64_t undo_seconds = std::int64_t{30} * 86400;

Result<store::DocumentView> find(Call& call) {
  return call.with([&](store::Vault& vault) { return vault.document(call.text("id")); });
}

bool is_text(std::string_view media_type) {
  return media_type.starts_with("text/") || media_type == "application/json" ||
         media_type == "application/xml" || media_type.ends_with("+json") ||
         media_type.ends_with("+xml");
}

// The attachment that was asked for, counted from 1. What is no text is not for a person's screen.
Result<Bytes> attachment_of(Call& call, const store::DocumentView& document) {
  COFFRET_TRY(const auto number, call.number("attachment"));
  const auto& all = document.entry.attachments;
  call.detail = "--attachment " + std::to_string(number);
  if (number == 0) return errc::usage;
  if (number > all.size()) return errc::not_found;
  const auto& media_type = all[number - 1].media_type;
  call.detail = media_type + ": --out";
  if (call.flag("readable") && !is_text(media_type)) return errc::usage;
  call.detail.clear();
  return call.with([&](store::Vault& vault) { return vault.attachment(document.id, number - 1); });
}

// Errors: usage (no such sort of content), not_found (attachment), those of the reader.
Result<Bytes> content_of(Call& call, const store::DocumentView& document,
                         const std::string& content) {
  if (content == "attachment") return attachment_of(call, document);
  if (content == "text") {
    COFFRET_TRY(const auto text,
                call.with([&](store::Vault& vault) { return vault.text(document.id); }));
    return to_bytes(as_bytes(text));
  }
  COFFRET_TRY(auto body, call.with([&](store::Vault& vault) { return vault.body(document.id); }));
  if (content == "original") return body;
  if (content != "html") return errc::usage;
  Reader reader{call.service.config().reader_program};
  COFFRET_TRY(const auto html, reader.render(body, document.entry.file_name, call.language));
  return to_bytes(as_bytes(html));
}

// What `list` and `search` leave out. Errors: not_found (person); usage (a date).
Result<store::DocumentFilter> filter_of(Call& call, const Persons& persons) {
  store::DocumentFilter filter;
  filter.kind = call.text("kind");
  filter.category = call.text("category");
  COFFRET_TRY(filter.since, day_of(call, "since"));
  COFFRET_TRY(filter.until, day_of(call, "until"));
  filter.removed = call.flag("removed");
  filter.author = call.text("author");
  COFFRET_TRY(const auto wanted, wanted_person(call, persons));
  if (wanted) filter.person = wanted->id;
  return filter;
}

// Never without saying whose it is.
Object row_of(const store::DocumentView& document, const Persons& persons, Language language) {
  auto row = summary_json(document, language);
  add_person(row, document.person, persons);
  return row;
}

}  // namespace

Result<Object> list(Call& call) {
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto filter, filter_of(call, persons));
  COFFRET_TRY(const auto documents,
              call.with([&](store::Vault& vault) { return vault.documents(filter); }));
  for (const auto& document : documents)
    COFFRET_CHECK(call.answer.row(row_of(document, persons, call.language)));
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
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto filter, filter_of(call, persons));
  COFFRET_TRY(const auto hits, call.with([&](store::Vault& vault) {
    return vault.search(words, most_hits, filter);
  }));
  for (const auto& hit : hits) {
    auto row = row_of(hit.document, persons, call.language);
    row["snippet"] = hit.snippet;
    COFFRET_CHECK(call.answer.row(row));
  }
  return Object{{"count", hits.size()}};
}

Result<Object> show(Call& call) {
  COFFRET_TRY(const auto document, find(call));
  const bool about = call.flag("about");
  const std::string content = about ? "none" : call.text("content");
  if (!content.empty() && content != "none") {
    COFFRET_TRY(const auto bytes, content_of(call, document, content));
    COFFRET_CHECK(call.answer.bytes(bytes));
  }
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto versions,
              call.with([&](store::Vault& vault) { return vault.versions(document.id); }));
  auto whole = whole_json(document, call.language);
  add_person(whole, document.person, persons);
  auto& listed = whole["versions"].emplace_array();
  for (const auto& version : versions) listed.push_back(version_json(version));
  whole["about"] = about;
  whole["shown"] = content;
  return whole;
}

// The versions of a document, oldest first, and what the person changed in each.
Result<Object> history(Call& call) {
  COFFRET_TRY(const auto document, find(call));
  COFFRET_TRY(const auto versions,
              call.with([&](store::Vault& vault) { return vault.versions(document.id); }));
  for (const auto& version : versions) {
    const auto whole = whole_json(version, call.language);
    auto row = version_json(version);
    for (const auto* name : {"author", "note", "changed", "replaced_by", "provenance", "removed"})
      row[name] = whole.at(name);
    COFFRET_CHECK(call.answer.row(row));
  }
  return Object{{"count", versions.size()}};
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
