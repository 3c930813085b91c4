// SPDX-License-Identifier: EUPL-1.2
//
// same_document.hpp: whether two files are one document, written in two ways.
//
// Pure functions, asked only of documents that carry the same own id.
#ifndef COFFRET_VAULT_DAEMON_SAME_DOCUMENT_HPP
#define COFFRET_VAULT_DAEMON_SAME_DOCUMENT_HPP

#include <string_view>

#include "coffret/document.hpp"
#include "vault/store/views.hpp"

namespace coffret::daemon {

// Whether a description says the same of a document as an entry in the vault, as far as the person
// has not changed that one.
bool same_entry(const DocumentEntry& read, const store::DocumentView& known);

// Whether both texts hold the same characters, white space aside.
bool same_words(std::string_view a, std::string_view b);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SAME_DOCUMENT_HPP
