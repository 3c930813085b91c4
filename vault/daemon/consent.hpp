// SPDX-License-Identifier: EUPL-1.2
//
// consent.hpp: what a person agrees to with a grant, in the words that they are shown before it is
// made and that are kept with it.
//
// A form (template) never changes under its name: other words are another form, so that a receipt
// tells by which one it was written. Threads: pure functions.
#ifndef COFFRET_VAULT_DAEMON_CONSENT_HPP
#define COFFRET_VAULT_DAEMON_CONSENT_HPP

#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "vault/grants/grants.hpp"
#include "vault/grants/scope.hpp"

namespace coffret::daemon {

inline constexpr std::string_view consent_form = "coffret-consent-2";
// The same, with the sentence about what may be sent in reply.
inline constexpr std::string_view answered_consent_form = "coffret-consent-3";

// The whole text, a sentence a line. `person`: the name of the one whose record it is, where that
// is not the vault's owner; else empty.
std::string consent_text(const grants::GrantRequest& request, const grants::Scope& scope,
                         std::string_view person, Language language);

// What is shared, in a few words: "3 documents", "all of the record, and what arrives".
std::string scope_words(const store::GrantTerms& terms, std::size_t documents, Language language);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_CONSENT_HPP
