// SPDX-License-Identifier: EUPL-1.2
//
// head.hpp: the file `head`: how far this device's log and the server's reach, kept outside the
// database and MAC'd, so that an older copy of the database is noticed.
//
//   "COFFRETH" ‖ version u8 ‖ record KeptHead ‖ MAC(32), over all before it
//
// Usually the database is written first and this file after it: the database may be ahead of the
// file, never behind. An act that replaces entries (a rebase) first writes the file with both ends,
// `head` and `next`: after a crash the database must reach one of them.
// Errors of decoding: local_state_tampered (MAC, another device's, not one), other_version.
#ifndef COFFRET_VAULT_STORE_HEAD_HPP
#define COFFRET_VAULT_STORE_HEAD_HPP

#include <cstdint>
#include <optional>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/wire.hpp"
#include "sync/protocol/entry.hpp"
#include "vault/crypto/keys.hpp"

namespace coffret::store {

inline constexpr std::uint64_t head_file_limit = 1024;  // bytes

struct KeptHead {
  DeviceId device;
  protocol::Head head;
  std::optional<protocol::Head> next;
  protocol::Head server;    // the server's log as last acknowledged or pulled
  std::int64_t latest = 0;  // the latest time seen; never goes back

  template <class A>
  void serialize(A& a) {
    a(device, head, next, server, latest);
  }
  bool operator==(const KeptHead&) const = default;
};

Bytes encode_head(const KeptHead& head, const crypto::HeadKey& key);
Result<KeptHead> decode_head(ByteView file, const DeviceId& device, const crypto::HeadKey& key);

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_HEAD_HPP
