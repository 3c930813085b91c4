// SPDX-License-Identifier: EUPL-1.2
#include "vault/redeem/caregiver.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sync/protocol/text.hpp"
#include "vault/crypto/caregiver.hpp"
#include "vault/crypto/sealer.hpp"

namespace coffret::redeem {
namespace {

constexpr std::string_view keys_file = "caregiver-keys";
constexpr std::string_view state_file = "caregiver-state";
constexpr std::string_view lock_file = "caregiver-lock";
constexpr std::uint64_t largest_keys = 4096;        // bytes
constexpr std::uint64_t largest_state = 16u << 20;  // bytes
constexpr std::uint32_t only_epoch = 1;
// A link that is over opens nothing: its version is remembered a little longer than it lives.
constexpr std::int64_t forgotten_after = std::int64_t{30} * 86400;  // seconds

std::string path_of(const std::string& directory, std::string_view file) {
  return directory + "/" + std::string{file};
}

Result<void> judge_text(const std::string& text) {
  if (text.size() > protocol::max_caregiver_text) return errc::too_large;
  return protocol::is_plain_text(text) ? Result<void>{} : Result<void>{errc::usage};
}

// Held while the state is read, changed and replaced: a moment, so that others wait for it.
class FolderLock {
 public:
  static Result<FolderLock> take(const std::string& directory) {
    FolderLock lock{::open(path_of(directory, lock_file).c_str(),
                           O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (lock.fd_ < 0) return errno == ENOSPC ? errc::disk_full : errc::io;
    while (::flock(lock.fd_, LOCK_EX) != 0)
      if (errno != EINTR) return errc::io;
    return lock;
  }
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock() {
    if (fd_ >= 0) (void)::close(fd_);  // releases the lock
  }

 private:
  explicit FolderLock(int fd) noexcept : fd_(fd) {}
  int fd_;
};

// What a caregiver's file opens belongs to no vault.
crypto::ConfigKey state_key(const crypto::LocalSecrets& secrets) {
  return crypto::config_key(secrets.vault_key, VaultId{}, only_epoch);
}

Result<void> note_version(const protocol::Manifest& manifest, CaregiverState& state) {
  const auto seen = std::find_if(state.links.begin(), state.links.end(),
                                 [&](const SeenLink& one) { return one.link == manifest.link; });
  const SeenLink fresh{manifest.link, manifest.version, manifest.expires_at};
  if (seen == state.links.end()) {
    state.links.push_back(fresh);
    return {};
  }
  if (manifest.version < seen->version) return errc::server_rolled_back;
  *seen = fresh;
  return {};
}

}  // namespace

Result<CaregiverState> decode_caregiver_state(ByteView record) {
  if (record.empty()) return errc::malformed;
  if (record[0] != CaregiverState{}.format) return errc::other_version;
  return wire::decode<CaregiverState>(record);
}

Caregiver::Caregiver(std::string directory, crypto::LocalSecrets secrets,
                     const CaregiverEnvironment& environment)
    : directory_(std::move(directory)),
      secrets_(std::move(secrets)),
      signer_(crypto::make_signer(secrets_.signing_seed)),
      environment_(environment) {}

bool Caregiver::exists(const std::string& directory, const Disk& disk) {
  return disk.size(path_of(directory, keys_file)).has_value();
}

Result<Caregiver> Caregiver::make(const std::string& directory, const std::string& name,
                                  const std::string& organisation, const SecretText& passphrase,
                                  const CaregiverEnvironment& environment) {
  if (name.empty() || passphrase.empty()) return errc::usage;
  COFFRET_CHECK(judge_text(name));
  COFFRET_CHECK(judge_text(organisation));
  COFFRET_CHECK(environment.disk.make_directory(directory));
  COFFRET_TRY(const auto lock, FolderLock::take(directory));
  if (exists(directory, environment.disk)) return errc::already_initialised;
  auto secrets = crypto::make_local_secrets(environment.random);
  const crypto::KeyslotOwner owner{{}, environment.random.make<DeviceId>()};
  COFFRET_TRY(const auto slot, crypto::make_keyslot(owner, secrets, passphrase, environment.cost,
                                                    environment.random));
  Caregiver made{directory, std::move(secrets), environment};
  CaregiverState state;
  state.name = name;
  state.organisation = organisation;
  // The keys last: they are what says that there is a caregiver here.
  COFFRET_CHECK(made.keep(std::move(state)));
  COFFRET_CHECK(environment.disk.replace(path_of(directory, keys_file), slot.file));
  return made;
}

Result<Caregiver> Caregiver::open(const std::string& directory, const SecretText& passphrase,
                                  const CaregiverEnvironment& environment) {
  if (!exists(directory, environment.disk)) return errc::never_initialised;
  COFFRET_TRY(const auto file, environment.disk.read(path_of(directory, keys_file), largest_keys));
  COFFRET_TRY(auto opened, crypto::open_keyslot(file, passphrase, environment.cost));
  if (!opened.owner.vault.is_zero()) return errc::keyslot_damaged;  // a vault's
  Caregiver caregiver{directory, std::move(opened.secrets), environment};
  COFFRET_CHECK(caregiver.load());
  return caregiver;
}

protocol::CaregiverKeys Caregiver::keys() const {
  return {signer_->public_key(), crypto::public_key(secrets_.agreement_key)};
}

std::string Caregiver::fingerprint() const {
  return crypto::eight_words(protocol::key_bytes(keys()));
}

Result<void> Caregiver::load() {
  COFFRET_TRY(const auto sealed,
              environment_.disk.read(path_of(directory_, state_file), largest_state));
  const auto record = crypto::Sealer::open_file(state_key(secrets_), VaultId{}, state_file, sealed);
  if (record.has_error()) return errc::damaged;
  COFFRET_TRY(state_, decode_caregiver_state(*record));
  return {};
}

Result<void> Caregiver::keep(CaregiverState state) {
  const auto sealed = crypto::Sealer::seal_file(state_key(secrets_), VaultId{}, state_file,
                                                wire::encode(state), environment_.random);
  COFFRET_CHECK(environment_.disk.replace(path_of(directory_, state_file), sealed));
  state_ = std::move(state);
  return {};
}

Result<SecretText> Caregiver::issue_card(const std::string& name, const std::string& organisation) {
  COFFRET_CHECK(judge_text(name));
  COFFRET_CHECK(judge_text(organisation));
  COFFRET_TRY(const auto lock, FolderLock::take(directory_));
  COFFRET_CHECK(load());
  auto state = state_;
  ++state.serial;
  if (!name.empty()) state.name = name;
  if (!organisation.empty()) state.organisation = organisation;
  COFFRET_CHECK(keep(std::move(state)));
  const protocol::CaregiverCard card{state_.serial, state_.name, state_.organisation, keys(),
                                     to_unix(environment_.clock.now())};
  return crypto::caregiver_code({protocol::sign_caregiver_card(card, *signer_),
                                 crypto::card_secret(secrets_.vault_key, state_.serial)});
}

Result<crypto::ContentKey> Caregiver::open_key(const LinkId& link,
                                               const ReceivedParcelFile& jwe) const {
  return crypto::open_key_jwe(secrets_.agreement_key, link, jwe);
}

Result<std::uint32_t> Caregiver::introduced_by(const protocol::Manifest& manifest) const {
  const auto said = protocol::read_introduction(manifest.introduction);
  if (said.has_error()) return errc::key_changed;
  if (said->vault != manifest.vault || said->root != manifest.root || said->serial == 0 ||
      said->serial > state_.serial)
    return errc::key_changed;
  const ByteView record = ByteView{manifest.introduction}.first(manifest.introduction.size() -
                                                                protocol::introduction_mac);
  crypto::PairingMac stated{};
  std::ranges::copy(ByteView{manifest.introduction}.last(stated.size()), stated.begin());
  const auto mac = crypto::introduction_mac(crypto::card_secret(secrets_.vault_key, said->serial),
                                            protocol::key_bytes(keys()), record);
  if (!crypto::same_mac(mac, stated)) return errc::key_changed;
  return said->serial;
}

// The introduction is judged each time: it is what binds a manifest to this reader. A vault that is
// known is its root and its server; another of either is a new pairing: a card of its own, younger
// than the one before, which the patient was given in person. One card pairs one vault, for good:
// whoever has an old root has the introduction of then.
Result<void> Caregiver::judge_vault(const protocol::Manifest& manifest, const Fingerprint& server,
                                    CaregiverState& state,
                                    std::optional<RootChange>& change) const {
  COFFRET_TRY(const std::uint32_t serial, introduced_by(manifest));
  const auto known =
      std::find_if(state.vaults.begin(), state.vaults.end(),
                   [&](const PairedVault& one) { return one.vault == manifest.vault; });
  const bool fresh = std::ranges::find(state.spent, serial) == state.spent.end();
  const bool found = known != state.vaults.end();
  const bool same_root = found && known->root == manifest.root;
  if (same_root && known->server == server) {
    if (fresh) state.spent.push_back(serial);
    known->serial = std::max(known->serial, serial);
    return {};
  }
  if (!fresh || (found && serial <= known->serial)) return errc::key_changed;
  state.spent.push_back(serial);
  const PairedVault paired{manifest.vault, manifest.root,  server,
                           serial,         manifest.owner, to_unix(environment_.clock.now())};
  if (found && !same_root) change = RootChange{known->owner, known->at, manifest.owner};
  if (found)
    *known = paired;
  else
    state.vaults.push_back(paired);
  return {};
}

Result<void> Caregiver::admit(const protocol::Manifest& manifest, const Fingerprint& server,
                              const AgreeToRoot& agree) {
  std::optional<RootChange> agreed;
  for (;;) {
    COFFRET_TRY(auto asked, admit_locked(manifest, server, agreed));
    if (!asked) return {};
    // A person takes their time: the lock is free meanwhile, and all is judged again.
    if (!(agree && agree(*asked))) return errc::key_changed;
    agreed = std::move(asked);
  }
}

Result<std::optional<RootChange>> Caregiver::admit_locked(const protocol::Manifest& manifest,
                                                          const Fingerprint& server,
                                                          const std::optional<RootChange>& agreed) {
  COFFRET_TRY(const auto lock, FolderLock::take(directory_));
  COFFRET_CHECK(load());
  auto state = state_;
  std::optional<RootChange> change;
  COFFRET_CHECK(judge_vault(manifest, server, state, change));
  const std::int64_t now = to_unix(environment_.clock.now());
  std::erase_if(state.links,
                [&](const SeenLink& one) { return one.expires_at + forgotten_after < now; });
  COFFRET_CHECK(note_version(manifest, state));
  if (change && change != agreed) return change;
  if (state != state_) COFFRET_CHECK(keep(std::move(state)));
  return std::optional<RootChange>{};
}

}  // namespace coffret::redeem
