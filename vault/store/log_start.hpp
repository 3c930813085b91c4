// SPDX-License-Identifier: EUPL-1.2
//
// log_start.hpp: the log as a device reads it that has none of it yet: from the end backwards, as
// far as the newest checkpoint that may be believed, or else to the first entry.
//
// The log itself tells of its checkpoints, so that a server needs to know nothing of them and can
// keep silent about none without hiding entries. What was read on the way is never read again: with
// no checkpoint, or with none that is found good, the whole log was read, as if there were no such
// thing. A checkpoint is passed over, and never an alarm here, when it is of another version, its
// parts are not to be had, an entry in it or behind it fails the judgement, its device was removed,
// or `remembered` contradicts it: the whole log then tells who is right. At most
// four are tried.
//
// Cost: entries behind the checkpoint, its parts, and for whoever holds a sheet about log₂(n)
// requests for single entries (the start of the epoch, which has the sheet's envelope).
// Errors: those of the source, but not_found of an object; fork_detected (does not chain),
// server_rolled_back (the log became shorter meanwhile), malformed, unauthenticated (another
// vault), too_large (the bounds).
// Ownership: borrows the source. Threads: one.
#ifndef COFFRET_VAULT_STORE_LOG_START_HPP
#define COFFRET_VAULT_STORE_LOG_START_HPP

#include <cstdint>
#include <optional>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/sealed.hpp"
#include "vault/store/checkpoint_judge.hpp"

namespace coffret::store {

// Where a log lies: a server, or a test.
class LogSource {
 public:
  virtual ~LogSource() = default;
  // Entries behind `after`, oldest first, at least one where there is one, at most `limit`.
  virtual Result<protocol::EntryPage> page(std::uint64_t after, std::uint32_t limit) = 0;
  // Not yet compared with its name; at most `size` bytes. Errors: not_found.
  virtual Result<ReceivedObject> object(const ObjectId& id, std::uint64_t size) = 0;
};

struct StartBounds {
  std::uint64_t entries = 500'000;  // held in memory at once, as LogBounds of sync/client
  std::size_t bytes = 512u << 20;   // of bodies and operations
};

// A state to start from. It may still leave something out: HistoryCheck is to read the rest.
struct StartingPoint {
  protocol::Head at;
  std::vector<protocol::SignedEntry> entries;  // the live ones up to `at`
  Control control;                             // folded to the end of the log
  DeviceId writer;                             // that announced it
  protocol::Head remembered;                   // as it was asked for
  Descent descent = Descent::not_yet;          // of `remembered`: shown or not_yet
};

struct LogStart {
  // Those behind checkpoint->at, or all: chained, and with a checkpoint also judged.
  std::vector<protocol::SignedEntry> entries;
  std::optional<StartingPoint> checkpoint;
};

// `keyring`: of a sheet, or of a device that was given the newest epoch's key; it learns the epochs
// that the entries read begin, on trust. `remembered`: the sheet's or the inviter's head; seq 0:
// none.
Result<LogStart> read_log_start(LogSource& source, Keyring& keyring,
                                const protocol::Head& remembered, const StartBounds& bounds = {});

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_LOG_START_HPP
