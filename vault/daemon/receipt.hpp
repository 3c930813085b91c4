// SPDX-License-Identifier: EUPL-1.2
//
// receipt.hpp: a grant on paper: what was agreed to, for whom, until when, and, where it was
// withdrawn, since when. Three forms of the same: words, FHIR R4 Consent, and a payload to be
// signed by the device (JWS of type "coffret-consent+jwt", with the chain that leads to the vault's
// root).
//
// Pure functions of what the log tells. Times are UTC.
#ifndef COFFRET_VAULT_DAEMON_RECEIPT_HPP
#define COFFRET_VAULT_DAEMON_RECEIPT_HPP

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/grant.hpp"
#include "coffret/time.hpp"
#include "vault/store/views.hpp"

namespace coffret::daemon {

inline constexpr std::string_view receipt_type = "coffret-consent+jwt";

struct ReceiptOf {
  store::GrantView grant;
  GrantState state = GrantState::live;
  // Of every version: what one of them disclosed stays told. Newest version first.
  std::vector<store::DocumentView> documents;
  std::vector<DocumentId> gone;  // disclosed too, and no more in the vault: told by identifier
  VaultId vault;
  std::string owner;
  store::PersonView person;  // whose record it is about
  Timestamp issued_at;
};

// The payload: coffret_consent 1, grant, vault, owner, record_of (where it is not the owner's),
// recipient, purpose, consent {form, language,
// text}, decided_at, versions, documents, withdrawn_at, state, issued_at, chain, root.
std::string receipt_json(const ReceiptOf& of, const std::vector<protocol::SignedCertificate>& chain,
                         const SigningPublicKey& root);
std::string receipt_text(const ReceiptOf& of, Language language);
// A FHIR R4 Consent with the patient and the recipient contained.
boost::json::object receipt_fhir(const ReceiptOf& of, Language language);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_RECEIPT_HPP
