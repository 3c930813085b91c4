// SPDX-License-Identifier: EUPL-1.2
//
// scope.hpp: what a grant lets out: documents chosen one by one, and rules that the patient's own
// daemon evaluates, now and again when something arrives.
//
// A rule names everything, EHDS categories or kinds, of one person's record, perhaps only what is
// dated from a day on. It never names what is removed, set apart, replaced by a newer version or
// not read yet, nor sensitive kinds and masked documents (sensitive.hpp), nor, with `since`, what
// is dated less precisely than to tell. Those are in only where they were chosen one by one.
//
// Threads: as the vault.
#ifndef COFFRET_VAULT_GRANTS_SCOPE_HPP
#define COFFRET_VAULT_GRANTS_SCOPE_HPP

#include <string>
#include <vector>

#include "coffret/error.hpp"
#include "vault/grants/sensitive.hpp"
#include "vault/store/vault.hpp"

namespace coffret::grants {

struct LeftOut {
  store::DocumentView document;
  std::vector<Sensitive> why;
  std::string_view other{};  // "undated", "unread" (not read yet), "body_missing"; or empty
};

struct Scope {
  std::vector<store::DocumentView> documents;  // chosen first, then newest first
  std::vector<LeftOut> left_out;
  std::uint64_t others = 0;   // that the rule would name in other persons' records
  std::uint64_t uncoded = 0;  // of `documents`: those whose codes cannot tell (can_be_judged)
  // Chosen one by one although sensitive or masked: told, not refused.
  std::vector<LeftOut> chosen_sensitive;
};

// What matches now. Errors: not_found (a chosen document is unknown, removed or set apart; `detail`
// of the caller names none), and those of the vault.
Result<Scope> evaluate(store::Vault& vault, const store::GrantTerms& terms);

// Whether a document of this date is dated `since` or later for certain.
bool dated_since(std::string_view date, std::string_view since);

// Documents of more than one record.
bool of_several_records(const std::vector<store::DocumentView>& documents);

}  // namespace coffret::grants

#endif  // COFFRET_VAULT_GRANTS_SCOPE_HPP
