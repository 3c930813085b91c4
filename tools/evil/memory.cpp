// SPDX-License-Identifier: EUPL-1.2
#include "tools/evil/memory.hpp"

#include <algorithm>

namespace coffret::evil {
namespace {

constexpr std::size_t most_clients = 1024;

}  // namespace

bool Memory::take(std::size_t bytes) {
  if (bytes > bound_ - used_) return false;
  used_ += bytes;
  return true;
}

template <class Map>
void Memory::keep(Map& map, std::string_view name, ByteView bytes) {
  const auto found = map.find(name);
  if (found != map.end()) {
    used_ -= found->second.size();
    map.erase(found);
  }
  if (take(bytes.size())) map.emplace(name, to_bytes(bytes));
}

std::uint64_t Memory::client(std::string_view key) {
  if (key.empty()) return 0;
  const std::lock_guard lock{mutex_};
  const auto found = std::find(clients_.begin(), clients_.end(), key);
  if (found != clients_.end()) return static_cast<std::uint64_t>(found - clients_.begin()) + 1;
  if (clients_.size() == most_clients) return 0;
  clients_.emplace_back(key);
  return clients_.size();
}

void Memory::note(std::string_view vault, const std::vector<protocol::SignedEntry>& entries) {
  const std::lock_guard lock{mutex_};
  auto& log = entries_[std::string{vault}];
  for (const auto& one : entries) {
    const auto entry = protocol::decode_entry(one.body);
    if (entry.has_error() || log.contains(entry->seq)) continue;
    if (take(one.body.size() + one.operation.size() + one.signature.size))
      log.emplace(entry->seq, one);
  }
}

std::optional<protocol::SignedEntry> Memory::entry(std::string_view vault,
                                                   std::uint64_t seq) const {
  const std::lock_guard lock{mutex_};
  const auto log = entries_.find(vault);
  if (log == entries_.end()) return {};
  const auto found = log->second.find(seq);
  return found == log->second.end() ? std::nullopt : std::optional{found->second};
}

protocol::Head Memory::head(std::string_view vault, std::uint64_t seq) const {
  const auto found = entry(vault, seq);
  return {seq, found ? protocol::entry_hash(found->body) : EntryHash{}};
}

void Memory::note_after(std::uint64_t client, std::uint64_t after) {
  const std::lock_guard lock{mutex_};
  after_[client] = after;
}

std::uint64_t Memory::after(std::uint64_t client) const {
  const std::lock_guard lock{mutex_};
  const auto found = after_.find(client);
  return found == after_.end() ? 0 : found->second;
}

void Memory::note_object(std::string_view path, ByteView bytes) {
  const std::lock_guard lock{mutex_};
  keep(objects_, path, bytes);
  std::erase(order_, path);
  order_.emplace_back(path);
}

std::optional<Bytes> Memory::another_object(std::string_view path) const {
  const std::lock_guard lock{mutex_};
  for (auto name = order_.rbegin(); name != order_.rend(); ++name) {
    const auto found = objects_.find(*name);
    if (*name != path && found != objects_.end()) return found->second;
  }
  return {};
}

void Memory::note_lines(std::string_view vault, std::uint64_t from,
                        const std::vector<Bytes>& lines) {
  const std::lock_guard lock{mutex_};
  auto& known = lines_[std::string{vault}];
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (known.size() == from + i && take(lines[i].size())) known.push_back(lines[i]);
}

std::vector<Bytes> Memory::lines(std::string_view vault) const {
  const std::lock_guard lock{mutex_};
  const auto found = lines_.find(vault);
  return found == lines_.end() ? std::vector<Bytes>{} : found->second;
}

void Memory::remember(const std::string& name, ByteView bytes) {
  const std::lock_guard lock{mutex_};
  keep(names_, name, bytes);
}

std::optional<Bytes> Memory::recall(const std::string& name) const {
  const std::lock_guard lock{mutex_};
  const auto found = names_.find(name);
  return found == names_.end() ? std::nullopt : std::optional{found->second};
}

}  // namespace coffret::evil
