// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/replies.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

#include "sync/protocol/deposit.hpp"
#include "vault/daemon/grant_parts.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/grants/reply.hpp"

namespace coffret::daemon {
namespace {

using ReplyLinks = std::vector<store::DepositLinkView>;

Result<ReplyLinks> replies_of(Call& call, const GrantId& grant) {
  return call.with([&](store::Vault& vault) -> Result<ReplyLinks> {
    return grants::reply_links(vault.deposit_links(), grant);
  });
}

}  // namespace

Result<LinkId> open_reply(Call& call, Session::Hold& hold, client::Server& server,
                          const Signer& signer, const ReplyTo& to) {
  const std::lock_guard one_at_a_time{call.service.syncing()};
  const auto now = to_unix(server.server_now());
  if (to.expires_at - now > protocol::max_box_validity)
    return refused(call, errc::denied,
                   "Un partage qui permet de répondre finit au plus tard dans un an.",
                   "A grant that may be answered ends within a year.");
  COFFRET_TRY(const auto before, replies_of(call, to.grant));
  store::DepositLinkMade made;
  made.link = grants::reply_link(to.grant, static_cast<std::uint32_t>(before.size()) + 1);
  made.from = to.caregiver;
  made.created_at = now;
  made.expires_at = to.expires_at;
  made.deposits = usual_deposits;
  made.bytes = usual_deposit_bytes;
  COFFRET_TRY(made, open_deposit_link(call, hold, server, signer, std::move(made)));
  return made.link;
}

Result<void> close_replies(Call& call, client::Server& server, const GrantId& grant,
                           const std::optional<LinkId>& kept) {
  COFFRET_TRY(const auto links, replies_of(call, grant));
  COFFRET_TRY(const auto* signer, device_signer(call));
  const auto now = to_unix(call.service.environment().clock.now());
  for (const auto& link : links)
    if (!link.closed_at && link.made.link != kept)
      COFFRET_CHECK(close_deposit_link(call, server, *signer, link.made.link, now));
  return {};
}

Result<bool> has_open_reply(Call& call, const GrantId& grant) {
  COFFRET_TRY(const auto links, replies_of(call, grant));
  return std::any_of(links.begin(), links.end(), [](const auto& one) { return !one.closed_at; });
}

Result<std::map<LinkId, Answered>> answered_grants(Call& call) {
  return call.with([](store::Vault& vault) -> Result<std::map<LinkId, Answered>> {
    std::map<LinkId, Answered> answered;
    const auto links = vault.deposit_links();
    for (const auto& grant : vault.grants()) {
      if (!grants::may_answer(grant)) continue;
      for (const auto& link : grants::reply_links(links, grant.decision.grant))
        answered[link.made.link] = {grant.decision.grant, grant.decision.caregiver};
    }
    return answered;
  });
}

void tell_answered(const std::map<LinkId, Answered>& answered, const LinkId& link, Object& into) {
  const auto found = answered.find(link);
  into["grant"] = nullptr;
  into["grant_to"] = nullptr;
  if (found == answered.end()) return;
  into["grant"] = found->second.grant.text();
  into["grant_to"] = found->second.caregiver;
}

}  // namespace coffret::daemon
