// SPDX-License-Identifier: EUPL-1.2
#include "vault/redeem/door.hpp"

namespace coffret::redeem {

Result<void> Collector::add(std::string_view wanted, std::string title, std::string content_type,
                            Bytes bytes) {
  if (bytes.size() > left_) return errc::too_large;
  left_ -= bytes.size();
  auto name = names_.add(safe_file_name(wanted, content_type));
  into_.files.push_back(
      {std::move(name), std::move(content_type), std::move(title), std::move(bytes)});
  return {};
}

}  // namespace coffret::redeem
