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

#include "coffret/document.hpp"
#include "coffret/error.hpp"
#include "coffret/grant.hpp"
#include "coffret/ids.hpp"
#include "coffret/wire.hpp"
#include "sync/protocol/device.hpp"
#include "sync/protocol/merkle.hpp"

namespace coffret::store {

inline constexpr std::size_t max_operation = 960 * 1024;     // bytes before sealing
inline constexpr std::size_t max_scope = 16 * 1024;          // documents of one grant
inline constexpr std::size_t max_words = 16 * 1024;          // bytes of a consent text, purpose
inline constexpr std::size_t max_grant_record = 512 * 1024;  // bytes of a policy
inline constexpr std::size_t max_wrapped = 256;              // bytes of one wrapped key

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
};

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
  Bytes wrapped_link_secret;  // L, or the key of an SHL
  Bytes wrapped_server_half;  // S_n; empty for SHL
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

// monostate: a type this build does not know, and may ignore.
using Payload = std::variant<std::monostate, Genesis, EpochStarted, DeviceAdded, DocumentPut,
                             DocumentRemoved, DocumentRestored, GrantDecided, GrantRevoked,
                             GrantAcknowledged, ServerPinned, AccessCheckpoint, DocumentAmended,
                             DocumentAssigned, PersonNamed, PersonIdentified>;

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
