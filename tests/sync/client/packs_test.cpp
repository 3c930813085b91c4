// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/packs.hpp"

#include <doctest/doctest.h>

#include "sync/client/log.hpp"
#include "sync/client/objects.hpp"
#include "sync/protocol/entry.hpp"
#include "sync/protocol/messages.hpp"
#include "sync/protocol/version.hpp"
#include "tests/support/sealed_for_sync.hpp"
#include "tests/sync/client/association.hpp"

namespace coffret::client {
namespace {

struct Content {
  Bytes bytes;
  ObjectId id = protocol::object_id(bytes);
  explicit Content(std::uint8_t fill, std::size_t size = 100) : bytes(size, fill) {}
};

Bytes pack_of(const std::vector<std::pair<ObjectId, Bytes>>& objects) {
  std::vector<protocol::PackItem> items;
  for (const auto& [id, bytes] : objects)
    items.push_back({id, static_cast<std::uint32_t>(bytes.size())});
  Bytes pack = protocol::pack_head(items);
  for (const auto& [id, bytes] : objects) coffret::append(pack, bytes);
  return pack;
}

TEST_SUITE("sync/client/packs") {
  TEST_CASE("objects go up in one body, and what the server did not take is told") {
    Association a;
    const Content one{1};
    const Content two{2};
    a.serve([&](const http::Request& request) {
      CHECK(request.target == "/v1/vaults/" + a.vault.text() + "/objects/pack");
      CHECK(request.body == pack_of({{one.id, one.bytes}, {two.id, two.bytes}}));
      return test::response(200,
                            protocol::to_json(protocol::MissingAnswer{{ObjectId{{9}}, two.id}}));
    });
    auto server = a.server();
    std::vector<NamedObject> objects;
    objects.push_back({one.id, crypto::Sealer::object(one.bytes)});
    objects.push_back({two.id, crypto::Sealer::object(two.bytes)});
    const auto left = send_pack(server, a.device, a.vault, objects);
    REQUIRE(left.has_value());
    CHECK(*left == std::vector{two.id});
    CHECK(send_pack(server, a.device, a.vault, {}).error() == errc::too_large);
  }

  TEST_CASE("objects come down from the first on, held or not; anything else is not an answer") {
    const Content one{1};
    const Content two{2};
    const Content other{3};
    struct {
      const char* name;
      Bytes answer;
      errc error;
      std::size_t settled;
    } const cases[] = {
        {"both", pack_of({{one.id, one.bytes}, {two.id, two.bytes}}), errc::ok, 2},
        {"the first only", pack_of({{one.id, one.bytes}}), errc::ok, 1},
        {"the first is not held", pack_of({{one.id, {}}, {two.id, two.bytes}}), errc::ok, 2},
        {"another order", pack_of({{two.id, two.bytes}, {one.id, one.bytes}}), errc::malformed, 0},
        {"one nobody asked for", pack_of({{other.id, other.bytes}}), errc::malformed, 0},
        {"one more", pack_of({{one.id, one.bytes}, {two.id, two.bytes}, {other.id, other.bytes}}),
         errc::malformed, 0},
        {"larger than its entry says", pack_of({{one.id, Bytes(101, 1)}}), errc::malformed, 0},
        {"nothing", {}, errc::malformed, 0},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Association a;
      a.serve([&](const http::Request&) { return test::response(200, c.answer); });
      auto server = a.server();
      const std::vector<WantedObject> wanted{{one.id, 100}, {two.id, 100}};
      const auto fetched = fetch_pack(server, a.device, a.vault, wanted);
      CHECK((fetched.has_value() ? errc::ok : to_errc(fetched.error())) == c.error);
      if (fetched.has_error()) continue;
      CHECK(fetched->size() == c.settled);
      const bool held = fetched->front().received.has_value();
      CHECK(held == (std::string_view{c.name} != "the first is not held"));
      if (held) CHECK(fetched->front().received->bytes == one.bytes);
    }
  }

  TEST_CASE("what the server speaks is learned from its answers, and is the least until then") {
    Association a;
    std::string versions;
    a.serve([&](const http::Request&) {
      auto response = test::response(404);
      if (!versions.empty()) response.fields.set(protocol::version_field, versions);
      return response;
    });
    auto server = a.server();
    CHECK(server.version() == 1);
    (void)download(server, a.device, a.vault, ObjectId{{1}});
    CHECK(server.version() == 1);
    versions = "1-2";
    (void)download(server, a.device, a.vault, ObjectId{{1}});
    CHECK(server.version() == 2);
    versions = "1";
    (void)download(server, a.device, a.vault, ObjectId{{1}});
    CHECK(server.version() == 2);
  }

  TEST_CASE("a wait asks for a later head, and what ends an exchange is handed to the transport") {
    Association a;
    a.serve([&](const http::Request& request) {
      CHECK(request.target == "/v1/vaults/" + a.vault.text() + "/log/wait?after=7&seconds=25");
      return test::response(200, protocol::to_json(protocol::HeadAnswer{{8, {{1}}}}));
    });
    auto server = a.server();
    bool asked = false;
    server.give_up_when([&] { return asked = true; });
    const auto head = wait(server, a.device, a.vault, 7, 25);
    REQUIRE(head.has_value());
    CHECK(head->seq == 8);
    REQUIRE(a.network.made.back().give_up);
    CHECK(a.network.made.back().give_up());
    CHECK(asked);
  }

  TEST_CASE("a download goes on behind what an earlier one kept, part by part") {
    Association a;
    const Bytes content(3000, 5);
    std::vector<std::string> ranges;
    a.serve([&](const http::Request& request) {
      const auto range = request.fields.find("Range")->substr(6);
      ranges.push_back(range);
      const auto first = std::stoull(range);
      const auto last =
          std::min<std::uint64_t>(std::stoull(range.substr(range.find('-') + 1)), 2999);
      auto response = test::response(206, Bytes(last - first + 1, 5));
      response.fields.set("Content-Range",
                          "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/3000");
      return response;
    });
    auto server = a.server();
    std::vector<std::uint64_t> kept;
    const Parts parts{.size = [] { return std::size_t{1000}; }};
    const auto received = go_on_downloading(
        server, a.device, a.vault, protocol::object_id(content), 3000, Bytes(1500, 5),
        [&](std::uint64_t offset, ByteView part) -> Result<void> {
          kept.push_back(offset + part.size());
          return {};
        },
        parts);
    REQUIRE(received.has_value());
    CHECK(received->bytes == content);
    CHECK(ranges == std::vector<std::string>{"1500-2499", "2500-3499"});
    CHECK(kept == std::vector<std::uint64_t>{2500, 3000});
    // What was kept was something else: the whole does not have its name.
    CHECK(go_on_downloading(server, a.device, a.vault, protocol::object_id(content), 3000,
                            Bytes(1500, 6), [](std::uint64_t, ByteView) { return Result<void>{}; })
              .error() == errc::unauthenticated);
  }

  TEST_CASE("parts of an upload are as large as asked for, and each is told") {
    Association a;
    std::size_t held = 0;
    std::vector<std::size_t> sizes;
    a.serve([&](const http::Request& request) {
      if (request.method == "HEAD") return test::response(404);
      held += request.body.size();
      sizes.push_back(request.body.size());
      auto response = test::response(204);
      response.fields.set("Upload-Offset", std::to_string(held));
      return response;
    });
    auto server = a.server();
    std::size_t told = 0;
    const Parts parts{.size = [] { return std::size_t{400}; },
                      .moved = [&](std::size_t bytes) -> Result<void> {
                        told += bytes;
                        return told > 700 ? errc::stopping : Result<void>{};
                      }};
    CHECK(
        upload(server, a.device, a.vault, crypto::Sealer::object(Bytes(2000, 1)), parts).error() ==
        errc::stopping);
    CHECK(sizes == std::vector<std::size_t>{400, 400});
  }
}

}  // namespace
}  // namespace coffret::client
