// SPDX-License-Identifier: EUPL-1.2
//
// export_record.hpp: what is taken out of the vault, with the names its files get outside.
//
// A record is metadata only: bodies are read one at a time while they are written. Documents that
// were removed, or wait in quarantine, stay in the vault; replaced versions come along.
// Errors: those of the vault; not_found (person).
#ifndef COFFRET_VAULT_DAEMON_EXPORT_RECORD_HPP
#define COFFRET_VAULT_DAEMON_EXPORT_RECORD_HPP

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/time.hpp"
#include "vault/store/views.hpp"

namespace coffret::store {
class Vault;
}

namespace coffret::daemon {

struct ExportedDocument {
  store::DocumentView view;
  DocumentEntry entry;                   // as put, before the person changed anything
  std::string title;                     // as listed
  std::string kind;                      // in the language of the export; may be empty
  std::string person;                    // whose record
  std::string file;                      // "documents/2020/2020-03-12 Ordonnance - ….pdf"
  std::vector<std::string> attachments;  // files, one per attachment of the entry
  std::array<std::uint8_t, 20> sha1{};   // of the body, once that was read
  PictureSize picture{};
  bool other_patient = false;  // it names somebody else, and is in this record all the same
};

struct ExportedRecord {
  VaultId vault;
  std::string owner;
  Language language = Language::french;
  Timestamp made_at{};
  std::vector<store::PersonView> persons;   // whose records these are
  std::vector<ExportedDocument> documents;  // newest first
  std::vector<store::FactView> facts;       // newest first
  std::uint64_t missing = 0;  // documents whose bodies are not on this device: left out
  std::vector<ExportedDocument> damaged{};  // here, and not what they have to be: left out, named

  std::string_view say(std::string_view french, std::string_view english) const noexcept {
    return language == Language::french ? french : english;
  }
};

// `person`: as find_person takes it (persons.hpp); empty: everybody.
Result<ExportedRecord> gather_record(const store::Vault& vault, const std::string& person,
                                     Language language, Timestamp now);

// One that is damaged here keeps no other from being taken out. What it states goes with it.
void leave_out(ExportedRecord& record, ExportedDocument&& damaged);

// The name of a person as files show it; the owner's own name where none was typed.
std::string person_shown(const ExportedRecord& record, const PersonId& person);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_EXPORT_RECORD_HPP
