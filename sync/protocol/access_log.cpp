// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/access_log.hpp"

#include "sync/protocol/caregiver.hpp"
#include "sync/protocol/merkle.hpp"
#include "sync/protocol/text.hpp"

namespace coffret::protocol {
namespace {

// Only what a reader's key decides is told in the second format, and only that a card was opened in
// the third.
bool good_form(const AccessLine& line) {
  const bool refused = line.outcome == OpeningOutcome::refused;
  const bool asked = line.outcome == OpeningOutcome::asked;
  if (line.format == access_line_format) return !refused && !asked;
  if (line.format == reason_line_format)
    return (line.outcome == OpeningOutcome::delivered || asked) && line.recipient_sealed &&
           !line.recipient.empty() && !line.reason.empty() && line.reason.size() <= max_reason &&
           is_plain_text(line.reason);
  if (refused) return line.statement.empty();
  return (line.outcome == OpeningOutcome::delivered || line.outcome == OpeningOutcome::read) &&
         !line.statement.empty() && line.statement.size() <= max_statement &&
         is_plain_text(line.statement);
}

}  // namespace

Result<AccessLine> decode_access_line(ByteView leaf) {
  if (leaf.size() > max_access_line) return errc::too_large;
  if (leaf.empty()) return errc::malformed;
  if (leaf[0] < access_line_format || leaf[0] > reason_line_format) return errc::other_version;
  COFFRET_TRY(auto line, wire::decode<AccessLine>(leaf));
  if (name(line.outcome).empty()) return errc::other_version;
  if (line.recipient.size() > max_recipient || !is_plain_text(line.recipient))
    return errc::malformed;
  if (line.time < 0 || line.count == 0) return errc::malformed;
  if (!good_form(line)) return errc::malformed;
  if (line.link.is_zero() != (line.outcome == OpeningOutcome::daily_head)) return errc::malformed;
  return line;
}

Result<AccessPage> decode_access_page(ByteView bytes) {
  if (bytes.size() > max_access_page) return errc::too_large;
  COFFRET_TRY(auto page, wire::decode<AccessPage>(bytes));
  if (page.lines.size() > max_access_lines || page.checkpoint.size() > max_checkpoint_size)
    return errc::too_large;
  for (const auto& line : page.lines)
    if (line.size() > max_access_line) return errc::too_large;
  if (page.lines.size() > page.size) return errc::malformed;
  return page;
}

}  // namespace coffret::protocol
