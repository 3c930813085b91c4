// SPDX-License-Identifier: EUPL-1.2
//
// epochs.hpp: a server that was put back to a backup, seen from a device (PROTOCOL.md §12).
//
// Errors: those of server.hpp; unauthenticated (an answer that the pinned identity did not sign).
#ifndef COFFRET_SYNC_CLIENT_EPOCHS_HPP
#define COFFRET_SYNC_CLIENT_EPOCHS_HPP

#include <span>

#include "sync/client/log.hpp"
#include "sync/client/server.hpp"
#include "sync/protocol/epoch_note.hpp"

namespace coffret::client {

struct ShownNote {
  protocol::EpochNote note;
  Bytes record;  // as it was signed
};
// Errors: not_found (it was never put back, or this vault came after that).
Result<ShownNote> epoch_note(Server& server, const Signer& signer, const VaultId& vault);

// Like append(), for what a server had before: objects that later entries drop may be gone, and the
// new root of `changes` may have been another enrolled device's to bring.
Result<Appended> append_again(Server& server, const Signer& signer, const VaultId& vault,
                              const EntryHash& expected,
                              std::span<const protocol::SignedEntry> entries,
                              const SignerChanges& changes);

// Opens a grant that the restoration closed; the server signs back the policy it applies, which
// must be `policy`. Errors: not_found (it has no such grant any more), link_not_active (ended).
Result<void> confirm_grant(Server& server, const Signer& device, const VaultId& vault,
                           const LinkId& link, const protocol::Confirmation& confirmation,
                           ByteView policy);

}  // namespace coffret::client

#endif  // COFFRET_SYNC_CLIENT_EPOCHS_HPP
