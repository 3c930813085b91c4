// SPDX-License-Identifier: EUPL-1.2
//
// fhir_addresses.hpp: where the references of one FHIR file lead, found without walking it, whether
// it has ten resources or a hundred thousand.
//
// Ownership: borrows the file's values.
#ifndef COFFRET_VAULT_READER_FHIR_ADDRESSES_HPP
#define COFFRET_VAULT_READER_FHIR_ADDRESSES_HPP

#include <cstdint>
#include <string_view>
#include <vector>

#include "vault/reader/fhir_node.hpp"

namespace coffret::reader {

class FhirAddresses {
 public:
  // An entry's resource, under its fullUrl and under "Type/id". After the last, call ready().
  void add(FhirNode full_url, FhirNode resource);
  // Of a contained resource, under "#id".
  void add_contained(FhirNode resource);
  void ready();

  // The first that was added under this address; an absolute one also finds what is known by
  // "Type/id" alone. Absent when there is none.
  FhirNode find(std::string_view address) const;

 private:
  // 24 bytes each, and no copy of an address: equal hashes are compared with the file.
  struct Place {
    std::uint64_t hash;
    FhirNode text;  // the fullUrl; the contained resource's own id; absent: "Type/id"
    FhirNode resource;
  };
  static bool is(const Place& place, std::string_view address);
  FhirNode exact(std::string_view address) const;

  std::vector<Place> places_;
};

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_FHIR_ADDRESSES_HPP
