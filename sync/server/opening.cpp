// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/opening.hpp"

#include <sodium.h>

#include <algorithm>

#include "sync/protocol/signature.hpp"

namespace coffret::server {
namespace {

constexpr std::int64_t day = 86400;               // seconds
constexpr std::uint32_t most_told_singly = 1000;  // openings of a link

// Whether this opening or reading has a line of its own. Without a limit on the openings whoever
// holds the link could write lines for ever. What the granted key signed has one for the link's
// first openings: strangers, who sign nothing, cannot use that bound up and so hide a proof. So has
// an emergency card, which is sealed anew after a use and is not meant to be opened often.
bool told_singly(const GrantRow& row, const protocol::Policy& policy, const Attempt& attempt) {
  if (!attempt.statement.empty() || protocol::asks_reason(policy))
    return row.openings_used <= most_told_singly;
  return policy.openings != 0 && policy.openings <= most_told_singly;
}

unsigned tries_left(const GrantRow& row) {
  return protocol::max_wrong_passcodes -
         std::min(row.wrong_passcodes, protocol::max_wrong_passcodes);
}

protocol::AccessLine line_of(const GrantRow& row, const protocol::Policy& policy,
                             const Attempt& attempt, OpeningOutcome outcome) {
  protocol::AccessLine line;
  line.time = attempt.now;
  line.link = row.link;
  line.outcome = outcome;
  line.version = policy.version;
  line.recipient_sealed = attempt.recipient_sealed;
  line.recipient = attempt.recipient;
  const bool used = outcome == OpeningOutcome::delivered || outcome == OpeningOutcome::read;
  if (outcome == OpeningOutcome::refused || (used && !attempt.statement.empty()))
    line.format = protocol::signed_line_format;
  if (used) line.statement = attempt.statement;
  const bool opens = outcome == OpeningOutcome::delivered || outcome == OpeningOutcome::asked;
  if (opens && !attempt.reason.empty()) {
    line.format = protocol::reason_line_format;
    line.reason = attempt.reason;
  }
  return line;
}

// Writes the line, or only counts it when this link had its share of lines today: a stranger who
// hammers a link must not be able to fill the patient's log.
void tell(GrantRow& row, const protocol::Policy& policy, const Attempt& attempt,
          OpeningOutcome outcome, GrantChange& change) {
  const std::int64_t today = attempt.now / day;
  if (row.attempts_day != today) {
    if (row.attempts_today > lines_per_day) {
      auto held = line_of(row, policy, attempt, OpeningOutcome::many_attempts);
      held.count = row.attempts_today - lines_per_day;
      held.recipient_sealed = false;
      held.recipient.clear();
      change.lines.push_back(std::move(held));
    }
    row.attempts_day = today;
    row.attempts_today = 0;
  }
  ++row.attempts_today;
  if (row.attempts_today <= lines_per_day)
    change.lines.push_back(line_of(row, policy, attempt, outcome));
}

void tell_use(GrantRow& row, const protocol::Policy& policy, const Attempt& attempt,
              OpeningOutcome outcome, GrantChange& change) {
  if (attempt.counted && told_singly(row, policy, attempt))
    change.lines.push_back(line_of(row, policy, attempt, outcome));
  else
    tell(row, policy, attempt, outcome, change);
}

Result<void> check_clock(const Attempt& attempt, Timestamp last, GrantChange& change) {
  if (attempt.now < to_unix(last)) return errc::clock_refused;
  change.time = attempt.now;
  return {};
}

// Nothing opens any more: whoever opened a moment ago keeps their quarter of an hour.
void begin_end(GrantRow& row, const protocol::Policy& policy, std::int64_t now) {
  if (row.ends_at == 0) row.ends_at = std::min(now + reader_time, policy.expires_at);
}

Opening wrong(GrantRow& row, const protocol::Policy& policy, const Attempt& attempt,
              GrantChange& change) {
  tell(row, policy, attempt, OpeningOutcome::wrong_passcode, change);
  if (tries_left(row) == 0) begin_end(row, policy, attempt.now);
  return {Opening::Verdict::wrong_passcode, tries_left(row), 0};
}

Opening not_active(GrantRow& row, const protocol::Policy& policy, const Attempt& attempt,
                   GrantChange& change) {
  tell(row, policy, attempt, OpeningOutcome::not_active, change);
  return {};
}

Opening deliver(GrantRow& row, const protocol::Policy& policy, const Attempt& attempt,
                GrantChange& change) {
  if (attempt.counted) ++row.openings_used;
  tell_use(row, policy, attempt, OpeningOutcome::delivered, change);
  if (attempt.counted) {
    if (policy.openings != 0 && row.openings_used >= policy.openings)
      begin_end(row, policy, attempt.now);
  }
  std::int64_t until = std::min(attempt.now + reader_time, policy.expires_at);
  if (row.ends_at != 0) until = std::min(until, row.ends_at);
  return {Opening::Verdict::delivered, tries_left(row), until};
}

// Counted and told when it is asked for: its owner has the delay to refuse.
Opening wait(GrantRow& row, const protocol::Policy& policy, const Attempt& attempt,
             GrantChange& change) {
  const std::int64_t opens_at = attempt.now + policy.delay;
  if (opens_at >= policy.expires_at) return not_active(row, policy, attempt, change);
  ++row.openings_used;
  tell_use(row, policy, attempt, OpeningOutcome::asked, change);
  return {Opening::Verdict::waiting, tries_left(row), opens_at + reader_time};
}

}  // namespace

Result<Published> published(GrantRow row) {
  auto policy = protocol::decode_policy(row.policy.body);
  if (policy.has_error()) return errc::damaged;
  return Published{std::move(row), std::move(*policy)};
}

GrantState state_of(const GrantRow& row, const protocol::Policy& policy, std::int64_t now) {
  if (row.revoked_at != 0) return GrantState::revoked;
  if (row.wrong_passcodes >= protocol::max_wrong_passcodes) return GrantState::locked;
  if (policy.openings != 0 && row.openings_used >= policy.openings) return GrantState::used_up;
  if (now >= policy.expires_at || row.destroyed) return GrantState::expired;
  // A suspended account's grants open later, if at all; so do those that a restoration closed.
  return row.suspended || row.closed || now < policy.not_before ? GrantState::scheduled
                                                                : GrantState::live;
}

bool has_ended(const GrantRow& row, const protocol::Policy& policy, std::int64_t now) {
  return row.revoked_at != 0 || row.destroyed || now >= policy.expires_at ||
         (row.ends_at != 0 && now >= row.ends_at);
}

bool still_serves(const GrantRow& row, const protocol::Policy& policy, std::int64_t now) {
  return !has_ended(row, policy, now) && !row.suspended && !row.closed && now >= policy.not_before;
}

Result<Opening> judge_opening(GrantRow& row, const protocol::Policy& policy, Timestamp last,
                              const Attempt& attempt, GrantChange& change) {
  COFFRET_CHECK(check_clock(attempt, last, change));
  if (state_of(row, policy, attempt.now) != GrantState::live)
    return not_active(row, policy, attempt, change);
  // Nothing is written down of who says neither who they are nor why: nothing was opened.
  if (protocol::asks_reason(policy) && (attempt.recipient.empty() || attempt.reason.empty()))
    return Opening{Opening::Verdict::refused, tries_left(row), 0};
  if (policy.delay != 0) return wait(row, policy, attempt, change);
  if (!policy.passcode.empty()) {
    // An SHL's is judged by judge_reserved.
    if (policy.delivery != Delivery::link || !attempt.passcode_proof)
      return Opening{Opening::Verdict::passcode_missing, tries_left(row), 0};
    const Sha256 given = protocol::sha256(attempt.passcode_proof->bytes);
    const bool right =
        policy.passcode.size() == Sha256::size &&
        ::sodium_memcmp(given.bytes.data(), policy.passcode.data(), Sha256::size) == 0;
    if (!right) {
      ++row.wrong_passcodes;
      return wrong(row, policy, attempt, change);
    }
  }
  return deliver(row, policy, attempt, change);
}

Result<Opening> reserve_try(GrantRow& row, const protocol::Policy& policy, Timestamp last,
                            const Attempt& attempt, GrantChange& change) {
  COFFRET_CHECK(check_clock(attempt, last, change));
  if (state_of(row, policy, attempt.now) != GrantState::live)
    return not_active(row, policy, attempt, change);
  ++row.wrong_passcodes;
  return Opening{Opening::Verdict::delivered, tries_left(row), 0};
}

Result<Opening> judge_reserved(GrantRow& row, const protocol::Policy& policy, Timestamp last,
                               const Attempt& attempt, bool right, GrantChange& change) {
  COFFRET_CHECK(check_clock(attempt, last, change));
  if (!right) return wrong(row, policy, attempt, change);
  // The try was right, so it is given back; the wrong ones before it stay.
  if (row.wrong_passcodes > 0) --row.wrong_passcodes;
  if (state_of(row, policy, attempt.now) != GrantState::live)
    return not_active(row, policy, attempt, change);
  return deliver(row, policy, attempt, change);
}

Result<Opening> refuse_opening(GrantRow& row, const protocol::Policy& policy, Timestamp last,
                               const Attempt& attempt, GrantChange& change) {
  COFFRET_CHECK(check_clock(attempt, last, change));
  if (state_of(row, policy, attempt.now) != GrantState::live)
    return not_active(row, policy, attempt, change);
  tell(row, policy, attempt, OpeningOutcome::refused, change);
  return Opening{Opening::Verdict::refused, 0, 0};
}

void tell_read(GrantRow& row, const protocol::Policy& policy, const Attempt& attempt,
               GrantChange& change) {
  tell_use(row, policy, attempt, OpeningOutcome::read, change);
}

}  // namespace coffret::server
