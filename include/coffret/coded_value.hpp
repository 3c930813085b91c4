// SPDX-License-Identifier: EUPL-1.2
//
// coded_value.hpp: a code with its system (HL7 CD/CE, FHIR Coding, XDS Classification).
#ifndef COFFRET_CODED_VALUE_HPP
#define COFFRET_CODED_VALUE_HPP

#include <string>

namespace coffret {

struct CodedValue {
  std::string code;
  std::string system;  // OID or URI
  std::string
      display;  // the document's own words; labels in French and English come from our tables

  template <class A>
  void serialize(A& a) {
    a(code, system, display);
  }
  bool operator==(const CodedValue&) const = default;
};

}  // namespace coffret

#endif  // COFFRET_CODED_VALUE_HPP
