// SPDX-License-Identifier: EUPL-1.2
//
// state.hpp: what an unlocked vault holds in memory, and the one way to write to it: an Act.
//
// Errors of loading: see Vault::open. Threads: the vault's strand.
#ifndef COFFRET_VAULT_STORE_STATE_HPP
#define COFFRET_VAULT_STORE_STATE_HPP

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "vault/store/control.hpp"
#include "vault/store/directory.hpp"
#include "vault/store/documents.hpp"
#include "vault/store/facts.hpp"
#include "vault/store/head.hpp"
#include "vault/store/keyring.hpp"
#include "vault/store/log.hpp"
#include "vault/store/search.hpp"
#include "vault/store/sqlite.hpp"
#include "vault/store/vault.hpp"

namespace coffret::store {

// What the rows and the fold say of a document without its entry.
struct Standing {
  PersonId person;
  bool removed = false;
  bool quarantined = false;
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

  // A new, empty store in `place`, its parameters beside it.
  static Result<std::unique_ptr<State>> make(Environment environment, Directory place,
                                             const crypto::KeyslotOwner& owner,
                                             const crypto::LocalSecrets& secrets);
  // The store that lies in `place`, its log verified and folded.
  static Result<std::unique_ptr<State>> load(Environment environment, Directory place,
                                             const crypto::KeyslotOwner& owner,
                                             const crypto::LocalSecrets& secrets);

  std::int64_t now();    // never before a time already seen
  Result<void> keep() {  // the head file, as memory has it
    return keep({});
  }
  Result<void> keep(std::optional<protocol::Head> next);

  Result<Stored> stored(const DocumentRow& row);
  Result<DocumentView> view(const DocumentRow& row);
  Result<DocumentRow> find(const DocumentId& id) const;
  // What was removed long ago is erased for good, here and on the server: one act. Only what the
  // server has acknowledged: before that, its object is still owed to the server.
  Result<void> purge_expired(std::int64_t server_time);
  // A purged document's rows, within an act; its file once that is committed.
  Result<void> erase(const DocumentRow& row);
  Result<void> finish_erasing();

  // Counted again when the log has grown. Valid until then.
  Result<const Versions*> versions();
  // Whether a filter that asks nothing of the entry may list this row: without a look at it.
  Result<bool> may_list(std::int64_t row, const DocumentFilter& filter);
  Result<crypto::DocumentKey> document_key(const Stored& document) const;
  // Compared with its SHA-256. Errors: not_found (not here yet), damaged.
  Result<Bytes> body(const Stored& document);

  Environment env;
  Directory directory;
  crypto::KeyslotOwner owner;
  std::unique_ptr<Signer> signer;
  crypto::HeadKey head_key;
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
  bool read_only = false;  // the log holds what this build may not ignore

 private:
  Result<void> load_log();
  Result<void> fold(const Link& link, std::uint64_t vouched);
  Result<void> remove_orphans();

  std::vector<ObjectId> erased_;  // files to remove after the commit
  bool erasing_ = false;
  std::optional<Versions> versions_;
  std::unordered_map<std::int64_t, Standing> standings_;  // by row
  protocol::Head versions_at_;                            // the head both were counted at
};

// One transaction of a vault: entries appended, and whatever rows go with them. Undone unless
// commit() succeeds; memory follows the disk.
class Act {
 public:
  static Result<Act> begin(Vault::State& state);

  // Seals, signs and appends. Errors: malformed, too_large.
  Result<Opened> append(const Operation& operation, std::vector<ObjectId> puts = {},
                        std::vector<Envelope> envelopes = {}, std::vector<ObjectId> drops = {});
  // Appends what is signed already, after judging it. Errors: those of Control::admit.
  Result<Opened> take(const protocol::SignedEntry& entry);
  // Signs an own entry again, behind what is here now. Its operation stays.
  Result<Opened> renew(const protocol::SignedEntry& entry);

  // Everything after this point is dropped and folded afresh.
  Result<void> rewind(const protocol::Head& to);

  const protocol::Head& head() const noexcept { return head_; }
  const Control& folded() const noexcept { return control_ ? *control_ : state_->control; }
  // Commits, then writes the head file.
  Result<void> commit();

 private:
  Act(Vault::State& state, Transaction transaction);
  Control& control();
  Result<void> add(const protocol::SignedEntry& entry, const Opened& opened);

  Vault::State* state_;
  Transaction transaction_;
  std::optional<Control> control_;  // copied when something changes it
  std::uint64_t puts_ = 0;          // counted here as long as nothing else changes
  std::int64_t put_time_ = 0;       // the latest of theirs
  protocol::Head head_;
  bool rewound_ = false;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_STATE_HPP
