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
  COFFRET_TRY(auto page, protocol::decode_entry_page(response.body));
  // An empty page before the head would have a caller ask for ever.
  const bool stuck = page.entries.empty() && page.head.seq > after;
  if (page.entries.size() > limit || stuck) return errc::malformed;
  return page;
}

namespace {

struct WholeLog {
  const VaultId& vault;
  const LogBounds& bounds;
  std::vector<protocol::SignedEntry> entries;
  protocol::Head end;  // of what was taken
  std::size_t bytes = 0;

  Result<void> take(protocol::SignedEntry& next) {
    COFFRET_TRY(const auto entry, protocol::decode_entry(next.body));
    if (entry.vault != vault || entry.operation != protocol::operation_hash(next.operation))
      return errc::unauthenticated;
    if (entry.seq != end.seq + 1 || entry.previous != end.hash) return errc::fork_detected;
    bytes += next.body.size() + next.operation.size();
    if (bytes > bounds.bytes || entry.seq > bounds.entries) return errc::too_large;
    end = {entry.seq, protocol::entry_hash(next.body)};
    entries.push_back(std::move(next));
    return {};
  }
};

}  // namespace

Result<std::vector<protocol::SignedEntry>> pull_whole(Server& server, const Signer& signer,
                                                      const VaultId& vault,
                                                      const LogBounds& bounds) {
  WholeLog log{vault, bounds, {}, {}, 0};
  for (;;) {
    COFFRET_TRY(auto page, pull(server, signer, vault, log.end.seq));
    if (page.head.seq > bounds.entries) return errc::too_large;
    for (auto& entry : page.entries) COFFRET_CHECK(log.take(entry));
    if (log.end.seq > page.head.seq) return errc::malformed;
    if (log.end.seq < page.head.seq) continue;
    if (log.end != page.head) return errc::fork_detected;
    return std::move(log.entries);
  }
}

Result<protocol::Head> wait(Server& server, const Signer& signer, const VaultId& vault,
                            std::uint64_t after, std::uint32_t seconds) {
  const Target target{
      .endpoint = Endpoint::wait_log, .vault = vault, .after = after, .seconds = seconds};
  COFFRET_TRY(const auto answer,
              ask_json<protocol::HeadAnswer>(server, request_to(target), &signer));
  return answer.head;
}

namespace {

Result<Appended> send(Server& server, const Signer& signer, const VaultId& vault, Endpoint endpoint,
                      Bytes body, const protocol::SignedEntry& last) {
  if (body.size() > max_page) return errc::too_large;
  const Target target{.endpoint = endpoint, .vault = vault};
  COFFRET_TRY(const auto response,
              server.exchange(request_to(target, record_type, std::move(body)), &signer));
  if (response.status == 200) {
    COFFRET_TRY(const auto answer, protocol::from_json<protocol::HeadAnswer>(response.body));
    if (answer.head.hash != protocol::entry_hash(last.body)) return errc::malformed;
    return Appended{true, answer.head};
  }
  const errc error = protocol::error_of(response.status, response.body);
  if (error != errc::conflict) return error;
  COFFRET_TRY(const auto state, vault_state(server, signer, vault));
  return Appended{false, state.head};
}

}  // namespace

Result<Appended> append(Server& server, const Signer& signer, const VaultId& vault,
                        const EntryHash& expected, std::span<const protocol::SignedEntry> entries) {
  if (entries.empty()) return errc::malformed;
  if (entries.size() > max_append) return errc::too_large;
  auto body = wire::encode(protocol::Append{expected, {entries.begin(), entries.end()}});
  return send(server, signer, vault, Endpoint::append_log, std::move(body), entries.back());
}

Result<Appended> append(Server& server, const Signer& signer, const VaultId& vault,
                        const EntryHash& expected, std::span<const protocol::SignedEntry> entries,
                        const SignerChanges& changes) {
  if (entries.empty()) return errc::malformed;
  if (entries.size() > max_append) return errc::too_large;
  auto body = wire::encode(protocol::Changes{.append = {expected, {entries.begin(), entries.end()}},
                                             .added = changes.added,
                                             .removed = changes.removed,
                                             .root = changes.root});
  return send(server, signer, vault, Endpoint::append_changes, std::move(body), entries.back());
}

}  // namespace coffret::client
