// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <boost/json/array.hpp>

#include "coffret/kinds.hpp"
#include "coffret/time.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/edits_json.hpp"
#include "vault/daemon/history_reading.hpp"
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
  if (number > all.size()) {
    const bool french = call.language == Language::french;
    call.detail += (french ? " : ce document a " : ": this document has ") +
                   std::to_string(all.size()) +
                   (french ? " pièce(s) jointe(s). « coffret show ID --about » les montre."
                           : " attachment(s). \"coffret show ID --about\" shows them.");
    return errc::not_found;
  }
  const auto& media_type = all[number - 1].media_type;
  call.detail = media_type + ": --out";
  if (call.flag("readable") && !is_text(media_type)) return errc::usage;
  call.detail.clear();
  return call.with([&](store::Vault& vault) { return vault.attachment(document.id, number - 1); });
}

// Errors: usage (no such sort of content), not_found (attachment), body_missing, those of the
// reader.
Result<Bytes> content_of(Call& call, const store::DocumentView& document,
                         const std::string& content) {
  if (content == "attachment") return attachment_of(call, document);
  if (content == "text") {
    COFFRET_TRY(const auto text,
                call.with([&](store::Vault& vault) { return vault.text(document.id); }));
    if (text.empty() && !document.present) return errc::body_missing;
    return to_bytes(as_bytes(text));
  }
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(auto stored,
              call.with([&](store::Vault& vault) { return vault.stored_body(document.id); }));
  COFFRET_TRY(auto body, std::move(stored).read());
  if (content == "original") return body;
  if (content != "html") return errc::usage;
  Reader reader{call.service.config().reader_program};
  COFFRET_TRY(const auto html, reader.render(body, document.entry.file_name, call.language));
  return to_bytes(as_bytes(html));
}

bool is_of_the_body(errc why) noexcept {
  return why == errc::body_missing || why == errc::damaged;
}

bool is_category(std::string_view word) {
  return word == "other" || std::any_of(std::begin(kind_table), std::end(kind_table),
                                        [&](const Kind& kind) { return kind.category == word; });
}

// A word that is no category is not the same as a category without documents.
Result<std::string> category_of(Call& call) {
  auto word = call.text("category");
  if (word.empty() || is_category(word)) return word;
  call.detail =
      call.language == Language::french
          ? "--category " + word +
                " : ce n'est pas une catégorie. Il y a patient-summary (résumés), "
                "eprescription (ordonnances), edispensation (délivrances), imaging "
                "(imagerie), laboratory (analyses), discharge (sorties d'hôpital) et other "
                "(le reste)."
          : "--category " + word +
                ": this is no category. There are patient-summary, eprescription, "
                "edispensation, imaging, laboratory, discharge and other.";
  return errc::usage;
}

// What `list` and `search` leave out. Errors: those of wanted_person; usage (a date, a category).
Result<store::DocumentFilter> filter_of(Call& call, const Persons& persons) {
  store::DocumentFilter filter;
  filter.kind = call.text("kind");
  COFFRET_TRY(filter.category, category_of(call));
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

Result<boost::json::value> edits_of(Call& call, const DocumentId& id) {
  return call.with([&](store::Vault& vault) -> Result<boost::json::value> {
    return boost::json::value(edits_json(vault, id));  // braces would make a list of it
  });
}

// Grants that hold a document and may still open it: to remove it ends none of them.
boost::json::array shared_with(const store::Vault& vault, const DocumentId& id, std::int64_t now) {
  boost::json::array shared;
  for (const auto& grant : vault.grants()) {
    const auto& decision = grant.decision;
    if (grant.revoked_at || decision.expires_at <= now) continue;
    if (std::any_of(decision.documents.begin(), decision.documents.end(),
                    [&](const DocumentId& held) { return vault.stands_for(held) == id; }))
      shared.push_back(Object{{"id", decision.grant.text()}, {"to", decision.caregiver}});
  }
  return shared;
}

}  // namespace

Result<Object> list(Call& call) {
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto filter, filter_of(call, persons));
  COFFRET_TRY(const auto documents,
              call.with([&](store::Vault& vault) { return vault.documents(filter); }));
  for (const auto& document : documents)
    COFFRET_CHECK(call.answer.row(row_of(document, persons, call.language)));
  COFFRET_TRY(const auto status, call.with([](store::Vault& vault) { return vault.status(); }));
  return Object{{"count", documents.size()},
                {"documents", status.documents},
                {"set_apart", status.quarantined}};
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
  std::size_t matched = 0;
  COFFRET_TRY(const auto hits, call.with([&](store::Vault& vault) {
    return vault.search(words, most_hits, filter, &matched);
  }));
  for (const auto& hit : hits) {
    auto row = row_of(hit.document, persons, call.language);
    row["snippet"] = hit.snippet;
    COFFRET_CHECK(call.answer.row(row));
  }
  return Object{{"count", hits.size()},
                {"matched", matched},
                {"maybe_more", matched >= store::Vault::search_reach}};
}

Result<Object> show(Call& call) {
  COFFRET_TRY(const auto document, find(call));
  const bool about = call.flag("about");
  const std::string content = about ? "none" : call.text("content");
  if (!content.empty() && content != "none") {
    const auto bytes = content_of(call, document, content);
    if (bytes.has_error() && is_of_the_body(to_errc(bytes.error())))
      call.detail = shown_title(document.entry);
    if (bytes.has_error()) return bytes.error();
    COFFRET_CHECK(call.answer.bytes(*bytes));
  }
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto versions,
              call.with([&](store::Vault& vault) { return vault.versions(document.id); }));
  auto whole = whole_json(document, call.language);
  add_person(whole, document.person, persons);
  auto& listed = whole["versions"].emplace_array();
  for (const auto& version : versions) listed.push_back(version_json(version));
  COFFRET_TRY(whole["edits"], edits_of(call, document.id));
  COFFRET_TRY(const auto picture,
              call.with([&](store::Vault& vault) { return vault.picture(document.id); }));
  whole["picture"] = nullptr;
  if (picture != PictureSize{})
    whole["picture"] = Object{{"width", picture.width}, {"height", picture.height}};
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
    COFFRET_TRY(row["edits"], edits_of(call, version.id));
    COFFRET_CHECK(call.answer.row(row));
  }
  COFFRET_TRY(const auto read,
              call.with([](store::Vault& vault) -> Result<Object> { return told_history(vault); }));
  return Object{{"count", versions.size()}, {"history", read}};
}

Result<Object> remove_document(Call& call) {
  COFFRET_TRY(const auto document, find(call));
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.remove(document.id); }));
  const auto now = call.service.environment().clock.now();
  COFFRET_TRY(auto shared, call.with([&](store::Vault& vault) -> Result<boost::json::array> {
    return shared_with(vault, document.id, to_unix(now));
  }));
  return Object{{"id", document.id.text()},
                {"until", to_rfc3339(now + Seconds{undo_seconds})},
                {"shared", std::move(shared)}};
}

Result<Object> restore_document(Call& call) {
  COFFRET_TRY(const auto document, find(call));
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.restore(document.id); }));
  return Object{{"id", document.id.text()}};
}

}  // namespace coffret::daemon
