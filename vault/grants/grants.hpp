// SPDX-License-Identifier: EUPL-1.2
//
// grants.hpp: from a decision of the person to a parcel that may leave, and what is known of a
// grant afterwards (vault/DESIGN.md §9, PROTOCOL.md §6 to §8).
//
// Flow: prepare() → upload every file, publish the policy → append the decision to the log → hand
// over the link. prepare() writes nothing anywhere: what is dropped before it was published leaves
// no trace.
//
// Two packings. A protected link, and a grant to a caregiver's key, carry the originals: parts of
// at most 4 MiB, and a manifest the device signs. A SMART Health Link carries FHIR JSON: the
// documents that are FHIR JSON as they are, each a file of its own, and one Bundle with the Patient
// (unless there are several) and a DocumentReference for every other document. It gets flag U (one
// file by one GET) only where nothing has to be asked or counted: no passcode, no limit of
// openings, and a single file.
//
// Units: times are UTC seconds, the interval is [not_before, expires_at); sizes are bytes.
// Ownership: values; the vault, the clock and the random source are used during the call.
// Threads: as the vault: one strand.
#ifndef COFFRET_VAULT_GRANTS_GRANTS_HPP
#define COFFRET_VAULT_GRANTS_GRANTS_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/grant.hpp"
#include "coffret/random.hpp"
#include "coffret/sealed.hpp"
#include "coffret/secret.hpp"
#include "coffret/time.hpp"
#include "sync/protocol/policy.hpp"
#include "vault/store/vault.hpp"

namespace coffret::grants {

inline constexpr std::size_t max_documents = 1000;     // of one parcel: what readers accept
inline constexpr std::size_t max_parcel = 512u << 20;  // bytes of a parcel, which is made in memory
inline constexpr std::size_t max_shl_size = 25u << 20;  // bytes of FHIR JSON of an SHL

// Whom a delivery to a key is for: keys that the person took in person.
struct KeyHolder {
  protocol::CaregiverKeys keys;
  Bytes introduction;  // of this vault to them, with its MAC
};

struct GrantRequest {
  std::string caregiver;
  std::string role;
  std::string organisation;
  std::string purpose;
  std::string consent;                // the text as it was shown
  std::vector<DocumentId> documents;  // explicit; empty only for an evolving protected link
  Delivery delivery = Delivery::link;
  std::int64_t not_before = 0;
  std::int64_t expires_at = 0;
  std::uint32_t openings = 0;          // 0: no limit within the validity
  bool with_passcode = false;          // six digits are made unless `passcode` is given
  std::optional<SecretText> passcode;  // chosen by the person
  bool download = false;
  bool emergency = false;   // a card (card.hpp): a protected link that asks for a name and a reason
  std::uint32_t delay = 0;  // of a card: seconds until an opening can be read
  // The reader may send documents back, through the reply link that was made for `grant`
  // (reply.hpp).
  bool deposit = false;
  std::optional<GrantId> grant{};  // made by the caller; empty: made here
  // The caller, who can compare people, found more than one in the documents.
  bool several_persons = false;
  // What the decision says beyond this request; `terms.rights` is set from `download`
  // and `deposit`.
  store::GrantTerms terms{};
  std::optional<KeyHolder> holder{};  // of a delivery to a key, and of no other
};

// The server that the link names.
struct ServerPlace {
  std::string url;  // "https://host[:port]", no trailing slash
  Fingerprint fingerprint;
};

struct Parcel {
  GrantId grant;
  LinkId link;
  std::vector<std::pair<FileId, SealedParcelFile>> files;
  protocol::Publication publication;
  store::GrantDecided decision;        // for the log, once published
  store::GrantTerms terms;             // with it
  SecretText link_text;                // the whole link
  std::optional<SecretText> passcode;  // a generated one only
};

// Errors: denied (what a card cannot have; no document, an interval that is empty, over or longer
// than 366 days, an empty passcode), unsupported (a passcode with a key; a server address that is
// not https), not_found (an unknown, removed or not yet fetched document), too_large (a limit
// above), malformed (an SHL passcode that no JSON can carry), and those of the vault.
Result<Parcel> prepare(store::Vault& vault, GrantRequest request, const ServerPlace& server,
                       Clock& clock, Random& random);

// A further version of a grant that stands: other documents, or another end. Its link stays; a
// protected link gets a new S_n, so that each reader opens it anew, counted; an SHL keeps its key,
// as its standard demands. The passcode, if there is one, stays what it was.
struct NextRequest {
  std::uint32_t version = 2;  // above the grant's
  store::GrantChange change = store::GrantChange::documents;
  std::vector<DocumentId> documents;
  std::int64_t not_before = 0;
  std::int64_t expires_at = 0;
  std::uint32_t openings = 0;
  bool several_persons = false;
};
struct NextVersion {
  std::vector<std::pair<FileId, SealedParcelFile>> files;
  protocol::Publication publication;
  store::GrantPublished published;     // for the log, once published
  std::optional<SecretText> shl_link;  // the same link, which states its new end
};
// Errors: those of prepare(); unsupported also for an SHL of one file (flag U) that would need two.
Result<NextVersion> prepare_next(store::Vault& vault, const store::GrantView& grant,
                                 const NextRequest& request, const ServerPlace& server,
                                 Clock& clock, Random& random);

// What this device knows. Openings and wrong passcodes are counted by the server alone, so that
// used_up and locked are never answered here.
GrantState state_of(const store::GrantView& grant, std::int64_t now);

// A QR code of the link, error correction M (C11), as PNG or SVG. The picture is as secret as the
// link. Errors: too_large (more than a QR code holds).
Result<Bytes> qr_picture(const SecretText& link, bool svg);

}  // namespace coffret::grants

#endif  // COFFRET_VAULT_GRANTS_GRANTS_HPP
