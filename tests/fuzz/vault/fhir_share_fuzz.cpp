// SPDX-License-Identifier: EUPL-1.2
//
// Input: the FHIR JSON of a SMART Health Link, as it is once unsealed. Property: what is taken out
// of it is never more than it could hold, its names are apart, and whatever was accepted leaves at
// least one file.
#include <cstdlib>
#include <set>

#include "vault/redeem/door.hpp"

using namespace coffret;
using namespace coffret::redeem;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Redeemed redeemed;
  Collector files{redeemed};
  if (collect_fhir({data, size}, files, redeemed.patient).has_error()) return 0;

  if (redeemed.files.empty()) std::abort();
  std::set<std::string> names;
  std::size_t total = 0;
  for (const auto& file : redeemed.files) {
    if (!names.insert(ascii_lower(file.name)).second) std::abort();
    if (safe_file_name(file.name, file.content_type).empty()) std::abort();
    total += file.bytes.size();
  }
  if (total > 2 * size || files.left() != max_redeemed - total) std::abort();
  return 0;
}
