// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/objects.hpp"

#include <doctest/doctest.h>

#include "sync/protocol/entry.hpp"
#include "sync/protocol/messages.hpp"
#include "tests/support/sealed_for_sync.hpp"
#include "tests/sync/client/association.hpp"

namespace coffret::client {
namespace {

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + (i >> 12));
  return bytes;
}

// PROTOCOL.md §5 for one object, in memory.
struct Store {
  Bytes bytes;
  std::size_t length = 0;
  int answers_lost = 0;  // after the work was done

  Result<http::Response> operator()(const http::Request& request) {
    auto response = request.method == "PATCH" ? patch(request) : status();
    if (request.method == "PATCH" && answers_lost > 0) {
      --answers_lost;
      return errc::timed_out;
    }
    return response;
  }
  http::Response status() const {
    if (length == 0) return test::response(404);
    auto response = test::response(200);
    response.fields.set("Upload-Offset", std::to_string(bytes.size()));
    response.fields.set("Upload-Length", std::to_string(length));
    response.fields.set("Upload-Complete", bytes.size() == length ? "?1" : "?0");
    return response;
  }
  http::Response patch(const http::Request& request) {
    length = std::stoull(*request.fields.find("Upload-Length"));
    const bool fits = std::stoull(*request.fields.find("Upload-Offset")) == bytes.size();
    if (fits) append(bytes, request.body);
    auto response = fits ? test::response(204) : refusal(errc::conflict);
    response.fields.set("Upload-Offset", std::to_string(bytes.size()));
    return response;
  }
};

Result<http::Response> ranged(const Bytes& content, const http::Request& request) {
  const auto text = request.fields.find("Range")->substr(6);
  const auto first = std::stoull(text);
  const auto last =
      std::min<std::uint64_t>(std::stoull(text.substr(text.find('-') + 1)), content.size() - 1);
  auto response =
      test::response(206, Bytes(content.begin() + static_cast<std::ptrdiff_t>(first),
                                content.begin() + static_cast<std::ptrdiff_t>(last) + 1));
  response.fields.set("Content-Range", "bytes " + std::to_string(first) + "-" +
                                           std::to_string(last) + "/" +
                                           std::to_string(content.size()));
  return response;
}

}  // namespace

TEST_SUITE("sync/client/objects") {
  TEST_CASE("an object goes up in parts, and what is there is not sent again") {
    for (const std::size_t already :
         {std::size_t{0}, std::size_t{5'000'000}, std::size_t{9'000'001}}) {
      CAPTURE(already);
      Association a;
      const auto content = pattern(9'000'001);
      Store store;
      store.bytes.assign(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(already));
      store.length = already == 0 ? 0 : content.size();
      a.serve([&](const http::Request& request) { return store(request); });
      auto server = a.server();
      REQUIRE(upload(server, a.device, a.vault, crypto::Sealer::object(content)).has_value());
      CHECK(store.bytes == content);
      CHECK(server.counters().bytes_up == content.size() - already);
      for (const auto& request : a.asked()) {
        CHECK(request.body.size() <= part_size);
        CHECK(request.target.find(protocol::object_id(content).text()) != std::string::npos);
      }
    }
  }

  TEST_CASE("an upload whose answer was lost goes on when it is called again") {
    Association a;
    const auto content = pattern(9'000'001);
    Store store;
    store.answers_lost = 2;
    a.serve([&](const http::Request& request) { return store(request); });
    auto server = a.server();
    const auto object = crypto::Sealer::object(content);
    int calls = 1;
    while (upload(server, a.device, a.vault, object).has_error()) REQUIRE(++calls < 5);
    CHECK(calls == 3);
    CHECK(store.bytes == content);
    CHECK(server.counters().bytes_up == content.size());
  }

  TEST_CASE("what fits one part is sent in one request, unless the server holds some of it") {
    const auto content = pattern(70'000);
    const auto object = crypto::Sealer::object(content);
    for (const bool there : {false, true}) {
      CAPTURE(there);
      Association a;
      Store store;
      a.serve([&](const http::Request& request) { return store(request); });
      auto server = a.server();
      REQUIRE(server.contact().has_value());
      if (there) REQUIRE(upload(server, a.device, a.vault, object).has_value());
      const auto before = server.counters().requests;
      REQUIRE(upload(server, a.device, a.vault, object).has_value());
      CHECK(store.bytes == content);
      CHECK(server.counters().requests - before == (there ? 2 : 1));
    }
  }

  TEST_CASE("a server whose offsets make no sense is left, not followed for ever") {
    struct {
      std::string_view what;
      std::string offset, length, complete;
    } const cases[] = {
        {"past the end", "101", "100", "?0"},
        {"another length", "0", "99", "?0"},
        {"whole, says it is not", "100", "100", "?0"},
        {"not whole, says it is", "5", "100", "?1"},
        {"no number", "five", "100", "?0"},
        {"nothing", "", "", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      Association a;
      a.serve([&](const http::Request& request) {
        if (request.method != "HEAD") return refusal(errc::conflict);
        auto response = test::response(200);
        response.fields.set("Upload-Offset", c.offset);
        response.fields.set("Upload-Length", c.length);
        response.fields.set("Upload-Complete", c.complete);
        return response;
      });
      auto server = a.server();
      const auto object = crypto::Sealer::object(pattern(100));
      CHECK(upload(server, a.device, a.vault, object).error() == errc::malformed);
    }
    Association a;
    a.serve([&](const http::Request& request) {
      return request.method == "HEAD" ? test::response(404) : refusal(errc::conflict);
    });
    auto server = a.server();
    CHECK(upload(server, a.device, a.vault, crypto::Sealer::object(pattern(100))).error() ==
          errc::conflict);
    CHECK(a.asked().size() < 30);
  }

  TEST_CASE("refusals of an upload are told as they are") {
    for (const errc error : {errc::over_quota, errc::not_found, errc::unauthenticated}) {
      CAPTURE(row(error).code);
      Association a;
      a.serve([&](const http::Request& request) {
        return request.method == "HEAD" ? test::response(404) : refusal(error);
      });
      auto server = a.server();
      const auto file = crypto::Sealer::parcel_file(pattern(100));
      CHECK(upload_parcel_file(server, a.device, a.vault, a.link, FileId{{9}}, file).error() ==
            error);
    }
  }

  TEST_CASE("an object comes down in parts and has the name that was asked for") {
    const auto content = pattern(9'000'001);
    Association a;
    a.serve([&](const http::Request& request) { return ranged(content, request); });
    auto server = a.server();
    const auto received = download(server, a.device, a.vault, protocol::object_id(content));
    REQUIRE(received.has_value());
    CHECK(received->bytes == content);
    CHECK(a.asked().size() == 3);
    CHECK(download(server, a.device, a.vault, ObjectId{{1}}).error() == errc::unauthenticated);
  }

  TEST_CASE("a whole answer to a range is taken, a foreign range is not") {
    const auto content = pattern(1000);
    struct {
      std::string_view what;
      unsigned status;
      std::string range;
      std::size_t size;
      errc error;
    } const cases[] = {
        {"whole", 200, "", 1000, errc::ok},
        {"no range", 206, "", 1000, errc::malformed},
        {"another start", 206, "bytes 1-1000/1001", 1000, errc::malformed},
        {"another size", 206, "bytes 0-998/1000", 1000, errc::malformed},
        {"no total", 206, "bytes 0-999/*", 1000, errc::malformed},
        {"an end past the total", 206, "bytes 0-999/999", 1000, errc::malformed},
        {"a giant", 206, "bytes 0-999/99999999999", 1000, errc::too_large},
        {"nothing at all", 206, "bytes 0-0/1000", 0, errc::malformed},
        {"another unit", 206, "pages 0-999/1000", 1000, errc::malformed},
        {"no content", 204, "", 0, errc::malformed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      Association a;
      a.serve([&](const http::Request&) {
        auto response = test::response(
            c.status,
            Bytes(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(c.size)));
        if (!c.range.empty()) response.fields.set("Content-Range", c.range);
        return response;
      });
      auto server = a.server();
      const auto received = download(server, a.device, a.vault, protocol::object_id(content));
      CHECK((received.has_value() ? errc::ok : to_errc(received.error())) == c.error);
    }
  }

  TEST_CASE("an object that is larger than its entry says, or comes byte by byte, is left") {
    const auto content = pattern(1000);
    const auto id = protocol::object_id(content);
    struct {
      std::string_view what;
      std::uint64_t at_most;
      bool whole;         // answered without regard to the range
      std::size_t bytes;  // of one answer
      errc error;
    } const cases[] = {
        {"as large as said", 1000, false, 1000, errc::ok},
        {"larger", 999, false, 1000, errc::too_large},
        {"larger, at once", 999, true, 1000, errc::too_large},
        {"byte by byte", 1000, false, 1, errc::malformed},
        {"one byte at the end", 1000, false, 999, errc::malformed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      Association a;
      a.serve([&](const http::Request&) {
        auto response = test::response(
            c.whole ? 200 : 206,
            Bytes(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(c.bytes)));
        response.fields.set("Content-Range", "bytes 0-" + std::to_string(c.bytes - 1) + "/1000");
        return response;
      });
      auto server = a.server();
      const auto received = download(server, a.device, a.vault, id, c.at_most);
      CHECK((received.has_value() ? errc::ok : to_errc(received.error())) == c.error);
      CHECK(a.asked().size() == 1);
    }
  }

  TEST_CASE("no answer is read past the bound that the caller sets") {
    Association a;
    a.serve([](const http::Request&) { return test::response(404); });
    auto environment = a.environment();
    environment.answer = 12345;
    Server server{environment, a.pinned()};
    (void)download(server, a.device, a.vault, ObjectId{{1}});
    CHECK(a.network.made.back().limits.body == 12345);
  }

  TEST_CASE("more than a request may list are asked for in turns, and the order is kept") {
    Association a;
    std::vector<ObjectId> objects(2500);
    for (std::size_t i = 0; i < objects.size(); ++i) {
      objects[i].bytes[0] = static_cast<std::uint8_t>(i * 7);
      objects[i].bytes[1] = static_cast<std::uint8_t>(i >> 8);
      objects[i].bytes[2] = static_cast<std::uint8_t>(i);
    }
    a.serve([&](const http::Request& request) -> Result<http::Response> {
      const auto asked = protocol::from_json<protocol::ObjectsRequest>(request.body);
      REQUIRE(asked.has_value());
      protocol::MissingAnswer answer;
      for (auto it = asked->objects.rbegin(); it != asked->objects.rend(); ++it)
        if (it->bytes[2] % 2 == 0) answer.missing.push_back(*it);
      answer.missing.push_back(ObjectId{{99, 99, 99}});  // that nobody asked about
      return test::response(200, protocol::to_json(answer));
    });
    auto server = a.server();
    const auto lacking = missing(server, a.device, a.vault, objects);
    REQUIRE(lacking.has_value());
    std::vector<ObjectId> expected;
    for (const auto& object : objects)
      if (object.bytes[2] % 2 == 0) expected.push_back(object);
    CHECK(*lacking == expected);
    CHECK(a.asked().size() == 3);
  }
}

}  // namespace coffret::client
