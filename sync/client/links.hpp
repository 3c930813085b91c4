// SPDX-License-Identifier: EUPL-1.2
//
// links.hpp: the reader's side of a link, without an account (PROTOCOL.md §7, §8).
//
// The server's half opens nothing without the half in the link, which never comes here.
// Errors: those of server.hpp; link_not_active; denied.
#ifndef COFFRET_SYNC_CLIENT_LINKS_HPP
#define COFFRET_SYNC_CLIENT_LINKS_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/grant.hpp"
#include "coffret/sealed.hpp"
#include "sync/client/server.hpp"
#include "sync/protocol/policy.hpp"

namespace coffret::client {

struct LinkInfo {
  Delivery delivery = Delivery::link;
  bool passcode = false;  // asked for
  Timestamp expires_at;
};
// Changes nothing on the server.
Result<LinkInfo> link_info(Server& server, const LinkId& link);

struct OpenAsk {
  std::string recipient;                 // compact JWE, or empty
  std::optional<Sha256> passcode_proof;  // DESIGN.md §9
  std::string reader;                    // token of an earlier opening, or empty
};

struct LinkFile {
  FileId id;
  std::uint64_t size = 0;  // bytes
};

struct Opened {
  ServerHalf server_half;
  std::uint32_t version = 0;    // n of K_n
  std::vector<LinkFile> files;  // the manifest first
  std::string reader;           // token for the files, and for opening again uncounted
  Timestamp reader_until;
  Timestamp server_time;
};

// An opening, or the refusal of a passcode with the tries that are left.
struct OpenAnswer {
  std::optional<Opened> opened;
  std::optional<std::uint32_t> remaining_attempts;
};
// Not repeated by itself: an opening is counted before the answer leaves.
Result<OpenAnswer> open_link(Server& server, const LinkId& link, const OpenAsk& ask);

// The file has at most the size that the opening announced.
Result<ReceivedParcelFile> fetch_file(Server& server, const LinkId& link, const LinkFile& file,
                                      const std::string& reader);

// Tells the server that the manifest was decrypted.
Result<void> prove_read(Server& server, const LinkId& link, const std::string& reader,
                        const Sha256& proof);

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
