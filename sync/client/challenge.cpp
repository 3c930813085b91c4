// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/challenge.hpp"

#include <algorithm>

#include "sync/client/request.hpp"
#include "sync/protocol/entry.hpp"
#include "sync/protocol/header_values.hpp"
#include "sync/protocol/status.hpp"

namespace coffret::client {

namespace {

constexpr std::size_t whole_part = std::size_t{4} << 20;  // bytes of one request

// Whether the server gives the bytes of `whole` from `offset` on, at most `size` of them.
Result<bool> gives(Server& server, const Signer& signer, const VaultId& vault, ByteView whole,
                   std::size_t offset, std::size_t size) {
  if (offset >= whole.size()) return errc::malformed;
  const auto due = whole.subspan(offset, std::min(size, whole.size() - offset));
  const protocol::Target target{.endpoint = protocol::Endpoint::fetch_object,
                                .vault = vault,
                                .object = protocol::object_id(whole)};
  auto request = request_to(target);
  request.fields.set("Range", protocol::format_range({offset, due.size()}));
  COFFRET_TRY(const auto response, server.exchange(std::move(request), &signer));
  if (response.status == 404) return false;
  if (response.status == 200)
    return std::equal(response.body.begin(), response.body.end(), whole.begin(), whole.end());
  if (response.status != 206) return protocol::error_of(response.status, response.body);
  return std::equal(response.body.begin(), response.body.end(), due.begin(), due.end());
}

}  // namespace

Result<bool> still_holds(Server& server, const Signer& signer, const VaultId& vault,
                         const SealedObject& object, std::size_t offset) {
  return gives(server, signer, vault, object.view(), offset, challenge_size);
}

Result<bool> still_holds_all(Server& server, const Signer& signer, const VaultId& vault,
                             const SealedObject& object) {
  for (std::size_t at = 0; at < object.view().size(); at += whole_part) {
    COFFRET_TRY(const bool same, gives(server, signer, vault, object.view(), at, whole_part));
    if (!same) return false;
  }
  return true;
}

}  // namespace coffret::client
