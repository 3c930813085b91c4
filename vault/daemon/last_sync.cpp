// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/last_sync.hpp"

namespace coffret::daemon {
namespace {

std::string path_of(Service& service) {
  return service.config().directory + "/last_sync";
}

}  // namespace

std::optional<Timestamp> read_last_sync(Service& service) {
  const auto text = service.environment().disk.read(path_of(service), 64);
  if (text.has_error()) return std::nullopt;
  const auto time = from_rfc3339(as_text(*text));
  if (time.has_error()) return std::nullopt;
  return *time;
}

void keep_last_sync(Service& service, Timestamp time) {
  (void)service.environment().disk.replace(path_of(service), as_bytes(to_rfc3339(time)));
}

}  // namespace coffret::daemon
