// SPDX-License-Identifier: EUPL-1.2
//
// deposit.hpp: the messages about deposit links and what strangers left there (PROTOCOL.md §14).
//
// The server sees a public key, limits and sizes; what is sealed to the key it cannot open.
// Units: bytes, UTC seconds. Errors of from_json: malformed, too_large.
#ifndef COFFRET_SYNC_PROTOCOL_DEPOSIT_HPP
#define COFFRET_SYNC_PROTOCOL_DEPOSIT_HPP

#include <cstdint>
#include <string>
#include <vector>

#include "coffret/deposit.hpp"
#include "coffret/error.hpp"
#include "sync/protocol/messages.hpp"

namespace coffret::protocol {

inline constexpr std::size_t max_listed_deposits = 400;                      // of one answer
inline constexpr std::int64_t max_box_validity = std::int64_t{366} * 86400;  // seconds
inline constexpr std::int64_t box_grace = std::int64_t{30} * 86400;
// seconds after its end that a link's deposits wait

// What the owner says of a link. Limits count for the link's whole life.
struct BoxTerms {
  DepositPublicKey key;
  std::int64_t expires_at = 0;
  std::uint32_t deposits = 0;  // 1 to max_link_deposits
  std::uint64_t bytes = 0;     // sealed, 1 to max_link_bytes
  bool operator==(const BoxTerms&) const = default;
};

// What whoever has the link is told.
struct BoxInfo {
  DepositPublicKey key;
  std::int64_t expires_at = 0;
  std::uint64_t bytes = 0;  // that a deposit may have now, sealed
  bool operator==(const BoxInfo&) const = default;
};

struct WaitingDeposit {
  DepositPlace place;
  std::uint64_t size = 0;
  bool operator==(const WaitingDeposit&) const = default;
};

struct DepositList {
  std::vector<WaitingDeposit> deposits;
  std::vector<LinkId> held;  // by a restoration of the server
  bool operator==(const DepositList&) const = default;
};

std::string to_json(const BoxTerms& message);
std::string to_json(const BoxInfo& message);
std::string to_json(const DepositList& message);

template <>
Result<BoxTerms> from_json<BoxTerms>(ByteView text);
template <>
Result<BoxInfo> from_json<BoxInfo>(ByteView text);
template <>
Result<DepositList> from_json<DepositList>(ByteView text);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_DEPOSIT_HPP
