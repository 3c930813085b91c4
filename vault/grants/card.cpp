// SPDX-License-Identifier: EUPL-1.2
#include "vault/grants/card.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "vault/crypto/parcel.hpp"

namespace coffret::grants {

bool is_card(const store::GrantDecided& decision) {
  const auto signed_policy = wire::decode<protocol::SignedPolicy>(decision.policy);
  return signed_policy.has_value() && !signed_policy->body.empty() &&
         signed_policy->body[0] == protocol::card_policy_format;
}

std::uint32_t card_delay(const store::GrantDecided& decision) {
  const auto signed_policy = wire::decode<protocol::SignedPolicy>(decision.policy);
  if (signed_policy.has_error()) return 0;
  const auto policy = protocol::decode_policy(signed_policy->body);
  return policy.has_value() ? policy->delay : 0;
}

Result<std::vector<LeftOut>> barred_from_card(store::Vault& vault,
                                              const std::vector<store::DocumentView>& documents) {
  COFFRET_TRY(const auto unread, vault.without_text());
  const std::set<DocumentId> dark{unread.begin(), unread.end()};
  std::vector<LeftOut> barred;
  for (const auto& document : documents) {
    COFFRET_TRY(const auto facts, vault.facts_of(document.id));
    if (auto kinds = sensitive_kinds(document.entry, facts); !kinds.empty())
      barred.push_back({document, std::move(kinds)});
    else if (!document.present)
      barred.push_back({document, {}, "body_missing"});
    else if (dark.contains(document.id))
      barred.push_back({document, {}, "unread"});
  }
  return barred;
}

Result<SecretText> card_link(const store::Vault& vault, const store::GrantView& card,
                             const ServerPlace& server) {
  const auto& decision = card.decision;
  if (!is_card(decision)) return errc::denied;
  COFFRET_TRY(auto secret, vault.unwrap<crypto::LinkSecret>(card.epoch, crypto::WrapPurpose::link,
                                                            decision.link.view(), 1,
                                                            decision.wrapped_link_secret));
  crypto::ProtectedLink link{server.url, decision.link, std::move(secret), {}};
  std::copy_n(server.fingerprint.bytes.begin(), link.server.size(), link.server.begin());
  return crypto::format_link(link);
}

}  // namespace coffret::grants
