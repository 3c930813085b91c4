// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/entry.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "tests/support/flip.hpp"
#include "tests/support/test_signer.hpp"

namespace coffret::protocol {
namespace {

VaultId some_vault() {
  VaultId id;
  id.bytes.fill(7);
  return id;
}

ObjectId object_number(std::size_t number) {
  ObjectId id;
  id.bytes[0] = static_cast<std::uint8_t>(number);
  id.bytes[1] = static_cast<std::uint8_t>(number >> 8);
  return id;
}

Entry entry_after(const Head& head) {
  Entry entry;
  entry.vault = some_vault();
  entry.seq = head.seq + 1;
  entry.previous = head.hash;
  entry.epoch = 1;
  entry.device.bytes.fill(9);
  entry.time = 1'764'000'000;
  entry.puts = {object_number(1), object_number(2)};
  entry.drops = {object_number(3)};
  return entry;
}

Head head_of(const SignedEntry& entry, std::uint64_t seq) {
  return {seq, entry_hash(entry.body)};
}

TEST_SUITE("sync/protocol/entry") {
  TEST_CASE("a chain of entries verifies, one after the other") {
    const test::TestSigner device{1};
    Head head;
    for (std::uint64_t seq = 1; seq <= 3; ++seq) {
      const Bytes operation(100, static_cast<std::uint8_t>(seq));
      const auto entry = sign_entry(entry_after(head), operation, device);
      const auto verified = verify_entry(entry, some_vault(), head, device.public_key());
      REQUIRE(verified.has_value());
      CHECK(verified->seq == seq);
      CHECK(verified->operation == operation_hash(operation));
      head = head_of(entry, seq);
    }
  }

  TEST_CASE("no bit of an entry may change: body, signature or operation") {
    const test::TestSigner device{1};
    const Head head{4, EntryHash{{1}}};
    const auto good = sign_entry(entry_after(head), Bytes(40, 5), device);
    REQUIRE(verify_entry(good, some_vault(), head, device.public_key()).has_value());
    const auto refused = [&](const SignedEntry& entry) {
      const auto result = verify_entry(entry, some_vault(), head, device.public_key());
      REQUIRE(result.has_error());
      CHECK(result.error() == errc::unauthenticated);
    };
    test::for_each_flip(good.body, [&](const Bytes& changed) {
      refused({changed, good.signature, good.operation});
    });
    test::for_each_flip(good.signature.bytes, [&](const auto& changed) {
      refused({good.body, Signature{changed}, good.operation});
    });
    test::for_each_flip(good.operation, [&](const Bytes& changed) {
      refused({good.body, good.signature, changed});
    });
    refused({good.body, good.signature, Bytes(41, 5)});
    refused({good.body, good.signature, {}});
  }

  TEST_CASE("an entry out of its place is refused, and which way is told") {
    const test::TestSigner device{1};
    const test::TestSigner stranger{2};
    const Head head{4, EntryHash{{1}}};
    VaultId other_vault;
    other_vault.bytes.fill(8);
    struct {
      std::string_view name;
      void (*change)(Entry&);
      errc expected;
    } const cases[] = {
        {"the same seq again", [](Entry& e) { e.seq = 4; }, errc::conflict},
        {"a gap", [](Entry& e) { e.seq = 6; }, errc::conflict},
        {"another previous", [](Entry& e) { e.previous.bytes[31] = 1; }, errc::conflict},
        {"no previous", [](Entry& e) { e.previous = {}; }, errc::conflict},
        {"another vault", [](Entry& e) { e.vault.bytes[0] = 0; }, errc::unauthenticated},
        {"another suite", [](Entry& e) { e.suite = 2; }, errc::other_version},
        {"seq zero", [](Entry& e) { e.seq = 0; }, errc::malformed},
        {"an object put twice", [](Entry& e) { e.puts.push_back(e.puts[0]); }, errc::malformed},
        {"an object dropped twice", [](Entry& e) { e.drops.push_back(e.drops[0]); },
         errc::malformed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto entry = entry_after(head);
      c.change(entry);
      const auto result = verify_entry(sign_entry(entry, {1, 2, 3}, device), some_vault(), head,
                                       device.public_key());
      REQUIRE(result.has_error());
      CHECK(result.error() == c.expected);
    }
    const auto good = sign_entry(entry_after(head), {1, 2, 3}, device);
    CHECK(verify_entry(good, other_vault, head, device.public_key()).error() ==
          errc::unauthenticated);
    CHECK(verify_entry(good, some_vault(), head, stranger.public_key()).error() ==
          errc::unauthenticated);
    CHECK(verify_entry(good, some_vault(), {}, device.public_key()).error() == errc::conflict);
  }

  TEST_CASE("operations of two entries cannot be swapped") {
    const test::TestSigner device{1};
    const auto first = sign_entry(entry_after({}), Bytes(40, 1), device);
    const auto second = sign_entry(entry_after(head_of(first, 1)), Bytes(40, 2), device);
    CHECK(verify_entry({first.body, first.signature, second.operation}, some_vault(), {},
                       device.public_key())
              .error() == errc::unauthenticated);
  }

  TEST_CASE("nothing follows the last possible seq") {
    const test::TestSigner device{1};
    const Head last{std::numeric_limits<std::uint64_t>::max(), EntryHash{{1}}};
    auto entry = entry_after({});
    entry.previous = last.hash;
    CHECK(verify_entry(sign_entry(entry, {1}, device), some_vault(), last, device.public_key())
              .error() == errc::conflict);
  }

  TEST_CASE("an entry has one encoding") {
    const auto body = wire::encode(entry_after({}));
    CHECK(wire::encode(*decode_entry(body)) == body);
    Bytes longer = body;
    longer.push_back(0);
    CHECK(decode_entry(longer).error() == errc::malformed);
    for (std::size_t n = 0; n < body.size(); ++n)
      CHECK(decode_entry(ByteView{body}.first(n)).has_error());
  }

  TEST_CASE("an entry at its limits passes, one above does not") {
    const test::TestSigner device{1};
    auto entry = entry_after({});
    entry.puts.clear();
    entry.drops.clear();
    for (std::size_t i = 0; i < max_objects_per_entry; ++i) {
      entry.puts.push_back(object_number(i));
      entry.drops.push_back(object_number(i));
    }
    const Bytes operation(max_operation_size, 1);
    CHECK(verify_entry(sign_entry(entry, operation, device), some_vault(), {}, device.public_key())
              .has_value());

    auto puts = entry;
    puts.puts.push_back(object_number(max_objects_per_entry));
    CHECK(decode_entry(wire::encode(puts)).error() == errc::too_large);
    auto drops = entry;
    drops.drops.push_back(object_number(max_objects_per_entry));
    CHECK(decode_entry(wire::encode(drops)).error() == errc::too_large);
    CHECK(decode_entry(Bytes(max_entry_body + 1, 1)).error() == errc::too_large);
    CHECK(verify_entry(sign_entry(entry, Bytes(max_operation_size + 1, 1), device), some_vault(),
                       {}, device.public_key())
              .error() == errc::too_large);
  }

  TEST_CASE("a page and an append read back within their limits") {
    const test::TestSigner device{1};
    const auto entry = sign_entry(entry_after({}), Bytes(40, 1), device);
    const EntryPage page{head_of(entry, 1), {entry}};
    CHECK(*decode_entry_page(wire::encode(page)) == page);
    CHECK(decode_entry_page(wire::encode(EntryPage{})).has_value());

    const Append append{{}, std::vector<SignedEntry>(max_append_entries, entry)};
    CHECK(*decode_append(wire::encode(append)) == append);
    CHECK(decode_append(wire::encode(Append{})).error() == errc::malformed);
    const Append many{{}, std::vector<SignedEntry>(max_append_entries + 1, entry)};
    CHECK(decode_append(wire::encode(many)).error() == errc::too_large);
    const EntryPage long_page{{}, std::vector<SignedEntry>(max_page_entries + 1, entry)};
    CHECK(decode_entry_page(wire::encode(long_page)).error() == errc::too_large);
    SignedEntry big = entry;
    big.operation.resize(max_operation_size + 1);
    CHECK(decode_append(wire::encode(Append{{}, {big}})).error() == errc::too_large);
    CHECK(decode_append(Bytes(max_page_size + 1)).error() == errc::too_large);
  }
}

}  // namespace
}  // namespace coffret::protocol
