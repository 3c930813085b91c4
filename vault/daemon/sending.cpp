// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/sending.hpp"

#include <algorithm>

#include "sync/client/objects.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t worth_lanes = 24;  // objects; fewer are not worth another handshake

}  // namespace

Sending::Sending(Call& call, Line& line, client::Server& server, const Signer& signer,
                 const VaultId& vault)
    : call_(call), line_(line), server_(server), signer_(signer), vault_(vault) {}

Sending::~Sending() {
  {
    const std::lock_guard guard{mutex_};
    ending_ = true;
  }
  changed_.notify_all();
  for (auto& lane : lanes_) lane.join();
}

void Sending::add(std::uint64_t batch, const std::vector<ObjectId>& objects) {
  bool many = false;
  {
    const std::lock_guard guard{mutex_};
    left_[batch] = objects.size();
    for (const auto& object : objects) waiting_.push_back({object, batch});
    many = waiting_.size() >= worth_lanes;
  }
  if (many && lanes_.empty()) start_lanes();
  changed_.notify_all();
}

// Their connections are made here: later this thread uses the model itself.
void Sending::start_lanes() {
  for (std::size_t lane = 0; lane < max_lanes; ++lane)
    lanes_.emplace_back([this, server = line_.another(server_)]() mutable {
      run(server);
      line_.add(server.counters());
    });
}

void Sending::run(client::Server& server) {
  for (;;) {
    {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [&] { return ending_ || outcome_.has_error() || !waiting_.empty(); });
      if (ending_ || outcome_.has_error()) return;
    }
    const auto moved = move(server);
    if (moved.has_value()) continue;
    const std::lock_guard guard{mutex_};
    if (outcome_.has_value()) outcome_ = moved.error();
    changed_.notify_all();
    return;
  }
}

Result<void> Sending::finish(std::uint64_t batch) {
  // A few go over the connection that is there.
  while (lanes_.empty()) {
    COFFRET_TRY(const bool more, move(server_));
    if (!more) break;
  }
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return outcome_.has_error() || left_[batch] == 0; });
  left_.erase(batch);
  return outcome_;
}

Sending::Group Sending::next_group() {
  const std::lock_guard guard{mutex_};
  const auto count =
      static_cast<std::ptrdiff_t>(std::min(waiting_.size(), protocol::max_packed_objects));
  Group group{waiting_.begin(), waiting_.begin() + count};
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  return group;
}

bool Sending::over() {
  const std::lock_guard guard{mutex_};
  return ending_ || outcome_.has_error();
}

Result<bool> Sending::is_large(const Group& group) {
  COFFRET_TRY(const auto size, call_.with([&](store::Vault& vault) {
    return vault.sealed_size(group.front().object);
  }));
  return size > protocol::max_packed_object;
}

void Sending::put_back(const Group& group, std::size_t from) {
  const std::lock_guard guard{mutex_};
  waiting_.insert(waiting_.begin(), group.begin() + static_cast<std::ptrdiff_t>(from), group.end());
  changed_.notify_all();
}

void Sending::done(const Group& group, std::size_t count) {
  const std::lock_guard guard{mutex_};
  for (std::size_t i = 0; i < count; ++i) --left_[group[i].batch];
  changed_.notify_all();
}

Result<bool> Sending::move(client::Server& server) {
  COFFRET_CHECK(line_.go_on());
  Group group = next_group();
  if (group.empty()) return false;
  // Read and sealed it lies in memory whole, perhaps twice: one such object at a time in all lanes.
  // What is behind it does not wait for that.
  std::unique_lock large{large_, std::defer_lock};
  COFFRET_TRY(const bool alone, is_large(group));
  if (alone) {
    put_back(group, 1);
    group.resize(1);
    large.lock();
    if (over()) {
      put_back(group, 0);
      return true;
    }
  }
  std::vector<ObjectId> objects;
  for (const auto& due : group) objects.push_back(due.object);
  // To a server without packs each goes alone.
  const std::size_t budget = server.version() < 2 ? 1 : line_.budget();
  COFFRET_TRY(auto bodies,
              call_.with([&](store::Vault& vault) { return vault.unsealed(objects, budget); }));
  const std::size_t count = bodies.size();
  put_back(group, count);
  const auto sent = send(server, std::move(bodies));
  if (sent.has_error() && line_.try_again(to_errc(sent.error()))) {
    put_back(Group{group.begin(), group.begin() + static_cast<std::ptrdiff_t>(count)}, 0);
    return true;
  }
  if (sent.has_error()) return sent.error();
  done(group, count);
  return true;
}

Result<void> Sending::send_alone(client::Server& server, const SealedObject& sealed) {
  return client::upload(server, signer_, vault_, sealed, line_.parts());
}

Result<void> Sending::send(client::Server& server, std::vector<store::Unsealed> bodies) {
  std::vector<client::NamedObject> pack;
  std::size_t size = 0;
  for (auto& body : bodies) {
    const auto object = body.object;
    COFFRET_TRY(auto sealed, store::seal(std::move(body)));
    if (server.version() < 2 || sealed.size() > protocol::max_packed_object) {
      COFFRET_CHECK(send_alone(server, sealed));
      continue;
    }
    size += sealed.size();
    pack.push_back({object, std::move(sealed)});
  }
  if (pack.empty()) return {};
  const auto begun = Line::SteadyClock::now();
  COFFRET_TRY(const auto left, client::send_pack(server, signer_, vault_, pack));
  line_.took(size, Line::SteadyClock::now() - begun);
  for (const auto& one : pack) {
    const bool taken = std::find(left.begin(), left.end(), one.object) == left.end();
    if (taken)
      line_.moved(one.sealed.size());
    else
      COFFRET_CHECK(send_alone(server, one.sealed));
  }
  return {};
}

}  // namespace coffret::daemon
