// SPDX-License-Identifier: EUPL-1.2
//
// How a vault begins: made new, opened, or rebuilt from its recovery key and its log.
#include "vault/store/follower.hpp"
#include "vault/store/log_pins.hpp"
#include "vault/store/state.hpp"

namespace coffret::store {
namespace {

constexpr std::uint64_t max_keyslot = 4096;  // bytes

// The certificate by which the root enrols this device.
protocol::SignedCertificate certify(const crypto::KeyslotOwner& owner,
                                    const crypto::LocalSecrets& secrets,
                                    const crypto::RecoverySeed& seed, std::int64_t now) {
  const auto root = crypto::make_signer(crypto::root_seed(seed));
  return protocol::sign_certificate({.vault = owner.vault,
                                     .device = owner.device,
                                     .signing_key = crypto::public_key(secrets.signing_seed),
                                     .agreement_key = crypto::public_key(secrets.agreement_key),
                                     .enrolled_at = now,
                                     .issuer = protocol::Issuer::root,
                                     .issuer_device = {}},
                                    *root);
}

Result<Envelope> envelope(const AgreementPublicKey& recipient, const crypto::KeyslotOwner& owner,
                          const crypto::LocalSecrets& secrets, Random& random) {
  COFFRET_TRY(auto sealed, crypto::Sealer::seal_envelope(recipient, {owner.vault, secrets.epoch},
                                                         secrets.vault_key, random));
  return Envelope{recipient, std::move(sealed)};
}

Result<void> write_genesis(Vault::State& state, const VaultConfig& config,
                           const crypto::LocalSecrets& secrets, const crypto::RecoverySeed& seed) {
  const auto recovery = crypto::public_key(crypto::recovery_agreement_key(seed));
  const Genesis genesis{.owner = config.owner,
                        .root = crypto::public_key(crypto::root_seed(seed)),
                        .recovery = recovery,
                        .device = certify(state.owner, secrets, seed, state.now()),
                        .device_name = config.device_name};
  std::vector<Envelope> envelopes;
  for (const auto& recipient : {recovery, crypto::public_key(secrets.agreement_key)}) {
    COFFRET_TRY(auto one, envelope(recipient, state.owner, secrets, state.env.random));
    envelopes.push_back(std::move(one));
  }
  COFFRET_TRY(auto act, Act::begin(state));
  COFFRET_TRY([[maybe_unused]] const auto opened,
              act.append(make_operation(genesis), {}, std::move(envelopes)));
  return act.commit();
}

// The whole log, judged before anything is written.
Result<Control> judge(const std::vector<protocol::SignedEntry>& log, Keyring& keyring,
                      const SigningPublicKey& root) {
  Control control;
  protocol::Head head;
  for (const auto& entry : log) {
    auto opened = control.admit(entry, head, keyring);
    if (opened.has_error()) {
      // No envelope for us, or one that does not open: another vault's key.
      if (head.seq == 0 && opened.error() == errc::not_found) return errc::wrong_recovery_key;
      if (opened.error() == errc::conflict) return errc::fork_detected;
      return opened.error();
    }
    COFFRET_CHECK(control.apply(*opened));
    if (control.genesis().root != root) return errc::wrong_recovery_key;
    head = {.seq = opened->entry.seq, .hash = protocol::entry_hash(entry.body)};
  }
  return control;
}

Result<void> copy_log(Vault::State& state, const std::vector<protocol::SignedEntry>& log) {
  COFFRET_TRY(auto act, Act::begin(state));
  Follower follower{state};
  for (const auto& entry : log) {
    COFFRET_TRY(const auto opened, act.take(entry));
    COFFRET_CHECK(follower.take(opened));
  }
  COFFRET_CHECK(follower.finish(act.folded()));
  state.server = act.head();
  COFFRET_CHECK(act.commit());
  return state.finish_erasing();
}

}  // namespace

Result<CreatedVault> Vault::create(const VaultConfig& config, const SecretText& passphrase,
                                   Environment environment) {
  if (config.owner.size() > limits::short_text || config.device_name.size() > limits::short_text)
    return errc::too_large;
  COFFRET_TRY(auto place, Directory::begin(config.directory, environment.disk));
  auto& random = environment.random;
  const crypto::KeyslotOwner owner{random.make<VaultId>(), random.make<DeviceId>()};
  const auto secrets = crypto::make_local_secrets(random);
  auto seed = crypto::make_key<crypto::RecoverySeed>(random);
  COFFRET_TRY(const auto keyslot,
              crypto::make_keyslot(owner, secrets, passphrase, config.cost, random));
  COFFRET_TRY(auto state, State::make(environment, std::move(place), owner, secrets));
  COFFRET_CHECK(write_genesis(*state, config, secrets, seed));
  COFFRET_CHECK(state->directory.finish(keyslot.file, environment.disk));
  return CreatedVault{Vault{std::move(state)}, std::move(seed), keyslot.cost};
}

Result<Vault> Vault::open(const std::string& directory, const SecretText& passphrase,
                          const crypto::CostPolicy& cost, Environment environment) {
  COFFRET_TRY(auto place, Directory::open(directory, environment.disk));
  COFFRET_TRY(const auto file, environment.disk.read(place.keyslot(), max_keyslot));
  COFFRET_TRY(const auto keyslot, crypto::open_keyslot(file, passphrase, cost));
  COFFRET_TRY(auto state,
              State::load(environment, std::move(place), keyslot.owner, keyslot.secrets));
  return Vault{std::move(state)};
}

Result<std::optional<ServerPinned>> server_in_log(const crypto::RecoverySeed& seed,
                                                  const std::vector<protocol::SignedEntry>& log) {
  if (log.empty()) return errc::malformed;
  COFFRET_TRY(const auto first, protocol::decode_entry(log.front().body));
  Keyring keyring{first.vault, crypto::recovery_agreement_key(seed)};
  COFFRET_TRY(const auto control, judge(log, keyring, crypto::public_key(crypto::root_seed(seed))));
  return std::optional<ServerPinned>{control.server()};
}

Result<Vault> Vault::rebuild(const VaultConfig& config, const crypto::RecoverySeed& seed,
                             const std::vector<protocol::SignedEntry>& log,
                             const SecretText& passphrase, Environment environment,
                             const Enrol& enrol) {
  if (log.empty()) return errc::malformed;
  COFFRET_TRY(const auto first, protocol::decode_entry(log.front().body));
  Keyring keyring{first.vault, crypto::recovery_agreement_key(seed)};
  COFFRET_TRY(const auto control, judge(log, keyring, crypto::public_key(crypto::root_seed(seed))));

  auto& random = environment.random;
  const crypto::KeyslotOwner owner{first.vault, random.make<DeviceId>()};
  auto secrets = crypto::make_local_secrets(random);
  secrets.epoch = control.epoch();
  const auto* vault_key = keyring.vault_key(secrets.epoch);
  if (vault_key == nullptr) return errc::unauthenticated;
  secrets.vault_key = crypto::duplicate(*vault_key);

  COFFRET_TRY(auto place, Directory::begin(config.directory, environment.disk));
  COFFRET_TRY(const auto keyslot,
              crypto::make_keyslot(owner, secrets, passphrase, config.cost, random));
  COFFRET_TRY(auto state, State::make(environment, std::move(place), owner, secrets));
  COFFRET_CHECK(copy_log(*state, log));
  const auto certificate = certify(owner, secrets, seed, state->now());
  {
    COFFRET_TRY(auto act, Act::begin(*state));
    COFFRET_TRY([[maybe_unused]] const auto opened,
                act.append(make_operation(DeviceAdded{certificate, config.device_name})));
    COFFRET_CHECK(act.commit());
  }
  COFFRET_CHECK(enrol(certificate));
  COFFRET_CHECK(state->directory.finish(keyslot.file, environment.disk));
  return Vault{std::move(state)};
}

}  // namespace coffret::store
