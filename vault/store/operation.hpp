// SPDX-License-Identifier: EUPL-1.2
//
// operation.hpp: what the entries of the log say, once opened (vault/DESIGN.md §7).
//
// An Operation is the frame every build can read; its payload is one of the records below, by type
// number. A type this build does not know is skipped when it is ignorable, and stops the fold with
// other_version when it is not. New facts about a known type go into the extension area.
// Units: times are UTC seconds; sizes are bytes.
// Errors of decoding: malformed (also over a limit), too_large, other_version.
#ifndef COFFRET_VAULT_STORE_OPERATION_HPP
#define COFFRET_VAULT_STORE_OPERATION_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "coffret/deposit.hpp"
#include "coffret/document.hpp"
#include "coffret/error.hpp"
#include "coffret/grant.hpp"
#include "coffret/ids.hpp"
#include "coffret/wire.hpp"
#include "sync/protocol/caregiver.hpp"
#include "sync/protocol/device.hpp"
#include "sync/protocol/entry.hpp"
#include "sync/protocol/merkle.hpp"

namespace coffret::store {

inline constexpr std::size_t max_operation = 960 * 1024;     // bytes before sealing
inline constexpr std::size_t max_scope = 16 * 1024;          // documents of one grant
inline constexpr std::size_t max_words = 16 * 1024;          // bytes of a consent text, purpose
inline constexpr std::size_t max_grant_record = 512 * 1024;  // bytes of a policy
inline constexpr std::size_t max_wrapped = 256;              // bytes of one wrapped key
inline constexpr std::uint32_t deposit_key_version = 1;      // of the wrap of a link's private key
inline constexpr std::size_t max_accepted = 4096;            // documents of one deposit

// Signed and stored: never renumber, never reuse.
enum class OperationType : std::uint16_t {
  genesis = 1,
  epoch_started = 2,
  device_added = 3,
  document_put = 4,
  document_removed = 5,
  document_restored = 6,
  grant_decided = 7,
  grant_revoked = 8,
  grant_acknowledged = 9,
  server_pinned = 10,
  access_checkpoint = 11,
  document_amended = 12,
  document_assigned = 13,
  person_named = 14,
  person_identified = 15,
  device_removed = 16,
  recovery_replaced = 17,
  server_restored = 20,
  branch_merged = 21,  // 22: checkpoint.hpp
  grant_published = 30,
  caregiver_paired = 32,
  caregiver_removed = 33,
  deposit_link_made = 40,
  deposit_link_closed = 41,
  deposit_settled = 42,
  card_noted = 50,
};

// The type of the entry that announces a checkpoint (checkpoint.hpp). Ignorable, and no Payload: a
// build that does not know it folds the log as if it were not there.
inline constexpr auto checkpoint_written = OperationType{22};

struct Operation {
  OperationType type{};
  bool ignorable = false;
  PersonId person;         // whose record; zero: the owner
  std::string acting_for;  // who acts, when it is not the person: an aidant's name
  Bytes payload;
  Bytes extension;

  template <class A>
  void serialize(A& a) {
    a(type, ignorable, person, acting_for, payload, extension);
  }
  bool operator==(const Operation&) const = default;
};

// The first entry: who the vault belongs to and the two keys that outlive every device. Its device
// is certified by the root.
struct Genesis {
  static constexpr OperationType type = OperationType::genesis;
  std::string owner;
  SigningPublicKey root;
  AgreementPublicKey recovery;
  protocol::SignedCertificate device;
  std::string device_name;

  template <class A>
  void serialize(A& a) {
    a(owner, root, recovery, device, device_name);
  }
  bool operator==(const Genesis&) const = default;
};

// The new epoch's vault key travels in the entry's envelopes.
struct EpochStarted {
  static constexpr OperationType type = OperationType::epoch_started;
  std::uint32_t epoch = 0;
  Bytes previous_key;  // the previous epoch's vault key, sealed under the new one

  template <class A>
  void serialize(A& a) {
    a(epoch, previous_key);
  }
  bool operator==(const EpochStarted&) const = default;
};

// Certified by the root (a device rebuilt from the recovery key, which signs its own enrolment) or
// by an enrolled device, which then signs the entry.
struct DeviceAdded {
  static constexpr OperationType type = OperationType::device_added;
  protocol::SignedCertificate certificate;
  std::string name;

  template <class A>
  void serialize(A& a) {
    a(certificate, name);
  }
  bool operator==(const DeviceAdded&) const = default;
};

// The device signs and reads no more: what it says starts an epoch whose key is not sealed to it.
// With a replacement it is the same machine going on under new keys (its passphrase or keyslot may
// be known to others): certified by the device removed, and the signer of this entry.
struct DeviceRemoved {
  static constexpr OperationType type = OperationType::device_removed;
  DeviceId device;
  std::optional<DeviceAdded> replacement;
  EpochStarted epoch;

  template <class A>
  void serialize(A& a) {
    a(device, replacement, epoch);
  }
  bool operator==(const DeviceRemoved&) const = default;
};

// A new recovery sheet: from here on the root and the recovery key are these. The new root
// certifies the device that signs the entry, which shows that the sheet's holder was asked.
// Certificates that the old root signed before stay good.
struct RecoveryReplaced {
  static constexpr OperationType type = OperationType::recovery_replaced;
  SigningPublicKey root;
  AgreementPublicKey recovery;
  protocol::SignedCertificate certificate;
  EpochStarted epoch;

  template <class A>
  void serialize(A& a) {
    a(root, recovery, certificate, epoch);
  }
  bool operator==(const RecoveryReplaced&) const = default;
};

// Where a sealed body lies.
struct Locator {
  ObjectId object;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // sealed bytes

  template <class A>
  void serialize(A& a) {
    a(object, offset, length);
  }
  bool operator==(const Locator&) const = default;
};

struct DocumentPut {
  static constexpr OperationType type = OperationType::document_put;
  DocumentId document;
  std::uint32_t version = 1;
  DocumentEntry entry;
  std::uint64_t size = 0;  // of the body
  Sha256 sha256;           // of the body
  Locator locator;
  Bytes wrapped_key;  // DEK under the log key of the entry's epoch
  std::int64_t imported_at = 0;
  std::string source;        // how it came: "import", "watch", "own" (typed in) …
  bool quarantined = false;  // it names another patient; document_assigned takes it in

  template <class A>
  void serialize(A& a) {
    a(document, version, entry, size, sha256, locator, wrapped_key, imported_at, source,
      quarantined);
  }
  bool operator==(const DocumentPut&) const = default;
};

struct DocumentRemoved {
  static constexpr OperationType type = OperationType::document_removed;
  DocumentId document;

  template <class A>
  void serialize(A& a) {
    a(document);
  }
  bool operator==(const DocumentRemoved&) const = default;
};

struct DocumentRestored {
  static constexpr OperationType type = OperationType::document_restored;
  DocumentId document;

  template <class A>
  void serialize(A& a) {
    a(document);
  }
  bool operator==(const DocumentRestored&) const = default;
};

// What the person changed in how a document is listed; its bytes stay. Absent: left as it was; of
// two amendments of one field the later in the log counts.
struct DocumentAmended {
  static constexpr OperationType type = OperationType::document_amended;
  DocumentId document;
  std::optional<std::string> title;
  std::optional<std::string> date;  // ISO 8601
  std::optional<CodedValue> kind;
  std::optional<std::string> note;

  template <class A>
  void serialize(A& a) {
    a(document, title, date, kind, note);
  }
  bool operator==(const DocumentAmended&) const = default;
};

// The document belongs to this person's record, and is in quarantine no more.
struct DocumentAssigned {
  static constexpr OperationType type = OperationType::document_assigned;
  DocumentId document;
  PersonId person;  // zero: the owner

  template <class A>
  void serialize(A& a) {
    a(document, person);
  }
  bool operator==(const DocumentAssigned&) const = default;
};

// A record within the vault: of a child, a parent. The owner's exists from the start.
struct PersonNamed {
  static constexpr OperationType type = OperationType::person_named;
  PersonId person;
  std::string name;

  template <class A>
  void serialize(A& a) {
    a(person, name);
  }
  bool operator==(const PersonNamed&) const = default;
};

// Who a record is about, in the words of a document that was taken in: what later documents are
// compared with. The later in the log counts.
struct PersonIdentified {
  static constexpr OperationType type = OperationType::person_identified;
  PersonId person;
  PatientIdentity identity;

  template <class A>
  void serialize(A& a) {
    a(person, identity);
  }
  bool operator==(const PersonIdentified&) const = default;
};

// The decision, as the person took it. Policy and secrets are vault/grants' and opaque here.
struct GrantDecided {
  static constexpr OperationType type = OperationType::grant_decided;
  GrantId grant;
  LinkId link;
  std::string caregiver;
  std::string role;
  std::string organisation;
  std::vector<DocumentId> documents;  // explicit; empty means nothing, never "all"
  Delivery delivery = Delivery::link;
  Bytes policy;               // the signed policy's record, as published
  Bytes wrapped_link_secret;  // L, the key of an SHL, or K_n of a caregiver's key
  Bytes wrapped_server_half;  // S_n; empty for SHL and key
  std::string purpose;
  std::string consent;  // the text as it was shown
  std::int64_t created_at = 0;
  std::int64_t not_before = 0;
  std::int64_t expires_at = 0;
  std::uint32_t openings = 0;  // 0: no limit within the validity

  template <class A>
  void serialize(A& a) {
    a(grant, link, caregiver, role, organisation, documents, delivery, policy, wrapped_link_secret,
      wrapped_server_half, purpose, consent, created_at, not_before, expires_at, openings);
  }
  bool operator==(const GrantDecided&) const = default;
};

// What a decision says beyond its first form: the extension area of its operation. A decision
// without one is of a build before, and not evolving.
struct GrantTerms {
  static constexpr std::uint8_t known_format = 1;
  std::uint8_t format = known_format;
  std::vector<DocumentId> chosen;       // one by one, whatever a rule says of them
  bool all = false;                     // rule: every document
  std::vector<std::string> categories;  // rule: of these EHDS categories
  std::vector<std::string> kinds;       // rule: of these type codes
  std::string since;           // of rules: dated this day or later (ISO 8601); empty: whenever
  PersonId person;             // whose record the rules are about; zero: the owner's
  bool any_person = false;     // the person said that several persons may be in it
  bool evolving = false;       // the daemon publishes what matches later
  std::uint8_t rights = 1;     // bits of Right, as consented
  std::string consent_form;    // the template of the consent text: "coffret-consent-1"
  std::string language;        // of the text: "fr" or "en"
  std::uint32_t left_out = 0;  // documents that the rules named and that were held back

  bool has_rule() const noexcept { return all || !categories.empty() || !kinds.empty(); }

  template <class A>
  void serialize(A& a) {
    a(format, chosen, all, categories, kinds, since, person, any_person, evolving, rights,
      consent_form, language, left_out);
  }
  bool operator==(const GrantTerms&) const = default;
};

enum class GrantChange : std::uint8_t { decided = 0, documents = 1, terms = 2 };

// A further version of a grant, as the server applies it: another set of documents, or another end.
// Written once the server has signed it back. Ignorable: a build of before shows the first version.
struct GrantPublished {
  static constexpr OperationType type = OperationType::grant_published;
  GrantId grant;
  LinkId link;
  std::uint32_t version = 2;  // n of K_n
  GrantChange change = GrantChange::documents;
  std::vector<DocumentId> documents;
  Bytes policy;               // the signed policy's record
  Bytes wrapped_server_half;  // S_n; empty for SHL
  std::int64_t at = 0;
  std::int64_t not_before = 0;
  std::int64_t expires_at = 0;
  std::uint32_t openings = 0;

  template <class A>
  void serialize(A& a) {
    a(grant, link, version, change, documents, policy, wrapped_server_half, at, not_before,
      expires_at, openings);
  }
  bool operator==(const GrantPublished&) const = default;
};

struct GrantRevoked {
  static constexpr OperationType type = OperationType::grant_revoked;
  GrantId grant;
  std::int64_t at = 0;

  template <class A>
  void serialize(A& a) {
    a(grant, at);
  }
  bool operator==(const GrantRevoked&) const = default;
};

// The server's signed word that a revoked link is dead.
struct GrantAcknowledged {
  static constexpr OperationType type = OperationType::grant_acknowledged;
  GrantId grant;
  std::int64_t at = 0;
  Bytes acknowledgement;  // record protocol::Acknowledged

  template <class A>
  void serialize(A& a) {
    a(grant, at, acknowledgement);
  }
  bool operator==(const GrantAcknowledged&) const = default;
};

struct ServerPinned {
  static constexpr OperationType type = OperationType::server_pinned;
  std::string url;   // "https://host[:port]"
  std::string card;  // the operator's card, JWS compact
  Fingerprint fingerprint;
  SigningPublicKey identity;
  std::vector<Sha256> spki;
  std::string accepted_country;  // typed by the person, for one outside EU and EEA; else empty

  template <class A>
  void serialize(A& a) {
    a(url, card, fingerprint, identity, spki, accepted_country);
  }
  bool operator==(const ServerPinned&) const = default;
};

struct AccessCheckpoint {
  static constexpr OperationType type = OperationType::access_checkpoint;
  protocol::CompactRange range;
  std::string note;  // the verified signed note

  template <class A>
  void serialize(A& a) {
    a(range, note);
  }
  bool operator==(const AccessCheckpoint&) const = default;
};

// The association put its server back to a backup, and its owner had what was missing sent again.
// The log remembers the newest note, so that no device takes an older one; what was pinned of the
// access log before it is no longer asked of the server. Ignorable.
struct ServerRestored {
  static constexpr OperationType type = OperationType::server_restored;
  std::uint64_t epoch = 0;
  std::int64_t at = 0;
  Bytes note;  // record protocol::SignedEpochNote, verified by the device that wrote this

  template <class A>
  void serialize(A& a) {
    a(epoch, at, note);
  }
  bool operator==(const ServerRestored&) const = default;
};

// What another history of this vault held since `base`, up to its entry `branch`, was taken in by
// the entries before this one. Whoever knows that history up to there has nothing to add.
// Ignorable.
struct BranchMerged {
  static constexpr OperationType type = OperationType::branch_merged;
  protocol::Head base;
  protocol::Head branch;
  std::uint64_t carried = 0;  // entries taken in
  std::uint64_t left_out =
      0;  // entries that could not be: told to the person, and kept as evidence
  std::int64_t at = 0;

  template <class A>
  void serialize(A& a) {
    a(base, branch, carried, left_out, at);
  }
  bool operator==(const BranchMerged&) const = default;
};

// A caregiver whose key the person took from themselves, in person: grants may be sealed to it. The
// same caregiver again (their identifier comes from their keys) is a new card or another name.
// Ignorable: a build that knows no such grants makes none.
struct CaregiverPaired {
  static constexpr OperationType type = OperationType::caregiver_paired;
  protocol::CaregiverId caregiver;
  std::string name;  // what the person calls them
  std::string organisation;
  protocol::CaregiverKeys keys;
  Bytes introduction;  // this vault's, with its MAC: what manifests for them carry
  std::int64_t at = 0;

  template <class A>
  void serialize(A& a) {
    a(caregiver, name, organisation, keys, introduction, at);
  }
  bool operator==(const CaregiverPaired&) const = default;
};

// No new grant goes to that key. Grants that stand are revoked one by one. Ignorable.
struct CaregiverRemoved {
  static constexpr OperationType type = OperationType::caregiver_removed;
  protocol::CaregiverId caregiver;

  template <class A>
  void serialize(A& a) {
    a(caregiver);
  }
  bool operator==(const CaregiverRemoved&) const = default;
};

// A link through which others may send documents, and the key that opens what they seal. Ignorable:
// a build that knows no deposits fetches none.
struct DepositLinkMade {
  static constexpr OperationType type = OperationType::deposit_link_made;
  LinkId link;
  std::string from;  // for whom it was made, in the person's words
  DepositPublicKey key;
  Bytes wrapped_key;  // the private half
  std::int64_t created_at = 0;
  std::int64_t expires_at = 0;
  std::uint32_t deposits = 0;  // that it may take, ever
  std::uint64_t bytes = 0;     // sealed, ever

  template <class A>
  void serialize(A& a) {
    a(link, from, key, wrapped_key, created_at, expires_at, deposits, bytes);
  }
  bool operator==(const DepositLinkMade&) const = default;
};

// Ended before its time; written once the server has closed it. Ignorable.
struct DepositLinkClosed {
  static constexpr OperationType type = OperationType::deposit_link_closed;
  LinkId link;
  std::int64_t at = 0;

  template <class A>
  void serialize(A& a) {
    a(link, at);
  }
  bool operator==(const DepositLinkClosed&) const = default;
};

// The person decided about a deposit: its documents are in the vault, or it is refused. It is shown
// no more, whoever shows it again. Ignorable.
struct DepositSettled {
  static constexpr OperationType type = OperationType::deposit_settled;
  LinkId link;
  DepositId deposit;
  bool accepted = false;
  std::vector<DocumentId> documents;  // that it brought
  std::int64_t at = 0;

  template <class A>
  void serialize(A& a) {
    a(link, deposit, accepted, documents, at);
  }
  bool operator==(const DepositSettled&) const = default;
};

// What became of an emergency card. Values are signed and stored: never renumber, never reuse.
enum class CardEvent : std::uint8_t {
  opened = 1,   // by whom and why, in their own words; the server's verified log says so
  renewed = 2,  // sealed anew as `next`, which stands in its place; the first in the log counts
  printed = 3,  // its papers were made
  refused = 4,  // to whoever asked: it ends, and is sealed anew
};

// Ignorable: a build that knows no cards shows a link.
struct CardNoted {
  static constexpr OperationType type = OperationType::card_noted;
  GrantId grant;
  CardEvent event = CardEvent::opened;
  std::int64_t at = 0;
  std::string who;  // opened: as they said; may be empty, when it was no text
  std::string why;
  GrantId next;  // renewed; else zero

  template <class A>
  void serialize(A& a) {
    a(grant, event, at, who, why, next);
  }
  bool operator==(const CardNoted&) const = default;
};

// monostate: a type this build does not know, and may ignore.
using Payload =
    std::variant<std::monostate, Genesis, EpochStarted, DeviceAdded, DocumentPut, DocumentRemoved,
                 DocumentRestored, GrantDecided, GrantRevoked, GrantAcknowledged, ServerPinned,
                 AccessCheckpoint, DocumentAmended, DocumentAssigned, PersonNamed, PersonIdentified,
                 DeviceRemoved, RecoveryReplaced, ServerRestored, BranchMerged, GrantPublished,
                 CaregiverPaired, CaregiverRemoved, DepositLinkMade, DepositLinkClosed,
                 DepositSettled, CardNoted>;

// What an operation that starts an epoch says of it. Null: it starts none, or is the first entry,
// whose epoch has none before.
const EpochStarted* start_of(const Payload& payload) noexcept;
EpochStarted* start_of(Payload& payload) noexcept;
// Whether its entry carries envelopes.
inline bool starts_epoch(const Payload& payload) noexcept {
  return std::holds_alternative<Genesis>(payload) || start_of(payload) != nullptr;
}

// An operation on the owner's own record.
template <class P>
Operation make_operation(const P& payload) {
  Operation operation;
  operation.type = P::type;
  operation.payload = wire::encode(payload);
  return operation;
}

// The frame alone. Errors: malformed, too_large.
Result<Operation> decode_operation(ByteView bytes);
// The payload, within its limits. Errors: malformed; other_version (unknown, not ignorable).
Result<Payload> decode_payload(const Operation& operation);

// The decision with its terms.
Operation make_operation(const GrantDecided& decided, const GrantTerms& terms);
// Empty where there are none, or only such as this build does not know.
std::optional<GrantTerms> terms_of(const Operation& operation);

// The bytes an entry's operation hash names.
struct Envelope {
  AgreementPublicKey recipient;
  Bytes sealed;  // a vault key

  template <class A>
  void serialize(A& a) {
    a(recipient, sealed);
  }
  bool operator==(const Envelope&) const = default;
};

struct OperationBlob {
  std::vector<Envelope> envelopes;  // only in an entry that starts an epoch
  Bytes sealed;                     // small seal of the operation

  template <class A>
  void serialize(A& a) {
    a(envelopes, sealed);
  }
  bool operator==(const OperationBlob&) const = default;
};

}  // namespace coffret::store

#endif  // COFFRET_VAULT_STORE_OPERATION_HPP
