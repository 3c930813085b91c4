// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/status.hpp"

#include <boost/json/serialize.hpp>

#include "sync/protocol/json_fields.hpp"

namespace coffret::protocol {
namespace {

constexpr std::size_t longest_error_body = 4096;  // bytes

}  // namespace

unsigned http_status(errc error) noexcept {
  switch (error) {
    case errc::usage:
    case errc::malformed:
    case errc::unsupported:
      return 400;
    case errc::unauthenticated:
    case errc::replayed:
    case errc::wrong_passcode:
    case errc::clock_refused:
      return 401;
    case errc::denied:
    case errc::over_quota:
    case errc::account_suspended:
    case errc::invite_expired:
    case errc::device_removed:
    case errc::recovery_replaced:
    case errc::pairing_expired:
      return 403;
    case errc::not_found:
    case errc::link_not_active:
      return 404;
    case errc::timed_out:
      return 408;
    case errc::conflict:
    case errc::incomplete_upload:
      return 409;
    case errc::too_large:
      return 413;
    case errc::unknown_policy:
    case errc::other_version:
      return 422;
    case errc::rate_limited:
      return 429;
    case errc::stopping:
      return 503;
    default:
      return 500;
  }
}

std::string error_body(errc error, std::optional<unsigned> remaining_attempts) {
  // What failed inside a server is the operator's business: outside there is one word for it.
  const errc shown = http_status(error) == 500 ? errc::server_error : error;
  const auto code = row(shown).code;
  boost::json::object body;
  body["error"] = boost::json::object{{"code", boost::json::string_view{code.data(), code.size()}}};
  if (remaining_attempts) body["remainingAttempts"] = *remaining_attempts;
  return boost::json::serialize(body);
}

errc error_of(unsigned status, ByteView body) noexcept {
  try {
    const auto value = parse_json(as_text(body), {.bytes = longest_error_body, .depth = 4});
    // No room for the body (PROTOCOL.md §10), or a proxy that says so: nobody of this protocol
    // spoke.
    if (value.has_error()) return status == 503 ? errc::rate_limited : errc::server_error;
    json::Reader outer{*value};
    json::Reader inner{outer.member("error")};
    const auto* known = row_of(inner.text("code", 64));
    // A code under another status is no error of this protocol: a server must not be able to make
    // the vault speak of its own passphrase or files.
    if (known == nullptr || http_status(known->value) != status || status == 500)
      return errc::server_error;
    return known->value;
  } catch (const std::exception&) {
    return errc::server_error;
  }
}

std::optional<unsigned> remaining_attempts_of(ByteView body) noexcept {
  try {
    const auto value = parse_json(as_text(body), {.bytes = longest_error_body, .depth = 4});
    if (value.has_error()) return std::nullopt;
    json::Reader in{*value};
    const auto count = in.small_number("remainingAttempts");
    if (in.result().has_error()) return std::nullopt;
    return count;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace coffret::protocol
