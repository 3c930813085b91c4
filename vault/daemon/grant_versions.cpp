// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/grant_versions.hpp"

#include <utility>

#include "sync/client/objects.hpp"
#include "vault/daemon/replies.hpp"

namespace coffret::daemon {
namespace {

constexpr unsigned sendings = 3;        // of one version whose answer was lost
constexpr unsigned versions_tried = 8;  // numbers that versions which the log lost may have taken

// The same version may be sent again: a server that has it says so.
Result<void> publish_surely(const Sender& to, const LinkId& link,
                            const protocol::Publication& publication) {
  Result<void> done = errc::internal;
  for (unsigned sent = 0; sent < sendings; ++sent) {
    done = client::publish(to.server, to.signer, to.vault, link, publication);
    if (done.has_value() || done.error() != errc::server_unreachable) break;
  }
  return done;
}

Result<void> write_down(Call& call, const store::GrantPublished& published) {
  auto operation = store::make_operation(published);
  operation.ignorable = true;
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.append(operation); }));
  return {};
}

// Whether the server may be giving out more under this version than the log tells.
bool gives_more(const store::GrantPublished& published, const store::GrantView& grant) {
  const auto& before = grant.decision;
  const bool more = published.openings == 0 || published.openings > before.openings;
  return published.change == store::GrantChange::terms &&
         (published.expires_at > before.expires_at || (before.openings != 0 && more));
}

}  // namespace

Result<grants::NextVersion> publish_next(Call& call, const Sender& to,
                                         const store::GrantView& grant,
                                         grants::NextRequest request) {
  const grants::ServerPlace place{to.server.identity().url, to.server.identity().fingerprint};
  auto& environment = call.service.environment();
  for (unsigned tried = 1;; ++tried) {
    request.version = grant.version + tried;
    COFFRET_TRY(auto next, call.with([&](store::Vault& vault) {
      return grants::prepare_next(vault, grant, request, place, environment.clock,
                                  environment.random);
    }));
    for (const auto& [id, file] : next.files)
      COFFRET_CHECK(client::upload_parcel_file(to.server, to.signer, to.vault, grant.decision.link,
                                               id, file));
    const auto done = publish_surely(to, grant.decision.link, next.publication);
    if (done.has_error() && done.error() == errc::conflict && tried < versions_tried) continue;
    const bool unknown = done.has_error() && done.error() == errc::server_unreachable;
    if (done.has_value() || (unknown && gives_more(next.published, grant)))
      COFFRET_CHECK(write_down(call, next.published));
    if (done.has_error()) return done.error();
    return next;
  }
}

Result<grants::NextVersion> publish_moved(Call& call, Session::Hold& hold, const Sender& to,
                                          const store::GrantView& grant,
                                          grants::NextRequest request) {
  const auto& decision = grant.decision;
  COFFRET_TRY(const bool answered, has_open_reply(call, decision.grant));
  if (!answered || request.expires_at == decision.expires_at)
    return publish_next(call, to, grant, std::move(request));
  COFFRET_TRY(const auto reply,
              open_reply(call, hold, to.server, to.signer,
                         {decision.grant, decision.caregiver, request.expires_at}));
  auto next = publish_next(call, to, grant, std::move(request));
  auto detail = std::exchange(call.detail, {});
  const auto now = to_unix(to.server.server_now());
  const auto closed = next.has_value() ? close_replies(call, to.server, decision.grant, reply)
                                       : close_deposit_link(call, to.server, to.signer, reply, now);
  call.detail = std::move(detail);
  if (next.has_value() && closed.has_error()) return closed.error();
  return next;
}

}  // namespace coffret::daemon
