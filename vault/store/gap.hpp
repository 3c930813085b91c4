// SPDX-License-Identifier: EUPL-1.2
//
// gap.hpp: the file `history`: what makes it right that entries are missing from the log here.
//
// It stands while a vault that began at a checkpoint has not read the history before it, and names
// each entry that it began with. Without it a missing entry is local_state_tampered, as ever; with
// it these entries must all be there, as they were.
//
//   "COFFRETG" ‖ version u8 ‖ record KeptGap ‖ MAC(32), over all before it, under the head key
//
// It is written once, before the vault counts, and removed when the history is whole: how far the
// reading is tells the log itself (log.hpp), so there are no two places that a crash could part.
// An older copy of it that is put back finds a whole log, and is removed again.
// Errors of decoding: local_state_tampered (MAC, another device's, not one), other_version.
#ifndef COFFRET_VAULT_STORE_GAP_HPP
#define COFFRET_VAULT_STORE_GAP_HPP

#include <cstdint>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/wire.hpp"
#include "sync/protocol/entry.hpp"
#include "vault/crypto/keys.hpp"

namespace coffret::store {

// 40 bytes for each entry that a checkpoint may have (checkpoint.hpp), and the rest.
inline constexpr std::uint64_t gap_file_limit = 24u << 20;  // bytes

struct KeptGap {
  DeviceId device;            // this one
  protocol::Head at;          // the last entry that the checkpoint covers; all behind it is here
  DeviceId writer;            // the device that wrote the checkpoint
  protocol::Head remembered;  // a sheet's or an inviter's, that must lie on the history; or none
  std::vector<protocol::Head> live;  // those it began with, ascending; the last one is at `at`

  template <class A>
  void serialize(A& a) {
    a(device, at, writer, remembered, live);
  }
  bool operator==(const KeptGap&) const = default;
};

Bytes encode_gap(const KeptGap& gap, const crypto::HeadKey& key);
Result<KeptGap> decode_gap(ByteView file, const DeviceId& device, const crypto::HeadKey& key);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_GAP_HPP
