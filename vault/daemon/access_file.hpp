// SPDX-License-Identifier: EUPL-1.2
//
// access_file.hpp: the access log as a file for tools/log-verify, or anybody else who doubts.
//
// Text, one item a line: `coffret-access-log 1`, `server <fingerprint>`, `key <the association's
// identity key>`, `vault <id>`, `lines <count>`, then each leaf in base64 (RFC 4648 §4), then
// `checkpoint` and the signed note as it is. The key stands there to be compared with one that is
// known from elsewhere; the fingerprint is its RFC 7638 thumbprint.
#ifndef COFFRET_VAULT_DAEMON_ACCESS_FILE_HPP
#define COFFRET_VAULT_DAEMON_ACCESS_FILE_HPP

#include <string>

#include "sync/client/grants.hpp"

namespace coffret::daemon {

std::string access_file(const client::AccessNews& news, const client::ServerIdentity& server,
                        const VaultId& vault);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_ACCESS_FILE_HPP
