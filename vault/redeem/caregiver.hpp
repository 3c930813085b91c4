// SPDX-License-Identifier: EUPL-1.2
//
// caregiver.hpp: a caregiver's own keys and memory, in a folder of their own, without a vault
// (vault/DESIGN.md §18).
//
//   caregiver-keys   a keyslot of no vault: what the passphrase opens
//   caregiver-state  who they are, the cards they gave, the vaults that paired, the newest version
//                    seen of each link; sealed under a key of the first
//
// The state is read again before each change and replaced as a whole, under a lock on the folder:
// it only moves forward, and two processes never give one card twice.
// Units: UTC seconds. Ownership: the environment's members outlive it. Threads: one at a time.
// Errors: never_initialised, already_initialised, wrong_passphrase, keyslot_damaged, damaged (the
// state), other_version, weak_parameters, io (the lock), and those of Disk.
#ifndef COFFRET_VAULT_REDEEM_CAREGIVER_HPP
#define COFFRET_VAULT_REDEEM_CAREGIVER_HPP

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coffret/disk.hpp"
#include "coffret/error.hpp"
#include "coffret/random.hpp"
#include "coffret/sealed.hpp"
#include "coffret/secret.hpp"
#include "coffret/signer.hpp"
#include "coffret/time.hpp"
#include "coffret/wire.hpp"
#include "sync/protocol/caregiver.hpp"
#include "sync/protocol/manifest.hpp"
#include "vault/crypto/keys.hpp"
#include "vault/crypto/keyslot.hpp"

namespace coffret::redeem {

struct CaregiverEnvironment {
  const Clock& clock;
  Random& random;
  Disk& disk;
  crypto::CostPolicy cost = crypto::release_cost;
};

// A vault whose patient scanned a card of this caregiver.
struct PairedVault {
  VaultId vault;
  SigningPublicKey root;
  Fingerprint server;        // of the association where it was first read
  std::uint32_t serial = 0;  // of the newest card it showed
  std::string owner;         // as its first manifest said
  std::int64_t at = 0;

  template <class A>
  void serialize(A& a) {
    a(vault, root, server, serial, owner, at);
  }
  bool operator==(const PairedVault&) const = default;
};

struct SeenLink {
  LinkId link;
  std::uint32_t version = 0;  // the newest n seen
  std::int64_t expires_at = 0;

  template <class A>
  void serialize(A& a) {
    a(link, version, expires_at);
  }
  bool operator==(const SeenLink&) const = default;
};

struct CaregiverState {
  std::uint8_t format = 2;
  std::string name;
  std::string organisation;
  std::uint32_t serial = 0;  // of the last card
  std::vector<PairedVault> vaults;
  std::vector<std::uint32_t> spent;  // serials that introduced a vault; never forgotten
  std::vector<SeenLink> links;

  template <class A>
  void serialize(A& a) {
    a(format, name, organisation, serial, vaults, spent, links);
  }
  bool operator==(const CaregiverState&) const = default;
};
// Errors: malformed, other_version.
Result<CaregiverState> decode_caregiver_state(ByteView record);

// A fresh card vouches for a vault that is known, under another root: its owner's new recovery
// sheet, or another patient's vault in its place. Only the caregiver can tell.
struct RootChange {
  std::string owner_before;  // as its first manifest said
  std::int64_t paired_at = 0;
  std::string owner_now;  // from outside
  bool operator==(const RootChange&) const = default;
};
// Whether the caregiver agrees. Unset: they do not.
using AgreeToRoot = std::function<bool(const RootChange&)>;

class Caregiver {
 public:
  static bool exists(const std::string& directory, const Disk& disk);
  // Fresh keys. Errors: also usage (no name), too_large.
  static Result<Caregiver> make(const std::string& directory, const std::string& name,
                                const std::string& organisation, const SecretText& passphrase,
                                const CaregiverEnvironment& environment);
  static Result<Caregiver> open(const std::string& directory, const SecretText& passphrase,
                                const CaregiverEnvironment& environment);

  const std::string& name() const noexcept { return state_.name; }
  const std::string& organisation() const noexcept { return state_.organisation; }
  const std::vector<PairedVault>& vaults() const noexcept { return state_.vaults; }
  protocol::CaregiverKeys keys() const;
  std::string fingerprint() const;  // eight words
  const Signer& signer() const noexcept { return *signer_; }

  // A new card, for one patient: its code holds a pairing secret that no other card has. A text
  // that is not empty replaces what is shown of the caregiver from now on.
  Result<SecretText> issue_card(const std::string& name, const std::string& organisation);

  Result<crypto::ContentKey> open_key(const LinkId& link, const ReceivedParcelFile& jwe) const;

  // Whether the vault that signed is one that paired, this manifest was made for this caregiver, it
  // is where it was, and no older version than seen; what was learned is durable when this returns.
  // `agree` is asked, without the lock held, before a known vault gets another root.
  // Errors: key_changed (not the root or the server that was paired, nothing shows that the vault
  // ever was, or no agreement to another root); server_rolled_back.
  Result<void> admit(const protocol::Manifest& manifest, const Fingerprint& server,
                     const AgreeToRoot& agree = {});

 private:
  Caregiver(std::string directory, crypto::LocalSecrets secrets,
            const CaregiverEnvironment& environment);
  Result<void> load();
  Result<void> keep(CaregiverState state);
  // The serial of the card whose holder wrote the manifest's introduction. Errors: key_changed.
  Result<std::uint32_t> introduced_by(const protocol::Manifest& manifest) const;
  // What must be agreed to first, or nothing and it is kept.
  Result<std::optional<RootChange>> admit_locked(const protocol::Manifest& manifest,
                                                 const Fingerprint& server,
                                                 const std::optional<RootChange>& agreed);
  // The vault as it will be known; `change` is filled where its root is another.
  Result<void> judge_vault(const protocol::Manifest& manifest, const Fingerprint& server,
                           CaregiverState& state, std::optional<RootChange>& change) const;

  std::string directory_;
  crypto::LocalSecrets secrets_;
  std::unique_ptr<Signer> signer_;
  CaregiverEnvironment environment_;
  CaregiverState state_;
};

}  // namespace coffret::redeem

#endif  // COFFRET_VAULT_REDEEM_CAREGIVER_HPP
