// SPDX-License-Identifier: EUPL-1.2
//
// syncer.hpp: bringing vault and server together: pull and verify, fetch bodies, push.
//
// Revocations go first. Nothing is pushed before what the server shows was verified; a head that
// does not extend the remembered one stops everything (server_rolled_back, fork_detected).
// A cut leaves every acknowledged step done; the next sync goes on from there.
// Errors: not_joined, locked, stopping (asked to lock), those of client::Server and of
// store::Vault::accept_remote.
// Threads: one sync at a time per Service, which moves objects over up to max_lanes connections of
// their own: each object costs the server a wait for its disk, and those waits can be shared. The
// vault is locked only in short touches.
#ifndef COFFRET_VAULT_DAEMON_SYNCER_HPP
#define COFFRET_VAULT_DAEMON_SYNCER_HPP

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "coffret/error.hpp"
#include "sync/client/server.hpp"
#include "vault/daemon/commands.hpp"

namespace coffret::daemon {

// What a log entry of type ServerPinned says, as a client's identity.
client::ServerIdentity identity_of(const store::ServerPinned& pinned);

// Whether unsettled evidence against the server (evidence.hpp) keeps it from being asked.
enum class Unsettled : std::uint8_t { refuse, allow };

// The vault's server, ready for requests. Only what may clear the matter up, and the end of a
// grant, may allow unsettled evidence. Errors: not_joined, locked, those of refuse_unsettled.
Result<client::Server> pinned_server(Call& call, Unsettled unsettled = Unsettled::refuse);

// The device's signer, usable while a Hold lives. Errors: locked.
Result<const Signer*> device_signer(Call& call);

struct SyncCount {
  std::uint64_t pushed = 0;   // entries
  std::uint64_t pulled = 0;   // entries
  client::Counters counters;  // of all connections
};

inline constexpr std::size_t max_lanes = 8;         // connections
inline constexpr std::size_t objects_per_lane = 4;  // fewer are not worth another handshake

class Syncer {
 public:
  // `hold`, `call` and `server` outlive the Syncer.
  Syncer(Call& call, Session::Hold& hold, client::Server& server);

  Result<SyncCount> run();

  // Only these parts, for a rebuild.
  // An object that the server lost is left out; one that it altered keeps nothing else from being
  // exchanged, but is the error in the end: take_fault() after the rest is done.
  Result<void> fetch_bodies();
  Result<void> take_fault();
  Result<std::uint64_t> push();

 private:
  Result<void> revoke_pending();
  Result<std::uint64_t> pull();
  void purge();
  Result<void> read_again();
  Result<void> keep_newer_card();
  Result<bool> push_once(std::uint64_t& pushed);
  Result<void> upload_missing(const std::vector<ObjectId>& objects);
  Result<void> go_on() const;  // stopping when asked to

  // Runs `move` for 0 to count - 1, on several connections when there are many. The first error
  // ends all; objects already moved stay moved.
  using Move = std::function<Result<void>(client::Server&, std::size_t)>;
  Result<void> each(std::size_t count, const Move& move);
  void add(const client::Counters& counters);

  Call& call_;
  Session::Hold& hold_;
  client::Server& server_;
  const Signer* signer_ = nullptr;
  VaultId vault_;
  std::mutex mutex_;           // guards what lanes share: the answer, the counters, the fault
  Result<void> fault_;         // the first object that was not what it has to be
  client::Counters counters_;  // of the lanes
};

// Sends one revocation and keeps the server's acknowledgement in the log.
Result<void> send_revocation(Call& call, client::Server& server, const store::GrantView& grant);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SYNCER_HPP
