// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/log.hpp"

#include "sync/client/account.hpp"
#include "sync/client/request.hpp"
#include "sync/protocol/status.hpp"

namespace coffret::client {

using protocol::Endpoint;
using protocol::Target;

Result<protocol::EntryPage> pull(Server& server, const Signer& signer, const VaultId& vault,
                                 std::uint64_t after, std::uint32_t limit) {
  const Target target{
      .endpoint = Endpoint::read_log, .vault = vault, .after = after, .limit = limit};
  COFFRET_TRY(const auto response, server.ask(request_to(target), &signer));
  if (response.body.size() > max_page) return errc::too_large;
  COFFRET_TRY(auto page, wire::decode<protocol::EntryPage>(response.body));
  // An empty page before the head would have a caller ask for ever.
  const bool stuck = page.entries.empty() && page.head.seq > after;
  if (page.entries.size() > limit || stuck) return errc::malformed;
  return page;
}

Result<Appended> append(Server& server, const Signer& signer, const VaultId& vault,
                        const EntryHash& expected, std::span<const protocol::SignedEntry> entries) {
  if (entries.empty()) return errc::malformed;
  if (entries.size() > max_append) return errc::too_large;
  auto body = wire::encode(protocol::Append{expected, {entries.begin(), entries.end()}});
  if (body.size() > max_page) return errc::too_large;
  const Target target{.endpoint = Endpoint::append_log, .vault = vault};
  COFFRET_TRY(const auto response,
              server.exchange(request_to(target, record_type, std::move(body)), &signer));
  if (response.status == 200) {
    COFFRET_TRY(const auto answer, protocol::from_json<protocol::HeadAnswer>(response.body));
    if (answer.head.hash != protocol::entry_hash(entries.back().body)) return errc::malformed;
    return Appended{true, answer.head};
  }
  const errc error = protocol::error_of(response.status, response.body);
  if (error != errc::conflict) return error;
  COFFRET_TRY(const auto state, vault_state(server, signer, vault));
  return Appended{false, state.head};
}

}  // namespace coffret::client
