// SPDX-License-Identifier: EUPL-1.2
//
// Objects that travel packed: taken, given, refused and freed one by one.
#include <filesystem>

#include "sync/protocol/pack.hpp"
#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

using test::code_of;
using test::Member;
using test::ServerRig;

Bytes noise(std::uint8_t seed, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 31 + i / 251 + seed);
  return bytes;
}

struct Packs : ServerRig {
  explicit Packs(std::uint64_t quota = 1 << 20) : alice(1), bruno(2) {
    REQUIRE(join(alice, invite(quota)).status == 201);
    REQUIRE(join(bruno, invite(quota)).status == 201);
  }
  static Bytes packed(const std::vector<Bytes>& objects) {
    std::vector<protocol::PackItem> items;
    for (const auto& bytes : objects)
      items.push_back({protocol::object_id(bytes), static_cast<std::uint32_t>(bytes.size())});
    Bytes pack = protocol::pack_head(items);
    for (const auto& bytes : objects) coffret::append(pack, bytes);
    return pack;
  }
  http::Response post(const Member& who, Bytes body) {
    return signed_ask(who.device, "POST", target(who, "/objects/pack"), std::move(body));
  }
  // What the server does not hold after it was sent a pack of these.
  std::vector<ObjectId> left(const Member& who, const std::vector<Bytes>& objects) {
    const auto response = post(who, packed(objects));
    REQUIRE(response.status == 200);
    return protocol::from_json<protocol::MissingAnswer>(response.body)->missing;
  }
  http::Response ask_for(const Member& who, const std::vector<ObjectId>& objects) {
    return signed_ask(who.device, "POST", target(who, "/objects/fetch"),
                      test::bytes_of(protocol::to_json(protocol::ObjectsRequest{objects})));
  }
  Bytes all_of(const http::Response& response) {
    Bytes all = response.body;
    for (const auto& part : response.parts) {
      const auto& file = std::get<http::FileBody>(part);
      Bytes read(file.length);
      REQUIRE(disk.read_at(file.path, file.offset, read).has_value());
      coffret::append(all, read);
    }
    return all;
  }
  http::Response get(const ObjectId& id, std::string range = {}) {
    auto request = sign(alice.device, "GET", target(alice, "/objects/" + id.text()));
    if (!range.empty()) request.fields.set("Range", range);
    return send(std::move(request));
  }
  Bytes one(const http::Response& response) {
    REQUIRE(response.file.has_value());
    Bytes read(response.file->length);
    REQUIRE(disk.read_at(response.file->path, response.file->offset, read).has_value());
    return read;
  }
  std::uint64_t used() {
    const auto response = signed_ask(alice.device, "GET", target(alice, ""));
    return protocol::from_json<protocol::VaultStatus>(response.body)->used;
  }
  std::size_t files() {
    std::size_t count = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder / "data" + "/objects"))
      if (entry.is_regular_file()) ++count;
    return count;
  }
  Member alice;
  Member bruno;
};

TEST_SUITE("sync/server/packs") {
  TEST_CASE(
      "objects that came in a pack are had packed, alone, and in part, also after a restart") {
    Packs rig;
    const std::vector<Bytes> objects{noise(1, 1000), noise(2, 5000), noise(3, 1)};
    std::vector<ObjectId> ids;
    for (const auto& bytes : objects) ids.push_back(protocol::object_id(bytes));
    CHECK(rig.left(rig.alice, objects).empty());
    CHECK(rig.files() == 1);
    CHECK(rig.used() == 6001);
    rig.open();
    const auto response = rig.ask_for(rig.alice, ids);
    CHECK(response.parts.size() == 1);  // neighbours are read as one
    CHECK(rig.all_of(response) == Packs::packed(objects));
    CHECK(rig.one(rig.get(ids[1])) == objects[1]);
    CHECK(rig.one(rig.get(ids[1], "bytes=10-19")) ==
          Bytes(objects[1].begin() + 10, objects[1].begin() + 20));
    CHECK(rig.append(rig.alice, ids).status == 200);
  }

  TEST_CASE("a pack that is sent again, in whole or in part, is harmless and costs no room") {
    Packs rig;
    const Bytes a = noise(1, 1000);
    const Bytes b = noise(2, 1000);
    CHECK(rig.left(rig.alice, {a}).empty());
    CHECK(rig.left(rig.alice, {a}).empty());
    CHECK(rig.left(rig.alice, {a, b}).empty());
    CHECK(rig.used() == 2000);
    CHECK(rig.files() == 2);
  }

  TEST_CASE("one wrong name, and nothing of the pack is kept") {
    Packs rig;
    const Bytes a = noise(1, 1000);
    Bytes pack = Packs::packed({a, noise(2, 1000)});
    pack.back() ^= 1;
    CHECK(code_of(rig.post(rig.alice, pack)) == "malformed");
    CHECK(rig.get(protocol::object_id(a)).status == 404);
    CHECK(rig.files() == 0);
    CHECK(rig.used() == 0);
  }

  TEST_CASE("what does not fit the quota is left out, and named") {
    Packs rig{10'000};
    const std::vector<Bytes> objects{noise(1, 6000), noise(2, 6000), noise(3, 3000)};
    const auto left = rig.left(rig.alice, objects);
    CHECK(left == std::vector{protocol::object_id(objects[1])});
    CHECK(rig.used() == 9000);
    const auto path = rig.target(rig.alice, "/objects/" + left[0].text());
    CHECK(code_of(rig.upload(rig.alice, path, 0, 6000, objects[1])) == "over_quota");
    CHECK(rig.left(rig.alice, {noise(4, 2000)}).size() == 1);
    CHECK(rig.files() == 1);
  }

  TEST_CASE("an upload in parts goes on beside a pack, and is not counted twice") {
    Packs rig;
    const Bytes whole = noise(1, 1000);
    const auto id = protocol::object_id(whole);
    const auto path = rig.target(rig.alice, "/objects/" + id.text());
    CHECK(rig.upload(rig.alice, path, 0, 1000, ByteView{whole}.first(400)).status == 204);
    CHECK(rig.left(rig.alice, {whole}) == std::vector{id});
    CHECK(rig.upload(rig.alice, path, 400, 1000, ByteView{whole}.subspan(400)).status == 204);
    CHECK(rig.one(rig.get(id)) == whole);
    CHECK(rig.used() == 1000);
  }

  TEST_CASE("what is not held, or is another member's, has no bytes in the answer") {
    Packs rig;
    const Bytes mine = noise(1, 100);
    const Bytes theirs = noise(2, 100);
    CHECK(rig.left(rig.alice, {mine}).empty());
    CHECK(rig.left(rig.bruno, {theirs}).empty());
    const auto response =
        rig.ask_for(rig.alice, {protocol::object_id(theirs), protocol::object_id(mine)});
    const Bytes whole = rig.all_of(response);
    const auto read = protocol::read_pack(whole, protocol::PackKind::down);
    REQUIRE(read.has_value());
    CHECK((*read)[0].bytes.empty());
    CHECK(to_bytes((*read)[1].bytes) == mine);
  }

  TEST_CASE("an answer ends where the next object would not fit any more") {
    Packs rig{64 << 20};
    std::vector<ObjectId> ids;
    for (std::uint8_t i = 0; i < 3; ++i) {
      const Bytes large = noise(i, protocol::max_packed_object - 1000);
      CHECK(rig.left(rig.alice, {large}).empty());
      ids.push_back(protocol::object_id(large));
    }
    const auto response = rig.ask_for(rig.alice, ids);
    const Bytes whole = rig.all_of(response);
    REQUIRE(protocol::read_pack(whole, protocol::PackKind::down).has_value());
    CHECK(protocol::read_pack(whole, protocol::PackKind::down)->size() == 2);
  }

  TEST_CASE("asking for nothing, or for too many, is refused") {
    Packs rig;
    CHECK(code_of(rig.ask_for(rig.alice, {})) == "malformed");
    CHECK(code_of(rig.ask_for(
              rig.alice, std::vector<ObjectId>(protocol::max_packed_objects + 1))) == "too_large");
  }

  TEST_CASE("a dropped object's bytes are gone from the pack, and the file with the last of them") {
    Packs rig;
    const std::vector<Bytes> objects{noise(1, 100'000), noise(2, 100'000)};
    const auto first = protocol::object_id(objects[0]);
    const auto second = protocol::object_id(objects[1]);
    CHECK(rig.left(rig.alice, objects).empty());
    CHECK(rig.append(rig.alice, {first, second}).status == 200);
    CHECK(rig.append(rig.alice, {}, {first}).status == 200);
    rig.clock.pass(31 * 86400);
    REQUIRE(rig.service->sweep().has_value());
    CHECK(rig.get(first).status == 404);
    const auto kept = rig.get(second);
    CHECK(rig.one(kept) == objects[1]);
    Bytes hole(1000);
    REQUIRE(rig.disk.read_at(kept.file->path, 8192, hole).has_value());
    CHECK(hole == Bytes(1000, 0));
    CHECK(rig.append(rig.alice, {}, {second}).status == 200);
    rig.clock.pass(31 * 86400);
    REQUIRE(rig.service->sweep().has_value());
    CHECK(rig.files() == 0);
  }

  TEST_CASE("a pack that a crash left without its rows is removed at the next start") {
    Packs rig;
    const Bytes kept = noise(1, 100);
    CHECK(rig.left(rig.alice, {kept}).empty());
    REQUIRE(rig.storage.objects->keep_pack(rig.random.make<PackId>(), noise(2, 100)).has_value());
    rig.open();
    REQUIRE(rig.service->destroy_orphans().has_value());
    CHECK(rig.files() == 1);
    CHECK(rig.one(rig.get(protocol::object_id(kept))) == kept);
  }

  TEST_CASE("a file that a backup names too is left whole") {
    Packs rig;
    const Bytes one = noise(1, 100'000);
    CHECK(rig.left(rig.alice, {one, noise(2, 10)}).empty());
    const auto held = rig.get(protocol::object_id(one));
    const auto backup = rig.folder / "backup";
    std::filesystem::create_hard_link(held.file->path, backup);
    CHECK(rig.append(rig.alice, {protocol::object_id(noise(2, 10))}).status == 200);
    rig.clock.pass(8 * 86400);
    REQUIRE(rig.service->sweep().has_value());
    Bytes read(one.size());
    REQUIRE(rig.disk.read_at(backup, 0, read).has_value());
    CHECK(read == one);
  }
}

}  // namespace
}  // namespace coffret::server
