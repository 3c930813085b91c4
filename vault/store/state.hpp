// SPDX-License-Identifier: EUPL-1.2
//
// state.hpp: what an unlocked vault holds in memory, and the one way to write to it: an Act.
//
// Errors of loading: see Vault::open. Threads: the vault's strand.
#ifndef COFFRET_VAULT_STORE_STATE_HPP
#define COFFRET_VAULT_STORE_STATE_HPP

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vault/store/control.hpp"
#include "vault/store/directory.hpp"
#include "vault/store/documents.hpp"
#include "vault/store/facts.hpp"
#include "vault/store/gap.hpp"
#include "vault/store/head.hpp"
#include "vault/store/keyring.hpp"
#include "vault/store/log.hpp"
#include "vault/store/search.hpp"
#include "vault/store/sqlite.hpp"
#include "vault/store/vault.hpp"

namespace coffret::store {

class HistoryCheck;

// The history before the checkpoint that a vault began at, as far as it is read (history.hpp).
struct HistoryReading {
  std::unique_ptr<HistoryCheck> check;  // null: to be begun
  protocol::Head stored;                // the last entry of the history that is here without a gap
  std::vector<std::uint64_t> puts;      // of documents that the checkpoint has not: purged ones
  errc contradicted = errc::ok;         // by what was read; until the vault is locked
};

// What the rows and the fold say of a document without its entry.
struct Standing {
  DocumentId id;
  PersonId person;
  bool removed = false;
  bool quarantined = false;
};

// What the entry of a document says that lists are filtered by. It never changes.
struct Sorting {
  using Sort = std::pair<CodedValue, std::string>;  // type and category
  DocumentId id;
  const Sort* sort = nullptr;
  std::string date;
};

// A row with the entry it stands for, found to agree.
struct Stored {
  DocumentRow row;
  Opened opened;
  const DocumentPut& put() const { return std::get<DocumentPut>(opened.payload); }
};

class Vault::State {
 public:
  State(Environment environment, Directory place, const crypto::KeyslotOwner& keyslot_owner,
        const crypto::LocalSecrets& secrets, Connection connection);
  ~State();

  // A new, empty store in `place`, its parameters beside it.
  static Result<std::unique_ptr<State>> make(Environment environment, Directory place,
                                             const crypto::KeyslotOwner& owner,
                                             const crypto::LocalSecrets& secrets);
  // The store that lies in `place`, its log verified and folded. `known`: keys of epochs that the
  // keyslot's own does not lead to.
  static Result<std::unique_ptr<State>> load(Environment environment, Directory place,
                                             const crypto::KeyslotOwner& owner,
                                             const crypto::LocalSecrets& secrets,
                                             const Keyring* known = nullptr);

  static Vault unlocked(std::unique_ptr<State> state) { return Vault{std::move(state)}; }

  std::int64_t now();    // never before a time already seen
  Result<void> keep() {  // the head file, as memory has it
    return keep({});
  }
  Result<void> keep(std::optional<protocol::Head> next);

  // The vault begins at a checkpoint: recorded before anything of it counts.
  Result<void> begin_gap(KeptGap begun);
  // Nothing is missing any more. What cannot be removed now is at the next unlock.
  void end_gap() noexcept;
  // Errors: history_unread (an entry behind `seq` may be missing here).
  Result<void> require_behind(std::uint64_t seq) const;
  // Of Log::hash_at, for whoever asks about any place. Errors: also history_unread.
  Result<EntryHash> hash_at(std::uint64_t seq) const;

  Result<Stored> stored(const DocumentRow& row);
  Result<DocumentView> view(const DocumentRow& row);
  // What was erased as a copy is found as what it is a copy of. Errors: not_found.
  Result<DocumentRow> find(const DocumentId& id) const;
  DocumentId standing(const DocumentId& id) const;  // the document whose row that is
  // Whether anything but removed documents is in this person's record.
  Result<bool> holds_documents(const PersonId& person);
  // What was removed long ago is erased for good, here and on the server: one act. Only what the
  // server has acknowledged: before that, its object is still owed to the server.
  Result<void> purge_expired(std::int64_t server_time);
  // A purged document's rows, within an act; its file once that is committed.
  Result<void> erase(const DocumentRow& row);
  Result<void> finish_erasing();

  // Counted on when documents were added, and anew when anything else was. Valid until then.
  Result<const Versions*> versions();
  // Whether this filter lists a row: judged without opening its entry, as long as neither the log
  // nor the filter changes. Authors are not looked at.
  Result<Ranking::Wanted> lister(const DocumentFilter& filter);
  Result<crypto::DocumentKey> document_key(const Stored& document) const;
  // What an operation wraps, under the key of `epoch` where it was made under one of `before`.
  Operation rewrapped(const Operation& operation, const Keyring& before, std::uint32_t epoch) const;
  // Compared with its SHA-256 when read. Errors: body_missing (not here yet), not_found (purged),
  // damaged.
  Result<StoredBody> stored_body(const Stored& document);
  Result<Bytes> body(const Stored& document);

  Environment env;
  Directory directory;
  crypto::KeyslotOwner owner;
  std::unique_ptr<Signer> signer;
  crypto::HeadKey head_key;
  const crypto::LocalSecrets slot;  // what the keyslot holds, for the recovery slot of a new sheet
  Keyring keyring;
  Connection db;
  Log log;
  Documents documents;
  Search search;
  Facts facts;
  Control control;
  protocol::Head head;    // of the log here
  protocol::Head server;  // of the log there, as remembered
  std::int64_t latest = 0;
  std::uint64_t folds = 0;  // times that `control` changed otherwise than by documents added
  bool read_only = false;   // the log holds what this build may not ignore
  // A copy of this device wrote to the log: it signs nothing any more (ways_out.hpp). Remembered in
  // the file `retired`.
  bool retired = false;
  void retire() noexcept;
  std::unique_ptr<const KeptGap> gap;  // null: the log is here from its first entry
  HistoryReading reading;
  // Up to which length of the log no checkpoint is worth writing (checkpoints.hpp).
  std::uint64_t no_checkpoint_until = 0;
  // Where copies were last looked for (copies.hpp), and what was found not to be one.
  protocol::Head copies_looked_at;
  std::set<std::pair<DocumentId, DocumentId>> no_copies;

 private:
  Result<void> load_gap();
  Result<void> load_log(std::uint32_t slot_epoch);
  Result<void> fold(const Link& link, std::uint64_t vouched);
  Result<void> learn_earlier_keys(std::uint32_t epoch);
  Result<void> remove_orphans();
  Result<Relative> relative(DocumentRow& row) const;
  void stand(const Relative& one);
  Result<bool> count_on();
  bool may_list(std::int64_t row, const DocumentFilter& filter) const;
  bool sorted_as_asked(std::int64_t row, const DocumentFilter& filter) const;
  Result<void> sort_all();

  std::vector<ObjectId> erased_;  // files to remove after the commit
  bool erasing_ = false;
  std::optional<Versions> versions_;
  std::unordered_map<std::int64_t, Standing> standings_;  // by row
  std::unordered_map<std::int64_t, Sorting> sortings_;    // by row; filled when first asked for
  std::unordered_map<std::string, Sorting::Sort> sorts_;  // each once
  Ties ties_;
  std::int64_t last_counted_ = 0;  // the highest row in versions_
  std::uint64_t counted_folds_ = 0;
  protocol::Head sorted_at_;
  protocol::Head versions_at_;  // the head both were counted at
};

// The vault's ring learns epochs within an act; it forgets them again unless keep() is called.
class KeysUntilCommit {
 public:
  explicit KeysUntilCommit(Keyring& ring) : ring_(&ring), before_(ring) {}
  KeysUntilCommit(KeysUntilCommit&& other) noexcept
      : ring_(std::exchange(other.ring_, nullptr)), before_(std::move(other.before_)) {}
  KeysUntilCommit& operator=(KeysUntilCommit&&) = delete;
  ~KeysUntilCommit() {
    if (ring_ != nullptr) *ring_ = std::move(before_);
  }
  const Keyring& before() const noexcept { return before_; }
  void keep() noexcept { ring_ = nullptr; }

 private:
  Keyring* ring_;
  Keyring before_;
};

// One transaction of a vault: entries appended, and whatever rows go with them. Undone unless
// commit() succeeds; memory follows the disk.
class Act {
 public:
  static Result<Act> begin(Vault::State& state);

  // Seals, signs and appends. Errors: malformed, too_large.
  Result<Opened> append(const Operation& operation, std::vector<ObjectId> puts = {},
                        std::vector<ObjectId> drops = {});
  // The first entry, with its epoch's key sealed to these.
  Result<Opened> begin_log(const Genesis& genesis, const std::vector<AgreementPublicKey>& readers);
  // Appends an operation that starts an epoch: numbers it, seals its key to everybody who is
  // enrolled after it and to the recovery key, and the key before under it. Without `key` a fresh
  // one. `signer`: the device that replaces this one, else this device.
  struct NewSigner {
    DeviceId device;
    const Signer& signer;
  };
  Result<Opened> start_epoch(Payload payload, const crypto::VaultKey* key = nullptr,
                             const NewSigner* signer = nullptr);
  // Appends what is signed already, after judging it. Errors: those of Control::admit.
  Result<Opened> take(const protocol::SignedEntry& entry);
  // The same for an entry of a checkpoint: what it says is before it stands in for the gap.
  Result<Opened> take_live(const protocol::SignedEntry& entry);
  // Signs an own entry again, behind what is here now. What it says stays; where an epoch has begun
  // meanwhile it is sealed under that epoch's key, since a device removed with it may not read it.
  Result<Opened> renew(const protocol::SignedEntry& entry);

  // Everything after this point is dropped and folded afresh.
  Result<void> rewind(const protocol::Head& to);

  const protocol::Head& head() const noexcept { return head_; }
  const Control& folded() const noexcept { return control_ ? *control_ : state_->control; }
  // The keys as they were before: what opens own entries that were cut off.
  const Keyring& keys_before() const noexcept { return keys_.before(); }
  // Commits, then writes the head file. `server`: what is known of the server's log from then on.
  // An error of the head file alone leaves the act done, here and in the log.
  Result<void> commit(const std::optional<protocol::Head>& server = {});
  bool committed() const noexcept { return committed_; }

 private:
  Act(Vault::State& state, Transaction transaction);
  Control& control();
  Result<void> add(const protocol::SignedEntry& entry, const Opened& opened);
  Result<std::vector<Envelope>> seal_to(const std::vector<AgreementPublicKey>& readers,
                                        std::uint32_t epoch) const;
  Result<Opened> write(const Operation& operation, protocol::Entry entry,
                       std::vector<Envelope> envelopes, const NewSigner* signer);

  Vault::State* state_;
  Transaction transaction_;
  KeysUntilCommit keys_;
  std::optional<Control> control_;  // copied when something changes it
  std::uint64_t puts_ = 0;          // counted here as long as nothing else changes
  std::int64_t put_time_ = 0;       // the latest of theirs
  protocol::Head head_;
  bool rewound_ = false;
  bool committed_ = false;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_STATE_HPP
