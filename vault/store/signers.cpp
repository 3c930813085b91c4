// SPDX-License-Identifier: EUPL-1.2
//
// The part of the fold that says who may sign and who can read: devices, epochs, the root.
#include <algorithm>
#include <utility>

#include "vault/store/control.hpp"

namespace coffret::store {
namespace {

// What a certificate says, when this key signed it for this vault.
Result<protocol::DeviceCertificate> certified(const VaultId& vault,
                                              const protocol::SignedCertificate& signed_by,
                                              const SigningPublicKey& issuer) {
  COFFRET_TRY(auto certificate, protocol::verify_certificate(signed_by, issuer));
  if (certificate.vault != vault) return errc::unauthenticated;
  return certificate;
}

}  // namespace

const DeviceView* Control::enrolled(const DeviceId& id) const {
  const auto found = devices_.find(id);
  return found == devices_.end() || found->second.removed ? nullptr : &found->second;
}

bool Control::was_root(const SigningPublicKey& root) const {
  return std::find(former_roots_.begin(), former_roots_.end(), root) != former_roots_.end();
}

// The key of a device that signs the very entry that enrols it: the first one, one rebuilt from the
// sheet, one that goes on under new keys. The certificate in the entry is what makes that good.
Result<SigningPublicKey> Control::own_key(const Opened& opened) const {
  const protocol::SignedCertificate* own = nullptr;
  SigningPublicKey issuer = root_;
  DeviceId issuer_device;
  if (const auto* genesis = std::get_if<Genesis>(&opened.payload); genesis && !begun_) {
    own = &genesis->device;
    issuer = genesis->root;
  } else if (const auto* added = std::get_if<DeviceAdded>(&opened.payload); added && begun_) {
    own = &added->certificate;
  } else if (const auto* removed = std::get_if<DeviceRemoved>(&opened.payload);
             removed && removed->replacement && begun_) {
    const auto* before = enrolled(removed->device);
    if (before == nullptr) return errc::unauthenticated;
    own = &removed->replacement->certificate;
    issuer = before->signing_key;
    issuer_device = before->id;
  }
  if (own == nullptr) return errc::unauthenticated;
  COFFRET_TRY(const auto certificate, certified(opened.entry.vault, *own, issuer));
  if (certificate.device != opened.entry.device || certificate.issuer_device != issuer_device)
    return errc::unauthenticated;
  return certificate.signing_key;
}

Result<Opened> Control::admit(const protocol::SignedEntry& entry, const protocol::Head& head,
                              Keyring& keyring) const {
  COFFRET_TRY(const auto claimed, protocol::decode_entry(entry.body));
  if (const auto* device = enrolled(claimed.device)) {
    COFFRET_CHECK(protocol::verify_entry(entry, keyring.vault(), head, device->signing_key));
  } else if (devices_.contains(claimed.device)) {
    return errc::unauthenticated;  // removed
  }
  auto candidate = keyring.open_new(entry);
  if (candidate.has_error()) {
    // What nobody signed says nothing of itself, not even that another version made it.
    if (begun_ && enrolled(claimed.device) == nullptr) return errc::unauthenticated;
    const bool next = begun_ && claimed.epoch == epoch_ + 1;
    const bool shut_out = next && candidate.error() == errc::not_found;
    return shut_out ? error_code{keyring.excluded()} : candidate.error();
  }
  auto& opened = candidate->opened;
  if (!begun_ && !std::holds_alternative<Genesis>(opened.payload)) return errc::unauthenticated;
  if (enrolled(claimed.device) == nullptr) {
    COFFRET_TRY(const auto key, own_key(opened));
    COFFRET_CHECK(protocol::verify_entry(entry, keyring.vault(), head, key));
  }
  COFFRET_CHECK(judge_epoch(opened));
  if (const auto* start = start_of(opened.payload); start != nullptr && candidate->fresh) {
    Keyring after = keyring;
    after.keep(candidate->fresh);
    COFFRET_CHECK(after.check_previous(*start));
  }
  keyring.keep(std::move(candidate->fresh));
  return std::move(opened);
}

// Every entry is sealed under the key of the epoch it stands in: whoever was removed reads nothing
// behind the removal, whichever device wrote it and when.
Result<void> Control::judge_epoch(const Opened& opened) const {
  if (!begun_) return {};
  const auto* start = start_of(opened.payload);
  const std::uint32_t expected = start == nullptr ? epoch_ : epoch_ + 1;
  if (opened.entry.epoch != expected || (start != nullptr && start->epoch != expected))
    return errc::malformed;
  return {};
}

Result<void> Control::apply(const Opened& opened) {
  COFFRET_CHECK(judge_epoch(opened));
  clock_ = std::max(clock_, opened.entry.time);
  return std::visit([&](const auto& payload) { return fold(opened, payload); }, opened.payload);
}

Result<void> Control::enrol(const Opened& opened, const DeviceAdded& added,
                            const DeviceView* voucher) {
  COFFRET_TRY(const auto certificate, certified(opened.entry.vault, added.certificate,
                                                voucher == nullptr ? root_ : voucher->signing_key));
  if (certificate.issuer_device != (voucher == nullptr ? DeviceId{} : voucher->id))
    return errc::unauthenticated;
  // An identifier names one device for ever.
  if (devices_.contains(certificate.device)) return errc::malformed;
  devices_[certificate.device] = {.id = certificate.device,
                                  .name = added.name,
                                  .signing_key = certificate.signing_key,
                                  .agreement_key = certificate.agreement_key,
                                  .certificate = added.certificate,
                                  .since = opened.entry.seq,
                                  .root = voucher == nullptr ? root_ : voucher->root};
  return {};
}

Result<void> Control::fold(const Opened& opened, const Genesis& genesis) {
  if (begun_ || opened.entry.seq != 1) return errc::malformed;
  genesis_ = genesis;
  root_ = genesis.root;
  recovery_ = genesis.recovery;
  COFFRET_CHECK(enrol(opened, {genesis.device, genesis.device_name}, nullptr));
  begun_ = true;
  persons_[PersonId{}] = {.id = {}, .name = genesis.owner, .identity = {}};
  epoch_ = opened.entry.epoch;
  return {};
}

Result<void> Control::fold(const Opened&, const EpochStarted& started) {
  epoch_ = started.epoch;
  return {};
}

Result<void> Control::fold(const Opened& opened, const DeviceAdded& added) {
  COFFRET_TRY(const auto claimed, protocol::decode_certificate(added.certificate.body));
  if (claimed.issuer == protocol::Issuer::root) return enrol(opened, added, nullptr);
  // Only the device that writes the entry may vouch for another one in it.
  const auto* voucher = enrolled(claimed.issuer_device);
  if (voucher == nullptr || claimed.issuer_device != opened.entry.device)
    return errc::unauthenticated;
  return enrol(opened, added, voucher);
}

Result<void> Control::fold(const Opened& opened, const DeviceRemoved& removed) {
  const auto* device = enrolled(removed.device);
  if (device == nullptr) return errc::malformed;
  if (removed.replacement) COFFRET_CHECK(enrol(opened, *removed.replacement, device));
  devices_.at(removed.device).removed = opened.entry.seq;
  epoch_ = removed.epoch.epoch;
  return {};
}

Result<void> Control::fold(const Opened& opened, const RecoveryReplaced& replaced) {
  COFFRET_TRY(const auto certificate,
              certified(opened.entry.vault, replaced.certificate, replaced.root));
  const auto* device = enrolled(opened.entry.device);
  if (device == nullptr || certificate.device != device->id ||
      certificate.issuer != protocol::Issuer::root ||
      certificate.signing_key != device->signing_key || was_root(replaced.root) ||
      replaced.root == root_)
    return errc::malformed;
  former_roots_.push_back(std::exchange(root_, replaced.root));
  recovery_ = replaced.recovery;
  epoch_ = replaced.epoch.epoch;
  return {};
}

}  // namespace coffret::store
