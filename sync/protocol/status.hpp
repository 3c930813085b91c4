// SPDX-License-Identifier: EUPL-1.2
//
// status.hpp: the HTTP status (RFC 9110) of each error, and error bodies both ways.
#ifndef COFFRET_SYNC_PROTOCOL_STATUS_HPP
#define COFFRET_SYNC_PROTOCOL_STATUS_HPP

#include <optional>
#include <string>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"

namespace coffret::protocol {

unsigned http_status(errc error) noexcept;

// {"error":{"code":"…"}}; whatever has status 500 is told as server_error. With remainingAttempts
// beside it for a wrong passcode.
std::string error_body(errc error, std::optional<unsigned> remaining_attempts = {});

// What an answer that is not 2xx says; server_error when its body says nothing we know.
errc error_of(unsigned status, ByteView body) noexcept;

// The remainingAttempts of a 401, where it says how many wrong passcodes are left.
std::optional<unsigned> remaining_attempts_of(ByteView body) noexcept;

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_STATUS_HPP
