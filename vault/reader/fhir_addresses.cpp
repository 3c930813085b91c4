// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/fhir_addresses.hpp"

#include <algorithm>
#include <functional>
#include <string>

namespace coffret::reader {
namespace {

std::uint64_t hash_of(std::string_view address) {
  return std::hash<std::string_view>{}(address);
}

}  // namespace

void FhirAddresses::add(FhirNode full_url, FhirNode resource) {
  if (const std::string url = full_url.text(); !url.empty())
    places_.push_back({hash_of(url), full_url, resource});
  if (const std::string id = resource["id"].text(); !id.empty())
    places_.push_back({hash_of(resource.type() + "/" + id), {}, resource});
}

void FhirAddresses::add_contained(FhirNode resource) {
  const FhirNode id = resource["id"];
  places_.push_back({hash_of("#" + id.text()), id ? id : resource, resource});
}

void FhirAddresses::ready() {
  std::stable_sort(places_.begin(), places_.end(),
                   [](const Place& a, const Place& b) { return a.hash < b.hash; });
}

bool FhirAddresses::is(const Place& place, std::string_view address) {
  if (!place.text) return place.resource.type() + "/" + place.resource["id"].text() == address;
  const bool contained = place.text == place.resource["id"] || place.text == place.resource;
  if (contained) return "#" + place.resource["id"].text() == address;
  return place.text.text() == address;
}

FhirNode FhirAddresses::exact(std::string_view address) const {
  const auto hash = hash_of(address);
  auto at = std::lower_bound(places_.begin(), places_.end(), hash,
                             [](const Place& place, std::uint64_t h) { return place.hash < h; });
  for (; at != places_.end() && at->hash == hash; ++at)
    if (is(*at, address)) return at->resource;
  return {};
}

FhirNode FhirAddresses::find(std::string_view address) const {
  if (address.empty()) return {};
  if (const FhirNode found = exact(address)) return found;
  const auto id = address.rfind('/');
  const auto type = id == std::string_view::npos || id == 0 ? id : address.rfind('/', id - 1);
  if (id == std::string_view::npos || type == std::string_view::npos) return {};
  return exact(address.substr(type + 1));
}

}  // namespace coffret::reader
