// SPDX-License-Identifier: EUPL-1.2
//
// What time ends: server halves, parcels, abandoned uploads, old nonces, a day of the access log.
#include <algorithm>

#include "sync/server/opening.hpp"
#include "sync/server/service.hpp"

namespace coffret::server {
namespace {

constexpr std::size_t at_a_time = 256;  // rows of one round

// Ends what `next` gives until it gives less than a round. One that cannot be ended does not keep
// the others: its error is told afterwards. A round that ended nothing is the last.
template <class Next, class End>
Result<void> in_rounds(Next next, End end) {
  Result<void> first{};
  for (;;) {
    COFFRET_TRY(const auto round, next());
    bool any = false;
    for (const auto& one : round) {
      const auto ended = end(one);
      if (ended.has_value()) any = any || *ended;
      if (ended.has_error() && !first.has_error()) first = ended.error();
    }
    if (round.size() < at_a_time || !any) return first;
  }
}

}  // namespace

Result<bool> Service::destroy(const LinkId& link) {
  const auto guard = links.hold(link);
  // As it is now: a newer version may have been published since the caller looked.
  const auto row = ports.records.grant(link);
  if (row.has_error())
    return row.error() == errc::not_found ? Result<bool>{false} : Result<bool>{row.error()};
  COFFRET_TRY(const auto policy, protocol::decode_policy(row->policy.body));
  if (row->destroyed || !has_ended(*row, policy, to_unix(ports.clock.now()))) return false;
  // S first: without it the parcel is noise to everybody.
  COFFRET_CHECK(ports.halves.destroy(link, Halves::all_versions));
  for (const auto& file : policy.files)
    COFFRET_CHECK(ports.objects.remove(BlobKey::parcel(link, file.id)));
  COFFRET_CHECK(ports.records.destroyed(link));
  return true;
}

Result<bool> Service::free_blob(const StaleBlob& blob) {
  const auto guard = uploads.hold(blob.key);
  if (blob.place)
    ports.objects.give_back(*blob.place, blob.total);
  else
    COFFRET_CHECK(ports.objects.remove(blob.key));
  COFFRET_TRY(const auto emptied, ports.records.forget(blob.key));
  if (emptied) COFFRET_CHECK(ports.objects.drop_pack(*emptied));
  return true;
}

Result<void> Service::sweep_grants(Timestamp now) {
  return in_rounds([&] { return ports.records.ended(now, at_a_time); },
                   [&](const GrantRow& row) { return destroy(row.link); });
}

Result<void> Service::sweep_blobs(Timestamp now) {
  return in_rounds([&] { return ports.records.take_stale(now, at_a_time); },
                   [&](const StaleBlob& blob) { return free_blob(blob); });
}

Result<void> Service::drop_orphan_packs() {
  COFFRET_TRY(auto named, ports.records.packs());
  COFFRET_TRY(const auto kept, ports.objects.packs());
  std::sort(named.begin(), named.end());
  for (const auto& pack : kept)
    if (!std::binary_search(named.begin(), named.end(), pack))
      COFFRET_CHECK(ports.objects.drop_pack(pack));
  return {};
}

Result<void> Service::destroy_orphans() {
  COFFRET_CHECK(drop_orphan_packs());
  COFFRET_TRY(const auto links_with_halves, ports.halves.links());
  for (const auto& link : links_with_halves) {
    const auto guard = links.hold(link);
    const auto row = ports.records.grant(link);
    if (row.has_error() && row.error() != errc::not_found) return row.error();
    if (row.has_error() || row->destroyed)
      COFFRET_CHECK(ports.halves.destroy(link, Halves::all_versions));
  }
  return {};
}

Result<void> Service::sweep() {
  const Timestamp now = ports.clock.now();
  COFFRET_TRY(const Timestamp last, ports.records.last_time());
  // With a clock that is behind nothing is opened, and nothing must be freed by it either; what
  // has ended stays ended.
  if (now < last) return errc::clock_refused;
  Result<void> first{};
  const auto keep = [&](Result<void> done) {
    if (!first.has_error() && done.has_error()) first = done;
  };
  keep(ports.records.note_time(now));
  keep(sweep_grants(now));
  keep(sweep_blobs(now));
  keep(ports.records.close_day(now));
  keep(ports.records.forget_old(now));
  return first;
}

}  // namespace coffret::server
