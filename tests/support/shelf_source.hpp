// SPDX-License-Identifier: EUPL-1.2
//
// shelf_source.hpp: the shelf between two devices as a new one reads it, from a checkpoint when
// there is one.
#ifndef COFFRET_TESTS_SUPPORT_SHELF_SOURCE_HPP
#define COFFRET_TESTS_SUPPORT_SHELF_SOURCE_HPP

#include "tests/support/two_devices.hpp"
#include "vault/crypto/recovery.hpp"
#include "vault/store/history.hpp"
#include "vault/store/log_start.hpp"

namespace coffret::test {

struct ShelfSource final : store::LogSource {
  explicit ShelfSource(const Shelf& from) : shelf(from) {}
  const Shelf& shelf;

  Result<protocol::EntryPage> page(std::uint64_t after, std::uint32_t limit) override {
    auto page = shelf.after(after);
    if (page.entries.size() > limit) page.entries.resize(limit);
    return page;
  }
  Result<ReceivedObject> object(const ObjectId& id, std::uint64_t) override {
    const auto found = shelf.objects.find(id);
    if (found == shelf.objects.end()) return errc::not_found;
    return ReceivedObject{found->second};
  }
};

// As whoever holds the sheet reads it. The shelf is not empty.
inline Result<store::LogStart> start_of(const Shelf& shelf, const crypto::RecoverySeed& seed,
                                        const protocol::Head& remembered = {}) {
  COFFRET_TRY(const auto first, protocol::decode_entry(shelf.log.front().body));
  ShelfSource source{shelf};
  store::Keyring keyring{first.vault, crypto::recovery_agreement_key(seed)};
  return store::read_log_start(source, keyring, remembered);
}

// One page of the history, of at most `limit` entries. True: there is nothing more to be read.
inline Result<bool> read_history(store::Vault& vault, const Shelf& shelf, std::uint32_t limit) {
  store::History history{vault};
  for (;;) {
    COFFRET_TRY(const bool caught_up, history.catch_up(limit));
    if (caught_up) break;
  }
  const auto progress = history.progress();
  if (!progress) return true;
  ShelfSource source{shelf};
  COFFRET_TRY(const auto page, source.page(progress->read, limit));
  return history.take(page);
}

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_SHELF_SOURCE_HPP
