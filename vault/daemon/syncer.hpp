// SPDX-License-Identifier: EUPL-1.2
//
// syncer.hpp: bringing vault and server together: pull and verify, fetch bodies, push.
//
// Revocations go first. Nothing is pushed before what the server shows was verified; a head that
// does not extend the remembered one stops everything (server_rolled_back, fork_detected).
// A cut leaves every acknowledged step done; the next sync goes on from there.
// Errors: not_joined, locked, stopping (asked to lock), those of client::Server and of
// store::Vault::accept_remote.
// Threads: one sync at a time per Service, which moves objects over several connections of their
// own (sending.hpp, receiving.hpp). The vault is locked only in short touches.
#ifndef COFFRET_VAULT_DAEMON_SYNCER_HPP
#define COFFRET_VAULT_DAEMON_SYNCER_HPP

#include <cstdint>
#include <vector>

#include "coffret/error.hpp"
#include "sync/client/log.hpp"
#include "sync/client/server.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/line.hpp"

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
  std::uint64_t pushed = 0;          // entries
  std::uint64_t pulled = 0;          // entries
  client::Counters counters;         // of all connections
  std::uint64_t grants_updated = 0;  // grant_life.hpp
  std::uint64_t grants_waiting = 0;
};

class Syncer {
 public:
  // `hold`, `call` and `server` outlive the Syncer.
  Syncer(Call& call, Session::Hold& hold, client::Server& server);
  ~Syncer();
  Syncer(const Syncer&) = delete;
  Syncer& operator=(const Syncer&) = delete;

  Result<SyncCount> run();

  // Only these parts, for a rebuild.
  // An object that the server lost is left out; one that it altered keeps nothing else from being
  // exchanged, but is the error in the end: take_fault() after the rest is done.
  Result<void> fetch_bodies();
  // What came without its text is read; also what a cut left unread the last time.
  Result<void> read_again();
  // Tells in call.detail which document it concerns.
  Result<void> take_fault();
  Result<std::uint64_t> push();

 private:
  Result<void> begin();  // the signer and the vault's name
  Result<void> exchange(SyncCount& count);
  Result<void> evolve(SyncCount& count);
  bool look_at_access();  // true: something is pending again
  Result<void> revoke_pending();
  Result<std::uint64_t> pull();
  Result<void> judge_roster();
  void purge();
  Result<void> keep_newer_card();
  Result<void> write_checkpoint(SyncCount& count);
  // What is pending, up to the entry of that number. False: others were faster.
  Result<bool> push_all(std::uint64_t& pushed, std::uint64_t last);
  Result<std::vector<ObjectId>> without_room();
  // False: others were faster.
  Result<bool> push_what_fits(std::uint64_t& pushed);
  Result<std::vector<ObjectId>> held_already();
  Result<client::Appended> append(const store::Pending& pending);

  Call& call_;
  client::Server& server_;
  Line line_;
  const Signer* signer_ = nullptr;
  VaultId vault_;
  bool signers_changed_ = false;  // by what was sent
  Result<void> fault_;            // the first thing that was not what it has to be
  std::string fault_of_;          // the document it concerns, named
};

// What entries that are sent change in who may sign.
client::SignerChanges changes_of(const store::Pending& pending);

// Sends one revocation, ends what its reader could answer through, and keeps the server's
// acknowledgement in the log.
Result<void> send_revocation(Call& call, client::Server& server, const store::GrantView& grant);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SYNCER_HPP
