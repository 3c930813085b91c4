// SPDX-License-Identifier: EUPL-1.2
//
// evidence.hpp: what a server showed when its history was not the one known here, kept so that the
// person can show it to the association, or to someone they trust.
//
// One JSON file a showing, `fork-evidence-<seq>-<start of the head's hash>.json` in the vault
// directory: the code, the server's address, fingerprint and signed card, the head remembered here,
// the head shown, and of the entries shown with it the first and the last: their signed body
// (identifiers, hashes, a time), hash and signature. Nothing sealed, no words.
//
// The same showing twice is one file. At most max_evidence are kept, the oldest for good: a server
// must not be able to fill the disk.
//
// Evidence is unsettled until a sync has seen the known history again, at the known head or behind
// it. Until then the server is asked for nothing but a sync, a check and the end of a grant. The
// file stays, as `fork-evidence-….settled.json`; of these, too, at most max_evidence.
// Errors: none; an alarm is not silenced because its evidence could not be written.
#ifndef COFFRET_VAULT_DAEMON_EVIDENCE_HPP
#define COFFRET_VAULT_DAEMON_EVIDENCE_HPP

#include <string>

#include "vault/daemon/commands.hpp"

namespace coffret::daemon {

inline constexpr std::size_t max_evidence = 32;  // files

struct Showing {
  protocol::Head remembered;
  protocol::Head shown;
  const protocol::SignedEntry* first = nullptr;  // of the entries shown; null: none were
  const protocol::SignedEntry* last = nullptr;
};

// Whether it tells of a server that does not keep to one history.
bool is_alarm(errc error) noexcept;

// Of a rollback or fork, keeps the showing and names the file in call.detail. Returns `error`.
errc keep_evidence(Call& call, const client::Server& server, errc error, const Showing& showing);
errc keep_evidence(Call& call, const client::Server& server, errc error,
                   const protocol::Head& remembered, const protocol::EntryPage& page);

// What call.detail names turned out to be this: a server that was honestly put back to a backup.
void restate_evidence(Call& call, errc error);

// Refuses while there is unsettled evidence, and names it in call.detail.
// Errors: fork_detected, server_rolled_back, server_restored (what was recorded; the worst).
Result<void> refuse_unsettled(Call& call);
// The server has shown the known history. What cannot be renamed now stays unsettled.
void settle_evidence(Call& call);

// Asks for the head of the vault's log and compares it with the one known here. A longer log is
// taken for ours until a sync has judged it. Errors: fork_detected, server_rolled_back, with the
// showing kept; those of the request.
Result<void> check_head(Call& call, client::Server& server, const Signer& signer);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_EVIDENCE_HPP
