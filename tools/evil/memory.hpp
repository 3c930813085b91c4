// SPDX-License-Identifier: EUPL-1.2
//
// memory.hpp: what a server gone bad remembers of what passed: entries, objects, lines, clients.
// All of it is what any server sees: ciphertext, hashes, signatures.
//
// Units: bytes. What would take more than its bound is not kept.
// Threads: any; it locks by itself.
#ifndef COFFRET_TOOLS_EVIL_MEMORY_HPP
#define COFFRET_TOOLS_EVIL_MEMORY_HPP

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/bytes.hpp"
#include "sync/protocol/entry.hpp"

namespace coffret::evil {

class Memory {
 public:
  explicit Memory(std::size_t bound = 256u << 20) : bound_(bound) {}

  // The device's number by its key, from 1; 0 for a request that nobody signed.
  std::uint64_t client(std::string_view key);

  // Entries of one vault, of a page or an append.
  void note(std::string_view vault, const std::vector<protocol::SignedEntry>& entries);
  std::optional<protocol::SignedEntry> entry(std::string_view vault, std::uint64_t seq) const;
  // Zero hash where it never passed.
  protocol::Head head(std::string_view vault, std::uint64_t seq) const;
  // The seq that a client last said it had.
  void note_after(std::uint64_t client, std::uint64_t after);
  std::uint64_t after(std::uint64_t client) const;

  void note_object(std::string_view path, ByteView bytes);
  // One that another path gave last.
  std::optional<Bytes> another_object(std::string_view path) const;

  void note_lines(std::string_view vault, std::uint64_t from, const std::vector<Bytes>& lines);
  std::vector<Bytes> lines(std::string_view vault) const;

  void remember(const std::string& name, ByteView bytes);
  std::optional<Bytes> recall(const std::string& name) const;

 private:
  bool take(std::size_t bytes);  // whether there is room for them
  template <class Map>
  void keep(Map& map, std::string_view name, ByteView bytes);

  std::size_t bound_;
  std::size_t used_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> clients_;
  std::map<std::string, std::map<std::uint64_t, protocol::SignedEntry>, std::less<>> entries_;
  std::map<std::uint64_t, std::uint64_t> after_;
  std::map<std::string, Bytes, std::less<>> objects_;
  std::vector<std::string> order_;  // of objects, the latest last
  std::map<std::string, std::vector<Bytes>, std::less<>> lines_;
  std::map<std::string, Bytes, std::less<>> names_;
};

}  // namespace coffret::evil

#endif  // COFFRET_TOOLS_EVIL_MEMORY_HPP
