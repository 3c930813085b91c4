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

// Of a rollback or fork, keeps the showing and names the file in call.detail. Returns `error`.
errc keep_evidence(Call& call, const client::Server& server, errc error, const Showing& showing);
errc keep_evidence(Call& call, const client::Server& server, errc error,
                   const protocol::Head& remembered, const protocol::EntryPage& page);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_EVIDENCE_HPP
