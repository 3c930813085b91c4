// SPDX-License-Identifier: EUPL-1.2
//
// What time ends: server halves, parcels, abandoned uploads, old nonces, a day of the access log.
#include "sync/server/opening.hpp"
#include "sync/server/service.hpp"

namespace coffret::server {
namespace {

constexpr std::size_t at_a_time = 256;  // rows of one round

}  // namespace

Result<void> Service::destroy(const GrantRow& row) {
  if (row.destroyed) return {};
  const auto guard = links.hold(row.link);
  // S first: without it the parcel is noise to everybody.
  COFFRET_CHECK(ports.halves.destroy(row.link, Halves::all_versions));
  COFFRET_TRY(const auto policy, protocol::decode_policy(row.policy.body));
  for (const auto& file : policy.files)
    COFFRET_CHECK(ports.objects.remove(BlobKey::parcel(row.link, file.id)));
  return ports.records.destroyed(row.link);
}

Result<void> Service::sweep_grants(Timestamp now) {
  for (;;) {
    COFFRET_TRY(const auto rows, ports.records.ended(now, at_a_time));
    for (const auto& row : rows) COFFRET_CHECK(destroy(row));
    if (rows.size() < at_a_time) return {};
  }
}

Result<void> Service::sweep_blobs(Timestamp now) {
  for (;;) {
    COFFRET_TRY(const auto stale, ports.records.take_stale(now, at_a_time));
    for (const auto& key : stale) {
      const auto guard = uploads.hold(key);
      COFFRET_CHECK(ports.objects.remove(key));
      COFFRET_CHECK(ports.records.forget(key));
    }
    if (stale.size() < at_a_time) return {};
  }
}

Result<void> Service::destroy_orphans() {
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
