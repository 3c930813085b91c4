// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/control.hpp"

#include <algorithm>

namespace coffret::store {

std::optional<std::int64_t> Control::removed_at(const DocumentId& id) const {
  const auto found = removed_.find(id);
  if (found == removed_.end()) return std::nullopt;
  return found->second;
}

std::vector<DocumentId> Control::removed_until(std::int64_t time) const {
  std::vector<DocumentId> ids;
  for (const auto& [id, at] : removed_)
    if (at <= time && !purged(id)) ids.push_back(id);
  return ids;
}

GrantView* Control::find(const GrantId& id) {
  const auto found = std::find_if(grants_.begin(), grants_.end(),
                                  [&](const GrantView& g) { return g.decision.grant == id; });
  return found == grants_.end() ? nullptr : &*found;
}

Result<protocol::DeviceCertificate> Control::certified(const Opened& opened,
                                                       const protocol::SignedCertificate& signed_by,
                                                       const SigningPublicKey& root) const {
  COFFRET_TRY(const auto claimed, wire::decode<protocol::DeviceCertificate>(signed_by.body));
  SigningPublicKey issuer = root;
  if (claimed.issuer == protocol::Issuer::device) {
    // Only the device that writes the entry may vouch for another one in it.
    const auto voucher = devices_.find(claimed.issuer_device);
    if (voucher == devices_.end() || claimed.issuer_device != opened.entry.device)
      return errc::unauthenticated;
    issuer = voucher->second.signing_key;
  }
  COFFRET_TRY(auto certificate, protocol::verify_certificate(signed_by, issuer));
  if (certificate.vault != opened.entry.vault) return errc::unauthenticated;
  return certificate;
}

// Whose signature the entry must carry. The first device, and one rebuilt from the sheet, sign the
// very entry that enrols them: the root's certificate in it is what makes that good.
Result<SigningPublicKey> Control::signing_key(const Opened& opened) const {
  const DeviceId& device = opened.entry.device;
  if (const auto known = devices_.find(device); known != devices_.end())
    return known->second.signing_key;

  const protocol::SignedCertificate* own = nullptr;
  SigningPublicKey root = genesis_.root;
  if (const auto* genesis = std::get_if<Genesis>(&opened.payload); genesis && !begun_) {
    own = &genesis->device;
    root = genesis->root;
  } else if (const auto* added = std::get_if<DeviceAdded>(&opened.payload); added && begun_) {
    own = &added->certificate;
  }
  if (own == nullptr) return errc::unauthenticated;
  COFFRET_TRY(const auto certificate, certified(opened, *own, root));
  if (certificate.device != device || certificate.issuer != protocol::Issuer::root)
    return errc::unauthenticated;
  return certificate.signing_key;
}

Result<Opened> Control::admit(const protocol::SignedEntry& entry, const protocol::Head& head,
                              Keyring& keyring) const {
  COFFRET_TRY(auto opened, keyring.open(entry));
  if (!begun_ && !std::holds_alternative<Genesis>(opened.payload)) return errc::unauthenticated;
  COFFRET_TRY(const auto key, signing_key(opened));
  COFFRET_TRY(opened.entry, protocol::verify_entry(entry, keyring.vault(), head, key));
  return opened;
}

Result<void> Control::apply(const Opened& opened) {
  clock_ = std::max(clock_, opened.entry.time);
  return std::visit([&](const auto& payload) { return fold(opened, payload); }, opened.payload);
}

Result<void> Control::fold(const Opened& opened, const Genesis& genesis) {
  if (begun_ || opened.entry.seq != 1) return errc::malformed;
  COFFRET_TRY(const auto certificate, certified(opened, genesis.device, genesis.root));
  genesis_ = genesis;
  begun_ = true;
  persons_[PersonId{}] = {.id = {}, .name = genesis.owner, .identity = {}};
  epoch_ = opened.entry.epoch;
  devices_[certificate.device] = {.id = certificate.device,
                                  .name = genesis.device_name,
                                  .signing_key = certificate.signing_key,
                                  .agreement_key = certificate.agreement_key,
                                  .certificate = genesis.device,
                                  .since = opened.entry.seq};
  return {};
}

Result<void> Control::fold(const Opened& opened, const EpochStarted& started) {
  if (started.epoch != epoch_ + 1 || opened.entry.epoch != started.epoch) return errc::malformed;
  epoch_ = started.epoch;
  return {};
}

Result<void> Control::fold(const Opened& opened, const DeviceAdded& added) {
  COFFRET_TRY(const auto certificate, certified(opened, added.certificate, genesis_.root));
  // An identifier names one device for ever.
  if (devices_.contains(certificate.device)) return errc::malformed;
  devices_[certificate.device] = {.id = certificate.device,
                                  .name = added.name,
                                  .signing_key = certificate.signing_key,
                                  .agreement_key = certificate.agreement_key,
                                  .certificate = added.certificate,
                                  .since = opened.entry.seq};
  return {};
}

Result<void> Control::fold(const Opened& opened, const DocumentPut& put) {
  // What the server was told to keep is what the operation says the document lies in.
  if (opened.entry.puts != std::vector<ObjectId>{put.locator.object}) return errc::malformed;
  count_put(opened.entry.time);
  return {};
}

Result<void> Control::fold(const Opened& opened, const DocumentRemoved& removed) {
  removed_.try_emplace(removed.document, clock_);
  if (!opened.entry.drops.empty()) purged_.insert(removed.document);
  return {};
}

// What was purged is nowhere any more.
Result<void> Control::fold(const Opened&, const DocumentRestored& restored) {
  if (!purged(restored.document)) removed_.erase(restored.document);
  return {};
}

Result<void> Control::fold(const Opened& opened, const GrantDecided& decided) {
  if (find(decided.grant) != nullptr) return errc::malformed;
  grants_.push_back({.decision = decided,
                     .epoch = opened.entry.epoch,
                     .seq = opened.entry.seq,
                     .revoked_at = {},
                     .acknowledged_at = {}});
  return {};
}

// The earliest revocation counts; two devices may both revoke.
Result<void> Control::fold(const Opened&, const GrantRevoked& revoked) {
  auto* grant = find(revoked.grant);
  if (grant == nullptr) return errc::malformed;
  if (!grant->revoked_at) grant->revoked_at = revoked.at;
  return {};
}

Result<void> Control::fold(const Opened&, const GrantAcknowledged& acknowledged) {
  auto* grant = find(acknowledged.grant);
  if (grant == nullptr) return errc::malformed;
  if (!grant->acknowledged_at) grant->acknowledged_at = acknowledged.at;
  return {};
}

Result<void> Control::fold(const Opened&, const ServerPinned& pinned) {
  server_ = pinned;
  return {};
}

// Two devices may verify the log at once; the longer one contains the shorter.
Result<void> Control::fold(const Opened&, const AccessCheckpoint& checkpoint) {
  if (!access_ || access_->range.size <= checkpoint.range.size) access_ = checkpoint;
  return {};
}

const DocumentAmended* Control::amended(const DocumentId& id) const {
  const auto at = amended_.find(id);
  return at == amended_.end() ? nullptr : &at->second;
}

const PersonId* Control::assigned(const DocumentId& id) const {
  const auto at = assigned_.find(id);
  return at == assigned_.end() ? nullptr : &at->second;
}

Result<void> Control::fold(const Opened&, const DocumentAmended& amended) {
  auto& so_far = amended_[amended.document];
  so_far.document = amended.document;
  const auto take = [](auto& into, const auto& from) {
    if (from) into = from;
  };
  take(so_far.title, amended.title);
  take(so_far.date, amended.date);
  take(so_far.kind, amended.kind);
  take(so_far.note, amended.note);
  return {};
}

// Only to a record that exists.
Result<void> Control::fold(const Opened&, const DocumentAssigned& assigned) {
  if (!persons_.contains(assigned.person)) return errc::malformed;
  assigned_[assigned.document] = assigned.person;
  return {};
}

Result<void> Control::fold(const Opened&, const PersonNamed& named) {
  auto& person = persons_[named.person];
  person.id = named.person;
  person.name = named.name;
  return {};
}

Result<void> Control::fold(const Opened&, const PersonIdentified& identified) {
  const auto at = persons_.find(identified.person);
  if (at == persons_.end()) return errc::malformed;
  at->second.identity = identified.identity;
  return {};
}

}  // namespace coffret::store
