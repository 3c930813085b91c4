// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>

#include "vault/crypto/parcel.hpp"
#include "vault/grants/grants.hpp"
#include "vault/grants/packing.hpp"
#include "vault/grants/reply.hpp"

namespace coffret::grants {
namespace {

using NextHalf = Secret<32, struct NextHalfTag>;

class NextMaker {
 public:
  NextMaker(store::Vault& vault, const store::GrantView& grant, const NextRequest& request,
            Clock& clock, Random& random)
      : vault_(vault), grant_(grant), request_(request), clock_(clock), random_(random) {}

  Result<NextVersion> make(const ServerPlace& server) {
    COFFRET_TRY(const auto before, wire::decode<protocol::SignedPolicy>(decision().policy));
    COFFRET_TRY(policy_, protocol::decode_policy(before.body));
    if (policy_.version >= request_.version) return errc::conflict;
    policy_.version = request_.version;
    policy_.device = vault_.device();
    policy_.not_before = request_.not_before;
    policy_.expires_at = request_.expires_at;
    policy_.openings = request_.openings;
    COFFRET_TRY(documents_, find_documents(vault_, request_.documents));
    return decision().delivery == Delivery::shl ? shl(server) : link(server);
  }

 private:
  const store::GrantDecided& decision() const noexcept { return grant_.decision; }

  Sources sources(const crypto::ContentKey& key) const {
    return {vault_, documents_, key, clock_, random_, request_.several_persons};
  }

  template <class Key>
  Result<Key> link_secret() const {
    return vault_.unwrap<Key>(grant_.epoch, crypto::WrapPurpose::link, decision().link.view(), 1,
                              decision().wrapped_link_secret);
  }

  protocol::Manifest manifest(const ServerPlace& server) const {
    protocol::Manifest manifest;
    manifest.link = decision().link;
    manifest.version = request_.version;
    manifest.vault = vault_.id();
    manifest.issued_at = to_unix(clock_.now());
    manifest.expires_at = request_.expires_at;
    manifest.owner = vault_.owner();
    manifest.to = decision().caregiver;
    manifest.purpose = decision().purpose;
    manifest.rights = policy_.rights;
    const auto ours = vault_.device(vault_.device());
    manifest.root = ours ? ours->root : vault_.root_key();
    if (may_answer(grant_))
      manifest.reply = reply_fragment(vault_, decision().grant, server.fingerprint);
    return manifest;
  }

  Result<NextVersion> link(const ServerPlace& server) {
    COFFRET_TRY(const auto secret, link_secret<crypto::LinkSecret>());
    const auto half = random_.make<ServerHalf>();
    const auto key = crypto::parcel_key(secret, half, decision().link, request_.version);
    COFFRET_TRY(auto packed, pack_native(sources(key), manifest(server)));
    policy_.proof_hash = crypto::sha256(crypto::read_proof(key, decision().link).bytes);
    return finish(std::move(packed), half);
  }

  Result<NextVersion> shl(const ServerPlace& server) {
    COFFRET_TRY(auto key, link_secret<crypto::ContentKey>());
    COFFRET_TRY(auto packed, pack_fhir(sources(key)));
    if (policy_.shl_direct && packed.files.size() != 1) return errc::unsupported;
    COFFRET_TRY(auto next, finish(std::move(packed), ServerHalf{}));
    crypto::SmartHealthLink link{server.url + "/shl/" + to_base64url(policy_.shl.bytes),
                                 std::move(key),
                                 request_.expires_at,
                                 flags(),
                                 shl_label(decision().caregiver),
                                 1};
    next.shl_link = crypto::format_shl(link, server.url + "/v#");
    return next;
  }

  std::string flags() const {
    std::string flag;
    if (policy_.shl_long_term) flag += 'L';
    if (!policy_.passcode.empty()) flag += 'P';
    if (policy_.shl_direct) flag += 'U';
    return flag;
  }

  Result<NextVersion> finish(Packed packed, const ServerHalf& half) {
    policy_.files = std::move(packed.listed);
    COFFRET_CHECK(protocol::check_policy(policy_));
    NextVersion next{.files = std::move(packed.files),
                     .publication = {protocol::sign_policy(policy_, vault_.signer()), half},
                     .published = {},
                     .shl_link = {}};
    if (next.publication.policy.body.size() > protocol::max_policy_size) return errc::too_large;
    auto& told = next.published;
    told.grant = decision().grant;
    told.link = decision().link;
    told.version = request_.version;
    told.change = request_.change;
    for (const auto& document : documents_) told.documents.push_back(document.id);
    told.policy = wire::encode(next.publication.policy);
    if (!half.is_zero()) {
      const auto key = NextHalf::make(
          [&](auto bytes) { std::copy(half.bytes.begin(), half.bytes.end(), bytes.begin()); });
      told.wrapped_server_half =
          vault_.wrap(crypto::WrapPurpose::server_half, told.link.view(), request_.version, key);
    }
    told.at = to_unix(clock_.now());
    told.not_before = request_.not_before;
    told.expires_at = request_.expires_at;
    told.openings = request_.openings;
    return next;
  }

  store::Vault& vault_;
  const store::GrantView& grant_;
  const NextRequest& request_;
  Clock& clock_;
  Random& random_;
  protocol::Policy policy_;
  std::vector<store::DocumentView> documents_;
};

}  // namespace

Result<NextVersion> prepare_next(store::Vault& vault, const store::GrantView& grant,
                                 const NextRequest& request, const ServerPlace& server,
                                 Clock& clock, Random& random) {
  const bool empty = request.documents.empty();
  const bool evolving = grant.terms && grant.terms->evolving;
  if (grant.decision.delivery == Delivery::key) return errc::unsupported;
  if ((empty && !(evolving && grant.decision.delivery == Delivery::link)) ||
      request.expires_at <= request.not_before ||
      request.expires_at - request.not_before > protocol::max_validity)
    return errc::denied;
  return NextMaker{vault, grant, request, clock, random}.make(server);
}

}  // namespace coffret::grants
