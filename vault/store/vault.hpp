// SPDX-License-Identifier: EUPL-1.2
//
// vault.hpp: an unlocked vault: the signed log, its fold, the documents and their search.
//
// Flow: create() once, or rebuild() from a recovery key; then open(). An act is one transaction
// (row, search text, log entry, pending push) and is acknowledged only when it and the head file
// are durable. Destroying the Vault locks it: every key is wiped.
//
// Units: times are UTC seconds; sizes are bytes.
// Errors of every call: damaged, local_state_tampered (an older copy of some file was put back),
// disk_full, io. Writing ones also other_version (the log holds what this build may not ignore: the
// vault is read only), and too_large.
// Ownership: the Environment's members outlive the Vault.
// Threads: not thread-safe; one strand owns a Vault.
#ifndef COFFRET_VAULT_STORE_VAULT_HPP
#define COFFRET_VAULT_STORE_VAULT_HPP

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/disk.hpp"
#include "coffret/error.hpp"
#include "coffret/random.hpp"
#include "coffret/sealed.hpp"
#include "coffret/signer.hpp"
#include "coffret/time.hpp"
#include "vault/crypto/age.hpp"
#include "vault/crypto/keyslot.hpp"
#include "vault/crypto/sealer.hpp"
#include "vault/store/stored_body.hpp"
#include "vault/store/transfer.hpp"
#include "vault/store/views.hpp"

namespace coffret::store {

struct Environment {
  Clock& clock;
  Random& random;
  Disk& disk;
};

struct VaultConfig {
  std::string directory;
  std::string owner;        // shown name; rebuild takes it from the log
  std::string device_name;  // of this device
  crypto::CostPolicy cost = crypto::release_cost;
};

struct CreatedVault;
struct LogStart;
class WaysOut;

class Vault {
 public:
  class State;  // state.hpp, this room's own

  // Errors: already_initialised, unsafe_location, in_use, weak_parameters, not_sqlcipher.
  static Result<CreatedVault> create(const VaultConfig& config, const SecretText& passphrase,
                                     Environment environment);

  // Errors: never_initialised, wrong_passphrase, keyslot_damaged, damaged, other_version;
  // in_use, unsafe_location, weak_parameters, local_state_tampered, not_sqlcipher.
  static Result<Vault> open(const std::string& directory, const SecretText& passphrase,
                            const crypto::CostPolicy& cost, Environment environment);

  // A second machine, from the recovery key and the whole log as pulled (seq 1 to its head). This
  // device is enrolled by a certificate the root signs; bodies arrive later, object by object.
  // `enrol` takes the certificate to the server while the root is at hand: when it fails, no vault
  // was made, and the rebuild may be tried again.
  // Errors: those of create and of enrol; wrong_recovery_key (the log belongs to another root);
  // recovery_replaced (the log has a newer sheet's root);
  // fork_detected (does not chain); unauthenticated (a signature); other_version.
  using Enrol = std::function<Result<void>(const protocol::SignedCertificate&)>;
  static Result<Vault> rebuild(const VaultConfig& config, const crypto::RecoverySeed& seed,
                               const std::vector<protocol::SignedEntry>& log,
                               const SecretText& passphrase, Environment environment,
                               const Enrol& enrol);
  // The same from a log's start (log_start.hpp), read with the sheet: from a checkpoint, the vault
  // is usable at once, and History (history.hpp) is to take in what lies before it.
  static Result<Vault> rebuild(const VaultConfig& config, const crypto::RecoverySeed& seed,
                               const LogStart& start, const SecretText& passphrase,
                               Environment environment, const Enrol& enrol);

  // From a backup, without a server. The log up to `acknowledged` is kept byte for byte. What lies
  // behind it may meanwhile have come to the server in another order, so this device writes it
  // again as its own: pending, the same sealed operations. A log that no server has acknowledged
  // anything of (seq 0) is kept whole. This device is enrolled in the log alone.
  // Errors: those of rebuild; malformed (acknowledged is not on the log).
  static Result<Vault> restore(const VaultConfig& config, const crypto::RecoverySeed& seed,
                               const std::vector<protocol::SignedEntry>& log,
                               const protocol::Head& acknowledged, const SecretText& passphrase,
                               Environment environment);

  // A second machine that another one let in (vault/daemon/pairing.hpp): with its own identity and
  // keys, among them the vault key that it was given, and the whole log as pulled, which must reach
  // back to `admission.root`, contain `admission.head` and enrol this device with these keys.
  // Errors: those of create; fork_detected (does not chain, or lacks that head); unauthenticated
  // (a signature, another root, this device is not in it); device_removed; other_version.
  struct Admission {
    SigningPublicKey root;
    protocol::Head head;
  };
  static Result<Vault> join(const VaultConfig& config, const crypto::KeyslotOwner& owner,
                            const crypto::LocalSecrets& secrets, const Admission& admission,
                            const std::vector<protocol::SignedEntry>& log,
                            const SecretText& passphrase, Environment environment);
  // The same from a log's start, as in rebuild; `admission.head` was its `remembered`.
  static Result<Vault> join(const VaultConfig& config, const crypto::KeyslotOwner& owner,
                            const crypto::LocalSecrets& secrets, const Admission& admission,
                            const LogStart& start, const SecretText& passphrase,
                            Environment environment);

  // When the passphrase may be known to others: this machine goes on under a new identity and new
  // keys of every kind, in a re-encrypted copy of the store, and a new epoch begins without its old
  // keys. All of it is made beside the vault, opened once, and takes its place by one rename. The
  // vault in `directory` must be closed, and nothing pending (conflict) where it has a server.
  // `enrol` as in rebuild. Errors: also those of open with `passphrase` and of enrol.
  static Result<Vault> rekey(const VaultConfig& config, const SecretText& passphrase,
                             const SecretText& fresh, Environment environment, const Enrol& enrol);

  Vault(Vault&&) noexcept;
  Vault& operator=(Vault&&) noexcept;
  ~Vault();

  Result<VaultStatus> status();
  const VaultId& id() const noexcept;
  const DeviceId& device() const noexcept;
  const SigningPublicKey& root_key() const noexcept;  // of the latest recovery sheet
  const std::string& owner() const noexcept;
  const Signer& signer() const noexcept;    // of this device
  std::vector<DeviceView> devices() const;  // removed ones too
  std::optional<DeviceView> device(const DeviceId& id) const;

  // ---- Who reads and signs ---------------------------------------------------------------------
  // Each is one entry that starts an epoch: its key is sealed to every device that is enrolled
  // behind it and to the latest recovery key. Devices that meet it go on by themselves; one that
  // was removed gets device_removed from accept_remote, an older sheet recovery_replaced from
  // rebuild.
  std::uint32_t epoch() const noexcept;
  Result<void> start_epoch();
  // Idempotent. Errors: not_found; denied (this device: another one removes it).
  Result<void> remove_device(const DeviceId& id);
  // A new seed: with it goes the sheet before, and the root key.
  Result<crypto::RecoverySeed> renew_recovery();
  // The same for a seed that the person was already shown.
  Result<void> replace_recovery(const crypto::RecoverySeed& seed);
  // Whether it is the passphrase of the open vault. Errors: wrong_passphrase, keyslot_damaged.
  Result<void> check_passphrase(const SecretText& passphrase, const crypto::CostPolicy& cost) const;

  // The same keys under another passphrase; the file is replaced at once or not at all. Errors:
  // wrong_passphrase (`current`), weak_parameters.
  Result<void> change_passphrase(const SecretText& current, const SecretText& fresh,
                                 const crypto::CostPolicy& cost);
  // A certificate by this device for another one, and its entry. What that device is to be given:
  // the key of the current epoch, sealed to it.
  protocol::SignedCertificate certify(const DeviceId& device, const SigningPublicKey& signing_key,
                                      const AgreementPublicKey& agreement_key);
  Result<Bytes> seal_epoch_to(const AgreementPublicKey& device) const;
  // Another device of the person, certified by this one. Errors: unauthenticated, malformed.
  Result<void> add_device(const DeviceAdded& added);

  // ---- Documents -------------------------------------------------------------------------------
  // All or none, in one transaction, one entry each; outcomes in order. Callers group up to 64
  // documents or 16 MiB. A body already kept (and not removed) is a duplicate.
  Result<std::vector<PutOutcome>> put_documents(std::vector<PreparedDocument> batch);
  // A removed one too when asked: whoever finds a body again unasked must not bring it back.
  Result<std::optional<DocumentId>> find_duplicate(const Sha256& body,
                                                   bool removed_too = false) const;
  // Present, not removed, with this own id (value and system).
  Result<std::vector<DocumentView>> find_by_unique_id(const Identifier& id) const;
  // The versions of its set, oldest first; itself alone when it has no set. Errors: not_found.
  Result<std::vector<DocumentView>> versions(const DocumentId& id) const;
  // The original bytes and the entry as put stay. Errors: not_found, malformed (over a limit).
  Result<void> amend(const DocumentAmended& amendment);
  // Every change that amendments made, in the log's order: what a later one replaced too.
  std::vector<DocumentEdit> edits(const DocumentId& id) const;
  // Into this person's record, out of quarantine. Errors: not_found (document or person).
  Result<void> assign(const DocumentId& id, const PersonId& person);
  Result<void> remove(const DocumentId& id);   // idempotent. Errors: not_found
  Result<void> restore(const DocumentId& id);  // idempotent. Errors: not_found
  // Erases for good what was removed thirty days ago by both clocks, this machine's and the
  // server's (`server_time`, UTC seconds): neither alone can make a removal final.
  Result<void> purge(std::int64_t server_time);

  // Newest date first, undated ones last.
  Result<std::vector<DocumentView>> documents(const DocumentFilter& filter = {}) const;
  // By identifier, or a prefix of at least 4 characters that only one document has; removed ones
  // too. Errors: not_found (also an ambiguous prefix).
  // One that was erased as a copy (copies.hpp) gives the document that it is.
  Result<DocumentView> document(std::string_view id_or_prefix) const;
  // What stands for a document: itself, or what it was found to be a copy of.
  DocumentId stands_for(const DocumentId& id) const;
  // What came to this device after that number (0: from the first), in this order, at most `limit`:
  // also removed, quarantined and replaced ones, and those whose body is still to come.
  Result<std::vector<Arrival>> arrived_after(std::int64_t number, std::size_t limit) const;
  // What it says of itself, without what the person changed. Errors: not_found.
  Result<DocumentEntry> entry_as_put(const DocumentId& id) const;
  // What it states, whatever became of it. Errors: not_found.
  Result<std::vector<Fact>> facts_of(const DocumentId& id) const;
  // Errors: not_found; body_missing (not here yet); damaged.
  Result<Bytes> body(const DocumentId& id) const;
  // The same, to be read off this strand.
  Result<StoredBody> stored_body(const DocumentId& id) const;
  Result<std::string> text(const DocumentId& id) const;
  Result<Bytes> attachment(const DocumentId& id, std::size_t index) const;
  // Of a picture, as far as this release's reader or a later one has read it. Errors: not_found.
  Result<PictureSize> picture(const DocumentId& id) const;
  // What is derived from the body and never leaves the device; after a rebuild the bodies are read
  // again. Replaces what was there. Errors: not_found, malformed (facts over a limit).
  Result<void> set_derived(const DocumentId& id, std::string_view text,
                           const std::vector<Bytes>& attachments, const std::vector<Fact>& facts,
                           const PictureSize& picture = {});
  // Present documents whose text was never set.
  Result<std::vector<DocumentId>> without_text() const;
  // The same, a few at a time: those that came to this device after that number (0: from the
  // first).
  Result<std::vector<Unread>> unread_after(std::int64_t number, std::size_t limit) const;

  // Words that all must occur, "phrases" and prefixes*; accents, case, ligatures and elisions are
  // ignored. Best first, of the newest few hundred that match words and filter. No words: no hits.
  // `matched`: how many of these there are, with those beyond the limit; search_reach and more mean
  // that there may be others.
  static constexpr std::size_t search_reach = 300;
  Result<std::vector<SearchHit>> search(std::string_view words, std::size_t limit = 50,
                                        const DocumentFilter& filter = {},
                                        std::size_t* matched = nullptr) const;

  // What present, accepted, current documents state; newest first, undated last.
  Result<std::vector<FactView>> facts(const FactFilter& filter) const;

  // ---- Persons ---------------------------------------------------------------------------------
  // The owner first, then by name; without those that are merged into others, or removed.
  std::vector<PersonView> persons() const;
  std::vector<MergedPerson> merged_persons() const;
  // Whatever became of the record since. Null: there never was one.
  std::optional<PersonView> person(const PersonId& id) const;
  // The record that what is filed under this one is in.
  PersonId record_of(const PersonId& person) const;
  // What is filed under `person` is in the record `into`; `person` itself: in its own again.
  // Nothing else changes, so it can be taken back. Errors: not_found; denied (the owner's is not
  // merged into another); conflict (`into` is itself in `person`).
  Result<void> merge_person(const PersonId& person, const PersonId& into);
  // Out of the list of records. Errors: not_found; denied (the owner's); conflict (documents are in
  // it).
  Result<void> remove_person(const PersonId& person);
  // Errors: malformed (empty or too long); conflict (the name is taken).
  Result<PersonId> add_person(const std::string& name);
  // What later documents are compared with. Errors: not_found.
  Result<void> identify(const PersonId& person, const PatientIdentity& identity);

  // ---- The log ---------------------------------------------------------------------------------
  // One entry for an operation of the floors above. Returns the new head.
  Result<protocol::Head> append(const Operation& operation);

  // Where the log was after `seq` entries: what two devices compare. Errors: not_found (past its
  // end); history_unread (in a part that this device has not read yet, history.hpp).
  Result<protocol::Head> head_at(std::uint64_t seq) const;

  // Own entries the server has not acknowledged: at most `limit` entries and 4 MiB.
  Result<Pending> pending(std::size_t limit = 100) const {
    return pending_after(ends().server, limit);
  }
  // The same behind an own entry that is on its way.
  Result<Pending> pending_after(const protocol::Head& base, std::size_t limit) const;
  // Of the objects that pending entries put, sealed.
  Result<std::uint64_t> pending_bytes() const;
  // Pending entries in an order in which the server can take the first of them although it has no
  // room for `objects`: what puts those, and what speaks of their documents, is signed again behind
  // all else. Returns the last that can go. Errors: those of accept_remote.
  Result<protocol::Head> set_back(std::span<const ObjectId> objects);
  LogEnds ends() const noexcept;  // costs nothing, whatever the size of the vault
  // The server's log ends at this head of ours. Errors: fork_detected (not ours).
  Result<void> mark_pushed(const protocol::Head& head);
  // What the server showed after the remembered head. Own pending entries are signed again behind
  // it. Everything or nothing is taken in.
  // Errors: server_rolled_back (its head is older than the remembered one), fork_detected,
  // unauthenticated, malformed, device_cloned (an entry of this device that it never wrote),
  // device_removed (this one: what is pending here stays here), other_version.
  Result<Accepted> accept_remote(const protocol::EntryPage& page);

  // The sealed bytes of an object, made again. Errors: not_found, body_missing, damaged.
  Result<SealedObject> object(const ObjectId& id) const;
  Result<std::vector<MissingObject>> missing_objects() const;
  // transfer.hpp: many at once, the work beside the vault. unsealed: from the first on, as many as
  // make `bytes` of sealed objects, at least one; errors: not_found, damaged. unopened: those that
  // are still missing. store_bodies: all or none, in one transaction.
  Result<std::vector<Unsealed>> unsealed(std::span<const ObjectId> objects,
                                         std::size_t bytes) const;
  Result<std::uint64_t> sealed_size(const ObjectId& object) const;
  Result<std::vector<Unopened>> unopened(std::span<const ObjectId> objects) const;
  Result<void> store_bodies(const std::vector<ReadyBody>& bodies);
  // A pulled object: opened, and compared with the entry's size and SHA-256 before a row exists.
  // Returns the document it completes. Errors: not_found (no entry names it), unauthenticated.
  Result<DocumentId> store_object(const ObjectId& id, const ReceivedObject& object);

  // ---- What the floors above folded ------------------------------------------------------------
  std::vector<GrantView> grants() const;  // oldest first
  std::optional<GrantView> grant(const GrantId& id) const;
  std::vector<CaregiverPaired> caregivers() const;     // in the order they were first paired
  std::vector<DepositLinkView> deposit_links() const;  // oldest first
  std::optional<SettledDeposit> settled(const DepositPlace& place) const;
  // What is here twice because another device had accepted the same deposit before: of what this
  // device has not sent yet, the documents not removed.
  std::vector<DocumentId> accepted_twice() const;
  std::optional<ServerPinned> server() const;
  std::optional<AccessCheckpoint> access() const;

  // ---- For backups -----------------------------------------------------------------------------
  // Entries (after, after + limit], oldest first. Errors: history_unread (some of them are not
  // here yet).
  Result<std::vector<protocol::SignedEntry>> entries_after(std::uint64_t seq,
                                                           std::size_t limit) const;
  // Zero for seq 0. Errors: not_found, history_unread.
  Result<EntryHash> entry_hash(std::uint64_t seq) const;
  // What the log keeps on the server: put and not dropped.
  Result<std::vector<ObjectId>> kept_objects() const;
  AgreementPublicKey recovery_key() const noexcept;  // of the sheet that counts
  // Errors: not_found (an epoch whose key is not here).
  Result<crypto::AgeIdentity> export_identity(std::uint32_t epoch) const;

  // Keys inside operations are wrapped under the log key of the entry's epoch.
  template <class Key>
  Bytes wrap(crypto::WrapPurpose purpose, ByteView id, std::uint32_t version, const Key& key) {
    return crypto::Sealer::wrap(log_key(), wrap_context(purpose, id, version), key, random());
  }
  // Errors: unauthenticated; not_found (epoch).
  template <class Key>
  Result<Key> unwrap(std::uint32_t epoch, crypto::WrapPurpose purpose, ByteView id,
                     std::uint32_t version, ByteView wrapped) const {
    const auto* key = log_key(epoch);
    if (key == nullptr) return errc::not_found;
    return crypto::Sealer::unwrap<Key>(*key, wrap_context(purpose, id, version), wrapped);
  }

  // ---- Care ------------------------------------------------------------------------------------
  // Whole chain, signatures, rows against entries; with read_data also every body and page.
  Result<std::vector<Problem>> check(bool read_data) const;

 private:
  friend class WaysOut;  // ways_out.hpp: after an alarm
  explicit Vault(std::unique_ptr<State> state) noexcept;
  const crypto::LogKey& log_key() const noexcept;  // of the current epoch
  const crypto::LogKey* log_key(std::uint32_t epoch) const noexcept;
  crypto::WrapContext wrap_context(crypto::WrapPurpose purpose, ByteView id,
                                   std::uint32_t version) const;
  Random& random() const noexcept;

  std::unique_ptr<State> state_;
};

struct CreatedVault {
  Vault vault;
  crypto::RecoverySeed seed;  // to be shown once, then dropped
  crypto::Argon2Cost cost;    // what the keyslot was made with
};

// One line, code and time only, in the vault's local audit log. Best effort: never fails an act.
void audit(const std::string& directory, errc code, Environment& environment) noexcept;

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_VAULT_HPP
