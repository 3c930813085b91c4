// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/access_heads.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "coffret/json.hpp"

namespace coffret::daemon {
namespace {

constexpr std::int64_t seconds_per_day = 86400;
constexpr std::size_t largest_file = 1024;  // bytes

std::string place_of(Service& service) {
  return service.config().directory + "/access-heads";
}

template <class T>
T member(const Object& from, const char* name) {
  const auto* value = from.if_contains(name);
  boost::system::error_code ec;
  const auto read = value == nullptr ? T{} : value->to_number<T>(ec);
  return ec || read < T{} ? T{} : read;
}

void keep(Service& service, const AccessHeads& heads) {
  const Object json{{"asked", heads.asked}, {"grown", heads.grown}, {"size", heads.size}};
  // Not kept, the log is asked for once more than it had to be.
  (void)service.environment().disk.replace(place_of(service),
                                           as_bytes(boost::json::serialize(json) + "\n"));
}

std::int64_t time_of(const Call& call) {
  return to_unix(call.service.environment().clock.now());
}

// The new lines must extend what was pinned: the first `pinned.size` leaves give the pinned range.
Result<void> judge_by_pin(const client::AccessNews& news, const protocol::CompactRange& pinned) {
  if (news.lines.size() < pinned.size) return errc::server_rolled_back;
  protocol::CompactRange range;
  for (std::uint64_t i = 0; i < pinned.size; ++i)
    range.append(protocol::leaf_hash(wire::encode(news.lines[i])));
  return range == pinned ? Result<void>{} : Result<void>{errc::fork_detected};
}

struct Ours {
  protocol::CompactRange pinned;
  bool granted = false;
};

Result<Ours> ours_of(Call& call) {
  return call.with([](store::Vault& vault) -> Result<Ours> {
    const auto access = vault.access();
    return Ours{access ? access->range : protocol::CompactRange{}, !vault.grants().empty()};
  });
}

}  // namespace

bool AccessHeads::late(const Freshness& fresh) const {
  return grown != 0 && fresh.here - grown > std::max(fresh.stale_after, soonest_late);
}

AccessHeads read_access_heads(Service& service) {
  const auto text = service.environment().disk.read(place_of(service), largest_file);
  if (text.has_error()) return {};
  const auto value = parse_json(as_text(*text), {.bytes = largest_file, .depth = 4});
  if (value.has_error() || !value->is_object()) return {};
  const auto& json = value->get_object();
  return {member<std::int64_t>(json, "asked"), member<std::int64_t>(json, "grown"),
          member<std::uint64_t>(json, "size")};
}

Result<client::AccessNews> read_access_log(Call& call, const Sender& from) {
  COFFRET_TRY(const auto ours, ours_of(call));
  COFFRET_TRY(auto news, client::access_log(from.server, from.signer, from.vault, {}));
  COFFRET_CHECK(judge_by_pin(news, ours.pinned));
  if (news.range.size > ours.pinned.size) {
    const store::AccessCheckpoint checkpoint{.range = news.range, .note = news.checkpoint};
    COFFRET_CHECK(call.with(
        [&](store::Vault& vault) { return vault.append(store::make_operation(checkpoint)); }));
  }
  auto heads = read_access_heads(call.service);
  heads.asked = time_of(call);
  if (heads.grown == 0 || news.range.size != heads.size) heads.grown = heads.asked;
  heads.size = news.range.size;
  keep(call.service, heads);
  return news;
}

Result<bool> look_at_access(Call& call, const Sender& from) {
  COFFRET_TRY(const auto ours, ours_of(call));
  if (!ours.granted) return false;
  auto heads = read_access_heads(call.service);
  const auto now = time_of(call);
  if (heads.asked / seconds_per_day == now / seconds_per_day) return false;
  if (heads.grown == 0) {  // counted from here on, whether or not the server answers
    heads.grown = now;
    keep(call.service, heads);
  }
  COFFRET_TRY(const auto news, read_access_log(call, from));
  return news.range.size > ours.pinned.size;
}

}  // namespace coffret::daemon
