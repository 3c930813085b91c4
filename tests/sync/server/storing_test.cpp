// SPDX-License-Identifier: EUPL-1.2
//
// Uploads, the log, quota and freeing, through the routes.
#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

using test::code_of;
using test::Member;
using test::ServerRig;

struct OneTenant : ServerRig {
  explicit OneTenant(std::uint64_t quota = 1 << 20) : alice(1) {
    REQUIRE(join(alice, invite(quota)).status == 201);
  }
  std::string object(const ObjectId& id) { return target(alice, "/objects/" + id.text()); }
  http::Response fetch(const ObjectId& id, std::string range = {}) {
    auto request = sign(alice.device, "GET", object(id));
    if (!range.empty()) request.fields.set("Range", range);
    return send(std::move(request));
  }
  Bytes bytes_of(const http::Response& response) {
    REQUIRE(response.file.has_value());
    Bytes out(response.file->length);
    REQUIRE(disk.read_at(response.file->path, response.file->offset, out).has_value());
    return out;
  }
  protocol::VaultStatus status() {
    const auto response = signed_ask(alice.device, "GET", target(alice, ""));
    return *protocol::from_json<protocol::VaultStatus>(response.body);
  }
  Member alice;
};

Bytes noise(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + i / 251);
  return bytes;
}

TEST_SUITE("sync/server/storing") {
  TEST_CASE("an upload resumes where it stopped, also after a restart") {
    OneTenant rig;
    const Bytes whole = noise(1000);
    const auto id = protocol::object_id(whole);
    const ByteView view{whole};
    CHECK(rig.upload(rig.alice, rig.object(id), 0, 1000, view.first(400)).status == 204);
    rig.open();
    const auto wrong = rig.upload(rig.alice, rig.object(id), 300, 1000, view.subspan(300));
    CHECK(wrong.status == 409);
    CHECK(*wrong.fields.find("Upload-Offset") == "400");
    CHECK(rig.fetch(id).status == 404);
    const auto last = rig.upload(rig.alice, rig.object(id), 400, 1000, view.subspan(400));
    CHECK(last.status == 204);
    CHECK(*last.fields.find("Upload-Complete") == "?1");
    CHECK(rig.upload(rig.alice, rig.object(id), 400, 1000, view.subspan(400)).status == 204);
    CHECK(rig.bytes_of(rig.fetch(id)) == whole);
    CHECK(rig.status().used == 1000);
  }

  TEST_CASE("a crash between the last byte and its record only costs the last part") {
    OneTenant rig;
    const Bytes whole = noise(1000);
    const auto id = protocol::object_id(whole);
    const ByteView view{whole};
    CHECK(rig.upload(rig.alice, rig.object(id), 0, 1000, view.first(400)).status == 204);
    const auto key = BlobKey::object(rig.alice.vault, id);
    REQUIRE(rig.storage.objects->append(key, 400, view.subspan(400)).has_value());
    REQUIRE(rig.storage.objects->finish(key, 1000).has_value());
    rig.open();
    CHECK(rig.fetch(id).status == 404);
    CHECK(rig.upload(rig.alice, rig.object(id), 400, 1000, view.subspan(400)).status == 204);
    CHECK(rig.bytes_of(rig.fetch(id)) == whole);
  }

  TEST_CASE("an object that does not bear its own hash is discarded and can be sent again") {
    OneTenant rig;
    const Bytes whole = noise(100);
    const auto id = protocol::object_id(whole);
    Bytes other = whole;
    other[50] ^= 1;
    CHECK(code_of(rig.upload(rig.alice, rig.object(id), 0, 100, other)) == "malformed");
    CHECK(rig.status().used == 0);
    CHECK(rig.upload(rig.alice, rig.object(id), 0, 100, whole).status == 204);
  }

  TEST_CASE("one range of an object, or a refusal") {
    OneTenant rig;
    const Bytes whole = noise(100);
    const auto id = rig.put_object(rig.alice, whole);
    struct {
      std::string range;
      unsigned status;
      std::size_t from, to;
    } const cases[] = {{"bytes=0-99", 206, 0, 100}, {"bytes=10-19", 206, 10, 20},
                       {"bytes=90-", 206, 90, 100}, {"bytes=90-1000", 206, 90, 100},
                       {"bytes=100-", 400, 0, 0},   {"bytes=5-4", 400, 0, 0},
                       {"bytes=-5", 400, 0, 0},     {"bytes=0-1,3-4", 400, 0, 0},
                       {"lines=0-1", 400, 0, 0},    {"bytes=00-1", 400, 0, 0}};
    for (const auto& c : cases) {
      CAPTURE(c.range);
      const auto response = rig.fetch(id, c.range);
      CHECK(response.status == c.status);
      if (c.status == 206) {
        CHECK(rig.bytes_of(response) == to_bytes(ByteView{whole}.subspan(c.from, c.to - c.from)));
      }
    }
  }

  TEST_CASE("the head moves by compare and set; a repeat is harmless") {
    OneTenant rig;
    const auto id = rig.put_object(rig.alice, noise(10));
    const protocol::Append first{{}, {rig.entry(rig.alice, {}, {id}, {})}};
    const auto log = rig.target(rig.alice, "/log");
    CHECK(rig.signed_ask(rig.alice.device, "POST", log, wire::encode(first)).status == 200);
    CHECK(rig.signed_ask(rig.alice.device, "POST", log, wire::encode(first)).status == 200);
    const protocol::Append rival{{}, {rig.entry(rig.alice, {}, {}, {id})}};
    CHECK(code_of(rig.signed_ask(rig.alice.device, "POST", log, wire::encode(rival))) ==
          "conflict");
    CHECK(rig.status().head.seq == 1);
    const auto page = rig.signed_ask(rig.alice.device, "GET", log + "?after=0&limit=10");
    const auto read = protocol::decode_entry_page(page.body);
    REQUIRE(read.has_value());
    REQUIRE(read->entries.size() == 1);
    CHECK(read->entries[0] == first.entries[0]);
  }

  TEST_CASE("entries are taken all or none") {
    OneTenant rig;
    const auto good = rig.entry(rig.alice, {}, {}, {});
    const protocol::Head head{1, protocol::entry_hash(good.body)};
    ObjectId absent;
    absent.bytes.fill(5);
    auto forged = rig.entry(rig.alice, head, {}, {});
    forged.signature.bytes[3] ^= 1;
    struct {
      const char* name;
      protocol::SignedEntry second;
      std::string_view code;
    } const cases[] = {
        {"a put that is not here", rig.entry(rig.alice, head, {absent}, {}), "incomplete_upload"},
        {"a forged signature", forged, "unauthenticated"},
        {"a gap", rig.entry(rig.alice, {7, head.hash}, {}, {}), "conflict"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      const protocol::Append asked{{}, {good, c.second}};
      const auto response = rig.signed_ask(rig.alice.device, "POST", rig.target(rig.alice, "/log"),
                                           wire::encode(asked));
      CHECK(code_of(response) == c.code);
      CHECK(rig.status().head.seq == 0);
    }
  }

  TEST_CASE("over quota, reading, dropping and revoking still work") {
    OneTenant rig{10'000};
    const auto id = rig.put_object(rig.alice, noise(8000));
    REQUIRE(rig.append(rig.alice, {id}).status == 200);
    const auto policy = [&] {
      auto p = rig.policy(rig.alice, 7, 0);
      REQUIRE(rig.publish(rig.alice, p).status == 200);
      return p;
    }();
    const Bytes more = noise(3000);
    const auto refused = protocol::object_id(more);
    CHECK(code_of(rig.upload(rig.alice, rig.object(refused), 0, 3000, more)) == "over_quota");
    CHECK(rig.append(rig.alice, {}).status == 403);
    CHECK(rig.fetch(id).status == 200);
    CHECK(rig.revoke(rig.alice, policy.link).status == 200);
    REQUIRE(rig.append(rig.alice, {}, {id}).status == 200);
    CHECK(rig.upload(rig.alice, rig.object(refused), 0, 3000, more).status == 204);
  }

  TEST_CASE("what is dropped is freed after thirty days, what nobody named after seven") {
    OneTenant rig;
    const auto kept = rig.put_object(rig.alice, noise(10));
    const auto dropped = rig.put_object(rig.alice, noise(20));
    const auto unnamed = rig.put_object(rig.alice, noise(30));
    REQUIRE(rig.append(rig.alice, {kept, dropped}).status == 200);
    REQUIRE(rig.append(rig.alice, {}, {dropped}).status == 200);
    const auto present = [&](const ObjectId& id) { return rig.fetch(id).status == 200; };
    rig.clock.pass(7 * 86400 - 1);
    REQUIRE(rig.service->sweep().has_value());
    CHECK(present(unnamed));
    rig.clock.pass(1);
    REQUIRE(rig.service->sweep().has_value());
    CHECK_FALSE(present(unnamed));
    CHECK(present(dropped));
    rig.clock.pass(23 * 86400);
    REQUIRE(rig.service->sweep().has_value());
    CHECK_FALSE(present(dropped));
    CHECK(present(kept));
    CHECK(rig.status().objects == 1);
  }

  TEST_CASE("sizes and offsets that cannot be are refused before anything is kept") {
    OneTenant rig;
    const Bytes part = noise(10);
    const auto id = protocol::object_id(part);
    struct {
      std::uint64_t offset, total;
      std::size_t size;
      std::string_view code;
    } const cases[] = {{0, (80u << 20) + 1, 10, "too_large"},
                       {0, 5, 10, "malformed"},
                       {8, 10, 10, "malformed"},
                       {0, 10, 0, "malformed"},
                       {5, 10, 5, "conflict"}};
    for (const auto& c : cases) {
      CAPTURE(c.total);
      CAPTURE(c.offset);
      CHECK(code_of(rig.upload(rig.alice, rig.object(id), c.offset, c.total,
                               ByteView{part}.first(c.size))) == c.code);
    }
  }

  TEST_CASE("an object that the disk lost or altered is taken again, where a device doubts it") {
    OneTenant rig;
    const Bytes whole = noise(1000);
    const auto id = rig.put_object(rig.alice, whole);
    REQUIRE(rig.append(rig.alice, {id}).status == 200);
    const auto path = rig.fetch(id).file->path;
    const auto missing = [&] {
      const auto asked = protocol::to_json(protocol::ObjectsRequest{{id}});
      const auto answer =
          rig.signed_ask(rig.alice.device, "POST", rig.target(rig.alice, "/objects/missing"),
                         to_bytes(as_bytes(asked)));
      return protocol::from_json<protocol::MissingAnswer>(answer.body)->missing;
    };
    const auto send = [&](std::uint64_t offset, ByteView part, bool doubted) {
      auto request = rig.sign(rig.alice.device, "PATCH", rig.object(id), to_bytes(part));
      request.fields.set("Upload-Offset", std::to_string(offset));
      request.fields.set("Upload-Length", "1000");
      if (doubted) request.fields.set("Coffret-Again", "?1");
      return rig.send(std::move(request));
    };
    const ByteView view{whole};
    CHECK(missing().empty());
    Bytes altered = whole;
    altered[500] ^= 1;
    REQUIRE(rig.disk.replace(path, altered).has_value());
    CHECK(send(0, view, false).status == 204);
    CHECK(rig.bytes_of(rig.fetch(id)) == altered);
    // Whoever doubts it has it read; in parts, as any upload.
    const auto begun = send(0, view.first(400), true);
    CHECK(begun.status == 204);
    CHECK(*begun.fields.find("Upload-Offset") == "400");
    CHECK(send(400, view.subspan(400), false).status == 204);
    CHECK(rig.bytes_of(rig.fetch(id)) == whole);
    const auto believed = send(0, view.first(400), true);
    CHECK(*believed.fields.find("Upload-Complete") == "?1");

    REQUIRE(rig.disk.remove(path).has_value());
    CHECK(missing() == std::vector<ObjectId>{id});
    // Another's bytes under its name are refused, and it stays what an entry names.
    CHECK(code_of(send(0, altered, true)) == "malformed");
    CHECK(send(0, view, true).status == 204);
    CHECK(missing().empty());
    rig.clock.pass(8 * 86400);
    REQUIRE(rig.service->sweep().has_value());
    CHECK(missing().empty());
    CHECK(rig.bytes_of(rig.fetch(id)) == whole);
  }

  TEST_CASE("an erased account leaves no row, no half and no file") {
    OneTenant rig;
    const auto id = rig.put_object(rig.alice, noise(10));
    REQUIRE(rig.append(rig.alice, {id}).status == 200);
    const auto path = rig.fetch(id).file->path;
    const auto links = rig.storage.records->erase(rig.alice.vault);
    REQUIRE(links.has_value());
    REQUIRE(rig.service->sweep().has_value());
    CHECK(rig.disk.size(path).error() == errc::not_found);
    CHECK(rig.fetch(id).status == 404);
  }
}

}  // namespace
}  // namespace coffret::server
