// SPDX-License-Identifier: EUPL-1.2
//
// replies.hpp: grants whose reader may send documents back: a deposit link that is made with the
// grant, named in its sealed manifest alone, and that ends with it.
//
// Errors: those of the server and of the vault; denied (a grant that ends later than a deposit link
// may).
#ifndef COFFRET_VAULT_DAEMON_REPLIES_HPP
#define COFFRET_VAULT_DAEMON_REPLIES_HPP

#include <map>
#include <optional>
#include <string>

#include "vault/daemon/deposit_links.hpp"
#include "vault/store/views.hpp"

namespace coffret::daemon {

struct ReplyTo {
  GrantId grant;
  std::string caregiver;
  std::int64_t expires_at = 0;  // UTC seconds, of the grant
};

// Another link than those that were made for this grant before.
Result<LinkId> open_reply(Call& call, Session::Hold& hold, client::Server& server,
                          const Signer& signer, const ReplyTo& to);
// Ends them all, but for `kept`.
Result<void> close_replies(Call& call, client::Server& server, const GrantId& grant,
                           const std::optional<LinkId>& kept = {});
// Whether there is one to be answered through.
Result<bool> has_open_reply(Call& call, const GrantId& grant);

struct Answered {
  GrantId grant;
  std::string caregiver;
};
// Which grant the deposits of a link answer.
Result<std::map<LinkId, Answered>> answered_grants(Call& call);
// Adds `grant` and `grant_to`: null where it answers none.
void tell_answered(const std::map<LinkId, Answered>& answered, const LinkId& link, Object& into);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_REPLIES_HPP
