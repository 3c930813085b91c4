// SPDX-License-Identifier: EUPL-1.2
//
// same_document.hpp: whether two files are one document, written in two ways.
//
// Pure functions, asked only of documents that carry the same own id. A correction may keep the id,
// the title and the day: what differs anywhere is another document, and both are kept.
#ifndef COFFRET_VAULT_DAEMON_SAME_DOCUMENT_HPP
#define COFFRET_VAULT_DAEMON_SAME_DOCUMENT_HPP

#include <string_view>
#include <vector>

#include "coffret/document.hpp"
#include "vault/store/views.hpp"

namespace coffret::daemon {

// Whether a description says the same of a document as an entry in the vault, as far as the person
// has not changed that one.
bool same_entry(const DocumentEntry& read, const store::DocumentView& known);

// What there is to read and to know in a document.
struct DocumentContent {
  std::string_view text;
  const std::vector<Attachment>& attachments;
  const std::vector<Fact>& facts;
};

// Whether both hold the same words (white space aside), payloads and facts (their places aside).
// Two that hold nothing are not the same by that: nothing was compared.
bool same_content(const DocumentContent& a, const DocumentContent& b);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SAME_DOCUMENT_HPP
