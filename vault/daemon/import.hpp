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
// An export that comes back (export_return.hpp) keeps its persons, sources and amendments.
// A row is told only after its transaction is durable. Archives are taken apart: each member is a
// file of its own, named "archive!/member"; archives inside archives are refused.
// Reading and committing overlap: a group is on its way to the disk while the next is read, except
// behind a document of 16 MiB or more.
// Bounds: a file has at most limits::file_size bytes; groups of 64 documents or 16 MiB.
// Errors: locked, stopping (asked to lock), and what the store says when it cannot write at all
// (disk_full, io, other_version): then the files of the last group are not imported.
#ifndef COFFRET_VAULT_DAEMON_IMPORT_HPP
#define COFFRET_VAULT_DAEMON_IMPORT_HPP

#include <filesystem>
#include <future>
#include <set>
#include <string>
#include <vector>

#include "vault/daemon/commands.hpp"
#include "vault/daemon/export_return.hpp"
#include "vault/daemon/patient_match.hpp"
#include "vault/daemon/persons.hpp"
#include "vault/daemon/reader_process.hpp"

namespace coffret::daemon {

// The regular files under `paths`, in order, folders walked by name; links are not followed. Files
// that desktops leave behind (".DS_Store", "__MACOSX", "Thumbs.db", other names that begin with a
// dot) are passed over inside folders. A path that does not exist is kept: its import says so.
std::vector<std::filesystem::path> files_under(const std::vector<std::string>& paths);

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
  // Everything taken is durable and told when this returns.
  Result<void> finish();

  struct Counts {
    std::uint64_t imported = 0;
    std::uint64_t duplicate = 0;
    std::uint64_t quarantined = 0;
    std::uint64_t refused = 0;
  };
  const Counts& counts() const noexcept { return counts_; }
  // The records that took their identity from a document of this import: {person, identity}.
  const boost::json::array& identified() const noexcept { return identified_; }

 private:
  struct File {
    std::string shown;  // the path as told in rows
    std::string name;   // last component
    std::string date;   // of the file, used when the document tells none
    Bytes bytes;
    bool inside_archive = false;
    Bytes metadata{};  // of a reading::Member
    const ReturningDocument* returning = nullptr;
  };

  using Outcomes = Result<std::vector<store::PutOutcome>>;
  using OwnIds = std::set<std::pair<std::string, std::string>>;
  using Learned = std::vector<std::pair<PersonId, PatientIdentity>>;
  using Amendments = std::vector<std::optional<store::DocumentAmended>>;

  // Sends the group on its way to the disk, while the next one is being read.
  Result<void> commit();
  // Waits for the group on its way, and tells its rows.
  Result<void> settle();
  Result<void> take_bytes(File file);
  Result<void> take_archive(const File& archive);
  Result<void> prepare(File file, DocumentDescription read, const Sha256& sha256);
  Result<std::optional<DocumentId>> same_document(const DocumentDescription& read);
  // Into whose record it would go. Errors: those of adding a person.
  Result<PersonId> target_of(const File& file);
  // Whose it is: sets person and quarantine, and what its row says of them.
  void file(store::PreparedDocument& document, const PersonId& target, ByteView metadata,
            Object& row);
  void learn(const PersonId& person, const PatientIdentity& identity);
  Result<void> already_there(const std::string& shown, const DocumentId& id);
  Result<void> refuse(const std::string& shown, const error_code& why);
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
  boost::json::array identified_;
  Counts counts_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_IMPORT_HPP
