// SPDX-License-Identifier: EUPL-1.2
//
// links.hpp: the reader's side of a link, without an account (PROTOCOL.md §7, §8).
//
// The server's half opens nothing without the half in the link, which never comes here.
// Errors: those of server.hpp; link_not_active; denied.
#ifndef COFFRET_SYNC_CLIENT_LINKS_HPP
#define COFFRET_SYNC_CLIENT_LINKS_HPP

#include <optional>
#include <string>
#include <string_view>

#include "coffret/sealed.hpp"
#include "sync/client/server.hpp"
#include "sync/protocol/link_messages.hpp"
#include "sync/protocol/policy.hpp"

namespace coffret::client {

// Changes nothing on the server.
Result<protocol::LinkInfo> link_info(Server& server, const LinkId& link);

// An opening, when it can be read, or the refusal of a passcode with the tries that are left.
struct Opening {
  std::optional<protocol::OpenAnswer> answer;
  std::optional<protocol::WaitAnswer> waiting{};
  unsigned remaining_attempts = 0;  // without an answer
};
// Not repeated by itself: an opening is counted before its answer leaves.
Result<Opening> open_link(Server& server, const LinkId& link, const protocol::OpenRequest& ask);

// Errors: also malformed (not of the size that the opening announced).
Result<ReceivedParcelFile> fetch_file(Server& server, const LinkId& link,
                                      const protocol::OpenFile& file, const std::string& reader);

// Tells the server that the manifest was decrypted.
Result<void> prove_read(Server& server, const LinkId& link, const std::string& reader,
                        const protocol::ReadProof& proof);

// SMART Health Links. `body` is the manifest request as JSON, made where the passcode may be seen
// (vault/crypto). The answer is handed back with its status: 401 carries remainingAttempts.
Result<http::Response> shl_manifest(Server& server, const protocol::ShlPath& path, Bytes body);
// Flag U: the one file by GET, `recipient` in clear as the standard demands.
Result<ReceivedParcelFile> shl_direct(Server& server, const protocol::ShlPath& path,
                                      std::string_view recipient);
// `location` as the manifest gave it. Errors: also denied (not at this server).
Result<ReceivedParcelFile> shl_file(Server& server, std::string_view location);

}  // namespace coffret::client

#endif  // COFFRET_SYNC_CLIENT_LINKS_HPP
