// SPDX-License-Identifier: EUPL-1.2
//
// views.hpp: what the vault shows of its state, as plain values.
//
// Units: times are UTC seconds; sizes are bytes. Nothing here is secret in the sense of a key, but
// all of it is the person's.
#ifndef COFFRET_VAULT_STORE_VIEWS_HPP
#define COFFRET_VAULT_STORE_VIEWS_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/document.hpp"
#include "coffret/ids.hpp"
#include "sync/protocol/entry.hpp"
#include "vault/store/operation.hpp"

namespace coffret::store {

// A document ready to be kept: read, described and hashed.
struct PreparedDocument {
  DocumentEntry entry;
  Bytes body;
  Sha256 sha256;                   // of body; computed once, by whoever looked for duplicates
  std::string text;                // readable text, searched
  std::vector<Bytes> attachments;  // one per entry.attachments, or none
  std::string source = "import";
  PersonId person;
  std::string acting_for;
  std::vector<Fact> facts{};
  bool quarantined = false;
  PictureSize picture{};
};

struct PutOutcome {
  DocumentId id;           // of the new document, or of the one that is already there
  bool duplicate = false;  // same bytes: nothing was written
};

// Empty members do not filter.
struct DocumentFilter {
  std::string kind{};      // code of the type, or a part of its display in any case (ASCII)
  std::string category{};  // exactly
  std::string since{};     // ISO 8601 date or a part of it; both ends included, at the precision
  std::string until{};     //   that both sides have
  std::string author{};  // beginnings of words of a name or organisation; accents and case ignored
  bool removed = false;  // the removed ones instead
  bool quarantined = false;  // the quarantined ones instead
  bool superseded = false;   // also those that a newer version replaced
  std::optional<PersonId> person{};
};

struct DocumentView {
  DocumentId id;
  std::uint32_t version = 1;
  std::uint64_t seq = 0;  // of the entry that put it
  std::uint32_t epoch = 1;
  DeviceId device;  // that put it
  PersonId person;
  std::string acting_for;
  DocumentEntry entry;
  std::uint64_t size = 0;
  Sha256 sha256;
  Locator locator;
  std::int64_t imported_at = 0;
  std::string source;
  std::optional<std::int64_t> removed_at;
  bool present = true;  // whether the body is on this device
  bool quarantined = false;
  // The document that replaced it: the newest of its set (XDS: Deprecated).
  std::optional<DocumentId> replaced_by{};
  // What the person changed: already in `entry` (title, date, type); the note is here alone.
  std::optional<DocumentAmended> amended{};
};

// A document with its number in the order in which this device learned of documents.
struct Arrival {
  std::int64_t number = 0;
  DocumentView document;
};

// A present document whose text was never set.
struct Unread {
  std::int64_t number = 0;
  DocumentId document;
};

// A record within the vault.
struct PersonView {
  PersonId id;               // zero: the owner
  std::string name;          // as the person typed it; may be empty for the owner
  PatientIdentity identity;  // of the documents taken in; empty: none known yet
};

struct FactView {
  Fact fact;
  DocumentId document;
  std::string document_title;  // as listed
  std::string document_date;
  PersonId person;
};

// Empty members do not filter.
struct FactFilter {
  std::optional<FactKind> kind{};
  std::string code{};  // exactly, or a part of the label: accents and case ignored
  std::string since{};
  std::string until{};  // as in DocumentFilter
  std::optional<PersonId> person{};
};

struct SearchHit {
  DocumentView document;
  std::string snippet;  // of the text, the found words between U+2039 ‹ and U+203A ›
};

struct DeviceView {
  DeviceId id;
  std::string name;
  SigningPublicKey signing_key;
  AgreementPublicKey agreement_key;
  protocol::SignedCertificate certificate;
  std::uint64_t since = 0;                 // seq from which it may sign
  SigningPublicKey root;                   // that its certificate leads to
  std::optional<std::uint64_t> removed{};  // seq from which it may not; its identifier stays taken
};

// One change that the person made to how a document is listed, as one device wrote it.
struct DocumentEdit {
  std::uint64_t seq = 0;  // its place in the log decides, never a clock
  DeviceId device;
  std::int64_t time = 0;  // by that device's clock
  DocumentAmended change;
};

// What a grant let out, and until when, from `at` on.
struct GrantVersion {
  std::uint32_t version = 1;
  GrantChange change = GrantChange::decided;
  std::int64_t at = 0;
  std::int64_t expires_at = 0;
  std::uint32_t openings = 0;
  std::vector<DocumentId> documents;
};

struct GrantView {
  // As decided; documents, policy, server half, interval and openings are those of the newest
  // version that was published.
  GrantDecided decision;
  std::uint32_t epoch = 1;  // whose log key wraps the link's secret
  std::uint64_t seq = 0;
  std::optional<std::int64_t> revoked_at;
  std::optional<std::int64_t> acknowledged_at;
  std::optional<GrantTerms> terms{};     // empty: of a build before
  std::uint32_t version = 1;             // n of the newest version
  std::uint32_t half_epoch = 1;          // whose log key wraps its server half
  std::vector<GrantVersion> versions{};  // oldest first
  std::vector<CardNoted> card{};         // of an emergency card: what became of it, as noted
};

// A link for deposits, as made.
struct DepositLinkView {
  DepositLinkMade made;
  std::uint32_t epoch = 1;  // whose log key wraps its private key
  std::optional<std::int64_t> closed_at{};
};

// What was decided first about a deposit.
struct SettledDeposit {
  std::uint64_t seq = 0;
  bool accepted = false;
};

// Entries the server has not acknowledged, oldest first.
struct Pending {
  protocol::Head base;  // the server's head as it is remembered: `expected` of the append
  std::vector<protocol::SignedEntry> entries;
  std::vector<ObjectId> objects;  // what the entries put: to be uploaded before
  // What the entries mean for who may sign at the server; it takes both at once.
  std::vector<protocol::SignedCertificate> added{};
  std::vector<DeviceId> removed{};
  std::optional<RecoveryReplaced> recovery{};  // then it is the last entry

  bool changes_signers() const { return !added.empty() || !removed.empty() || recovery; }
};

struct Accepted {
  std::uint64_t entries = 0;          // new here
  std::uint64_t rebased = 0;          // own pending entries, signed again behind them
  std::vector<DocumentId> documents;  // put by the new entries: their bodies are to be fetched
};

struct LogEnds {
  protocol::Head head;    // of the log here
  protocol::Head server;  // of the server's, as last acknowledged
  std::uint64_t pending() const noexcept { return head.seq - server.seq; }
};

struct MissingObject {
  ObjectId object;
  DocumentId document;
  std::uint64_t size = 0;  // of the sealed object
};

// Stable kinds of problem that `check` reports.
enum class ProblemKind : std::uint8_t {
  chain,          // an entry does not follow the one before, or is missing
  entry,          // an entry is not one: signature, device, sealed operation
  row,            // a document's row differs from its entry, or is missing
  missing_body,   // not on this device, though nothing says it is still to be fetched
  body,           // differs from its SHA-256
  database_page,  // a page of the database fails its MAC or the structure is broken
  orphan_object,  // a sealed file that no entry names
};
std::string_view name(ProblemKind kind) noexcept;

struct Problem {
  ProblemKind kind{};
  std::string item;  // "entry 12", a document's or an object's identifier; no words of a document
};

struct VaultStatus {
  VaultId vault;
  DeviceId device;
  std::string owner;
  std::uint64_t documents = 0;  // not counting removed and quarantined ones
  std::uint64_t missing = 0;    // bodies still to be fetched
  std::uint64_t pending = 0;    // entries the server has not acknowledged
  protocol::Head head;
  protocol::Head server_head;  // the last one acknowledged or pulled
  std::uint64_t quarantined = 0;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_VIEWS_HPP
