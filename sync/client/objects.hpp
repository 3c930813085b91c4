// SPDX-License-Identifier: EUPL-1.2
//
// objects.hpp: moving sealed objects and parcel files (PROTOCOL.md §5, §6).
//
// Only sealed values go up. What comes down has the asked name (its hash was compared) and stays
// Received until vault/crypto opens it.
// Units: bytes. Errors: those of server.hpp; over_quota, not_found, too_large;
// unauthenticated (an object whose bytes do not have its name).
#ifndef COFFRET_SYNC_CLIENT_OBJECTS_HPP
#define COFFRET_SYNC_CLIENT_OBJECTS_HPP

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "coffret/sealed.hpp"
#include "sync/client/server.hpp"

namespace coffret::client {

inline constexpr std::size_t part_size = 4 << 20;     // bytes of one request
inline constexpr std::size_t max_object = 80u << 20;  // bytes

// Those of `objects` that the server does not hold whole, in the same order.
Result<std::vector<ObjectId>> missing(Server& server, const Signer& signer, const VaultId& vault,
                                      std::span<const ObjectId> objects);

// How large a content's next part may be (up to part_size), and what hears of each that was moved;
// its error ends the upload.
struct Parts {
  std::function<std::size_t()> size = [] { return part_size; };
  std::function<Result<void>(std::size_t bytes)> moved = [](std::size_t) { return Result<void>{}; };
};

// Whether the server's word that it holds an object is taken, or it is to read what it holds first
// (version 3; another one does as if believed).
enum class Held : std::uint8_t { believed, doubted };

// Sends what the server does not have of it yet. Durable there when this returns. May be called
// again after any failure and goes on where the last acknowledged part ended.
Result<void> upload(Server& server, const Signer& signer, const VaultId& vault,
                    const SealedObject& object, const Parts& parts = {},
                    Held held = Held::believed);
Result<void> upload_parcel_file(Server& server, const Signer& signer, const VaultId& vault,
                                const LinkId& link, const FileId& file,
                                const SealedParcelFile& content);

// Fetched in parts, all full but the last; a part that fails for want of a connection is asked for
// once more. `at_most`: bytes, where a signed entry tells the size.
// Errors: also too_large (more than that, or than max_object).
// `begun` are its first bytes, from an earlier try; `keep` is given each further part with its
// offset, and may end the download by an error.
using KeepPart = std::function<Result<void>(std::uint64_t offset, ByteView part)>;
Result<ReceivedObject> go_on_downloading(Server& server, const Signer& signer, const VaultId& vault,
                                         const ObjectId& object, std::uint64_t at_most, Bytes begun,
                                         const KeepPart& keep, const Parts& parts = {});
Result<ReceivedObject> download(Server& server, const Signer& signer, const VaultId& vault,
                                const ObjectId& object, std::uint64_t at_most = max_object);

}  // namespace coffret::client

#endif  // COFFRET_SYNC_CLIENT_OBJECTS_HPP
