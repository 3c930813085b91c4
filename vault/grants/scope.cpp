// SPDX-License-Identifier: EUPL-1.2
#include "vault/grants/scope.hpp"

#include <algorithm>
#include <set>

namespace coffret::grants {
namespace {

bool names(const store::GrantTerms& terms, const DocumentEntry& entry) {
  if (terms.all) return true;
  const auto has = [](const std::vector<std::string>& list, const std::string& value) {
    return !value.empty() && std::find(list.begin(), list.end(), value) != list.end();
  };
  return has(terms.categories, entry.category) || has(terms.kinds, entry.type.code);
}

// The date at its own precision, and no time: "2026-11-29T10:00" is "2026-11-29".
std::string_view day_alone(std::string_view iso) {
  return iso.substr(0, std::min<std::size_t>(iso.size(), 10));
}

// Whether its date says if it is older than `since`. A day that is only the file's says nothing of
// the document: what is copied today may be of any year.
bool tells_day(const store::DocumentView& document, std::string_view since) {
  const auto day = day_alone(document.entry.date);
  const bool by_person = document.amended && document.amended->date;
  if (document.entry.date_source == DateSource::file && !by_person) return false;
  return day.size() >= 4 && (day.size() >= day_alone(since).size() || !since.starts_with(day));
}

class Evaluation {
 public:
  Evaluation(store::Vault& vault, const store::GrantTerms& terms) : vault_(vault), terms_(terms) {}

  Result<void> choose() {
    for (const auto& id : terms_.chosen) {
      COFFRET_TRY(auto document, vault_.document(vault_.stands_for(id).text()));
      if (document.removed_at || document.quarantined) return errc::not_found;
      if (!taken_.insert(document.id).second) continue;
      COFFRET_TRY(const auto facts, vault_.facts_of(document.id));
      if (auto kinds = sensitive_kinds(document.entry, facts); !kinds.empty())
        scope_.chosen_sensitive.push_back({document, std::move(kinds)});
      add(std::move(document), facts);
    }
    return {};
  }

  Result<void> apply_rules() {
    if (!terms_.has_rule()) return {};
    COFFRET_TRY(auto documents, vault_.documents({}));
    COFFRET_TRY(const auto unread, vault_.without_text());
    const std::set<DocumentId> dark{unread.begin(), unread.end()};
    for (auto& document : documents) {
      if (taken_.contains(document.id) || !names(terms_, document.entry)) continue;
      // Of a record that is merged into another one a rule names what was filed in it, no more.
      if (!terms_.any_person && document.person != terms_.person &&
          document.filed != terms_.person) {
        ++scope_.others;
        continue;
      }
      COFFRET_CHECK(judge(std::move(document), dark));
    }
    return {};
  }

  Scope take() && { return std::move(scope_); }

 private:
  Result<void> judge(store::DocumentView document, const std::set<DocumentId>& dark) {
    if (!terms_.since.empty()) {
      const bool told = tells_day(document, terms_.since);
      if (!told) return leave_out(std::move(document), "undated");
      if (!dated_since(document.entry.date, terms_.since)) return {};
    }
    if (!document.present) return leave_out(std::move(document), "body_missing");
    // What it says is not known yet, nor whether it is sensitive.
    if (dark.contains(document.id)) return leave_out(std::move(document), "unread");
    COFFRET_TRY(const auto facts, vault_.facts_of(document.id));
    if (auto kinds = sensitive_kinds(document.entry, facts); !kinds.empty()) {
      scope_.left_out.push_back({std::move(document), std::move(kinds)});
      return {};
    }
    taken_.insert(document.id);
    add(std::move(document), facts);
    return {};
  }

  Result<void> leave_out(store::DocumentView document, std::string_view why) {
    scope_.left_out.push_back({std::move(document), {}, why});
    return {};
  }

  void add(store::DocumentView document, const std::vector<Fact>& facts) {
    if (!can_be_judged(document.entry, facts)) ++scope_.uncoded;
    scope_.documents.push_back(std::move(document));
  }

  store::Vault& vault_;
  const store::GrantTerms& terms_;
  Scope scope_;
  std::set<DocumentId> taken_;
};

}  // namespace

// Text order is time order for dates of one precision. A date that says only its year or month is
// certain where that alone is later.
bool dated_since(std::string_view date, std::string_view since) {
  const auto day = day_alone(date);
  const auto from = day_alone(since);
  if (day.size() < 4 || from.size() < 4) return false;
  if (day.size() >= from.size()) return day.substr(0, from.size()) >= from;
  return day > from.substr(0, day.size());
}

bool of_several_records(const std::vector<store::DocumentView>& documents) {
  return std::any_of(documents.begin(), documents.end(), [&](const auto& document) {
    return document.person != documents.front().person;
  });
}

Result<Scope> evaluate(store::Vault& vault, const store::GrantTerms& terms) {
  Evaluation evaluation{vault, terms};
  COFFRET_CHECK(evaluation.choose());
  COFFRET_CHECK(evaluation.apply_rules());
  return std::move(evaluation).take();
}

}  // namespace coffret::grants
