// SPDX-License-Identifier: EUPL-1.2
//
// access_log.hpp: one line of a vault's access log: the data of a Merkle leaf (PROTOCOL.md §9).
//
// Units: UTC seconds of the server.
#ifndef COFFRET_SYNC_PROTOCOL_ACCESS_LOG_HPP
#define COFFRET_SYNC_PROTOCOL_ACCESS_LOG_HPP

#include <cstdint>
#include <string>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/opening.hpp"
#include "coffret/wire.hpp"

namespace coffret::protocol {

inline constexpr std::uint8_t access_line_format = 1;
// Of a grant for a key: a line that carries the reader's own statement. All others stay as the
// first release wrote and reads them.
inline constexpr std::uint8_t signed_line_format = 2;
// Of an emergency card: a line that carries why it was opened.
inline constexpr std::uint8_t reason_line_format = 3;
inline constexpr std::size_t max_access_line = 4096;             // bytes of an encoded line
inline constexpr std::size_t max_access_lines = 1000;            // of one page
inline constexpr std::size_t max_access_page = 5 * 1024 * 1024;  // bytes of an encoded page
inline constexpr std::size_t max_recipient = 2048;  // bytes: a sealed claim, or an SHL's clear one
inline constexpr std::size_t max_reason = 1024;     // bytes: sealed

struct AccessLine {
  std::uint8_t format = access_line_format;
  std::uint64_t index = 0;  // leaf number, from 0
  std::int64_t time = 0;
  LinkId link;  // zero for daily_head
  OpeningOutcome outcome = OpeningOutcome::delivered;
  std::uint32_t version = 0;  // of the policy
  std::uint32_t count = 1;    // attempts this line stands for
  bool recipient_sealed = true;
  std::string recipient;  // compact JWE, or the SHL's own words
  // Format 2 alone: the JWS of caregiver.hpp for delivered and read; empty for refused.
  std::string statement{};
  // Format 3 alone, of delivered and asked: compact JWE, never empty.
  std::string reason{};

  template <class A>
  void serialize(A& a) {
    a(format, index, time, link, outcome, version, count, recipient_sealed, recipient);
    if (format == signed_line_format) a(statement);
    if (format == reason_line_format) a(reason);
  }
  bool operator==(const AccessLine&) const = default;
};

struct AccessPage {
  std::vector<Bytes> lines;  // wire::encode(AccessLine) each: the leaf's very bytes
  std::string checkpoint;    // covers all leaves of the log, not only this page's
  std::uint64_t size = 0;    // leaves in the log

  template <class A>
  void serialize(A& a) {
    a(lines, checkpoint, size);
  }
  bool operator==(const AccessPage&) const = default;
};

// One leaf. Errors: malformed, too_large, other_version (format or outcome of another build).
Result<AccessLine> decode_access_line(ByteView leaf);
// A page within its limits; its lines are not yet decoded nor proved. Errors: malformed, too_large.
Result<AccessPage> decode_access_page(ByteView bytes);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_ACCESS_LOG_HPP
