// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/packs.hpp"

#include <algorithm>

#include "sync/client/request.hpp"

namespace coffret::client {

using protocol::Endpoint;
using protocol::Target;

Result<std::vector<ObjectId>> send_pack(Server& server, const Signer& signer, const VaultId& vault,
                                        const std::vector<NamedObject>& objects) {
  std::vector<protocol::PackItem> items;
  std::size_t bytes = 0;
  for (const auto& one : objects) {
    items.push_back({one.object, static_cast<std::uint32_t>(one.sealed.size())});
    bytes += one.sealed.size();
  }
  if (items.empty() || !fits_pack(items.size(), bytes)) return errc::too_large;
  Bytes body;
  body.reserve(protocol::pack_head_size(items.size()) + bytes);
  append(body, protocol::pack_head(items));
  for (const auto& one : objects) append(body, one.sealed.view());

  const Target target{.endpoint = Endpoint::pack_objects, .vault = vault};
  COFFRET_TRY(auto answer, ask_json<protocol::MissingAnswer>(
                               server, request_to(target, record_type, std::move(body)), &signer));
  std::sort(answer.missing.begin(), answer.missing.end());
  std::vector<ObjectId> left;
  for (const auto& item : items)
    if (std::binary_search(answer.missing.begin(), answer.missing.end(), item.object))
      left.push_back(item.object);
  return left;
}

Result<std::vector<FetchedObject>> fetch_pack(Server& server, const Signer& signer,
                                              const VaultId& vault,
                                              std::span<const WantedObject> wanted) {
  if (wanted.empty() || wanted.size() > protocol::max_packed_objects) return errc::too_large;
  protocol::ObjectsRequest asked;
  for (const auto& one : wanted) asked.objects.push_back(one.object);
  const Target target{.endpoint = Endpoint::fetch_objects, .vault = vault};
  COFFRET_TRY(const auto response,
              server.ask(request_to(target, protocol::to_json(asked)), &signer));
  COFFRET_TRY(const auto packed, protocol::read_pack(response.body, protocol::PackKind::down));
  if (packed.size() > wanted.size()) return errc::malformed;
  std::vector<FetchedObject> fetched;
  for (std::size_t i = 0; i < packed.size(); ++i) {
    const auto& one = packed[i];
    if (one.object != wanted[i].object || one.bytes.size() > wanted[i].size) return errc::malformed;
    auto& there = fetched.emplace_back(FetchedObject{one.object, std::nullopt});
    if (!one.bytes.empty()) there.received = ReceivedObject{to_bytes(one.bytes)};
  }
  return fetched;
}

}  // namespace coffret::client
