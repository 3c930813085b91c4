// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/pack.hpp"

#include <doctest/doctest.h>

namespace coffret::protocol {
namespace {

ObjectId object(std::uint8_t number) {
  ObjectId id;
  id.bytes.fill(number);
  return id;
}

Bytes pack(const std::vector<PackItem>& items, std::size_t bytes) {
  Bytes whole = pack_head(items);
  whole.resize(whole.size() + bytes, 7);
  return whole;
}

TEST_SUITE("sync/protocol/pack") {
  TEST_CASE("what was packed is read again, object by object") {
    const Bytes whole = pack({{object(1), 3}, {object(2), 4}}, 7);
    for (const auto kind : {PackKind::up, PackKind::down}) {
      const auto read = read_pack(whole, kind);
      REQUIRE(read.has_value());
      REQUIRE(read->size() == 2);
      CHECK((*read)[0].object == object(1));
      CHECK((*read)[0].bytes.size() == 3);
      CHECK((*read)[1].object == object(2));
      CHECK((*read)[1].bytes.data() == whole.data() + whole.size() - 4);
    }
  }

  TEST_CASE("an object without bytes says that it is not held, and goes down only") {
    const Bytes whole = pack({{object(1), 0}, {object(2), 4}}, 4);
    CHECK(read_pack(whole, PackKind::up).error() == errc::malformed);
    const auto down = read_pack(whole, PackKind::down);
    REQUIRE(down.has_value());
    CHECK((*down)[0].bytes.empty());
  }

  TEST_CASE("a pack has one form, and its bounds are judged on its head") {
    const auto many = [](std::size_t count) {
      Bytes head;
      append_le(head, static_cast<std::uint32_t>(count));
      head.resize(head.size() + 36, 0);
      return head;
    };
    struct {
      const char* name;
      Bytes bytes;
      errc expected;
    } const cases[] = {
        {"nothing", {}, errc::malformed},
        {"three bytes", {1, 0, 0}, errc::malformed},
        {"no object", {0, 0, 0, 0}, errc::malformed},
        {"a head that is cut", pack({{object(1), 1}, {object(2), 1}}, 0), errc::malformed},
        {"a byte too few", pack({{object(1), 3}}, 2), errc::malformed},
        {"a byte too many", pack({{object(1), 3}}, 4), errc::malformed},
        {"one name twice", pack({{object(1), 1}, {object(1), 1}}, 2), errc::malformed},
        {"one object too many", many(max_packed_objects + 1), errc::too_large},
        {"four thousand million", many(0xffffffff), errc::too_large},
        {"an object over its limit", pack({{object(1), max_packed_object + 1}}, 4),
         errc::too_large},
        {"a pack over its limit", Bytes(max_pack + 1), errc::too_large},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      CHECK(read_pack(c.bytes, PackKind::up).error() == c.expected);
      CHECK(read_pack(c.bytes, PackKind::down).error() == c.expected);
    }
  }

  TEST_CASE("the largest pack of the largest objects is one") {
    const auto size = static_cast<std::uint32_t>((max_pack - pack_head_size(2)) / 2);
    REQUIRE(size <= max_packed_object);
    const Bytes whole = pack({{object(1), size}, {object(2), size}}, 2 * std::size_t{size});
    CHECK(read_pack(whole, PackKind::up).has_value());
  }
}

}  // namespace
}  // namespace coffret::protocol
