// SPDX-License-Identifier: EUPL-1.2
//
// A document as it is shown: from its entry, checked against its row.
#include <algorithm>

#include "coffret/ascii.hpp"
#include "vault/store/documents.hpp"

namespace coffret::store {
namespace {

// At the precision both have: "2019-07" is within and since "2019-07-15".
int compare_dates(std::string_view a, std::string_view b) {
  const auto size = std::min({a.size(), b.size(), compared_date});
  return a.substr(0, size).compare(b.substr(0, size));
}

bool contains(std::string_view text, std::string_view part) {
  const auto same_letter = [](char x, char y) { return ascii_lower(x) == ascii_lower(y); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same_letter) != text.end();
}

bool is_kind(const CodedValue& type, std::string_view kind) {
  return type.code == kind || contains(type.display, kind);
}

}  // namespace

std::string_view name(ProblemKind kind) noexcept {
  switch (kind) {
    case ProblemKind::chain:
      return "chain";
    case ProblemKind::entry:
      return "entry";
    case ProblemKind::row:
      return "row";
    case ProblemKind::missing_body:
      return "missing_body";
    case ProblemKind::body:
      return "body";
    case ProblemKind::database_page:
      return "database_page";
    case ProblemKind::orphan_object:
      return "orphan_object";
  }
  return "";
}

Result<void> compare(const DocumentRow& row, const Opened& opened, const DocumentPut& put) {
  if (row.name != put.document.text() || row.version != put.version ||
      row.object != put.locator.object || row.sha256 != put.sha256 || row.size != put.size ||
      row.unique_id != put.entry.unique_id.value ||
      row.lineage != lineage_of(opened.operation.person, put))
    return errc::local_state_tampered;
  return {};
}

DocumentView make_view(const DocumentRow& row, const Opened& opened, const DocumentPut& put) {
  return {.id = put.document,
          .version = put.version,
          .seq = row.seq,
          .epoch = opened.entry.epoch,
          .device = opened.entry.device,
          .person = opened.operation.person,
          .acting_for = opened.operation.acting_for,
          .entry = put.entry,
          .size = put.size,
          .sha256 = put.sha256,
          .locator = put.locator,
          .imported_at = put.imported_at,
          .source = put.source,
          .removed_at = {},
          .present = row.place == Place::row || row.place == Place::file,
          .quarantined = put.quarantined};
}

void apply(const DocumentAmended* amended, DocumentEntry& entry) {
  if (amended == nullptr) return;
  if (amended->title) entry.title = *amended->title;
  if (amended->date) entry.date = *amended->date;
  if (amended->kind) entry.type = *amended->kind;
}

bool matches(const DocumentFilter& filter, const DocumentView& view) {
  const auto& entry = view.entry;
  if (view.removed_at.has_value() != filter.removed) return false;
  // A removed document is shown among the removed ones, whatever it was before.
  if (!filter.removed && view.quarantined != filter.quarantined) return false;
  if (!filter.removed && !filter.superseded && view.replaced_by) return false;
  if (filter.person && view.person != *filter.person) return false;
  return matches(filter, entry.type, entry.category, entry.date);
}

bool matches(const DocumentFilter& filter, const CodedValue& type, std::string_view category,
             std::string_view date) {
  if (!filter.category.empty() && category != filter.category) return false;
  if (!filter.kind.empty() && !is_kind(type, filter.kind)) return false;
  return within_dates(filter, date);
}

bool within_dates(const DocumentFilter& filter, std::string_view date) {
  if (!filter.since.empty() && (date.empty() || compare_dates(date, filter.since) < 0))
    return false;
  return filter.until.empty() || (!date.empty() && compare_dates(date, filter.until) <= 0);
}

bool later(const DocumentView& a, const DocumentView& b) {
  if (a.entry.date != b.entry.date) return a.entry.date > b.entry.date;
  return a.seq > b.seq;
}

}  // namespace coffret::store
