// SPDX-License-Identifier: EUPL-1.2
//
// deposit.hpp: the words of a deposit: documents that somebody sends to a vault through a link,
// sealed to a key that the link's maker alone has (sync/PROTOCOL.md §14).
//
// Units: bytes; times are UTC seconds.
#ifndef COFFRET_DEPOSIT_HPP
#define COFFRET_DEPOSIT_HPP

#include <cstddef>
#include <cstdint>

#include "coffret/ids.hpp"
#include "coffret/sealed.hpp"

namespace coffret {

using DepositId = Id<16, struct DepositIdTag>;  // drawn by whoever sends
// A point of P-256, uncompressed (SEC 1 §2.3.3): 04 ‖ x ‖ y. A key pair per link.
using DepositPublicKey = Id<65, struct DepositPublicKeyTag>;

using SealedDeposit = Sealed<struct SealedDepositTag>;
using ReceivedDeposit = Received<struct SealedDepositTag>;

// Where a deposit lies; part of what its seals are bound to.
struct DepositPlace {
  LinkId link;
  DepositId deposit;
  bool operator==(const DepositPlace&) const = default;
  auto operator<=>(const DepositPlace&) const = default;
};

inline constexpr std::size_t deposit_part = 4 * 1024 * 1024;  // of a file, in one line
inline constexpr std::uint64_t max_deposit = 48u << 20;       // sealed
inline constexpr std::uint64_t max_deposited = 28u << 20;     // of all files of one deposit
inline constexpr std::size_t max_deposited_files = 100;       // of one deposit
inline constexpr std::uint32_t max_link_deposits = 200;       // that one link may take
inline constexpr std::uint64_t max_link_bytes = std::uint64_t{2} << 30;  // sealed, of one link

}  // namespace coffret

#endif  // COFFRET_DEPOSIT_HPP
