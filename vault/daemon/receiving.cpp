// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/receiving.hpp"

#include <algorithm>
#include <thread>

#include "sync/client/objects.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t per_lane = 24;  // objects; fewer are not worth another handshake

// What says that one object is not what it has to be, and nothing about the next one.
bool is_fault_of_one(errc error) noexcept {
  return error == errc::unauthenticated || error == errc::malformed || error == errc::too_large;
}

}  // namespace

Receiving::Receiving(Call& call, Line& line, client::Server& server, const Signer& signer,
                     const VaultId& vault)
    : call_(call), line_(line), server_(server), signer_(signer), vault_(vault) {}

Result<void> Receiving::run(std::vector<client::WantedObject> wanted) {
  std::uint64_t bytes = 0;
  for (const auto& one : wanted) bytes += one.size;
  line_.expect(bytes);
  const std::size_t lanes = std::clamp<std::size_t>(wanted.size() / per_lane, 1, max_lanes);
  waiting_ = std::move(wanted);
  std::reverse(waiting_.begin(), waiting_.end());
  std::vector<std::thread> others;
  // Their connections are made here: later this thread uses the model itself.
  for (std::size_t i = 1; i < lanes; ++i)
    others.emplace_back([this, server = line_.another(server_)]() mutable {
      lane(server);
      line_.add(server.counters());
    });
  lane(server_);
  for (auto& other : others) other.join();
  return outcome_;
}

void Receiving::lane(client::Server& server) {
  for (;;) {
    const Group group = next_group(server);
    if (group.empty()) return;
    auto going = line_.go_on();
    auto settled = going.has_error() ? Result<std::size_t>{going.error()} : fetch(server, group);
    if (settled.has_error() && line_.try_again(to_errc(settled.error()))) settled = std::size_t{0};
    if (settled.has_value()) {
      put_back(group, *settled);
      continue;
    }
    const std::lock_guard guard{mutex_};
    if (outcome_.has_value()) outcome_ = settled.error();
    return;
  }
}

Receiving::Group Receiving::next_group(const client::Server& server) {
  const std::lock_guard guard{mutex_};
  Group group;
  if (outcome_.has_error()) return group;
  const std::size_t budget = server.version() < 2 ? 1 : line_.budget();
  std::uint64_t size = 0;
  while (!waiting_.empty() && group.size() < protocol::max_packed_objects) {
    const auto& next = waiting_.back();
    const bool alone = next.size > protocol::max_packed_object;
    if (!group.empty() && (alone || size + next.size > budget)) break;
    size += next.size;
    group.push_back(next);
    waiting_.pop_back();
    if (alone) break;
  }
  return group;
}

void Receiving::put_back(const Group& group, std::size_t from) {
  const std::lock_guard guard{mutex_};
  for (std::size_t i = group.size(); i > from; --i) waiting_.push_back(group[i - 1]);
}

void Receiving::blame(const ObjectId& object, errc error) {
  const std::lock_guard guard{mutex_};
  if (fault_.has_error()) return;
  fault_ = error;
  faulty_ = object;
}

// What of a large object was here when the last try ended is not asked for again, whatever ended
// it: each part is on the disk before the next is asked for. What turns out not to be the object is
// asked for anew the next time.
Result<ReceivedObject> Receiving::download(client::Server& server,
                                           const client::WantedObject& wanted) {
  if (wanted.size <= client::part_size)
    return client::download(server, signer_, vault_, wanted.object, wanted.size);
  auto& disk = call_.service.environment().disk;
  const auto file =
      call_.service.config().directory + "/objects/" + store::arriving_name(wanted.object);
  auto begun = disk.read(file, wanted.size);
  if (begun.has_error() || begun->size() >= wanted.size) {
    (void)disk.remove(file);
    begun = Bytes{};
  }
  line_.moved(begun->size());
  const auto parts = line_.parts();
  auto received = client::go_on_downloading(
      server, signer_, vault_, wanted.object, wanted.size, std::move(*begun),
      [&](std::uint64_t offset, ByteView part) -> Result<void> {
        COFFRET_CHECK(disk.write_at(file, offset, part));
        return parts.moved(part.size());
      },
      parts);
  if (received.has_value() || is_fault_of_one(to_errc(received.error()))) (void)disk.remove(file);
  return received;
}

Result<void> Receiving::fetch_alone(client::Server& server, const client::WantedObject& wanted) {
  // Sealed and opened it lies in memory twice, whole: one such object at a time.
  std::unique_lock large{large_, std::defer_lock};
  if (wanted.size > protocol::max_packed_object) large.lock();
  auto received = download(server, wanted);
  // What the server lost must not keep it from getting what is new here; status counts it.
  if (received.has_error() && received.error() == errc::not_found) return {};
  if (received.has_error() && is_fault_of_one(to_errc(received.error()))) {
    blame(wanted.object, to_errc(received.error()));
    return {};
  }
  if (received.has_error()) return received.error();
  std::vector<client::FetchedObject> one;
  one.push_back({wanted.object, std::move(*received)});
  COFFRET_CHECK(keep(std::move(one)));
  if (wanted.size <= client::part_size) line_.moved(wanted.size);
  return {};
}

Result<std::size_t> Receiving::fetch(client::Server& server, const Group& group) {
  if (server.version() < 2 || group.front().size > protocol::max_packed_object) {
    for (const auto& one : group) COFFRET_CHECK(fetch_alone(server, one));
    return group.size();
  }
  const auto begun = Line::SteadyClock::now();
  auto fetched = client::fetch_pack(server, signer_, vault_, group);
  if (fetched.has_error() && is_fault_of_one(to_errc(fetched.error()))) {
    // Not a pack of these: each is judged by itself, so that one does not speak for the others.
    for (const auto& one : group) COFFRET_CHECK(fetch_alone(server, one));
    return group.size();
  }
  if (fetched.has_error()) return fetched.error();
  const std::size_t count = fetched->size();
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) bytes += group[i].size;
  line_.took(static_cast<std::size_t>(bytes), Line::SteadyClock::now() - begun);
  COFFRET_CHECK(keep(std::move(*fetched)));
  line_.moved(bytes);
  return count;
}

Result<void> Receiving::keep(std::vector<client::FetchedObject> fetched) {
  std::vector<ObjectId> objects;
  for (const auto& one : fetched)
    if (one.received) objects.push_back(one.object);
  if (objects.empty()) return {};
  COFFRET_TRY(const auto expected,
              call_.with([&](store::Vault& vault) { return vault.unopened(objects); }));
  std::vector<store::ReadyBody> bodies;
  auto next = fetched.begin();
  for (const auto& wanted : expected) {  // in the order asked for
    while (next->object != wanted.object) ++next;
    auto body = store::open(wanted, std::move(*next->received));
    next->received.reset();
    if (body.has_error()) {
      blame(wanted.object, to_errc(body.error()));
      continue;
    }
    COFFRET_CHECK(store::keep_file(call_.service.environment().disk, *body));
    bodies.push_back(std::move(*body));
  }
  return call_.with([&](store::Vault& vault) { return vault.store_bodies(bodies); });
}

}  // namespace coffret::daemon
