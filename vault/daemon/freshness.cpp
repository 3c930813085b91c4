// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/freshness.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "coffret/json.hpp"
#include "coffret/time.hpp"

namespace coffret::daemon {
namespace {

constexpr std::int64_t shortest = 3600;                         // seconds
constexpr std::int64_t longest = std::int64_t{366} * 86400;     // seconds
constexpr std::int64_t latest = std::int64_t{253'402'300'799};  // seconds: end of the year 9999

std::string path_of(Service& service) {
  return service.config().directory + "/freshness";
}

std::int64_t number(const Object& from, const char* name, std::int64_t otherwise) {
  const auto* value = from.if_contains(name);
  boost::system::error_code ec;
  const auto read = value == nullptr ? otherwise : value->to_number<std::int64_t>(ec);
  return ec || read < 0 || read > latest ? otherwise : read;
}

Result<void> keep(Service& service, const Freshness& fresh) {
  const Object json{
      {"here", fresh.here}, {"there", fresh.there}, {"stale_after", fresh.stale_after}};
  return service.environment().disk.replace(path_of(service),
                                            as_bytes(boost::json::serialize(json) + "\n"));
}

}  // namespace

std::optional<std::int64_t> Freshness::since() const {
  if (here == 0) return std::nullopt;
  return there == 0 ? here : std::min(here, there);
}

bool Freshness::stale(std::int64_t now) const {
  const auto stated = since();
  return stated && now - *stated > stale_after;
}

Freshness read_freshness(Service& service) {
  Freshness fresh;
  const auto text = service.environment().disk.read(path_of(service), 1024);
  if (text.has_error()) return fresh;
  const auto value = parse_json(as_text(*text), {.bytes = 1024, .depth = 4});
  if (value.has_error() || !value->is_object()) return fresh;
  const auto& json = value->get_object();
  fresh.here = number(json, "here", 0);
  fresh.there = number(json, "there", 0);
  fresh.stale_after =
      std::clamp(number(json, "stale_after", standard_stale_after), shortest, longest);
  return fresh;
}

void keep_freshness(Service& service, std::optional<Timestamp> server_time) {
  auto fresh = read_freshness(service);
  fresh.here = to_unix(service.environment().clock.now());
  if (server_time) fresh.there = to_unix(*server_time);
  (void)keep(service, fresh);  // told again at the next sync
}

Result<Object> server_stale_after(Call& call) {
  auto fresh = read_freshness(call.service);
  if (const auto wanted = call.text("duration"); !wanted.empty()) {
    COFFRET_TRY(const auto duration, parse_duration(wanted));
    if (duration.count() < shortest || duration.count() > longest) return errc::usage;
    fresh.stale_after = duration.count();
    COFFRET_CHECK(keep(call.service, fresh));
  }
  return Object{{"stale_after", fresh.stale_after}};
}

}  // namespace coffret::daemon
