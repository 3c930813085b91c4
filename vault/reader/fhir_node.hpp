// SPDX-License-Identifier: EUPL-1.2
//
// fhir_node.hpp: one value of a FHIR file, asked without asking first what it is.
#ifndef COFFRET_VAULT_READER_FHIR_NODE_HPP
#define COFFRET_VAULT_READER_FHIR_NODE_HPP

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace coffret::reader {

// A view of one JSON value; absent answers with absence. Valid as long as the value.
class FhirNode {
 public:
  FhirNode() = default;
  explicit FhirNode(const boost::json::value* value) : value_(value) {}
  explicit operator bool() const noexcept { return value_ != nullptr; }
  bool operator==(const FhirNode&) const = default;  // the same place in the file

  FhirNode operator[](std::string_view name) const;  // of a list: of its first element
  std::vector<FhirNode> all(
      std::string_view name) const;       // the elements of a list, or the one value
  std::vector<FhirNode> members() const;  // all values of an object or list
  std::string text() const;               // of a string; "true", "false"; empty otherwise
  std::string type() const;               // resourceType
  const boost::json::value* value() const { return value_; }

 private:
  const boost::json::value* value_ = nullptr;
};

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_FHIR_NODE_HPP
