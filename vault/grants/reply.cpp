// SPDX-License-Identifier: EUPL-1.2
#include "vault/grants/reply.hpp"

#include <algorithm>
#include <string_view>

#include "coffret/grant.hpp"
#include "vault/crypto/deposit.hpp"
#include "vault/crypto/parcel.hpp"

namespace coffret::grants {
namespace {

constexpr std::string_view reply_label = "coffret reply 1";

}  // namespace

bool may_answer(const store::GrantView& grant) {
  return grant.terms && (grant.terms->rights & static_cast<std::uint8_t>(Right::deposit)) != 0;
}

LinkId reply_link(const GrantId& grant, std::uint32_t number) {
  Bytes named = to_bytes(as_bytes(reply_label));
  append(named, grant.bytes);
  for (int shift = 0; shift < 32; shift += 8)
    named.push_back(static_cast<std::uint8_t>(number >> shift));
  LinkId link;
  const auto hash = crypto::sha256(named);
  std::copy_n(hash.bytes.begin(), link.bytes.size(), link.bytes.begin());
  return link;
}

std::vector<store::DepositLinkView> reply_links(const std::vector<store::DepositLinkView>& all,
                                                const GrantId& grant) {
  std::vector<store::DepositLinkView> found;
  for (std::uint32_t number = 1;; ++number) {
    const auto id = reply_link(grant, number);
    const auto one = std::find_if(all.begin(), all.end(),
                                  [&](const auto& link) { return link.made.link == id; });
    if (one == all.end()) return found;
    found.push_back(*one);
  }
}

std::string reply_fragment(const store::Vault& vault, const GrantId& grant,
                           const Fingerprint& server) {
  const auto links = reply_links(vault.deposit_links(), grant);
  const auto open =
      std::find_if(links.rbegin(), links.rend(), [](const auto& one) { return !one.closed_at; });
  if (open == links.rend()) return {};
  const auto& made = open->made;
  crypto::DepositLink link{{}, made.link, crypto::key_hash(made.key), {}};
  std::copy_n(server.bytes.begin(), link.server.size(), link.server.begin());
  return crypto::deposit_fragment(link);
}

}  // namespace coffret::grants
