// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/changes.hpp"

#include <algorithm>

namespace coffret::protocol {

Result<Changes> decode_changes(ByteView bytes) {
  if (bytes.size() > max_page_size) return errc::too_large;
  COFFRET_TRY(auto changes, wire::decode<Changes>(bytes));
  // The same limits as without changes.
  COFFRET_TRY(changes.append, decode_append(wire::encode(changes.append)));
  if (changes.added.size() > max_changed_devices || changes.removed.size() > max_changed_devices)
    return errc::too_large;
  const auto too_long = [](const SignedCertificate& c) {
    return c.body.size() > max_certificate_body;
  };
  if (std::any_of(changes.added.begin(), changes.added.end(), too_long) ||
      (changes.root && too_long(changes.root->certificate)))
    return errc::too_large;
  return changes;
}

}  // namespace coffret::protocol
