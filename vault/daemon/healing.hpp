// SPDX-License-Identifier: EUPL-1.2
//
// healing.hpp: a server that was honestly put back to a backup, and given again what it lacks.
//
// The association's signed note says which of the vault's entries the backup held. When the log
// here holds that very entry, what followed it is sent again: entries byte for byte as they were
// signed, with what they change in who may sign; objects made again. Then grants that were revoked
// are revoked again, and those that still run are confirmed with their server half.
// When another device has written since, with less knowledge than this one, its history is followed
// and what it lacked is taken in behind it (store/ways_out.hpp). The note makes nobody forget.
// An account that the server has no more (erased, or younger than the backup) is opened again with
// an invitation (`server join`), and given everything.
// Errors: not_found (no newer note: nothing to heal), account_unknown, fork_detected (the backup is
// of another history), server_rolled_back (it shows even less than its own backup held), those of a
// sync. Threads: under Service::syncing.
#ifndef COFFRET_VAULT_DAEMON_HEALING_HPP
#define COFFRET_VAULT_DAEMON_HEALING_HPP

#include "vault/daemon/syncer.hpp"

namespace coffret::daemon {

struct HealCount {
  std::uint64_t entries = 0;
  std::uint64_t objects = 0;
  std::uint64_t grants = 0;   // confirmed
  std::uint64_t revoked = 0;  // revoked again
  std::uint64_t carried = 0;  // entries taken in behind another device's
  boost::json::array lost;    // running grants that the server no longer has: to be made anew
  boost::json::array left_out;
};

Object told_healed(const HealCount& healed);

// What an error of a sync really is: server_restored when the server shows a valid note that is
// newer than any seen (the evidence kept for it says so too); account_unknown when the server knows
// neither this device nor any that vouched for it.
errc explained(Call& call, client::Server& server, errc error);

// server_restored where the server was put back to a backup of which this vault was not told yet:
// every grant is closed, and its counters are the backup's, until the owner knows. tell_restored
// asks only where the server said so with its log; check_restored asks always.
Result<void> tell_restored(Call& call, client::Server& server);
Result<void> check_restored(Call& call, client::Server& server);

Result<HealCount> heal(Call& call, Session::Hold& hold, client::Server& server);

// What the server has of this vault: no account; the beginning of the log known here, as a giving
// that was cut leaves it; anything else.
enum class AccountThere : std::uint8_t { none, beginning, whole };
Result<AccountThere> account_there(Call& call, client::Server& server);

// Everything, to an account that was opened with a new invitation, or what is left of that. Running
// grants are counted as lost: their links lead nowhere.
Result<HealCount> give_all(Call& call, Session::Hold& hold, client::Server& server);

// A giving that was begun and not seen to end is a file beside the store: what the server has is
// then no rollback, and the next sync goes on with it. Nothing: none is under way.
Result<void> begin_giving(Call& call);
Result<std::optional<HealCount>> finish_giving(Call& call, Session::Hold& hold,
                                               client::Server& server);

// "sync heal preview": what `sync --heal` would do, before the person agrees.
Result<Object> heal_preview(Call& call);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_HEALING_HPP
