// SPDX-License-Identifier: EUPL-1.2
//
// opening.hpp: the judgement of openings: functions from a grant's row to its next row and the
// lines to write. They run inside the records' transaction, so that parallel requests are judged
// one after the other and an answer leaves only after its count is durable.
//
// Units: UTC seconds. Errors: clock_refused (the clock is behind a time already seen).
// Threads: pure functions.
#ifndef COFFRET_SYNC_SERVER_OPENING_HPP
#define COFFRET_SYNC_SERVER_OPENING_HPP

#include <optional>
#include <string>

#include "coffret/grant.hpp"
#include "coffret/opening.hpp"
#include "sync/server/records.hpp"

namespace coffret::server {

inline constexpr std::int64_t reader_time = 15 * 60;    // seconds: an opening's files and half
inline constexpr std::int64_t location_time = 60 * 60;  // seconds: an SHL's file location

// A published grant as openings see it.
struct Published {
  GrantRow row;
  protocol::Policy policy;
};
// Errors: damaged.
Result<Published> published(GrantRow row);

GrantState state_of(const GrantRow& row, const protocol::Policy& policy, std::int64_t now);
// Whether its time is over for everybody: what is left of it is to be destroyed.
bool has_ended(const GrantRow& row, const protocol::Policy& policy, std::int64_t now);
// Whether someone who opened before may still be served: not ended, whatever is left to open.
bool still_serves(const GrantRow& row, const protocol::Policy& policy, std::int64_t now);

// When a reader's files and half may leave: a card's delay lies before the reader's own time.
inline std::int64_t readable_from(const Reader& reader, const protocol::Policy& policy) noexcept {
  return policy.delay == 0 ? 0 : reader.until - reader_time;
}

// Someone asks to open.
struct Attempt {
  std::int64_t now = 0;
  std::string recipient;
  bool recipient_sealed = true;
  bool counted = true;                   // false: an SHL of flag U
  std::optional<Sha256> passcode_proof;  // protected links: judged here
  std::string statement{};               // deliveries to a key: verified already
  std::string reason{};                  // emergency cards: sealed
};

struct Opening {
  enum class Verdict { delivered, waiting, not_active, wrong_passcode, passcode_missing, refused };
  Verdict verdict = Verdict::not_active;
  unsigned attempts_left = 0;
  std::int64_t until = 0;  // end of this reader's time
};

// Protected links and SHLs without a passcode still to be judged: all in one step.
Result<Opening> judge_opening(GrantRow& row, const protocol::Policy& policy, Timestamp last,
                              const Attempt& attempt, GrantChange& change);

// An SHL's passcode costs Argon2id, outside any transaction: a try is reserved first, and the
// opening is judged with what came out. A crash in between leaves a try spent.
Result<Opening> reserve_try(GrantRow& row, const protocol::Policy& policy, Timestamp last,
                            const Attempt& attempt, GrantChange& change);
Result<Opening> judge_reserved(GrantRow& row, const protocol::Policy& policy, Timestamp last,
                               const Attempt& attempt, bool right, GrantChange& change);

// Somebody asks for what was granted to a key, without that key's signature.
Result<Opening> refuse_opening(GrantRow& row, const protocol::Policy& policy, Timestamp last,
                               const Attempt& attempt, GrantChange& change);

// A reader has proved that the link's files could be read. Errors: none.
void tell_read(GrantRow& row, const protocol::Policy& policy, const Attempt& attempt,
               GrantChange& change);

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_OPENING_HPP
