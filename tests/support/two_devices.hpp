// SPDX-License-Identifier: EUPL-1.2
//
// two_devices.hpp: two devices of one vault and the log between them, in memory.
#ifndef COFFRET_TESTS_SUPPORT_TWO_DEVICES_HPP
#define COFFRET_TESTS_SUPPORT_TWO_DEVICES_HPP

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "tests/support/vault_machine.hpp"

namespace coffret::test {

// A pending object as it leaves: a document's, or a part of a checkpoint.
inline Result<SealedObject> owed_object(const store::Vault& vault, const ObjectId& id) {
  auto object = vault.object(id);
  if (object.has_value() || object.error() != errc::not_found) return object;
  COFFRET_TRY(auto parts, vault.unsealed(std::span{&id, 1}, 1));
  return store::seal(std::move(parts.front()));
}

// Keeps what it is given, as the association's server would.
struct Shelf {
  std::vector<protocol::SignedEntry> log;
  std::map<ObjectId, Bytes> objects;

  protocol::Head head() const {
    if (log.empty()) return {};
    return {.seq = log.size(), .hash = protocol::entry_hash(log.back().body)};
  }
  protocol::EntryPage after(std::uint64_t seq) const {
    return {head(),
            {log.begin() + static_cast<std::ptrdiff_t>(std::min(seq, head().seq)), log.end()}};
  }
  // Everything pending, with its objects; false when the base is not the head.
  bool take(store::Vault& vault) {
    const auto pending = vault.pending(10'000);
    if (pending.has_error() || pending->base != head()) return false;
    for (const auto& id : pending->objects) {
      const auto object = owed_object(vault, id);
      if (object.has_error()) return false;
      objects[id] = to_bytes(object->view());
    }
    log.insert(log.end(), pending->entries.begin(), pending->entries.end());
    return true;
  }
  // As many times as there are batches: one ends behind a renewed recovery sheet.
  bool push(store::Vault& vault) {
    do {
      if (!take(vault) || vault.mark_pushed(head()).has_error()) return false;
    } while (vault.status()->pending > 0);
    return true;
  }
  Result<store::Accepted> pull(store::Vault& vault) const {
    return vault.accept_remote(after(vault.status()->server_head.seq));
  }
  // Until the vault and the shelf say the same, bodies too.
  bool sync(store::Vault& vault) { return pull(vault).has_value() && push(vault) && fetch(vault); }
  bool fetch(store::Vault& vault) const {
    const auto missing = vault.missing_objects();
    if (missing.has_error()) return false;
    for (const auto& one : *missing) {
      const auto found = objects.find(one.object);
      if (found == objects.end() || found->second.size() != one.size) return false;
      if (vault.store_object(one.object, {found->second}).has_error()) return false;
    }
    return true;
  }
};

// A vault on one machine, pushed, and rebuilt on another.
struct TwoDevices {
  Machine first_machine{1};
  Machine second_machine{2};
  Shelf shelf;
  std::optional<crypto::RecoverySeed> seed;
  std::optional<store::Vault> first;
  std::optional<store::Vault> second;

  TwoDevices() {
    auto made = first_machine.create();
    seed.emplace(std::move(made->seed));
    first.emplace(std::move(made->vault));
    (void)put(*first, prepared("Premier", "un"));
    (void)put(*first, prepared("Gros", std::string(2u << 20, 'g')));
    (void)shelf.push(*first);
    auto rebuilt = second_machine.rebuild(*seed, shelf.log);
    if (rebuilt.has_value()) second.emplace(std::move(*rebuilt));
  }
};

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_TWO_DEVICES_HPP
