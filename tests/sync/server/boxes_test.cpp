// SPDX-License-Identifier: EUPL-1.2
//
// Deposit boxes through the routes: what strangers may leave, counted, and what its owner takes.
#include "sync/protocol/deposit.hpp"

#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

using test::bytes_of;
using test::code_of;
using test::Member;
using test::ServerRig;

struct BoxRig : ServerRig {
  explicit BoxRig(std::uint64_t quota = 1 << 20) : alice(1), bob(2) {
    REQUIRE(join(alice, invite(quota)).status == 201);
    REQUIRE(join(bob, invite()).status == 201);
    link.bytes.fill(7);
    terms.key.bytes.fill(3);
    terms.key.bytes[0] = 4;
    terms.expires_at = to_unix(clock.now()) + 3600;
    terms.deposits = 3;
    terms.bytes = 1000;
  }
  http::Response put(const Member& m) {
    return signed_ask(m.device, "PUT", target(m, "/boxes/" + link.text()),
                      bytes_of(protocol::to_json(terms)));
  }
  http::Response close(const Member& m) {
    return signed_ask(m.device, "DELETE", target(m, "/boxes/" + link.text()));
  }
  http::Response info() { return ask("GET", "/v1/boxes/" + link.text()); }
  std::string path(std::uint8_t number) const {
    DepositId id;
    id.bytes.fill(number);
    return "/v1/boxes/" + link.text() + "/deposits/" + id.text();
  }
  http::Response leave(std::uint8_t number, ByteView part, std::uint64_t offset,
                       std::uint64_t total) {
    http::Request request;
    request.method = "PATCH";
    request.target = path(number);
    request.body = to_bytes(part);
    request.fields.set("Upload-Offset", std::to_string(offset));
    request.fields.set("Upload-Length", std::to_string(total));
    return send(std::move(request));
  }
  http::Response leave(std::uint8_t number, std::size_t size) {
    const Bytes bytes(size, number);
    return leave(number, bytes, 0, size);
  }
  protocol::DepositList list(const Member& m) {
    const auto answer = signed_ask(m.device, "GET", target(m, "/deposits"));
    REQUIRE(answer.status == 200);
    const auto read = protocol::from_json<protocol::DepositList>(answer.body);
    REQUIRE(read.has_value());
    return *read;
  }
  std::string owner_path(const Member& m, std::uint8_t number) {
    DepositId id;
    id.bytes.fill(number);
    return target(m, "/deposits/" + link.text() + "/" + id.text());
  }
  std::uint64_t used() {
    const auto answer = signed_ask(alice.device, "GET", target(alice, ""));
    return protocol::from_json<protocol::VaultStatus>(answer.body)->used;
  }
  Member alice;
  Member bob;
  LinkId link;
  protocol::BoxTerms terms;
};

TEST_SUITE("sync/server/boxes") {
  TEST_CASE("a deposit is left by a stranger, listed and fetched by its owner, and dropped") {
    BoxRig rig;
    REQUIRE(rig.put(rig.alice).status == 204);
    const auto info = protocol::from_json<protocol::BoxInfo>(rig.info().body);
    REQUIRE(info.has_value());
    CHECK(info->key == rig.terms.key);
    CHECK(info->bytes == 1000);
    CHECK(rig.leave(1, 300).status == 204);
    CHECK(rig.leave(1, 300).status == 204);  // a repeat after a lost answer
    CHECK(rig.used() == 300);
    const auto list = rig.list(rig.alice);
    REQUIRE(list.deposits.size() == 1);
    CHECK(list.deposits[0].place.link == rig.link);
    CHECK(list.deposits[0].size == 300);
    const auto fetched = rig.signed_ask(rig.alice.device, "GET", rig.owner_path(rig.alice, 1));
    CHECK(fetched.status == 200);
    REQUIRE(fetched.file.has_value());
    CHECK(fetched.file->length == 300);
    CHECK(rig.signed_ask(rig.alice.device, "DELETE", rig.owner_path(rig.alice, 1)).status == 204);
    CHECK(rig.signed_ask(rig.alice.device, "DELETE", rig.owner_path(rig.alice, 1)).status == 204);
    CHECK(rig.list(rig.alice).deposits.empty());
    CHECK(rig.used() == 0);
    REQUIRE(rig.service->sweep().has_value());
    CHECK(rig.signed_ask(rig.alice.device, "GET", rig.owner_path(rig.alice, 1)).status == 404);
  }

  TEST_CASE("a deposit under another's link and file is not that file, and takes nothing with it") {
    BoxRig rig;
    const auto file = rig.put_file(rig.alice, rig.link, "a sealed file");
    const auto key = BlobKey::parcel(rig.link, file.id);
    REQUIRE(rig.put(rig.bob).status == 204);  // who was given the link knows its id
    DepositId same;
    same.bytes = file.id.bytes;
    const auto path = "/deposits/" + rig.link.text() + "/" + same.text();
    http::Request request;
    request.method = "PATCH";
    request.target = "/v1/boxes/" + rig.link.text() + "/deposits/" + same.text();
    request.body = Bytes(file.size, 1);
    request.fields.set("Upload-Offset", "0");
    request.fields.set("Upload-Length", std::to_string(file.size));
    CHECK(rig.send(std::move(request)).status == 204);
    const auto is_whole = [&] {
      const auto row = rig.storage.records->blob(key);
      return row.has_value() && row->complete && rig.storage.objects->verify(*row).has_value();
    };
    CHECK(is_whole());
    CHECK(rig.signed_ask(rig.bob.device, "DELETE", rig.target(rig.bob, path)).status == 204);
    REQUIRE(rig.service->sweep().has_value());
    CHECK(is_whole());
  }

  TEST_CASE("what is not whole is not listed, and goes on where it was cut, also after a restart") {
    BoxRig rig;
    REQUIRE(rig.put(rig.alice).status == 204);
    const Bytes whole(500, 9);
    const ByteView view{whole};
    CHECK(rig.leave(1, view.first(200), 0, 500).status == 204);
    CHECK(rig.list(rig.alice).deposits.empty());
    CHECK(rig.signed_ask(rig.alice.device, "GET", rig.owner_path(rig.alice, 1)).status == 404);
    rig.open();
    const auto status = rig.ask("HEAD", rig.path(1));
    CHECK(status.status == 200);
    CHECK(*status.fields.find("Upload-Offset") == "200");
    CHECK(rig.leave(1, view.subspan(100), 100, 500).status == 409);
    CHECK(rig.leave(1, view.subspan(200), 200, 500).status == 204);
    CHECK(rig.list(rig.alice).deposits.size() == 1);
  }

  TEST_CASE("unknown, over, closed and full are one answer") {
    BoxRig rig;
    const auto refused = [&](const http::Response& answer) {
      return answer.status == 404 && code_of(answer) == "link_not_active";
    };
    CHECK(refused(rig.info()));
    CHECK(refused(rig.leave(1, 10)));
    CHECK(refused(rig.ask("HEAD", rig.path(1))));
    REQUIRE(rig.put(rig.alice).status == 204);
    SUBCASE("by count") {
      for (std::uint8_t i = 1; i <= 3; ++i) CHECK(rig.leave(i, 10).status == 204);
      CHECK(refused(rig.leave(4, 10)));
      CHECK(refused(rig.info()));
      // Taking one out makes no room: the limit is for the link's life.
      CHECK(rig.signed_ask(rig.alice.device, "DELETE", rig.owner_path(rig.alice, 1)).status == 204);
      REQUIRE(rig.service->sweep().has_value());
      CHECK(refused(rig.leave(4, 10)));
    }
    SUBCASE("by bytes, those on their way too") {
      CHECK(rig.leave(1, Bytes(10, 1), 0, 900).status == 204);
      CHECK(refused(rig.leave(2, 101)));
      CHECK(rig.leave(3, 100).status == 204);
      rig.clock.pass(86400);
      REQUIRE(rig.service->sweep().has_value());  // what was cut off gives its room back
      CHECK(rig.used() == 100);
    }
    SUBCASE("over, to the second, for what had begun too") {
      CHECK(rig.leave(1, Bytes(10, 1), 0, 20).status == 204);
      rig.clock.set(rig.terms.expires_at - 1);
      CHECK(rig.info().status == 200);
      rig.clock.set(rig.terms.expires_at);
      CHECK(refused(rig.leave(1, Bytes(10, 1), 10, 20)));
      CHECK(refused(rig.leave(2, 10)));
      CHECK(refused(rig.info()));
      CHECK(refused(rig.put(rig.alice)));
    }
    SUBCASE("closed, for good") {
      CHECK(rig.leave(1, 10).status == 204);
      CHECK(rig.close(rig.alice).status == 204);
      CHECK(refused(rig.leave(2, 10)));
      CHECK(refused(rig.info()));
      CHECK(refused(rig.put(rig.alice)));
      CHECK(rig.list(rig.alice).deposits.size() == 1);
    }
  }

  TEST_CASE("the owner's quota holds for strangers, and another vault has no say") {
    BoxRig rig{500};
    rig.terms.bytes = 100'000;
    REQUIRE(rig.put(rig.alice).status == 204);
    CHECK(rig.leave(1, 501).status == 404);
    CHECK(rig.leave(1, 400).status == 204);
    CHECK(rig.put(rig.bob).status == 404);
    CHECK(rig.close(rig.bob).status == 204);  // tells nothing, does nothing
    CHECK(rig.info().status == 200);
    CHECK(rig.list(rig.bob).deposits.empty());
    CHECK(rig.signed_ask(rig.bob.device, "GET", rig.owner_path(rig.bob, 1)).status == 404);
    CHECK(rig.signed_ask(rig.bob.device, "DELETE", rig.owner_path(rig.bob, 1)).status == 204);
    CHECK(rig.list(rig.alice).deposits.size() == 1);
    auto other = rig.terms;
    other.deposits = 9;
    std::swap(rig.terms, other);
    CHECK(rig.put(rig.alice).status == 409);
  }

  TEST_CASE(
      "a month after its end what was never taken is freed, and an erased account's at once") {
    BoxRig rig;
    REQUIRE(rig.put(rig.alice).status == 204);
    CHECK(rig.leave(1, 300).status == 204);
    SUBCASE("time") {
      rig.clock.set(rig.terms.expires_at + protocol::box_grace - 1);
      REQUIRE(rig.service->sweep().has_value());
      CHECK(rig.list(rig.alice).deposits.size() == 1);
      rig.clock.pass(1);
      REQUIRE(rig.service->sweep().has_value());
      CHECK(rig.list(rig.alice).deposits.empty());
      CHECK(rig.used() == 0);
      REQUIRE(rig.service->sweep().has_value());
      CHECK(rig.storage.records->box(rig.link).error() == errc::not_found);
    }
    SUBCASE("erasure") {
      REQUIRE(rig.storage.records->erase(rig.alice.vault).has_value());
      REQUIRE(rig.service->sweep().has_value());
      CHECK(rig.storage.records->box(rig.link).error() == errc::not_found);
      DepositPlace place{rig.link, {}};
      place.deposit.bytes.fill(1);
      CHECK(rig.storage.records->blob(BlobKey::deposit(place)).error() == errc::not_found);
      CHECK(rig.leave(2, 10).status == 404);
    }
  }

  TEST_CASE("a server put back to a backup takes nothing before the owner's device says so") {
    BoxRig rig;
    REQUIRE(rig.put(rig.alice).status == 204);
    REQUIRE(rig.storage.records->begin_epoch(rig.clock.now(), rig.clock.now()).has_value());
    CHECK(rig.leave(1, 10).status == 404);
    CHECK(rig.list(rig.alice).held == std::vector{rig.link});
    CHECK(rig.put(rig.alice).status == 204);
    CHECK(rig.list(rig.alice).held.empty());
    CHECK(rig.leave(1, 10).status == 204);
  }

  TEST_CASE("pages of other origins may send, and nothing but send") {
    BoxRig rig;
    const auto asked = rig.ask("OPTIONS", rig.path(1));
    CHECK(asked.status == 204);
    CHECK(*asked.fields.find("Access-Control-Allow-Origin") == "*");
    CHECK(asked.fields.find("Access-Control-Allow-Methods")->find("PATCH") != std::string::npos);
    CHECK(asked.fields.find("Access-Control-Allow-Methods")->find("DELETE") == std::string::npos);
    CHECK(rig.ask("OPTIONS", rig.owner_path(rig.alice, 1)).status == 404);
    CHECK(rig.ask("GET", rig.owner_path(rig.alice, 1)).status == 401);
  }

  TEST_CASE("terms over the limits are refused") {
    BoxRig rig;
    const auto status_with = [&](auto change) {
      auto terms = rig.terms;
      change(terms);
      std::swap(rig.terms, terms);
      const auto status = rig.put(rig.alice).status;
      std::swap(rig.terms, terms);
      return status;
    };
    CHECK(status_with([](auto& t) { t.deposits = 0; }) == 400);
    CHECK(status_with([](auto& t) { t.deposits = 201; }) == 413);
    CHECK(status_with([](auto& t) { t.bytes = max_link_bytes + 1; }) == 413);
    CHECK(status_with([](auto& t) { t.expires_at += 367 * 86400; }) == 422);
    CHECK(status_with([](auto& t) { t.key.bytes[0] = 2; }) == 400);
    REQUIRE(rig.put(rig.alice).status == 204);
    CHECK(rig.leave(1, Bytes(10, 1), 0, max_deposit + 1).status == 413);
    CHECK(rig.leave(1, Bytes{}, 0, 10).status == 400);
  }
}

}  // namespace
}  // namespace coffret::server
