// SPDX-License-Identifier: EUPL-1.2
//
// changes.hpp: an append to the log together with what its entries change in who may sign
// (PROTOCOL.md §4). The entries are sealed, so that the server has to be told; it takes both or
// neither.
//
// Errors: malformed, too_large.
#ifndef COFFRET_SYNC_PROTOCOL_CHANGES_HPP
#define COFFRET_SYNC_PROTOCOL_CHANGES_HPP

#include <cstddef>
#include <optional>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/wire.hpp"
#include "sync/protocol/device.hpp"
#include "sync/protocol/entry.hpp"

namespace coffret::protocol {

inline constexpr std::size_t max_changed_devices = 100;  // of each kind, in one append

inline constexpr std::size_t max_certificate_body = 1024;  // bytes; one has far fewer

// The root key of a new recovery sheet. It certifies the device that asks, which shows that whoever
// asks has it, and that it is meant for this vault.
struct RootChange {
  SigningPublicKey root;
  SignedCertificate certificate;

  template <class A>
  void serialize(A& a) {
    a(root, certificate);
  }
  bool operator==(const RootChange&) const = default;
};

struct Changes {
  Append append;
  std::vector<SignedCertificate> added;  // each by the root, or by a device known before it
  std::vector<DeviceId> removed;         // may sign the entries, and nothing afterwards
  std::optional<RootChange> root;

  template <class A>
  void serialize(A& a) {
    a(append, added, removed, root);
  }
  bool operator==(const Changes&) const = default;
};

Result<Changes> decode_changes(ByteView bytes);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_CHANGES_HPP
