// SPDX-License-Identifier: EUPL-1.2
//
// How a vault begins: made new, opened, or rebuilt from its recovery key and its log.
#include <span>
#include <utility>

#include "vault/store/follower.hpp"
#include "vault/store/judged_log.hpp"
#include "vault/store/log_start.hpp"
#include "vault/store/recovery_slot.hpp"
#include "vault/store/state.hpp"

namespace coffret::store {
namespace {

constexpr std::uint64_t max_keyslot = 4096;  // bytes

// The certificate by which the root enrols this device.
protocol::SignedCertificate root_certificate(const crypto::KeyslotOwner& owner,
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

Result<void> write_genesis(Vault::State& state, const VaultConfig& config,
                           const crypto::LocalSecrets& secrets, const crypto::RecoverySeed& seed) {
  const auto recovery = crypto::public_key(crypto::recovery_agreement_key(seed));
  const Genesis genesis{.owner = config.owner,
                        .root = crypto::public_key(crypto::root_seed(seed)),
                        .recovery = recovery,
                        .device = root_certificate(state.owner, secrets, seed, state.now()),
                        .device_name = config.device_name};
  COFFRET_TRY(auto act, Act::begin(state));
  COFFRET_TRY([[maybe_unused]] const auto opened,
              act.begin_log(genesis, {recovery, crypto::public_key(secrets.agreement_key)}));
  return act.commit();
}

// `acknowledged`: how far a server is known to have it.
Result<void> copy_log(Vault::State& state, std::span<const protocol::SignedEntry> log,
                      const protocol::Head& acknowledged) {
  COFFRET_TRY(auto act, Act::begin(state));
  Follower follower{state};
  for (const auto& entry : log) {
    COFFRET_TRY(const auto opened, act.take(entry));
    COFFRET_CHECK(follower.take(opened));
  }
  COFFRET_CHECK(follower.finish(act.folded()));
  state.server = acknowledged;
  COFFRET_CHECK(act.commit());
  return state.finish_erasing();
}

Result<protocol::Head> end_of(const LogStart& start) {
  const auto& last =
      start.entries.empty() ? start.checkpoint->entries.back() : start.entries.back();
  COFFRET_TRY(const auto body, protocol::decode_entry(last.body));
  return protocol::Head{.seq = body.seq, .hash = protocol::entry_hash(last.body)};
}

// What is missing here, and rightly so, until the history is read.
Result<void> record_gap(Vault::State& state, const StartingPoint& from) {
  KeptGap gap{.device = state.owner.device,
              .at = from.at,
              .writer = from.writer,
              .remembered = from.descent == Descent::not_yet ? from.remembered : protocol::Head{},
              .live = {}};
  for (const auto& entry : from.entries) {
    COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
    gap.live.push_back({.seq = body.seq, .hash = protocol::entry_hash(entry.body)});
  }
  // Of a log of which everything is live nothing is missing.
  if (gap.live.size() == gap.at.seq) return {};
  return state.begin_gap(std::move(gap));
}

// A log's start, each entry judged as it comes: all of the log, or the live entries and what
// follows the checkpoint.
Result<void> copy_start(Vault::State& state, const LogStart& start) {
  COFFRET_TRY(const auto end, end_of(start));
  if (!start.checkpoint) return copy_log(state, start.entries, end);
  COFFRET_CHECK(record_gap(state, *start.checkpoint));
  COFFRET_TRY(auto act, Act::begin(state));
  Follower follower{state};
  for (const auto& entry : start.checkpoint->entries) {
    COFFRET_TRY(const auto opened, act.take_live(entry));
    COFFRET_CHECK(follower.take(opened));
  }
  for (const auto& entry : start.entries) {
    COFFRET_TRY(const auto opened, act.take(entry));
    COFFRET_CHECK(follower.take(opened));
  }
  if (act.head() != end) return errc::fork_detected;
  COFFRET_CHECK(follower.finish(act.folded()));
  state.server = end;
  COFFRET_CHECK(act.commit());
  return state.finish_erasing();
}

// The keys of its epochs, on trust: copy_start judges the entries.
Result<void> learn_keys(const LogStart& start, Keyring& keyring) {
  COFFRET_TRY(const auto behind, starts_of(start.entries));
  keyring.descend(behind);
  COFFRET_TRY(const auto live, starts_of(start.checkpoint->entries));
  keyring.descend(live);
  return {};
}

// Its fold, and its keys in the ring.
Result<Control> folded(const LogStart& start, Keyring& keyring, const crypto::RecoverySeed& seed) {
  if (!start.checkpoint) return judge_by_sheet(start.entries, keyring, seed);
  COFFRET_CHECK(learn_keys(start, keyring));
  COFFRET_CHECK(judge_root(start.checkpoint->control, seed));
  return start.checkpoint->control;
}
Result<Control> folded(const LogStart& start, Keyring& keyring) {
  if (!start.checkpoint) return judge(start.entries, keyring);
  COFFRET_CHECK(learn_keys(start, keyring));
  return start.checkpoint->control;
}

// Whether this head is on the log, as far as what was read can tell: the history says the rest.
Result<void> contains(const LogStart& start, const protocol::Head& head) {
  static const std::vector<protocol::SignedEntry> none;
  const auto& from = start.checkpoint;
  COFFRET_TRY(const auto descent, descends(head, from ? from->at : protocol::Head{},
                                           from ? from->entries : none, start.entries));
  const bool asked = descent != Descent::not_yet || from->remembered == head;
  return descent != Descent::contradicted && asked ? Result<void>{} : errc::fork_detected;
}

Result<VaultId> vault_of(const LogStart& start) {
  const auto& entries = start.checkpoint ? start.checkpoint->entries : start.entries;
  if (entries.empty()) return errc::malformed;
  COFFRET_TRY(const auto first, protocol::decode_entry(entries.front().body));
  return first.vault;
}

// Whether it says who signs or with which keys: only whoever wrote it may say it again.
bool is_about_signers(const Payload& payload) {
  return std::holds_alternative<EpochStarted>(payload) ||
         std::holds_alternative<DeviceAdded>(payload) ||
         std::holds_alternative<DeviceRemoved>(payload) ||
         std::holds_alternative<RecoveryReplaced>(payload);
}

// How many entries are kept byte for byte: what a server has acknowledged, and all up to the last
// one about signers; all of them where no server has acknowledged any.
// Errors: malformed (the acknowledged head is not on the log).
Result<std::size_t> kept_whole(const Vault::State& state,
                               const std::vector<protocol::SignedEntry>& log,
                               const protocol::Head& acknowledged) {
  if (acknowledged.seq == 0) return log.size();
  if (acknowledged.seq > log.size()) return errc::malformed;
  auto count = static_cast<std::size_t>(acknowledged.seq);
  if (protocol::entry_hash(log[count - 1].body) != acknowledged.hash) return errc::malformed;
  for (std::size_t at = log.size(); at > count; --at) {
    COFFRET_TRY(const auto opened, state.keyring.open(log[at - 1]));
    if (is_about_signers(opened.payload)) count = at;
  }
  return count;
}

// Entries of another device as this one's own, behind its enrolment.
Result<void> write_again(Vault::State& state, std::span<const protocol::SignedEntry> log) {
  COFFRET_TRY(auto act, Act::begin(state));
  Follower follower{state};
  for (const auto& entry : log) {
    COFFRET_TRY(const auto opened, act.renew(entry));
    COFFRET_CHECK(follower.take(opened));
  }
  COFFRET_CHECK(follower.finish(act.folded()));
  COFFRET_CHECK(act.commit());
  return state.finish_erasing();
}

// A device of its own for a vault that is made again, and the place it is made in.
struct Anew {
  crypto::MadeKeyslot keyslot;
  std::unique_ptr<Vault::State> state;
  protocol::SignedCertificate certificate;
  crypto::LocalSecrets secrets;
};
Result<Anew> begin_anew(const VaultConfig& config, const crypto::RecoverySeed& seed,
                        const Keyring& keyring, const Control& control,
                        const SecretText& passphrase, Environment environment) {
  auto& random = environment.random;
  const crypto::KeyslotOwner owner{keyring.vault(), random.make<DeviceId>()};
  auto secrets = crypto::make_local_secrets(random);
  secrets.epoch = control.epoch();
  const auto* vault_key = keyring.vault_key(secrets.epoch);
  if (vault_key == nullptr) return errc::unauthenticated;
  secrets.vault_key = crypto::duplicate(*vault_key);

  COFFRET_TRY(auto place, Directory::begin(config.directory, environment.disk));
  COFFRET_TRY(auto keyslot, crypto::make_keyslot(owner, secrets, passphrase, config.cost, random));
  COFFRET_TRY(auto state, Vault::State::make(environment, std::move(place), owner, secrets));
  state->keyring.keep_all(keyring);
  auto certificate = root_certificate(owner, secrets, seed, state->now());
  return Anew{std::move(keyslot), std::move(state), std::move(certificate), std::move(secrets)};
}

Result<void> enrol_here(Vault::State& state, const protocol::SignedCertificate& certificate,
                        const std::string& name) {
  COFFRET_TRY(auto act, Act::begin(state));
  COFFRET_TRY([[maybe_unused]] const auto opened,
              act.append(make_operation(DeviceAdded{certificate, name})));
  return act.commit();
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
  COFFRET_CHECK(keep_recovery_slot(*state, secrets));
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
  // A full disk keeps nobody from reading; the next unlock tries again.
  (void)keep_recovery_slot(*state, keyslot.secrets);
  return Vault{std::move(state)};
}

Result<Vault> Vault::rebuild(const VaultConfig& config, const crypto::RecoverySeed& seed,
                             const std::vector<protocol::SignedEntry>& log,
                             const SecretText& passphrase, Environment environment,
                             const Enrol& enrol) {
  return rebuild(config, seed, LogStart{log, {}}, passphrase, environment, enrol);
}

Result<Vault> Vault::rebuild(const VaultConfig& config, const crypto::RecoverySeed& seed,
                             const LogStart& start, const SecretText& passphrase,
                             Environment environment, const Enrol& enrol) {
  COFFRET_TRY(const auto vault, vault_of(start));
  Keyring keyring{vault, crypto::recovery_agreement_key(seed)};
  COFFRET_TRY(const auto control, folded(start, keyring, seed));
  COFFRET_TRY(auto anew, begin_anew(config, seed, keyring, control, passphrase, environment));
  auto& [keyslot, state, certificate, secrets] = anew;
  COFFRET_CHECK(copy_start(*state, start));
  COFFRET_CHECK(enrol_here(*state, certificate, config.device_name));
  COFFRET_CHECK(enrol(certificate));
  COFFRET_CHECK(keep_recovery_slot(*state, secrets));
  COFFRET_CHECK(state->directory.finish(keyslot.file, environment.disk));
  return Vault{std::move(state)};
}

Result<Vault> Vault::restore(const VaultConfig& config, const crypto::RecoverySeed& seed,
                             const std::vector<protocol::SignedEntry>& log,
                             const protocol::Head& acknowledged, const SecretText& passphrase,
                             Environment environment) {
  if (log.empty()) return errc::malformed;
  COFFRET_TRY(const auto first, protocol::decode_entry(log.front().body));
  Keyring keyring{first.vault, crypto::recovery_agreement_key(seed)};
  COFFRET_TRY(const auto control, judge_by_sheet(log, keyring, seed));
  COFFRET_TRY(auto anew, begin_anew(config, seed, keyring, control, passphrase, environment));
  auto& [keyslot, state, certificate, secrets] = anew;
  COFFRET_TRY(const auto count, kept_whole(*state, log, acknowledged));
  COFFRET_CHECK(copy_log(*state, std::span{log}.first(count), acknowledged));
  COFFRET_CHECK(enrol_here(*state, certificate, config.device_name));
  COFFRET_CHECK(write_again(*state, std::span{log}.subspan(count)));
  COFFRET_CHECK(keep_recovery_slot(*state, secrets));
  COFFRET_CHECK(state->directory.finish(keyslot.file, environment.disk));
  return Vault{std::move(state)};
}

Result<Vault> Vault::join(const VaultConfig& config, const crypto::KeyslotOwner& owner,
                          const crypto::LocalSecrets& secrets, const Admission& admission,
                          const std::vector<protocol::SignedEntry>& log,
                          const SecretText& passphrase, Environment environment) {
  return join(config, owner, secrets, admission, LogStart{log, {}}, passphrase, environment);
}

Result<Vault> Vault::join(const VaultConfig& config, const crypto::KeyslotOwner& owner,
                          const crypto::LocalSecrets& secrets, const Admission& admission,
                          const LogStart& start, const SecretText& passphrase,
                          Environment environment) {
  if (admission.head.seq == 0) return errc::fork_detected;
  COFFRET_CHECK(contains(start, admission.head));
  Keyring keyring{owner.vault, secrets};
  COFFRET_TRY(const auto control, folded(start, keyring));
  const auto& devices = control.devices();
  const auto ours = devices.find(owner.device);
  if (ours == devices.end() || control.root() != admission.root) return errc::unauthenticated;
  if (ours->second.removed) return errc::device_removed;
  if (ours->second.signing_key != crypto::public_key(secrets.signing_seed) ||
      ours->second.agreement_key != crypto::public_key(secrets.agreement_key))
    return errc::unauthenticated;

  COFFRET_TRY(auto place, Directory::begin(config.directory, environment.disk));
  COFFRET_TRY(const auto keyslot,
              crypto::make_keyslot(owner, secrets, passphrase, config.cost, environment.random));
  COFFRET_TRY(auto state, State::make(environment, std::move(place), owner, secrets));
  state->keyring.keep_all(keyring);
  COFFRET_CHECK(copy_start(*state, start));
  COFFRET_CHECK(keep_recovery_slot(*state, secrets));
  COFFRET_CHECK(state->directory.finish(keyslot.file, environment.disk));
  return Vault{std::move(state)};
}

}  // namespace coffret::store
