// SPDX-License-Identifier: EUPL-1.2
//
// import.hpp: files and folders into the vault: find, read (confined), hash, group, commit, tell.
//
// Each file is imported, a duplicate, set apart, or refused with a reason; one bad file never stops
// the rest. Set apart (quarantined): it is about none of the persons of this vault
// (patient_match.hpp), or the archive it came in says so against the document; both identities are
// told. A duplicate has the same bytes, or is the same document written in another way: own id,
// date, title, patient, version, words, payloads and facts alike. A reused id alone loses nothing:
// both are kept.
// An export that comes back (export_return.hpp) keeps its persons, sources and amendments; a file
// of it that is not as it was taken out is told (`altered`). A row is told only after its
// transaction is durable. Archives are taken apart: each member is a file of its own, named
// "archive!/member"; archives inside archives are refused. Reading and committing overlap, except
// around a document of 8 MiB or more. Bounds: a file has at most limits::file_size bytes; groups of
// 64 documents or 8 MiB. Errors: locked, stopping (asked to lock), and what the store says when it
// cannot write at all (disk_full, io, other_version): then the files of the last group are not
// imported.
#ifndef COFFRET_VAULT_DAEMON_IMPORT_HPP
#define COFFRET_VAULT_DAEMON_IMPORT_HPP

#include <filesystem>
#include <future>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "vault/daemon/commands.hpp"
#include "vault/daemon/export_return.hpp"
#include "vault/daemon/patient_match.hpp"
#include "vault/daemon/persons.hpp"
#include "vault/daemon/reader_process.hpp"

namespace coffret::daemon {

// What the person had changed of a document that comes back; null for any other.
std::optional<store::DocumentAmended> amendment_of(const ReturningDocument* returning);

struct ImportOptions {
  bool any_patient = false;  // whoever the documents name
  PersonId person{};         // into whose record; zero: the owner's, or where an export had it
  std::string source = "import";
};

class Importer {
 public:
  Importer(Call& call, Session::Hold& hold, Persons persons, ImportOptions options);
  ~Importer();  // waits for a group on its way

  Result<void> take(const std::filesystem::path& file);
  // A file that lies in no folder of this machine: `name` as whoever sent it calls it; `date` for
  // one that tells none, or empty.
  Result<void> take_sent(std::string name, Bytes bytes, std::string date);
  // Everything taken is durable and told when this returns, but for what waits for last().
  Result<void> finish();
  // After the last file: takes those that waited for another one to say whose number they state,
  // and finishes.
  Result<void> last();

  struct Counts {
    std::uint64_t imported = 0;
    std::uint64_t duplicate = 0;
    std::uint64_t quarantined = 0;
    std::uint64_t refused = 0;
  };
  const Counts& counts() const noexcept { return counts_; }
  // The records that took their identity from a document of this import: {person, identity}.
  const boost::json::array& identified() const noexcept { return identified_; }
  // Of the exports that files of this import were of: who signed their lists.
  const std::map<std::string, SignedExport>& signed_exports() const noexcept {
    return returning_.signed_exports();
  }

 private:
  struct File {
    std::string shown;  // the path as told in rows
    std::string name;   // last component
    std::string date;   // of the file, used when the document tells none
    Bytes bytes;
    bool inside_archive = false;
    bool sent = false;  // it cannot be read a second time
    Bytes metadata{};   // of a reading::Member
    const ReturningDocument* returning = nullptr;
  };

  using Outcomes = Result<std::vector<store::PutOutcome>>;
  using OwnIds = std::set<std::pair<std::string, std::string>>;
  using Learned = std::vector<std::pair<PersonId, PatientIdentity>>;
  using Amendments = std::vector<std::optional<store::DocumentAmended>>;

  Result<void> commit();  // sends the group on its way to the disk
  Result<void> settle();  // waits for it, and tells its rows
  Result<void> take_bytes(File file);
  Result<void> take_archive(const File& archive);
  Result<void> prepare(File file, DocumentDescription read, const Sha256& sha256);
  Result<std::optional<DocumentId>> same_document(const DocumentDescription& read);
  Result<PersonId> target_of(const File& file);  // into whose record it would go
  // An export that says so had it in a record of this name, whoever it names.
  bool was_kept(const File& file, const PersonId& target);
  bool waits(const File& file, const DocumentEntry& entry, const PersonId& target);
  // Whose it is: sets person and quarantine, and what its row says of them.
  void file(store::PreparedDocument& document, const PersonId& target, const File& from,
            Object& row);
  // Why it is set apart: what it names, and whose record it was meant for.
  void tell_apart(Object& row, const PersonId& person);
  void learn(const PersonId& person, const PatientIdentity& identity);
  Result<bool> make_whole(const DocumentId& id, ByteView original);
  Result<void> already_there(const File& file, const DocumentId& id, bool restored = false);
  Result<void> complete(const store::DocumentView& known, const File& file);
  Result<void> refuse(const std::string& shown, const error_code& error, Cause cause);
  Result<void> tell(Object row, std::string_view outcome, const DocumentId& id);
  Call& call_;
  Session::Hold& hold_;
  Persons persons_;  // as they will be once the group is in
  ImportOptions options_;
  Reader reader_;
  Returning returning_;
  std::vector<store::PreparedDocument> group_;
  std::vector<Object> rows_;  // one per member of group_
  Learned learned_;           // to be kept with the group
  Amendments amendments_;     // one per member of group_
  OwnIds own_ids_;            // of group_
  std::size_t group_bytes_ = 0;
  std::future<Outcomes> committing_;
  std::vector<Object> committing_rows_;
  OwnIds committing_ids_;
  std::vector<std::filesystem::path> waiting_;
  bool last_chance_ = false;
  boost::json::array identified_;
  Counts counts_;
};

// What `import` does, for one file that the page sent: arguments person and any_patient.
Result<Object> import_bytes(Call& call, const std::string& name, ByteView bytes);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_IMPORT_HPP
