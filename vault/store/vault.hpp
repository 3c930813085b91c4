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
#include <string>
#include <string_view>
#include <vector>

#include "coffret/disk.hpp"
#include "coffret/error.hpp"
#include "coffret/random.hpp"
#include "coffret/sealed.hpp"
#include "coffret/signer.hpp"
#include "coffret/time.hpp"
#include "vault/crypto/keyslot.hpp"
#include "vault/crypto/sealer.hpp"
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

class Vault {
 public:
  class State;  // state.hpp, this room's own

  // Errors: already_initialised, unsafe_location, in_use, weak_parameters, not_sqlcipher.
  static Result<CreatedVault> create(const VaultConfig& config, const SecretText& passphrase,
                                     Environment environment);

  // Errors: never_initialised, wrong_passphrase, damaged, other_version (the four sentences);
  // in_use, unsafe_location, weak_parameters, local_state_tampered, not_sqlcipher.
  static Result<Vault> open(const std::string& directory, const SecretText& passphrase,
                            const crypto::CostPolicy& cost, Environment environment);

  // A second machine, from the recovery key and the whole log as pulled (seq 1 to its head). This
  // device is enrolled by a certificate the root signs; bodies arrive later, object by object.
  // `enrol` takes the certificate to the server while the root is at hand: when it fails, no vault
  // was made, and the rebuild may be tried again.
  // Errors: those of create and of enrol; wrong_recovery_key (the log belongs to another root);
  // fork_detected (does not chain); unauthenticated (a signature); other_version.
  using Enrol = std::function<Result<void>(const protocol::SignedCertificate&)>;
  static Result<Vault> rebuild(const VaultConfig& config, const crypto::RecoverySeed& seed,
                               const std::vector<protocol::SignedEntry>& log,
                               const SecretText& passphrase, Environment environment,
                               const Enrol& enrol);

  Vault(Vault&&) noexcept;
  Vault& operator=(Vault&&) noexcept;
  ~Vault();

  Result<VaultStatus> status();
  const VaultId& id() const noexcept;
  const DeviceId& device() const noexcept;
  const SigningPublicKey& root_key() const noexcept;
  const std::string& owner() const noexcept;
  const Signer& signer() const noexcept;  // of this device
  std::vector<DeviceView> devices() const;
  std::optional<DeviceView> device(const DeviceId& id) const;

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
  Result<DocumentView> document(std::string_view id_or_prefix) const;
  // What came to this device after that number (0: from the first), in this order, at most `limit`:
  // also removed, quarantined and replaced ones, and those whose body is still to come.
  Result<std::vector<Arrival>> arrived_after(std::int64_t number, std::size_t limit) const;
  // What it says of itself, without what the person changed. Errors: not_found.
  Result<DocumentEntry> entry_as_put(const DocumentId& id) const;
  // What it states, whatever became of it. Errors: not_found.
  Result<std::vector<Fact>> facts_of(const DocumentId& id) const;
  // Errors: not_found (no such document, or its body is not here yet); damaged.
  Result<Bytes> body(const DocumentId& id) const;
  Result<std::string> text(const DocumentId& id) const;
  Result<Bytes> attachment(const DocumentId& id, std::size_t index) const;
  // What is derived from the body and never leaves the device; after a rebuild the bodies are read
  // again. Replaces what was there. Errors: not_found, malformed (facts over a limit).
  Result<void> set_derived(const DocumentId& id, std::string_view text,
                           const std::vector<Bytes>& attachments, const std::vector<Fact>& facts);
  // Present documents whose text was never set.
  Result<std::vector<DocumentId>> without_text() const;

  // Words that all must occur, "phrases" and prefixes*; accents, case, ligatures and elisions are
  // ignored. Best first, of the newest few hundred that match words and filter. No words: no hits.
  Result<std::vector<SearchHit>> search(std::string_view words, std::size_t limit = 50,
                                        const DocumentFilter& filter = {}) const;

  // What present, accepted, current documents state; newest first, undated last.
  Result<std::vector<FactView>> facts(const FactFilter& filter) const;

  // ---- Persons ---------------------------------------------------------------------------------
  std::vector<PersonView> persons() const;  // the owner first, then by name
  // Errors: malformed (empty or too long); conflict (the name is taken).
  Result<PersonId> add_person(const std::string& name);
  // What later documents are compared with. Errors: not_found.
  Result<void> identify(const PersonId& person, const PatientIdentity& identity);

  // ---- The log ---------------------------------------------------------------------------------
  // One entry for an operation of the floors above. Returns the new head.
  Result<protocol::Head> append(const Operation& operation);

  // Own entries the server has not acknowledged: at most `limit` entries and 4 MiB.
  Result<Pending> pending(std::size_t limit = 100) const;
  // The server's log ends at this head of ours. Errors: fork_detected (not ours).
  Result<void> mark_pushed(const protocol::Head& head);
  // What the server showed after the remembered head. Own pending entries are signed again behind
  // it. Everything or nothing is taken in.
  // Errors: server_rolled_back (its head is older than the remembered one), fork_detected,
  // unauthenticated, malformed, device_cloned (an entry of this device that it never wrote),
  // other_version.
  Result<Accepted> accept_remote(const protocol::EntryPage& page);

  // The sealed bytes of an object, made again. Errors: not_found.
  Result<SealedObject> object(const ObjectId& id) const;
  Result<std::vector<MissingObject>> missing_objects() const;
  // A pulled object: opened, and compared with the entry's size and SHA-256 before a row exists.
  // Returns the document it completes. Errors: not_found (no entry names it), unauthenticated.
  Result<DocumentId> store_object(const ObjectId& id, const ReceivedObject& object);

  // ---- What the floors above folded ------------------------------------------------------------
  std::vector<GrantView> grants() const;  // oldest first
  std::optional<GrantView> grant(const GrantId& id) const;
  std::optional<ServerPinned> server() const;
  std::optional<AccessCheckpoint> access() const;

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
