// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/same_document.hpp"

#include <algorithm>

namespace coffret::daemon {
namespace {

bool same_words(std::string_view a, std::string_view b) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  std::size_t i = 0;
  std::size_t j = 0;
  for (;;) {
    while (i < a.size() && is_space(a[i])) ++i;
    while (j < b.size() && is_space(b[j])) ++j;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (a[i++] != b[j++]) return false;
  }
}

bool same_fact(Fact a, Fact b) {
  a.place.clear();
  b.place.clear();
  return a == b;
}

}  // namespace

bool same_entry(const DocumentEntry& read, const store::DocumentView& known) {
  const auto& entry = known.entry;
  const bool retitled = known.amended && known.amended->title;
  const bool redated = (known.amended && known.amended->date) ||
                       entry.date_source == DateSource::file || read.date.empty();
  return (retitled || entry.title == read.title) && (redated || entry.date == read.date) &&
         entry.patient.family == read.patient.family && entry.patient.given == read.patient.given &&
         entry.patient.birth_date == read.patient.birth_date && entry.set_id == read.set_id &&
         entry.version_number == read.version_number && entry.relations == read.relations;
}

bool same_content(const DocumentContent& a, const DocumentContent& b) {
  if (a.text.empty() && a.attachments.empty() && a.facts.empty()) return false;
  return same_words(a.text, b.text) && a.attachments == b.attachments &&
         std::equal(a.facts.begin(), a.facts.end(), b.facts.begin(), b.facts.end(), same_fact);
}

}  // namespace coffret::daemon
