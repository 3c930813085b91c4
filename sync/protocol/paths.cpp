// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/paths.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "sync/protocol/query.hpp"

namespace coffret::protocol {
namespace {

enum class Query : std::uint8_t { none, window, wait, recipient, ignored };

struct Route {
  Endpoint endpoint;
  std::string_view method;
  std::string_view path;  // segments in braces are identifiers
  Query query = Query::none;
};

// In the order of the enumeration. A literal stands before an identifier in its place; none of
// them is an identifier by its length.
constexpr std::array routes = {
    Route{Endpoint::card, "GET", "/v1/card"},
    Route{Endpoint::open_account, "POST", "/v1/accounts"},
    Route{Endpoint::vault_by_root, "GET", "/v1/vaults/by-root"},
    Route{Endpoint::vault_status, "GET", "/v1/vaults/{vault}"},
    Route{Endpoint::enrol_device, "POST", "/v1/vaults/{vault}/devices"},
    Route{Endpoint::remove_device, "DELETE", "/v1/vaults/{vault}/devices/{device}"},
    Route{Endpoint::read_log, "GET", "/v1/vaults/{vault}/log", Query::window},
    Route{Endpoint::append_log, "POST", "/v1/vaults/{vault}/log"},
    Route{Endpoint::wait_log, "GET", "/v1/vaults/{vault}/log/wait", Query::wait},
    Route{Endpoint::append_changes, "POST", "/v1/vaults/{vault}/log/changes"},
    Route{Endpoint::open_pairing, "POST", "/v1/vaults/{vault}/pairings/{pairing}"},
    Route{Endpoint::missing_objects, "POST", "/v1/vaults/{vault}/objects/missing"},
    Route{Endpoint::pack_objects, "POST", "/v1/vaults/{vault}/objects/pack"},
    Route{Endpoint::fetch_objects, "POST", "/v1/vaults/{vault}/objects/fetch"},
    Route{Endpoint::object_status, "HEAD", "/v1/vaults/{vault}/objects/{object}"},
    Route{Endpoint::upload_object, "PATCH", "/v1/vaults/{vault}/objects/{object}"},
    Route{Endpoint::fetch_object, "GET", "/v1/vaults/{vault}/objects/{object}"},
    Route{Endpoint::parcel_status, "HEAD", "/v1/vaults/{vault}/parcels/{link}/{file}"},
    Route{Endpoint::upload_parcel, "PATCH", "/v1/vaults/{vault}/parcels/{link}/{file}"},
    Route{Endpoint::publish_grant, "PUT", "/v1/vaults/{vault}/grants/{link}"},
    Route{Endpoint::grant_status, "GET", "/v1/vaults/{vault}/grants/{link}"},
    Route{Endpoint::revoke_grant, "POST", "/v1/vaults/{vault}/grants/{link}/revoke"},
    Route{Endpoint::access_log, "GET", "/v1/vaults/{vault}/access-log", Query::window},
    Route{Endpoint::put_pairing, "PUT", "/v1/pairings/{pairing}/{step}"},
    Route{Endpoint::get_pairing, "GET", "/v1/pairings/{pairing}/{step}"},
    Route{Endpoint::epoch_note, "GET", "/v1/vaults/{vault}/epoch"},
    Route{Endpoint::confirm_grant, "POST", "/v1/vaults/{vault}/grants/{link}/confirm"},
    Route{Endpoint::link_info, "GET", "/v1/links/{link}"},
    Route{Endpoint::open_link, "POST", "/v1/links/{link}/open"},
    Route{Endpoint::link_file, "GET", "/v1/links/{link}/files/{file}"},
    Route{Endpoint::prove_read, "POST", "/v1/links/{link}/read"},
    Route{Endpoint::viewer, "GET", "/v{asset}", Query::ignored},
    Route{Endpoint::shl_manifest, "POST", "/shl/{shl}", Query::ignored},
    Route{Endpoint::shl_direct, "GET", "/shl/{shl}", Query::recipient},
    Route{Endpoint::shl_file, "GET", "/shl/{shl}/files/{token}", Query::ignored},
    Route{Endpoint::put_box, "PUT", "/v1/vaults/{vault}/boxes/{link}"},
    Route{Endpoint::close_box, "DELETE", "/v1/vaults/{vault}/boxes/{link}"},
    Route{Endpoint::list_deposits, "GET", "/v1/vaults/{vault}/deposits"},
    Route{Endpoint::fetch_deposit, "GET", "/v1/vaults/{vault}/deposits/{link}/{deposit}"},
    Route{Endpoint::drop_deposit, "DELETE", "/v1/vaults/{vault}/deposits/{link}/{deposit}"},
    Route{Endpoint::box_info, "GET", "/v1/boxes/{link}"},
    Route{Endpoint::deposit_status, "HEAD", "/v1/boxes/{link}/deposits/{deposit}"},
    Route{Endpoint::upload_deposit, "PATCH", "/v1/boxes/{link}/deposits/{deposit}"},
};

constexpr std::uint32_t longest_window = 1000;  // entries or lines
constexpr std::string_view asset_hole = "{asset}";

// The text up to `end`, or all; what is left begins behind it.
std::string_view take_until(std::string_view& rest, char end) {
  const auto at = std::min(rest.find(end), rest.size());
  const auto taken = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return taken;
}

template <class IdType>
bool read_base64url(std::string_view text, IdType& id) {
  const auto raw = from_base64url(text);
  if (raw.has_error()) return false;
  const auto parsed = IdType::from(*raw);
  if (parsed.has_value()) id = *parsed;
  return parsed.has_value();
}

template <class IdType>
bool read_base32(std::string_view text, IdType& id) {
  const auto parsed = IdType::parse(text);
  if (parsed.has_value()) id = *parsed;
  return parsed.has_value();
}

bool read_step(std::string_view text, PairingStep& step) {
  const auto* found = std::find(pairing_steps.begin(), pairing_steps.end(), text);
  if (found == pairing_steps.end()) return false;
  step = static_cast<PairingStep>(found - pairing_steps.begin());
  return true;
}

bool read_hole(std::string_view hole, std::string_view text, Target& target) {
  if (hole == "{vault}") return read_base32(text, target.vault);
  if (hole == "{device}") return read_base32(text, target.device);
  if (hole == "{object}") return read_base32(text, target.object);
  if (hole == "{link}") return read_base32(text, target.link);
  if (hole == "{file}") return read_base32(text, target.file);
  if (hole == "{deposit}") return read_base32(text, target.deposit);
  if (hole == "{pairing}") return read_base32(text, target.pairing);
  if (hole == "{step}") return read_step(text, target.step);
  if (hole == "{shl}") return read_base64url(text, target.shl);
  return read_base64url(text, target.token);
}

std::string write_hole(std::string_view hole, const Target& target) {
  if (hole == "{vault}") return target.vault.text();
  if (hole == "{device}") return target.device.text();
  if (hole == "{object}") return target.object.text();
  if (hole == "{link}") return target.link.text();
  if (hole == "{file}") return target.file.text();
  if (hole == "{deposit}") return target.deposit.text();
  if (hole == "{pairing}") return target.pairing.text();
  if (hole == "{step}") return std::string{pairing_steps[static_cast<std::size_t>(target.step)]};
  if (hole == "{shl}") return to_base64url(target.shl.bytes);
  return to_base64url(target.token.bytes);
}

// What follows "/v": nothing, or "/" and plain names. No dot file, no "..", no escape: a dot or a
// slash stands between two words only.
bool read_asset(std::string_view tail, Target& target) {
  if (tail.empty()) return true;
  if (tail.size() > 256 || tail.front() != '/' || tail.size() == 1) return false;
  bool after_word = false;
  for (const char c : tail.substr(1)) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
    if (!word && (!after_word || (c != '.' && c != '/'))) return false;
    after_word = word;
  }
  if (!after_word) return false;
  target.asset = std::string{tail.substr(1)};
  return true;
}

bool matches(std::string_view pattern, std::string_view path, Target& target) {
  if (pattern.ends_with(asset_hole)) {
    const auto fixed = pattern.substr(0, pattern.size() - asset_hole.size());
    return path.starts_with(fixed) && read_asset(path.substr(fixed.size()), target);
  }
  if (std::count(pattern.begin(), pattern.end(), '/') != std::count(path.begin(), path.end(), '/'))
    return false;
  while (!pattern.empty() || !path.empty()) {
    const auto wanted = take_until(pattern, '/');
    const auto given = take_until(path, '/');
    if (wanted.starts_with('{') ? !read_hole(wanted, given, target) : wanted != given) return false;
  }
  return true;
}

// Exactly "after=<n>&<name>=<n>", the second number from 1 to `most`.
Result<void> read_pair(std::string_view query, std::string_view name, std::uint32_t most,
                       std::uint64_t& after, std::uint32_t& second) {
  const auto given = query;
  const auto number = [&query](const std::string& before, auto& value) {
    if (!query.starts_with(before)) return false;
    query.remove_prefix(before.size());
    const auto read = std::from_chars(query.data(), query.data() + query.size(), value);
    query.remove_prefix(static_cast<std::size_t>(read.ptr - query.data()));
    return read.ec == std::errc{};
  };
  const std::string second_name = "&" + std::string{name} + "=";
  if (!number("after=", after) || !number(second_name, second)) return errc::malformed;
  if (second == 0 || second > most) return errc::malformed;
  if (given != "after=" + std::to_string(after) + second_name + std::to_string(second))
    return errc::malformed;
  return {};
}

Result<void> read_query(Query kind, std::string_view query, Target& target) {
  switch (kind) {
    case Query::none:
      if (!query.empty()) return errc::malformed;
      return {};
    case Query::window:
      return read_pair(query, "limit", longest_window, target.after, target.limit);
    case Query::wait:
      return read_pair(query, "seconds", longest_wait, target.after, target.seconds);
    case Query::recipient: {
      COFFRET_TRY(target.recipient, query_value(query, "recipient"));
      return {};
    }
    case Query::ignored:
      return {};
  }
  return errc::internal;
}

const Route& route_of(Endpoint endpoint) {
  return routes[static_cast<std::size_t>(endpoint)];
}

}  // namespace

std::string_view method_of(Endpoint endpoint) noexcept {
  return route_of(endpoint).method;
}

std::string format_target(const Target& target) {
  const Route& route = route_of(target.endpoint);
  std::string text;
  std::string_view rest = route.path;
  while (!rest.empty()) {
    text += take_until(rest, '{');
    if (rest.empty()) break;
    const std::string hole = "{" + std::string{take_until(rest, '}')} + "}";
    if (hole != asset_hole)
      text += write_hole(hole, target);
    else if (!target.asset.empty())
      text += "/" + target.asset;
  }
  if (route.query == Query::window)
    text += "?after=" + std::to_string(target.after) + "&limit=" + std::to_string(target.limit);
  if (route.query == Query::wait)
    text += "?after=" + std::to_string(target.after) + "&seconds=" + std::to_string(target.seconds);
  if (route.query == Query::recipient && target.recipient)
    text += "?recipient=" + percent_encode(*target.recipient);
  return text;
}

Result<Target> parse_target(std::string_view method, std::string_view text) {
  constexpr std::size_t longest = 8 * 1024;  // bytes
  if (text.size() > longest) return errc::too_large;
  const auto question = std::min(text.find('?'), text.size());
  const auto path = text.substr(0, question);
  const auto query = text.substr(std::min(question + 1, text.size()));
  for (const auto& route : routes) {
    Target target;
    if (route.method != method || !matches(route.path, path, target)) continue;
    target.endpoint = route.endpoint;
    COFFRET_CHECK(read_query(route.query, query, target));
    return target;
  }
  return errc::not_found;
}

bool is_reader_side(std::string_view target) noexcept {
  return target.starts_with("/v1/links/") || target.starts_with("/shl/") || is_sender_side(target);
}

bool is_sender_side(std::string_view target) noexcept {
  return target.starts_with("/v1/boxes/");
}

}  // namespace coffret::protocol
