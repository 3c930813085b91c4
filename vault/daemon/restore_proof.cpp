// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/restore_proof.hpp"

namespace coffret::daemon {
namespace {

constexpr Seconds clock_slack = std::chrono::hours{24};

std::string path_of(Service& service) {
  return service.config().directory + "/last_proven_restore";
}

}  // namespace

std::optional<Timestamp> read_restore_proof(Service& service) {
  const auto text = service.environment().disk.read(path_of(service), 64);
  if (text.has_error()) return std::nullopt;
  const auto time = from_rfc3339(as_text(*text));
  if (time.has_error()) return std::nullopt;
  return *time;
}

Result<void> keep_restore_proof(Service& service, Timestamp time) {
  return service.environment().disk.replace(path_of(service), as_bytes(to_rfc3339(time)));
}

bool proof_is_due(const std::optional<Timestamp>& proven, Timestamp now) {
  return !proven || now - *proven > proof_lasts || *proven - now > clock_slack;
}

}  // namespace coffret::daemon
