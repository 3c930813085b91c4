// SPDX-License-Identifier: EUPL-1.2
//
// grant_parts.hpp: what the grant commands share.
#ifndef COFFRET_VAULT_DAEMON_GRANT_PARTS_HPP
#define COFFRET_VAULT_DAEMON_GRANT_PARTS_HPP

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coffret/grant.hpp"
#include "sync/client/grants.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/grants/grants.hpp"

namespace coffret::daemon {

boost::json::string_view text_view(std::string_view text);

// The error, with what to do about it in the person's language.
errc refused(Call& call, errc error, std::string_view french, std::string_view english);

// A grant by its identifier, or a beginning of at least 4 characters that only one has.
Result<store::GrantView> find_grant(Call& call, const std::string& id);

// One of `grant list`: id, to, role, organisation, delivery, purpose, documents (count),
// not_before, expires_at, openings, state, version, evolving, may_answer, scope (words).
Object grant_json(const store::GrantView& grant, GrantState state, Language language);

struct Sender {
  client::Server& server;
  const Signer& signer;
  VaultId vault;
};

using ParcelFiles = std::vector<std::pair<FileId, SealedParcelFile>>;

// Uploads every file, publishes the policy, and takes the server's signature over what it applies.
Result<void> publish(const Sender& to, const LinkId& link, const ParcelFiles& files,
                     const protocol::Publication& publication);

// Used up and locked are known to the server only, and it is by its clock that grants end. It is
// asked about grants that may still be open; once it fails to answer it is not asked again, and
// what this machine knows is shown.
class ServersWord {
 public:
  explicit ServersWord(Call& call) : call_(call) {}

  GrantState state_of(const store::GrantView& grant);
  std::optional<protocol::GrantStatus> on(const store::GrantView& grant, GrantState state);
  std::int64_t now() const;  // by the server's clock, where it was heard

 private:
  void reach();

  Call& call_;
  bool asked_ = false;
  Seconds ahead_{0};
  std::optional<client::Server> server_;
  const Signer* signer_ = nullptr;
  VaultId vault_{};
};

// Of a grant that may be open, and ends within a day.
bool ends_soon(const store::GrantView& grant, GrantState state, std::int64_t now);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_GRANT_PARTS_HPP
