// SPDX-License-Identifier: EUPL-1.2
//
// The keyslot under another passphrase, and everything under other keys.
#include "vault/store/recovery_slot.hpp"
#include "vault/store/state.hpp"

namespace coffret::store {
namespace {

constexpr std::uint64_t max_keyslot = 4096;  // bytes

}  // namespace

Result<void> Vault::check_passphrase(const SecretText& passphrase,
                                     const crypto::CostPolicy& cost) const {
  COFFRET_TRY(const auto file, state_->env.disk.read(state_->directory.keyslot(), max_keyslot));
  COFFRET_TRY([[maybe_unused]] const auto slot, crypto::open_keyslot(file, passphrase, cost));
  return {};
}

Result<void> Vault::change_passphrase(const SecretText& current, const SecretText& fresh,
                                      const crypto::CostPolicy& cost) {
  auto& [clock, random, disk] = state_->env;
  const auto path = state_->directory.keyslot();
  COFFRET_TRY(const auto file, disk.read(path, max_keyslot));
  COFFRET_TRY(const auto slot, crypto::open_keyslot(file, current, cost));
  COFFRET_TRY(const auto made, crypto::make_keyslot(slot.owner, slot.secrets, fresh, cost, random));
  // It opens before the one that certainly opens is given up.
  COFFRET_TRY([[maybe_unused]] const auto again, crypto::open_keyslot(made.file, fresh, cost));
  return disk.replace(path, made.file);
}

namespace {

// Who this machine is from now on.
struct NewSelf {
  crypto::KeyslotOwner owner;
  crypto::LocalSecrets secrets;
  DeviceAdded added;  // certified by who it was
};

NewSelf new_self(Vault::State& old, const DeviceView& before) {
  auto& random = old.env.random;
  NewSelf self{.owner = {old.owner.vault, random.make<DeviceId>()},
               .secrets = crypto::make_local_secrets(random),
               .added = {}};
  self.secrets.epoch = old.control.epoch() + 1;
  self.added.name = before.name;
  self.added.certificate =
      protocol::sign_certificate({.vault = old.owner.vault,
                                  .device = self.owner.device,
                                  .signing_key = crypto::public_key(self.secrets.signing_seed),
                                  .agreement_key = crypto::public_key(self.secrets.agreement_key),
                                  .enrolled_at = old.now(),
                                  .issuer = protocol::Issuer::device,
                                  .issuer_device = before.id},
                                 *old.signer);
  return self;
}

// The store under its new key, and a head file that says the same as the old one.
Result<void> copy_store(Vault::State& old, const Directory& place, const NewSelf& self) {
  auto& disk = old.env.disk;
  COFFRET_TRY(const auto parameters, disk.read(old.directory.parameters(), 4096));
  COFFRET_CHECK(disk.replace(place.parameters(), parameters));
  COFFRET_CHECK(disk.replace(place.database(), {}));
  COFFRET_CHECK(old.db.export_to(place.database(), self.secrets.store_key));
  const KeptHead head{.device = self.owner.device,
                      .head = old.head,
                      .next = {},
                      .server = old.server,
                      .latest = old.latest};
  const auto key = crypto::head_key(self.secrets.vault_key, self.owner.vault, self.secrets.epoch);
  if (old.gap) {
    auto gap = *old.gap;
    gap.device = self.owner.device;
    COFFRET_CHECK(disk.replace(place.history(), encode_gap(gap, key)));
  }
  return disk.replace(place.head(), encode_head(head, key));
}

// The new self's first entry: it is there, its old keys are out, an epoch begins.
Result<void> replace_self(Vault::State& fresh, const DeviceId& before, const NewSelf& self) {
  COFFRET_TRY(auto act, Act::begin(fresh));
  const DeviceRemoved removed{.device = before, .replacement = self.added, .epoch = {}};
  COFFRET_TRY([[maybe_unused]] const auto opened,
              act.start_epoch(removed, &self.secrets.vault_key));
  return act.commit();
}

}  // namespace

Result<Vault> Vault::rekey(const VaultConfig& config, const SecretText& passphrase,
                           const SecretText& fresh, Environment environment, const Enrol& enrol) {
  auto& [clock, random, disk] = environment;
  COFFRET_TRY(auto old, open(config.directory, passphrase, config.cost, environment));
  auto& was = *old.state_;
  const auto before = old.device(old.device());
  if (!before || before->removed) return errc::device_removed;
  // Entries that the old self signed could not be signed again behind another device's.
  if (was.control.server() && was.head != was.server) return errc::conflict;

  COFFRET_TRY(auto place, was.directory.beside(disk));
  const auto self = new_self(was, *before);
  COFFRET_TRY(const auto slot,
              crypto::make_keyslot(self.owner, self.secrets, fresh, config.cost, random));
  COFFRET_CHECK(copy_store(was, place, self));
  {
    COFFRET_TRY(auto state,
                State::load(environment, place.same(), self.owner, self.secrets, &was.keyring));
    COFFRET_CHECK(replace_self(*state, before->id, self));
  }
  // As any later opening will, with the new passphrase and nothing from before.
  COFFRET_TRY(const auto opened, crypto::open_keyslot(slot.file, fresh, config.cost));
  {
    COFFRET_TRY(auto state, State::load(environment, place.same(), opened.owner, opened.secrets));
    Vault vault{std::move(state)};
    COFFRET_TRY(const auto problems, vault.check(false));
    COFFRET_TRY(const auto now, vault.status());
    COFFRET_TRY(const auto then, old.status());
    if (!problems.empty() || now.documents != then.documents || now.head.seq != then.head.seq + 1)
      return errc::damaged;
  }
  COFFRET_CHECK(enrol(self.added.certificate));
  COFFRET_CHECK(disk.replace(place.keyslot(), slot.file));
  auto home = std::move(was.directory);
  old.state_.reset();  // its connection closes before its file is replaced
  COFFRET_CHECK(home.take_over(disk));
  COFFRET_TRY(auto state, State::load(environment, std::move(home), opened.owner, opened.secrets));
  // The slot that lies there holds the old keys.
  renew_recovery_slot(*state);
  return Vault{std::move(state)};
}

}  // namespace coffret::store
