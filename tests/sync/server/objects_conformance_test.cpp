// SPDX-License-Identifier: EUPL-1.2
//
// What every engine of the objects port, and of the server halves, must do.
#include <doctest/doctest.h>

#include <fstream>

#include "sync/protocol/entry.hpp"
#include "sync/protocol/signature.hpp"
#include "sync/server/halves.hpp"
#include "sync/server/objects.hpp"
#include "tests/support/folder.hpp"
#include "tools/system/system.hpp"

namespace coffret::server {
namespace {

struct Engine {
  const char* name;
  Result<std::unique_ptr<Objects>> (*open)(const std::string& folder, Disk& disk);
};
const Engine engines[] = {{"files", [](const std::string& folder, Disk& disk) {
                             return open_file_objects(folder, disk);
                           }}};

Bytes content_of(Objects& objects, Disk& disk, const BlobKey& key, std::uint64_t offset,
                 std::uint64_t length) {
  auto content = objects.content(key, offset, length);
  REQUIRE(content.has_value());
  if (auto* bytes = std::get_if<Bytes>(&*content)) return *bytes;
  const auto& file = std::get<http::FileBody>(*content);
  Bytes out(file.length);
  REQUIRE(disk.read_at(file.path, file.offset, out).has_value());
  return out;
}

TEST_SUITE("sync/server/objects") {
  TEST_CASE("a blob arrives in parts, is hashed, finished, read, and removed") {
    SystemDisk disk;
    for (const auto& engine : engines) {
      CAPTURE(engine.name);
      const test::Folder folder;
      auto objects = engine.open(folder.path(), disk);
      REQUIRE(objects.has_value());
      Objects& o = **objects;
      const Bytes whole(300'000, 42);
      const auto key = BlobKey::object({}, protocol::object_id(whole));
      const ByteView view{whole};
      REQUIRE(o.append(key, 0, view.first(100'000)).has_value());
      CHECK(o.digest(key, 300'000).error() == errc::not_found);
      CHECK(o.content(key, 0, 1).error() == errc::not_found);
      REQUIRE(o.append(key, 100'000, view.first(5)).has_value());  // its answer was lost
      REQUIRE(o.append(key, 100'000, view.subspan(100'000)).has_value());
      const auto digest = o.digest(key, 300'000);
      REQUIRE(digest.has_value());
      CHECK(digest->object == protocol::object_id(whole));
      CHECK(digest->sha256 == protocol::sha256(whole));
      REQUIRE(o.finish(key, 300'000).has_value());
      REQUIRE(o.finish(key, 300'000).has_value());
      CHECK(content_of(o, disk, key, 0, 300'000) == whole);
      CHECK(content_of(o, disk, key, 299'990, 10) == Bytes(10, 42));
      CHECK(o.content(key, 299'990, 11).has_error());
      REQUIRE(o.remove(key).has_value());
      REQUIRE(o.remove(key).has_value());
      CHECK(o.content(key, 0, 1).error() == errc::not_found);
      CHECK(o.probe().has_value());
    }
  }

  TEST_CASE("a pack is kept as one, read in pieces, given back in pieces, and dropped") {
    SystemDisk disk;
    for (const auto& engine : engines) {
      CAPTURE(engine.name);
      const test::Folder folder;
      auto objects = engine.open(folder.path(), disk);
      REQUIRE(objects.has_value());
      Objects& o = **objects;
      PackId pack;
      pack.bytes.fill(3);
      CHECK(o.packed(pack, 0, 1).error() == errc::not_found);
      REQUIRE(o.keep_pack(pack, Bytes(100'000, 42)).has_value());
      CHECK(*o.packs() == std::vector{pack});
      auto read = o.packed(pack, 99'000, 1000);
      REQUIRE(read.has_value());
      CHECK(std::get<http::FileBody>(*read).length == 1000);
      CHECK(o.packed(pack, 99'000, 1001).error() == errc::not_found);
      o.give_back({pack, 0}, 50'000);
      read = o.packed(pack, 0, 100'000);
      REQUIRE(read.has_value());
      Bytes all(100'000);
      REQUIRE(disk.read_at(std::get<http::FileBody>(*read).path, 0, all).has_value());
      CHECK(Bytes(all.begin(), all.begin() + 50'000) == Bytes(50'000, 0));
      CHECK(Bytes(all.begin() + 50'000, all.end()) == Bytes(50'000, 42));
      REQUIRE(o.drop_pack(pack).has_value());
      REQUIRE(o.drop_pack(pack).has_value());
      CHECK(o.packs()->empty());
    }
  }

  TEST_CASE("the same object of two vaults is two blobs") {
    SystemDisk disk;
    for (const auto& engine : engines) {
      CAPTURE(engine.name);
      const test::Folder folder;
      auto objects = engine.open(folder.path(), disk);
      REQUIRE(objects.has_value());
      const Bytes one(1, 1);
      VaultId other;
      other.bytes.fill(1);
      const auto mine = BlobKey::object({}, protocol::object_id(one));
      const auto theirs = BlobKey::object(other, protocol::object_id(one));
      REQUIRE((*objects)->append(mine, 0, one).has_value());
      REQUIRE((*objects)->finish(mine, 1).has_value());
      CHECK((*objects)->content(theirs, 0, 1).error() == errc::not_found);
    }
  }

  TEST_CASE("a destroyed half is nowhere in the files it was in") {
    const test::Folder folder;
    ServerHalf half;
    const std::string_view words = "half of a key that must not stay";
    std::copy(words.begin(), words.end(), half.bytes.begin());
    const auto found = [&] {
      for (const auto* name : {"/halves.db", "/halves.db-journal"}) {
        std::ifstream in(folder.path() + name, std::ios::binary);
        const std::string all{std::istreambuf_iterator<char>(in), {}};
        if (all.find(words) != std::string::npos) return true;
      }
      return false;
    };
    auto halves = open_sqlite_halves(folder / "halves.db");
    REQUIRE(halves.has_value());
    LinkId link;
    REQUIRE((*halves)->put(link, 1, half).has_value());
    REQUIRE((*halves)->put(link, 2, {}).has_value());
    CHECK(found());
    CHECK(*(*halves)->get(link, 1) == half);
    REQUIRE((*halves)->destroy(link, 2).has_value());
    CHECK_FALSE(found());
    CHECK((*halves)->get(link, 1).error() == errc::not_found);
    CHECK((*halves)->get(link, 2).has_value());
    CHECK((*halves)->links()->size() == 1);
  }
}

}  // namespace
}  // namespace coffret::server
