// SPDX-License-Identifier: EUPL-1.2
//
// packs.hpp: many small objects in one request (PROTOCOL.md §5), for a server that speaks version
// 2 (Server::version()).
//
// Units: bytes. Errors: those of objects.hpp.
#ifndef COFFRET_SYNC_CLIENT_PACKS_HPP
#define COFFRET_SYNC_CLIENT_PACKS_HPP

#include <optional>
#include <span>
#include <vector>

#include "coffret/sealed.hpp"
#include "sync/client/server.hpp"
#include "sync/protocol/pack.hpp"

namespace coffret::client {

// Whether these two can travel together with what is in the pack already.
constexpr bool fits_pack(std::size_t objects, std::size_t bytes) noexcept {
  return objects <= protocol::max_packed_objects &&
         protocol::pack_head_size(objects) + bytes <= protocol::max_pack;
}

struct NamedObject {
  ObjectId object;
  SealedObject sealed;
};

// Sends them together, durable there when this returns. Returns those that the server did not take:
// something is in their way, which upload() is told. Precondition: they fit a pack.
Result<std::vector<ObjectId>> send_pack(Server& server, const Signer& signer, const VaultId& vault,
                                        const std::vector<NamedObject>& objects);

struct WantedObject {
  ObjectId object;
  std::uint64_t size = 0;  // as a signed entry tells it
};

struct FetchedObject {
  ObjectId object;
  std::optional<ReceivedObject> received;  // none: the server does not hold it
};

// Fetches some of them, from the first on: at least one. Whether the bytes have their names is the
// caller's to judge, object by object, since it hashes them anyway.
// Errors: also malformed (others than the asked ones, or of another size).
Result<std::vector<FetchedObject>> fetch_pack(Server& server, const Signer& signer,
                                              const VaultId& vault,
                                              std::span<const WantedObject> wanted);

}  // namespace coffret::client

#endif  // COFFRET_SYNC_CLIENT_PACKS_HPP
