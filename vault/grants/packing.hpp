// SPDX-License-Identifier: EUPL-1.2
//
// packing.hpp: the two packings of the documents of a grant. For vault/grants, and
// for whoever shows beforehand what they will say.
//
// Errors: not_found, too_large, and those of the vault. Ownership: views live for the call.
#ifndef COFFRET_VAULT_GRANTS_PACKING_HPP
#define COFFRET_VAULT_GRANTS_PACKING_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coffret/random.hpp"
#include "coffret/sealed.hpp"
#include "coffret/time.hpp"
#include "sync/protocol/manifest.hpp"
#include "sync/protocol/policy.hpp"
#include "vault/crypto/keys.hpp"
#include "vault/store/vault.hpp"

namespace coffret::grants {

// Who the documents are about, as they say it; who are silent belong to the person in whose record
// they lie. Documents of several persons (of more than one record, of more than one day of birth,
// or as the caller says) name no patient at all: any name would stand on another's documents.
struct PatientShown {
  bool several = false;  // then all else is empty
  std::string family;    // empty: only the whole name is known
  std::string given;
  std::string name;
  std::string birth_date;  // YYYY-MM-DD, YYYY-MM, YYYY or empty
  std::string gender;      // FHIR AdministrativeGender, or empty
};
PatientShown patient_shown(const std::vector<store::DocumentView>& documents,
                           const std::vector<store::PersonView>& persons, bool several);

// The first author that the entry names, a person before an organisation; may be empty.
std::string author_shown(const DocumentEntry& entry);
// The title; without one the name of the file, as the person's own list shows it.
std::string title_shown(const DocumentEntry& entry);

// A SMART Health Link's label: the caregiver's name, at most 80 characters (C5).
std::string shl_label(const std::string& caregiver);

struct Packed {
  std::vector<std::pair<FileId, SealedParcelFile>> files;
  std::vector<protocol::PolicyFile> listed;  // the same, in the same order
};

// `content` followed by `padding` up to its Padmé size.
Bytes padded(ByteView content, std::uint8_t padding);
void add_file(Packed& packed, const FileId& id, SealedParcelFile file, std::string content_type);

// The documents, each once, in this order. Errors: not_found, body_missing, too_large.
Result<std::vector<store::DocumentView>> find_documents(store::Vault& vault,
                                                        const std::vector<DocumentId>& ids);

// What both packings draw on.
struct Sources {
  store::Vault& vault;
  const std::vector<store::DocumentView>& documents;
  const crypto::ContentKey& key;
  Clock& clock;
  Random& random;
  bool several_persons = false;  // as GrantRequest says
};

// Originals in parts, and the manifest first. `manifest` comes with link, version, times, names and
// rights; the rest is filled here.
Result<Packed> pack_native(const Sources& sources, protocol::Manifest manifest);

// FHIR JSON.
Result<Packed> pack_fhir(const Sources& sources);

}  // namespace coffret::grants

#endif  // COFFRET_VAULT_GRANTS_PACKING_HPP
