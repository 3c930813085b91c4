// SPDX-License-Identifier: EUPL-1.2
#include "vault/grants/grants.hpp"

#include <algorithm>
#include <set>

#include "sync/protocol/url.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/passcode.hpp"
#include "vault/crypto/sealer.hpp"
#include "vault/grants/packing.hpp"
#include "vault/grants/reply.hpp"

namespace coffret::grants {
namespace {

constexpr std::uint32_t first_version = 1;    // n of K_n, of a parcel that is published once
constexpr std::size_t longest_label = 80;     // characters of UTF-8, C5
constexpr std::size_t longest_shl_url = 128;  // characters, C3

// S_n on its way into the log: a key, which is wrapped like one.
using HalfKey = Secret<32, struct HalfKeyTag>;

Result<void> check_request(const GrantRequest& request, const ServerPlace& server) {
  // What is still to arrive fills an evolving link; an SHL has no form for nothing.
  const bool may_be_empty = request.terms.evolving && request.delivery == Delivery::link;
  if ((request.documents.empty() && !may_be_empty) || request.not_before < 0 ||
      request.expires_at <= request.not_before ||
      request.expires_at - request.not_before > protocol::max_validity)
    return errc::denied;
  if (request.passcode && request.passcode->empty()) return errc::denied;
  if (request.emergency &&
      (request.delivery != Delivery::link || request.with_passcode || request.passcode ||
       request.openings != 0 || request.download || request.terms.evolving))
    return errc::denied;
  if (request.delay > (request.emergency ? protocol::max_card_delay : 0U)) return errc::denied;
  const bool to_key = request.delivery == Delivery::key;
  if (to_key != request.holder.has_value()) return errc::denied;
  if (to_key && (request.with_passcode || request.passcode)) return errc::unsupported;
  // An SHL has no place for it.
  if (request.deposit && request.delivery == Delivery::shl) return errc::unsupported;
  // Readers accept names of this length; the log accepts such a consent.
  const auto is_short = [](const std::string& text) { return text.size() <= limits::short_text; };
  if (!is_short(request.caregiver) || !is_short(request.role) || !is_short(request.organisation) ||
      !is_short(request.purpose) || request.consent.size() > store::max_words)
    return errc::too_large;
  COFFRET_TRY(const auto url, protocol::parse_server_url(server.url));
  // A reader's browser has no WebCrypto behind a clear-text address, and no protection.
  return url.tls ? Result<void>{} : Result<void>{errc::unsupported};
}

// One grant while it is made.
class Maker {
 public:
  Maker(store::Vault& vault, GrantRequest request, Clock& clock, Random& random)
      : vault_(vault), request_(std::move(request)), clock_(clock), random_(random) {}

  Result<Parcel> link(const ServerPlace& server);
  Result<Parcel> key(const ServerPlace& server);
  Result<Parcel> shl(const ServerPlace& server);

 private:
  std::uint8_t rights() const;
  Result<void> find() {
    COFFRET_TRY(documents_, find_documents(vault_, request_.documents));
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
  protocol::Manifest manifest(const ServerPlace& server) const;
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
  if (request_.emergency) policy.format = protocol::card_policy_format;
  policy.delay = request_.delay;
  return policy;
}

protocol::Manifest Maker::manifest(const ServerPlace& server) const {
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
  // The one that its chain leads to: an earlier sheet's stays good for what it certified.
  const auto ours = vault_.device(vault_.device());
  manifest.root = ours ? ours->root : vault_.root_key();
  if (request_.deposit && request_.grant)
    manifest.reply = reply_fragment(vault_, *request_.grant, server.fingerprint);
  return manifest;
}

Result<Parcel> Maker::link(const ServerPlace& server) {
  COFFRET_CHECK(find());
  crypto::ProtectedLink link{server.url, link_, crypto::make_key<crypto::LinkSecret>(random_), {}};
  std::copy_n(server.fingerprint.bytes.begin(), link.server.size(), link.server.begin());
  const auto half = random_.make<ServerHalf>();
  const auto key = crypto::parcel_key(link.secret, half, link_, first_version);
  COFFRET_TRY(auto packed, pack_native(sources(key), manifest(server)));

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

// K_n is a file of the package, sealed to the caregiver: it goes when the package goes.
Result<Parcel> Maker::key(const ServerPlace& server) {
  COFFRET_CHECK(find());
  const auto key = crypto::make_key<crypto::ContentKey>(random_);
  auto manifest = this->manifest(server);
  manifest.introduction = request_.holder->introduction;
  COFFRET_TRY(auto documents, pack_native(sources(key), std::move(manifest)));
  COFFRET_TRY(auto sealed,
              crypto::Sealer::seal_to(request_.holder->keys.agreement, link_, key, random_));
  if (documents.files.size() == protocol::max_parcel_files) return errc::too_large;
  Packed packed;
  add_file(packed, random_.make<FileId>(), std::move(sealed), {});
  std::move(documents.files.begin(), documents.files.end(), std::back_inserter(packed.files));
  std::move(documents.listed.begin(), documents.listed.end(), std::back_inserter(packed.listed));

  auto policy = this->policy();
  policy.format = protocol::key_policy_format;
  policy.reader = request_.holder->keys.signing;
  policy.proof_hash = crypto::sha256(crypto::read_proof(key, link_).bytes);
  crypto::KeyLink link{server.url, link_, {}};
  std::copy_n(server.fingerprint.bytes.begin(), link.server.size(), link.server.begin());
  return finish(std::move(packed), std::move(policy), key, ServerHalf{},
                crypto::format_key_link(link));
}

Result<Parcel> Maker::shl(const ServerPlace& server) {
  COFFRET_CHECK(find());
  const auto path = random_.make<protocol::ShlPath>();
  crypto::SmartHealthLink link{server.url + "/shl/" + to_base64url(path.bytes),
                               crypto::make_key<crypto::ContentKey>(random_),
                               request_.expires_at,
                               {},
                               shl_label(request_.caregiver),
                               1};
  if (link.url.size() > longest_shl_url) return errc::too_large;
  COFFRET_TRY(auto packed, pack_fhir(sources(link.key)));

  auto policy = this->policy();
  policy.shl = path;
  policy.shl_long_term = request_.terms.evolving;
  if (policy.shl_long_term) link.flag = "L";
  make_passcode();
  if (const auto* code = passcode()) {
    COFFRET_TRY(const auto hash, crypto::shl_passcode_hash(*code, random_));
    policy.passcode = to_bytes(as_bytes(hash));
    link.flag += "P";
  } else if (request_.openings == 0 && packed.files.size() == 1 && !policy.shl_long_term) {
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
  decision.grant = request_.grant ? *request_.grant : random_.make<GrantId>();
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
  request_.terms.rights = rights();
  if (request_.deposit) request_.terms.rights |= static_cast<std::uint8_t>(Right::deposit);
  return Parcel{decision.grant,
                link_,
                std::move(packed.files),
                std::move(publication),
                decision,
                std::move(request_.terms),
                std::move(link_text),
                std::move(made_passcode_)};
}

}  // namespace

std::string shl_label(const std::string& caregiver) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < caregiver.size(); ++i) {
    const bool starts = (static_cast<std::uint8_t>(caregiver[i]) & 0xc0) != 0x80;
    if (starts && ++characters > longest_label) return caregiver.substr(0, i);
  }
  return caregiver;
}

Result<std::vector<store::DocumentView>> find_documents(store::Vault& vault,
                                                        const std::vector<DocumentId>& ids) {
  std::vector<store::DocumentView> documents;
  std::set<DocumentId> seen;
  std::uint64_t size = 0;
  for (const auto& id : ids) {
    if (!seen.insert(id).second) continue;
    COFFRET_TRY(auto document, vault.document(id.text()));
    if (document.removed_at || document.quarantined) return errc::not_found;
    if (!document.present) return errc::body_missing;
    size += document.size;
    documents.push_back(std::move(document));
    if (documents.size() > max_documents || size > max_parcel) return errc::too_large;
  }
  return documents;
}

Result<Parcel> prepare(store::Vault& vault, GrantRequest request, const ServerPlace& server,
                       Clock& clock, Random& random) {
  COFFRET_CHECK(check_request(request, server));
  const auto delivery = request.delivery;
  Maker maker{vault, std::move(request), clock, random};
  switch (delivery) {
    case Delivery::shl:
      return maker.shl(server);
    case Delivery::key:
      return maker.key(server);
    case Delivery::link:
      break;
  }
  return maker.link(server);
}

GrantState state_of(const store::GrantView& grant, std::int64_t now) {
  if (grant.acknowledged_at) return GrantState::revoked;
  // A link that is over opens nothing, whether the server has heard of its end or not.
  if (now >= grant.decision.expires_at) return GrantState::expired;
  if (grant.revoked_at) return GrantState::revoking;
  return now < grant.decision.not_before ? GrantState::scheduled : GrantState::live;
}

}  // namespace coffret::grants
