// SPDX-License-Identifier: EUPL-1.2
//
// How much of a log a new device reads, and what it believes of what a server shows it.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>

#include "tests/support/checkpoint_world.hpp"
#include "vault/store/log_start.hpp"

namespace coffret::store {
namespace {

using test::announce;
using test::Announced;
using test::CheckpointWorld;
using test::end_of;
using test::Entries;
using test::live_of;

// A server that shows this log and these objects, and counts what it is asked.
struct Shown final : LogSource {
  Entries log;
  std::map<ObjectId, Bytes> objects;
  std::uint32_t most = 1000;  // entries of an answer
  std::uint64_t pages = 0;
  std::uint64_t entries = 0;
  std::uint64_t fetched = 0;
  std::function<void(protocol::EntryPage&)> alter;
  std::optional<std::uint64_t> claimed;  // the head's number, said otherwise

  Result<protocol::EntryPage> page(std::uint64_t after, std::uint32_t limit) override {
    ++pages;
    protocol::EntryPage page{log.empty() ? protocol::Head{} : end_of(log), {}};
    const auto count = std::min<std::uint64_t>({limit, most, log.size() - after});
    for (std::uint64_t i = 0; i < count; ++i) page.entries.push_back(log[after + i]);
    entries += count;
    if (alter) alter(page);
    if (claimed) page.head.seq = *claimed;
    return page;
  }
  Result<ReceivedObject> object(const ObjectId& id, std::uint64_t size) override {
    ++fetched;
    const auto found = objects.find(id);
    if (found == objects.end()) return errc::not_found;
    CHECK(found->second.size() <= size);
    return ReceivedObject{found->second};
  }
  void publish(const Announced& made) {
    log.push_back(made.entry);
    for (std::size_t i = 0; i < made.composed.parts.size(); ++i)
      objects[made.composed.objects[i]] = to_bytes(made.composed.parts[i].view());
  }
};

// A world with a long history, shown with a checkpoint near its end and a little behind it.
struct Started {
  CheckpointWorld world;
  Shown shown;
  Announced made;
  protocol::Head sheet;  // of the time when the sheet was printed

  explicit Started(std::uint64_t length = 40) {
    world.live_through();
    sheet = end_of(world.log());
    const auto id = world.add();
    REQUIRE(world.shelf.push(*world.first));
    shown.log = world.log();
    test::lengthen(shown.log, *world.first, world.keys(), id, length, world.first_machine.random);
    made = checkpoint(live_of(shown.log, keys()));
    shown.publish(made);
  }
  // Of all epochs of the world's own log, which the long one has too.
  Keyring keys() const { return world.keys(); }
  Announced checkpoint(Entries live) {
    return announce(shown.log, std::move(live), *world.first, keys(), world.first_machine.random);
  }
  Keyring sheet_keys() const {
    return Keyring{world.first->id(), crypto::recovery_agreement_key(*world.seed)};
  }
  Result<LogStart> read(const protocol::Head& remembered = {}) {
    auto keyring = sheet_keys();
    return read_log_start(shown, keyring, remembered);
  }
  // The whole log was read, entry by entry, and no checkpoint believed.
  bool reads_all(const protocol::Head& remembered = {}) {
    const auto start = read(remembered);
    return start.has_value() && !start->checkpoint && start->entries == shown.log;
  }
};

TEST_SUITE("vault/store/log_start") {
  TEST_CASE("a new device starts from the checkpoint and the entries behind it") {
    Started started;
    const auto start = started.read(started.sheet);
    REQUIRE(start.has_value());
    REQUIRE(start->checkpoint.has_value());
    CHECK(start->checkpoint->at == started.made.at);
    CHECK(start->checkpoint->entries == started.made.live);
    CHECK(start->entries == Entries{started.made.entry});
    CHECK(start->checkpoint->descent != Descent::contradicted);
    // And what it starts from is the state of the whole log.
    auto keyring = started.sheet_keys();
    const auto whole = judge(started.shown.log, keyring);
    CHECK(start->checkpoint->control.epoch() == whole->epoch());
    CHECK(start->checkpoint->control.grants().size() == whole->grants().size());
  }

  TEST_CASE("what it reads is bounded by the state, not by the history") {
    Started shorter{2500};
    Started longer{10'000};
    REQUIRE(shorter.read()->checkpoint.has_value());
    REQUIRE(longer.read()->checkpoint.has_value());
    CHECK(longer.shown.log.size() > 3 * shorter.shown.log.size());
    CHECK(longer.made.live.size() == shorter.made.live.size());
    // One entry more for each halving of the log.
    CHECK(longer.shown.entries <= shorter.shown.entries + 4);
    CHECK(longer.shown.pages <= shorter.shown.pages + 4);
    CHECK(longer.shown.fetched == shorter.shown.fetched);
  }

  // By hand: --no-skip, COFFRET_LOG_ENTRIES. What a start costs against one of a log of 10,000.
  TEST_CASE("measured: the start of a new device" * doctest::skip()) {
    const auto* stated = std::getenv("COFFRET_LOG_ENTRIES");  // NOLINT(concurrency-mt-unsafe)
    const std::uint64_t most = stated == nullptr ? 100'000 : std::stoull(stated);
    for (const std::uint64_t length : {std::uint64_t{10'000}, most}) {
      Started started{length};
      const auto bytes = [](const Entries& entries) {
        std::uint64_t sum = 0;
        for (const auto& entry : entries) sum += entry.body.size() + entry.operation.size() + 72;
        return sum;
      };
      const auto begun = std::chrono::steady_clock::now();
      const auto start = started.read();
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - begun;
      REQUIRE(start.has_value());
      REQUIRE(start->checkpoint.has_value());
      MESSAGE("log of " << started.shown.log.size() << " entries, " << bytes(started.shown.log)
                        << " bytes: start in " << took.count() << " ms, "
                        << started.shown.pages + started.shown.fetched << " requests, "
                        << started.shown.entries << " entries, " << started.made.live.size()
                        << " live, " << started.made.composed.parts.size() << " parts");
    }
  }

  TEST_CASE("a device that was given the newest key starts in the same way") {
    Started started;
    crypto::LocalSecrets secrets = crypto::make_local_secrets(started.world.first_machine.random);
    const auto keys = started.world.keys();
    secrets.epoch = keys.latest();
    secrets.vault_key = crypto::duplicate(*keys.vault_key(keys.latest()));
    Keyring keyring{started.world.first->id(), secrets};
    const auto start = read_log_start(started.shown, keyring, end_of(started.shown.log));
    REQUIRE(start.has_value());
    REQUIRE(start->checkpoint.has_value());
    CHECK(start->checkpoint->descent == Descent::shown);
  }

  TEST_CASE("without a checkpoint, or with short answers, the whole log was read once") {
    Started started;
    started.shown.log.pop_back();
    CHECK(started.reads_all());
    started.shown.most = 7;
    CHECK(started.reads_all());
    started.shown.log.clear();
    const auto none = started.read();
    REQUIRE(none.has_value());
    CHECK(none->entries.empty());
  }

  TEST_CASE("an epoch that began behind the checkpoint is read on the way") {
    Started started;
    auto& world = started.world;
    // The log goes on behind the checkpoint at the vault, too.
    world.shelf.log = started.shown.log;
    REQUIRE(world.second->accept_remote(world.shelf.after(world.second->status()->server_head.seq))
                .has_value());
    REQUIRE(world.second->start_epoch().has_value());
    (void)test::put(*world.second, test::prepared("Derrière", "texte"));
    REQUIRE(world.shelf.push(*world.second));
    started.shown.log = world.shelf.log;
    const auto start = started.read();
    REQUIRE(start.has_value());
    REQUIRE(start->checkpoint.has_value());
    CHECK(start->entries.size() == 3);
  }

  TEST_CASE("a server that hides the parts, or spoils them, only makes it slower") {
    Started started;
    const auto good = started.shown.objects;
    started.shown.objects.clear();
    CHECK(started.reads_all());
    started.shown.objects = good;
    started.shown.objects.begin()->second[40] ^= 1;
    CHECK(started.reads_all());
    started.shown.objects = good;
    started.shown.objects.begin()->second.pop_back();
    CHECK(started.reads_all());
  }

  TEST_CASE("a log that ends at an older checkpoint is taken, unless more of it is remembered") {
    Started started;
    const auto old = started.shown.log;
    started.shown.log.push_back(test::entry_behind(old, *started.world.first, started.world.keys(),
                                                   make_operation(PersonNamed{{}, "x"}), {},
                                                   started.world.first_machine.random));
    const auto newer = end_of(started.shown.log);
    started.shown.log = old;
    CHECK(started.read()->checkpoint.has_value());
    // The whole log is read, and whoever compares it with the sheet sees that it was cut.
    CHECK(started.reads_all(newer));
  }

  TEST_CASE("a checkpoint is passed over that a remembered head contradicts") {
    Started started;
    for (const auto seq : {std::uint64_t{1}, started.made.at.seq, started.made.at.seq + 1}) {
      CAPTURE(seq);
      protocol::Head head{seq, protocol::entry_hash(started.shown.log[seq - 1].body)};
      CHECK(started.read(head)->checkpoint.has_value());
      head.hash.bytes[5] ^= 1;
      CHECK(started.reads_all(head));
    }
  }

  TEST_CASE("a checkpoint that fails the judgement is passed over for an older one") {
    Started started;
    auto forged = started.made.live;
    forged[3].signature.bytes[0] ^= 1;
    started.shown.publish(started.checkpoint([&] {
      auto live = live_of(started.shown.log, started.world.keys());
      live[3] = forged[3];
      return live;
    }()));
    const auto start = started.read();
    REQUIRE(start.has_value());
    REQUIRE(start->checkpoint.has_value());
    CHECK(start->checkpoint->at == started.made.at);
    CHECK(start->entries.size() == 2);
  }

  TEST_CASE("no more than a few are tried, whatever lies on the way") {
    for (const int bad : {3, 4}) {
      CAPTURE(bad);
      Started started;
      for (int i = 0; i < bad; ++i) {
        const auto made = started.checkpoint(live_of(started.shown.log, started.keys()));
        started.shown.log.push_back(made.entry);  // without its parts
      }
      started.shown.fetched = 0;
      const auto start = started.read();
      REQUIRE(start.has_value());
      CHECK(start->checkpoint.has_value() == (bad == 3));
      CHECK(started.shown.fetched <= 4);
    }
  }

  TEST_CASE("a head that no log can have is refused, and is not an empty log") {
    for (const std::uint64_t seq : {std::uint64_t{1} << 53, ~std::uint64_t{0}}) {
      Started started;
      started.shown.claimed = seq;
      CHECK(started.read().error() == errc::malformed);
    }
  }

  TEST_CASE("the checkpoint of a device that was removed since is passed over") {
    Started started;
    auto& world = started.world;
    world.shelf.log = started.shown.log;
    REQUIRE(world.second->accept_remote(world.shelf.after(world.second->status()->server_head.seq))
                .has_value());
    REQUIRE(world.second->remove_device(world.first->device()).has_value());
    REQUIRE(world.shelf.push(*world.second));
    started.shown.log = world.shelf.log;
    CHECK(started.reads_all());
  }

  TEST_CASE("answers that do not fit together end the reading") {
    struct {
      const char* what;
      void (*alter)(protocol::EntryPage&);
      errc told;
    } const cases[] = {
        {"another head", [](auto& page) { page.head.hash.bytes[0] ^= 1; }, errc::fork_detected},
        {"none where there are some", [](auto& page) { page.entries.clear(); }, errc::malformed},
        {"more than asked for", [](auto& page) { page.entries.push_back(page.entries.front()); },
         errc::malformed},
        {"a body that is none",
         [](auto& page) {
           if (!page.entries.empty()) page.entries.back().body.pop_back();
         },
         errc::malformed},
        {"an operation of another entry",
         [](auto& page) {
           if (!page.entries.empty()) page.entries.back().operation.push_back(0);
         },
         errc::unauthenticated},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      Started started;
      started.shown.alter = c.alter;
      const auto start = started.read();
      REQUIRE(start.has_error());
      CHECK(to_errc(start.error()) == c.told);
    }
  }

  TEST_CASE("a log that is longer than the bounds is left, and another vault's is nobody's") {
    Started started;
    auto keyring = started.sheet_keys();
    CHECK(read_log_start(started.shown, keyring, {}, {.entries = 5}).error() == errc::too_large);
    CHECK(read_log_start(started.shown, keyring, {}, {.bytes = 5000}).error() == errc::too_large);
    VaultId other = started.world.first->id();
    other.bytes[0] ^= 1;
    Keyring stranger{other, crypto::recovery_agreement_key(*started.world.seed)};
    CHECK(read_log_start(started.shown, stranger, {}).error() == errc::unauthenticated);
  }
}

}  // namespace
}  // namespace coffret::store
