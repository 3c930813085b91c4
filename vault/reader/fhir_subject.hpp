// SPDX-License-Identifier: EUPL-1.2
//
// fhir_subject.hpp: whom a FHIR file is about, so that nobody gets another person's facts.
//
// A resource is the owner's unless its subject says otherwise: another Patient of the file, a
// reference that does not lead to the owner, something that is no patient, or a focus other than
// the owner. In a file without the owner's Patient all resources must name one person.
#ifndef COFFRET_VAULT_READER_FHIR_SUBJECT_HPP
#define COFFRET_VAULT_READER_FHIR_SUBJECT_HPP

#include <string>
#include <vector>

#include "vault/reader/facts_fhir.hpp"
#include "vault/reader/fhir.hpp"

namespace coffret::reader {

// References that are looked at to tell people apart; a file that names more is about several.
inline constexpr std::size_t fhir_subjects = 16;

class FhirSubject {
 public:
  // Borrows the file's values.
  explicit FhirSubject(const FhirFile& file);

  FhirNode patient() const { return patient_; }  // absent: the file holds no Patient of its own
  // Several people are named and none is the file's own.
  bool unclear() const { return unclear_; }
  // Who they are, as far as they are told apart by it; for showing.
  const std::string& named() const { return named_; }
  // Of a file without a Patient of its own: the number and the name that the references give; of
  // one about several people the family name that all its Patients have.
  PatientIdentity stated() const;

  // Precondition: index.begin() was called for the resource, or the one that contains it.
  bool is_other(FhirNode resource, const FhirIndex& index) const;
  // As is_other, but not by a resource of the file: the reference that leads elsewhere, or empty.
  std::string elsewhere(FhirNode resource, const FhirIndex& index) const;

 private:
  bool is_elsewhere(FhirNode reference) const;

  FhirNode patient_;
  std::vector<std::string> own_ids_;  // last parts of the addresses of patient_
  FhirNode first_;                    // reference with an identifier or a display
  std::string named_;
  std::string shared_family_;
  bool unclear_ = false;
};

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_FHIR_SUBJECT_HPP
