// SPDX-License-Identifier: EUPL-1.2
//
// Checkpoints: sealed and opened, believed as far as they may be, and caught when they lie.
#include <doctest/doctest.h>

#include "tests/support/checkpoint_world.hpp"

namespace coffret::store {
namespace {

using test::announce;
using test::Announced;
using test::CheckpointWorld;
using test::end_of;
using test::Entries;
using test::live_of;

// A world with a checkpoint of all that happened, and the keys of its sheet.
struct Covered {
  CheckpointWorld world;
  Keyring keyring;
  Announced made;

  Covered() : keyring((world.live_through(), world.keys())), made(remade(live())) {}
  Entries live() const { return live_of(world.log(), keyring); }
  Announced remade(Entries entries) {
    return announce(world.log(), std::move(entries), *world.first, keyring,
                    world.first_machine.random);
  }
  Keyring no_keys() const {
    return Keyring{keyring.vault(), crypto::recovery_agreement_key(*world.seed)};
  }
  // The history is read against these entries, in slices of this size. ok: nothing wrong.
  errc verified(const Entries& entries, std::size_t slice, const protocol::Head& remembered = {}) {
    auto check = HistoryCheck::begin(made.at, entries, no_keys(), remembered);
    REQUIRE(check.has_value());
    const std::span<const protocol::SignedEntry> log{world.log()};
    while (!check->done()) {
      const auto from = static_cast<std::size_t>(check->verified().seq);
      const auto taken = check->take(log.subspan(from, std::min(slice, log.size() - from)));
      if (taken.has_error()) return to_errc(taken.error());
    }
    return errc::ok;
  }
  errc at_once(const Entries& entries) {
    auto fresh = no_keys();
    const auto control = judge_checkpoint(made.at, entries, fresh);
    return control.has_error() ? to_errc(control.error()) : errc::ok;
  }
  // The place in `entries` of the first one with this payload.
  template <class P>
  std::size_t find(const Entries& entries) const {
    for (std::size_t at = 0; at < entries.size(); ++at)
      if (std::holds_alternative<P>(keyring.open(entries[at])->payload)) return at;
    FAIL("not there");
    return 0;
  }
};

Entries without(Entries entries, std::size_t at) {
  entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(at));
  return entries;
}

errc error_of(const Result<Entries>& result) {
  return result.has_error() ? to_errc(result.error()) : errc::ok;
}

TEST_SUITE("vault/store/checkpoint") {
  TEST_CASE("a checkpoint opens to the entries that were sealed, and is judged like any log") {
    Covered covered;
    const auto opened = open_checkpoint(covered.made.opened, covered.keyring, covered.made.parts());
    REQUIRE(opened.has_value());
    CHECK(*opened == covered.made.live);
    CHECK(covered.at_once(*opened) == errc::ok);
    for (const std::size_t slice : {1u, 2u, 7u, 1000u}) {
      CAPTURE(slice);
      CHECK(covered.verified(*opened, slice) == errc::ok);
    }
  }

  TEST_CASE("a build that does not know checkpoints folds the log as if they were not there") {
    Covered covered;
    CHECK(std::holds_alternative<std::monostate>(covered.made.opened.payload));
    auto keyring = covered.keyring;
    auto log = covered.world.log();
    const auto before = judge(log, keyring);
    log.push_back(covered.made.entry);
    const auto after = judge(log, keyring);
    REQUIRE(after.has_value());
    CHECK(after->puts() == before->puts());
    CHECK(after->epoch() == before->epoch());
  }

  TEST_CASE("a large one is cut into parts, which open in their order only") {
    Covered covered;
    Operation large;
    large.type = OperationType{999};
    large.ignorable = true;
    for (std::uint8_t i = 0; i < 9; ++i) {
      large.payload.assign(900'000, i);
      REQUIRE(covered.world.first->append(large).has_value());
    }
    REQUIRE(covered.world.shelf.push(*covered.world.first));
    const auto made = covered.remade(covered.live());
    const auto whole = made.parts();
    REQUIRE(whole.size() == 3);
    for (const auto& part : whole) CHECK(part.bytes.size() <= std::size_t{4} << 20);
    CHECK(error_of(open_checkpoint(made.opened, covered.keyring, whole)) == errc::ok);

    struct {
      const char* what;
      void (*alter)(std::vector<ReceivedObject>&);
      errc told;
    } const cases[] = {
        {"swapped", [](auto& parts) { std::swap(parts[0], parts[1]); }, errc::unauthenticated},
        {"one twice", [](auto& parts) { parts[1] = parts[0]; }, errc::unauthenticated},
        {"one missing", [](auto& parts) { parts.pop_back(); }, errc::malformed},
        {"one too many", [](auto& parts) { parts.push_back(parts[0]); }, errc::malformed},
        {"none", [](auto& parts) { parts.clear(); }, errc::malformed},
        {"cut", [](auto& parts) { parts[2].bytes.pop_back(); }, errc::unauthenticated},
        {"empty", [](auto& parts) { parts[0].bytes.clear(); }, errc::unauthenticated},
        {"a bit", [](auto& parts) { parts[1].bytes[70'000] ^= 4; }, errc::unauthenticated},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      auto parts = whole;
      c.alter(parts);
      CHECK(error_of(open_checkpoint(made.opened, covered.keyring, parts)) == c.told);
    }
  }

  TEST_CASE("an announcement that says something else than its entry and its parts is refused") {
    Covered covered;
    const auto good = *announcement_of(covered.made.opened);
    struct {
      const char* what;
      void (*alter)(Opened&, CheckpointWritten&);
      errc told;
    } const cases[] = {
        {"another object is put", [](auto& o, auto&) { o.entry.puts[0].bytes[0] ^= 1; },
         errc::malformed},
        {"one more is put", [](auto& o, auto&) { o.entry.puts.push_back({}); }, errc::malformed},
        {"covers itself", [](auto& o, auto& w) { w.at.seq = o.entry.seq; }, errc::malformed},
        {"covers nothing", [](auto&, auto& w) { w.at.seq = 0; }, errc::malformed},
        {"another place", [](auto&, auto& w) { w.at.hash.bytes[0] ^= 1; }, errc::unauthenticated},
        {"an earlier place", [](auto&, auto& w) { --w.at.seq; }, errc::malformed},
        {"more entries", [](auto&, auto& w) { ++w.entries; }, errc::malformed},
        {"fewer entries", [](auto&, auto& w) { --w.entries; }, errc::malformed},
        {"more entries than there can be", [](auto&, auto& w) { w.entries = ~0ULL; },
         errc::too_large},
        {"another size", [](auto&, auto& w) { ++w.parts[0].size; }, errc::malformed},
        {"a huge size", [](auto&, auto& w) { w.parts[0].size = ~0ULL; }, errc::too_large},
        {"no parts",
         [](auto& o, auto& w) {
           o.entry.puts.clear();
           w.parts.clear();
         },
         errc::malformed},
        {"very many parts", [](auto&, auto& w) { w.parts.resize(max_checkpoint_parts + 1); },
         errc::too_large},
        {"another key", [](auto&, auto& w) { w.wrapped_key.back() ^= 1; }, errc::unauthenticated},
        {"no key", [](auto&, auto& w) { w.wrapped_key.clear(); }, errc::malformed},
        {"a large key", [](auto&, auto& w) { w.wrapped_key.resize(max_wrapped + 1); },
         errc::malformed},
        {"a later format", [](auto&, auto& w) { ++w.format; }, errc::other_version},
        {"a later rule", [](auto&, auto& w) { ++w.rule; }, errc::other_version},
        {"the epoch before", [](auto& o, auto&) { --o.entry.epoch; }, errc::unauthenticated},
        {"an epoch that there is not", [](auto& o, auto&) { ++o.entry.epoch; }, errc::not_found},
        {"another vault", [](auto& o, auto&) { o.entry.vault.bytes[0] ^= 1; },
         errc::unauthenticated},
        {"another type", [](auto& o, auto&) { o.operation.type = OperationType::document_put; },
         errc::not_found},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      auto opened = covered.made.opened;
      auto written = good;
      c.alter(opened, written);
      opened.operation.payload = wire::encode(written);
      CHECK(error_of(open_checkpoint(opened, covered.keyring, covered.made.parts())) == c.told);
    }
  }

  TEST_CASE("what was left out, or kept though it is over, is found when the history is read") {
    Covered covered;
    const auto& live = covered.made.live;
    struct {
      const char* what;
      Entries entries;
    } const cases[] = {
        {"a document", without(live, covered.find<DocumentPut>(live))},
        {"a removal", without(live, covered.find<DocumentRemoved>(live))},
        {"an amendment", without(live, covered.find<DocumentAmended>(live))},
        {"the server's dead link", without(live, covered.find<GrantAcknowledged>(live))},
        {"an access log's end", without(live, covered.find<AccessCheckpoint>(live))},
        {"all that is over is kept", covered.world.log()},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      CHECK(covered.at_once(c.entries) == errc::ok);
      for (const std::size_t slice : {3u, 1000u})
        CHECK(covered.verified(c.entries, slice) == errc::fork_detected);
    }
    CHECK(row(errc::fork_detected).exit_status == 7);
  }

  TEST_CASE("a tombstone that was left out is found, and the document does not come back") {
    Covered covered;
    const auto& live = covered.made.live;
    for (std::size_t at = 0; at < live.size(); ++at) {
      const auto opened = *covered.keyring.open(live[at]);
      if (!std::holds_alternative<DocumentRemoved>(opened.payload) || opened.entry.drops.empty())
        continue;
      CHECK(covered.verified(without(live, at), 10) == errc::fork_detected);
      return;
    }
    FAIL("nothing was purged");
  }

  TEST_CASE("the removal of a device cannot be left out, since it began an epoch") {
    Covered covered;
    auto& world = covered.world;
    REQUIRE(world.first->remove_device(world.second->device()).has_value());
    REQUIRE(world.shelf.push(*world.first));
    covered.keyring = world.keys();
    const auto live = covered.live();
    covered.made = covered.remade(live);
    CHECK(covered.at_once(live) == errc::ok);
    // The entry is also the last one, which cannot be left out; and one behind it stands in an
    // epoch that then nothing began.
    (void)world.add();
    REQUIRE(world.shelf.push(*world.first));
    const auto longer = covered.live();
    covered.made = covered.remade(longer);
    CHECK(covered.at_once(longer) == errc::ok);
    CHECK(covered.at_once(without(longer, covered.find<DeviceRemoved>(longer))) != errc::ok);
  }

  TEST_CASE("an entry that was never in the history is found") {
    Covered covered;
    // As an enrolled device could sign it: another one in front of a gap, where no entry names it.
    const auto& live = covered.made.live;
    const auto seq_of = [&](std::size_t at) { return protocol::decode_entry(live[at].body)->seq; };
    std::size_t at = 0;
    while (seq_of(at + 1) == seq_of(at) + 1 ||
           protocol::decode_entry(live[at].body)->device != covered.world.first->device())
      REQUIRE(++at + 1 < live.size());
    auto forged = live;
    auto body = *protocol::decode_entry(forged[at].body);
    body.time += 1;
    forged[at] = protocol::sign_entry(body, forged[at].operation, covered.world.first->signer());
    CHECK(covered.at_once(forged) == errc::ok);
    CHECK(covered.verified(forged, 5) == errc::fork_detected);
    // Nobody's signature is not believed for a moment.
    forged[at].signature.bytes[0] ^= 1;
    CHECK(covered.at_once(forged) == errc::unauthenticated);
  }

  TEST_CASE("a checkpoint of a device that was removed does not count, whenever it was written") {
    Covered covered;
    auto& world = covered.world;
    const auto theirs = announce(world.log(), covered.made.live, *world.second, covered.keyring,
                                 world.second_machine.random);
    auto keyring = covered.no_keys();
    auto control = *judge(world.log(), keyring);
    const auto admitted = control.admit(theirs.entry, end_of(world.log()), keyring);
    REQUIRE(admitted.has_value());
    CHECK(judge_announcer(control, *admitted).has_value());

    REQUIRE(world.first->remove_device(world.second->device()).has_value());
    REQUIRE(world.shelf.push(*world.first));
    auto later = covered.no_keys();
    control = *judge(world.log(), later);
    // Written before, it stays in the log and is passed over.
    CHECK(judge_announcer(control, *admitted).error() == errc::device_removed);
    // Written afterwards, it is nobody's.
    const auto after = announce(world.log(), live_of(world.log(), later), *world.second, later,
                                world.second_machine.random);
    CHECK(control.admit(after.entry, end_of(world.log()), later).error() == errc::unauthenticated);
  }

  TEST_CASE("a checkpoint of another vault is nobody's here") {
    Covered covered;
    test::Machine elsewhere{5};
    auto other = elsewhere.create();
    REQUIRE(other.has_value());
    (void)test::put(other->vault, test::prepared("Ailleurs", "texte"));
    test::Shelf shelf;
    REQUIRE(shelf.push(other->vault));
    const auto keys = test::keys_of_sheet(other->seed, shelf.log);
    const auto theirs = live_of(shelf.log, keys);
    auto fresh = covered.no_keys();
    CHECK(judge_checkpoint(end_of(shelf.log), theirs, fresh).error() == errc::unauthenticated);
    const auto made = announce(shelf.log, theirs, other->vault, keys, elsewhere.random);
    CHECK(error_of(open_checkpoint(made.opened, keys, made.parts())) == errc::ok);
    CHECK(error_of(open_checkpoint(covered.made.opened, covered.keyring, made.parts())) ==
          errc::unauthenticated);
    CHECK(compose_checkpoint(other->vault.id(), covered.made.at, theirs, *keys.log_key(1),
                             elsewhere.random)
              .error() == errc::malformed);
  }

  TEST_CASE("an older checkpoint is as true as a newer one, of an earlier place") {
    Covered covered;
    const auto old = covered.made;
    (void)covered.world.add();
    REQUIRE(covered.world.shelf.push(*covered.world.first));
    const auto opened = open_checkpoint(old.opened, covered.keyring, old.parts());
    REQUIRE(opened.has_value());
    auto fresh = covered.no_keys();
    CHECK(judge_checkpoint(old.at, *opened, fresh).has_value());
    // Said to be of a newer place, it is not.
    auto other = covered.no_keys();
    CHECK(judge_checkpoint(end_of(covered.world.log()), *opened, other).error() ==
          errc::fork_detected);
  }

  TEST_CASE("a history that is not the one that was read from is found where it differs") {
    Covered covered;
    const auto& live = covered.made.live;
    const auto log = covered.world.log();
    auto check = *HistoryCheck::begin(covered.made.at, live, covered.no_keys());
    const std::span<const protocol::SignedEntry> all{log};
    CHECK(check.take(all.first(4)).has_value());
    CHECK(check.verified() == protocol::Head{4, protocol::entry_hash(log[3].body)});
    CHECK_FALSE(check.done());
    auto gap = check;
    CHECK(gap.take(all.subspan(5, 2)).error() == errc::fork_detected);
    auto again = check;
    CHECK(again.take(all.subspan(3, 2)).error() == errc::fork_detected);
    auto altered = log[4];
    altered.body.back() ^= 1;
    CHECK(check.take(std::span{&altered, 1}).has_error());
    auto whole = *HistoryCheck::begin(covered.made.at, live, covered.no_keys());
    CHECK(whole.take(all).has_value());
    CHECK(whole.done());
    CHECK(whole.take(all.last(1)).error() == errc::malformed);
  }

  TEST_CASE("the head of a sheet or an inviter is asked of the checkpoint and of the history") {
    Covered covered;
    const auto& live = covered.made.live;
    auto log = covered.world.log();
    const auto head_at = [&](std::uint64_t seq) {
      return protocol::Head{seq, protocol::entry_hash(log[seq - 1].body)};
    };
    log.push_back(covered.made.entry);
    const std::span<const protocol::SignedEntry> behind{&log.back(), 1};
    const auto at = covered.made.at;
    std::uint64_t gap = 0;  // an entry that neither is live nor stands in front of one that is
    for (std::uint64_t seq = 1; seq < at.seq && gap == 0; ++seq)
      if (*descends(head_at(seq), at, live, behind) == Descent::not_yet) gap = seq;
    REQUIRE(gap != 0);
    auto wrong_in_gap = head_at(gap);
    wrong_in_gap.hash.bytes[0] ^= 1;
    auto wrong_end = head_at(at.seq);
    wrong_end.hash.bytes[0] ^= 1;
    struct {
      const char* what;
      protocol::Head head;
      Descent told;
      errc in_the_end;
    } const cases[] = {
        {"none", {}, Descent::shown, errc::ok},
        {"the first", head_at(1), Descent::shown, errc::ok},
        {"the checkpoint's own", head_at(at.seq), Descent::shown, errc::ok},
        {"behind it", head_at(at.seq + 1), Descent::shown, errc::ok},
        {"beyond the end", {at.seq + 2, {}}, Descent::contradicted, errc::ok},
        {"another at its place", wrong_end, Descent::contradicted, errc::fork_detected},
        {"in a gap", head_at(gap), Descent::not_yet, errc::ok},
        {"another in a gap", wrong_in_gap, Descent::not_yet, errc::fork_detected},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      CHECK(*descends(c.head, at, live, behind) == c.told);
      CHECK(covered.verified(live, 8, c.head) == c.in_the_end);
    }
  }

  TEST_CASE("one is due when the history since the last is long against the state") {
    struct {
      std::uint64_t since;
      std::uint64_t live;
      bool due;
    } const cases[] = {
        {0, 0, false},          {4096, 0, false},         {4097, 0, true},
        {4097, 2047, true},     {4097, 2048, false},      {10'000, 5'000, false},
        {10'002, 5'000, true},  {1'000'000, 5'000, true}, {~0ULL, ~0ULL, false},
        {~0ULL, 500'000, true},
    };
    for (const auto& c : cases) {
      CAPTURE(c.since);
      CAPTURE(c.live);
      CHECK(checkpoint_due(c.since, c.live) == c.due);
    }
  }

  TEST_CASE("the records have the bytes of their first release") {
    CheckpointWritten written{.at = {258, {}},
                              .entries = 3,
                              .parts = {{.object = {}, .size = 515}},
                              .wrapped_key = {7, 8}};
    written.at.hash.bytes.fill(0xa1);
    written.parts[0].object.bytes.fill(0xb2);
    std::string hash, object;
    for (int i = 0; i < 32; ++i) {
      hash += "a1";
      object += "b2";
    }
    CHECK(to_hex(wire::encode(written)) ==
          "01"
          "0100"
          "0201000000000000" +
              hash +
              "0300000000000000"
              "01000000" +
              object +
              "0302000000000000"
              "02000000"
              "0708");
    CheckpointPart part{.at = written.at, .number = 1, .parts = 2, .entries = {{{5}, {}, {6, 7}}}};
    part.entries[0].signature.bytes.fill(0xc3);
    std::string signature;
    for (int i = 0; i < 64; ++i) signature += "c3";
    CHECK(to_hex(wire::encode(part)) ==
          "01"
          "0201000000000000" +
              hash +
              "01000000"
              "02000000"
              "01000000"
              "01000000"
              "05" +
              signature +
              "02000000"
              "0607");
  }
}

}  // namespace
}  // namespace coffret::store
