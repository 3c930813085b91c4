// SPDX-License-Identifier: EUPL-1.2
#include "vault/grants/grants.hpp"

#include <algorithm>
#include <set>

#include "sync/protocol/url.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/passcode.hpp"
#include "vault/grants/packing.hpp"

namespace coffret::grants {
namespace {

constexpr std::uint32_t first_version = 1;    // n of K_n, of a parcel that is published once
constexpr std::size_t longest_shl_url = 128;  // characters, C3
constexpr std::size_t longest_label = 80;     // characters, C5

// S_n on its way into the log: a key, which is wrapped like one.
using HalfKey = Secret<32, struct HalfKeyTag>;

Result<void> check_request(const GrantRequest& request, const ServerPlace& server) {
  if (request.documents.empty() || request.not_before < 0 ||
      request.expires_at <= request.not_before ||
      request.expires_at - request.not_before > protocol::max_validity)
    return errc::denied;
  if (request.passcode && request.passcode->empty()) return errc::denied;
  if (request.delivery != Delivery::link && request.delivery != Delivery::shl)
    return errc::unsupported;
  // Readers accept names of this length; the log accepts such a consent.
  const auto is_short = [](const std::string& text) { return text.size() <= limits::short_text; };
  if (!is_short(request.caregiver) || !is_short(request.role) || !is_short(request.organisation) ||
      !is_short(request.purpose) || request.consent.size() > store::max_words)
    return errc::too_large;
  COFFRET_TRY(const auto url, protocol::parse_server_url(server.url));
  // A reader's browser has no WebCrypto behind a clear-text address, and no protection.
  return url.tls ? Result<void>{} : Result<void>{errc::unsupported};
}

Result<std::vector<store::DocumentView>> find_documents(store::Vault& vault,
                                                        const GrantRequest& request) {
  std::vector<store::DocumentView> documents;
  std::set<DocumentId> seen;
  std::uint64_t size = 0;
  for (const auto& id : request.documents) {
    if (!seen.insert(id).second) continue;
    COFFRET_TRY(auto document, vault.document(id.text()));
    if (document.removed_at || document.quarantined || !document.present) return errc::not_found;
    size += document.size;
    documents.push_back(std::move(document));
    if (documents.size() > max_documents || size > max_parcel) return errc::too_large;
  }
  return documents;
}

// At most `count` characters of UTF-8.
std::string shortened(const std::string& text, std::size_t count) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts = (static_cast<std::uint8_t>(text[i]) & 0xc0) != 0x80;
    if (starts && ++characters > count) return text.substr(0, i);
  }
  return text;
}

// One grant while it is made.
class Maker {
 public:
  Maker(store::Vault& vault, GrantRequest request, Clock& clock, Random& random)
      : vault_(vault), request_(std::move(request)), clock_(clock), random_(random) {}

  Result<Parcel> link(const ServerPlace& server);
  Result<Parcel> shl(const ServerPlace& server);

 private:
  std::uint8_t rights() const;
  Result<void> find() {
    COFFRET_TRY(documents_, find_documents(vault_, request_));
    return {};
  }
  Sources sources(const crypto::ContentKey& key) {
    return {vault_, documents_, key, clock_, random_, request_.several_persons};
  }
  const SecretText* passcode() const {
    if (made_passcode_) return &*made_passcode_;
    return request_.passcode ? &*request_.passcode : nullptr;
  }
  void make_passcode() {
    if (request_.with_passcode && !request_.passcode)
      made_passcode_ = crypto::make_passcode(random_);
  }
  protocol::Policy policy() const;
  protocol::Manifest manifest() const;
  template <class Key>
  Result<Parcel> finish(Packed packed, protocol::Policy policy, const Key& secret,
                        const ServerHalf& half, SecretText link_text);

  store::Vault& vault_;
  GrantRequest request_;
  Clock& clock_;
  Random& random_;
  LinkId link_ = random_.make<LinkId>();
  std::vector<store::DocumentView> documents_;
  std::optional<SecretText> made_passcode_;
};

std::uint8_t Maker::rights() const {
  const auto view = static_cast<std::uint8_t>(Right::view);
  const auto download = static_cast<std::uint8_t>(Right::download);
  return request_.download ? static_cast<std::uint8_t>(view | download) : view;
}

protocol::Policy Maker::policy() const {
  protocol::Policy policy;
  policy.vault = vault_.id();
  policy.link = link_;
  policy.device = vault_.device();
  policy.delivery = request_.delivery;
  policy.version = first_version;
  policy.not_before = request_.not_before;
  policy.expires_at = request_.expires_at;
  policy.openings = request_.openings;
  policy.rights = rights();
  return policy;
}

protocol::Manifest Maker::manifest() const {
  protocol::Manifest manifest;
  manifest.link = link_;
  manifest.version = first_version;
  manifest.vault = vault_.id();
  manifest.issued_at = to_unix(clock_.now());
  manifest.expires_at = request_.expires_at;
  manifest.owner = vault_.owner();
  manifest.to = request_.caregiver;
  manifest.purpose = request_.purpose;
  manifest.rights = rights();
  manifest.root = vault_.root_key();
  return manifest;
}

Result<Parcel> Maker::link(const ServerPlace& server) {
  COFFRET_CHECK(find());
  crypto::ProtectedLink link{server.url, link_, crypto::make_key<crypto::LinkSecret>(random_), {}};
  std::copy_n(server.fingerprint.bytes.begin(), link.server.size(), link.server.begin());
  const auto half = random_.make<ServerHalf>();
  const auto key = crypto::parcel_key(link.secret, half, link_, first_version);
  COFFRET_TRY(auto packed, pack_native(sources(key), manifest()));

  auto policy = this->policy();
  policy.proof_hash = crypto::sha256(crypto::read_proof(key, link_).bytes);
  make_passcode();
  if (const auto* code = passcode()) {
    const auto proof = crypto::passcode_proof(link.secret, link_, *code);
    policy.passcode = to_bytes(crypto::sha256(proof.bytes).bytes);
  }
  auto text = crypto::format_link(link);
  return finish(std::move(packed), std::move(policy), link.secret, half, std::move(text));
}

Result<Parcel> Maker::shl(const ServerPlace& server) {
  COFFRET_CHECK(find());
  const auto path = random_.make<protocol::ShlPath>();
  crypto::SmartHealthLink link{server.url + "/shl/" + to_base64url(path.bytes),
                               crypto::make_key<crypto::ContentKey>(random_),
                               request_.expires_at,
                               {},
                               shortened(request_.caregiver, longest_label),
                               1};
  if (link.url.size() > longest_shl_url) return errc::too_large;
  COFFRET_TRY(auto packed, pack_fhir(sources(link.key)));

  auto policy = this->policy();
  policy.shl = path;
  make_passcode();
  if (const auto* code = passcode()) {
    COFFRET_TRY(const auto hash, crypto::shl_passcode_hash(*code, random_));
    policy.passcode = to_bytes(as_bytes(hash));
    link.flag = "P";
  } else if (request_.openings == 0 && packed.files.size() == 1) {
    policy.shl_direct = true;
    link.flag = "U";
  }
  auto text = crypto::format_shl(link, server.url + "/v#");
  return finish(std::move(packed), std::move(policy), link.key, ServerHalf{}, std::move(text));
}

template <class Key>
Result<Parcel> Maker::finish(Packed packed, protocol::Policy policy, const Key& secret,
                             const ServerHalf& half, SecretText link_text) {
  policy.files = std::move(packed.listed);
  COFFRET_CHECK(protocol::check_policy(policy));
  protocol::Publication publication{protocol::sign_policy(policy, vault_.signer()), half};
  if (publication.policy.body.size() > protocol::max_policy_size) return errc::too_large;

  store::GrantDecided decision;
  decision.grant = random_.make<GrantId>();
  decision.link = link_;
  decision.caregiver = std::move(request_.caregiver);
  decision.role = std::move(request_.role);
  decision.organisation = std::move(request_.organisation);
  for (const auto& document : documents_) decision.documents.push_back(document.id);
  decision.delivery = request_.delivery;
  decision.policy = wire::encode(publication.policy);
  decision.wrapped_link_secret =
      vault_.wrap(crypto::WrapPurpose::link, link_.view(), first_version, secret);
  if (!half.is_zero()) {
    const auto key = HalfKey::make(
        [&](auto bytes) { std::copy(half.bytes.begin(), half.bytes.end(), bytes.begin()); });
    decision.wrapped_server_half =
        vault_.wrap(crypto::WrapPurpose::server_half, link_.view(), first_version, key);
  }
  decision.purpose = std::move(request_.purpose);
  decision.consent = std::move(request_.consent);
  decision.created_at = to_unix(clock_.now());
  decision.not_before = request_.not_before;
  decision.expires_at = request_.expires_at;
  decision.openings = request_.openings;
  return Parcel{decision.grant,           link_,    std::move(packed.files),
                std::move(publication),   decision, std::move(link_text),
                std::move(made_passcode_)};
}

}  // namespace

Result<Parcel> prepare(store::Vault& vault, GrantRequest request, const ServerPlace& server,
                       Clock& clock, Random& random) {
  COFFRET_CHECK(check_request(request, server));
  const bool shl = request.delivery == Delivery::shl;
  Maker maker{vault, std::move(request), clock, random};
  return shl ? maker.shl(server) : maker.link(server);
}

GrantState state_of(const store::GrantView& grant, std::int64_t now) {
  if (grant.acknowledged_at) return GrantState::revoked;
  // A link that is over opens nothing, whether the server has heard of its end or not.
  if (now >= grant.decision.expires_at) return GrantState::expired;
  if (grant.revoked_at) return GrantState::revoking;
  return now < grant.decision.not_before ? GrantState::scheduled : GrantState::live;
}

}  // namespace coffret::grants
