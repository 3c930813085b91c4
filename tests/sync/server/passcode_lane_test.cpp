// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/passcode_lane.hpp"

#include <sodium.h>
#include <sys/resource.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "sync/server/front.hpp"
#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

using namespace std::chrono_literals;

// A try that is judged for as long as the test likes.
struct Slow {
  std::promise<void> begun;
  std::promise<void> end;
  PasscodeLane::Judge judge() {
    return [this](bool) {
      begun.set_value();
      end.get_future().wait();
    };
  }
};

// A SMART Health Link with a passcode, a front with one storage thread, and what came of each try.
struct GuessedAt : test::ServerRig {
  GuessedAt() : alice(1) {
    REQUIRE(join(alice, invite()).status == 201);
    policy = ServerRig::policy(alice, 7, 0);
    policy.delivery = Delivery::shl;
    policy.proof_hash = {};
    policy.shl.bytes.fill(7);
    policy.files[0].content_type = "application/fhir+json";
    char text[crypto_pwhash_STRBYTES] = {};
    REQUIRE(::crypto_pwhash_str(text, "428571", 6, crypto_pwhash_OPSLIMIT_MIN,
                                crypto_pwhash_MEMLIMIT_MIN) == 0);
    policy.passcode = test::bytes_of(text);
    REQUIRE(publish(alice, policy).status == 200);
    front.emplace(*service, figures, journal, FrontLimits{1, 100, 20}, std::set<std::string>{});
  }

  std::future<http::Response> ask(const std::string& address, http::Request request) {
    request.peer = address;
    const auto promise = std::make_shared<std::promise<http::Response>>();
    front->handle(std::move(request), [promise](http::Response r) { promise->set_value(r); });
    return promise->get_future();
  }
  std::future<http::Response> guess(const std::string& address, const std::string& passcode) {
    http::Request request;
    request.method = "POST";
    request.target = "/shl/" + to_base64url(policy.shl.bytes);
    request.body = test::bytes_of(
        boost::json::serialize(boost::json::object{{"recipient", "x"}, {"passcode", passcode}}));
    return ask(address, std::move(request));
  }
  std::future<http::Response> card() {
    http::Request request;
    request.method = "GET";
    request.target = "/v1/card";
    return ask("198.51.100.1", std::move(request));
  }
  std::uint32_t counted() { return storage.records->grant(policy.link)->wrong_passcodes; }

  test::Member alice;
  protocol::Policy policy;
  Figures figures;
  Journal journal{clock, [](std::string_view) {}};
  std::optional<Front> front;
};

TEST_SUITE("sync/server/passcode_lane") {
  TEST_CASE("tries are judged one after the other, at a lower priority than who started them") {
    PasscodeLane lane{1};
    std::promise<int> niceness;
    std::vector<int> order;
    REQUIRE(lane.add("a", [&](bool) { order.push_back(1); }));
    REQUIRE(lane.add("b", [&](bool) { order.push_back(2); }));
    REQUIRE(lane.add("a", [&](bool) { niceness.set_value(::getpriority(PRIO_PROCESS, 0)); }));
    const int lower = niceness.get_future().get();
    CHECK(order == std::vector{1, 2});
    const int ours = ::getpriority(PRIO_PROCESS, 0);
    CHECK(lower == std::min(ours + 10, 19));
  }

  TEST_CASE("an address has four in the lane, and all of them 32") {
    Slow slow;
    PasscodeLane lane{1};
    REQUIRE(lane.add("first", slow.judge()));
    slow.begun.get_future().wait();
    for (int i = 0; i < 4; ++i) CHECK(lane.add("a", [](bool) {}));
    CHECK_FALSE(lane.add("a", [](bool) {}));
    for (int i = 5; i < 32; ++i) CHECK(lane.add(std::to_string(i), [](bool) {}));
    CHECK_FALSE(lane.add("b", [](bool) {}));
    CHECK(lane.count() == 32);
    slow.end.set_value();
  }

  TEST_CASE("who waits when it ends is sent away, and nobody comes in any more") {
    Slow slow;
    PasscodeLane lane{1};
    std::vector<bool> judged;
    REQUIRE(lane.add("a", slow.judge()));
    slow.begun.get_future().wait();
    REQUIRE(lane.add("b", [&](bool now) {
      judged.push_back(now);
      slow.end.set_value();
    }));
    lane.end();
    CHECK(judged == std::vector{false});
    CHECK_FALSE(lane.add("c", [](bool) {}));
  }

  TEST_CASE("passcodes that wait hold no storage thread: others are answered") {
    GuessedAt rig;
    std::vector<std::future<http::Response>> tries;
    {
      const auto turn = rig.service->passcodes.hold(rig.policy.link);
      for (const char* address : {"192.0.2.1", "192.0.2.2", "192.0.2.3"})
        tries.push_back(rig.guess(address, "000000"));
      tries.push_back(rig.guess("192.0.2.1", "428571"));
      CHECK(rig.card().get().status == 200);
      for (auto& one : tries) CHECK(one.wait_for(0s) == std::future_status::timeout);
    }
    for (int i = 0; i < 3; ++i) CHECK(tries[static_cast<std::size_t>(i)].get().status == 401);
    CHECK(tries[3].get().status == 200);
    CHECK(rig.counted() == 3);
  }

  TEST_CASE("who is sent away is told when to come again, and has spent no try") {
    GuessedAt rig;
    std::vector<std::future<http::Response>> kept;
    {
      const auto turn = rig.service->passcodes.hold(rig.policy.link);
      for (int i = 0; i < 4; ++i) kept.push_back(rig.guess("192.0.2.1", "000000"));
      const auto refused = rig.guess("192.0.2.1", "428571").get();
      CHECK(refused.status == 429);
      CHECK(test::code_of(refused) == "rate_limited");
      const auto* again = refused.fields.find("Retry-After");
      REQUIRE(again != nullptr);
      CHECK(*again == "1");
      CHECK(rig.counted() == 0);
    }
    for (auto& one : kept) CHECK(one.get().status == 401);
    CHECK(rig.counted() == 4);
    CHECK(rig.guess("192.0.2.1", "428571").get().status == 200);
    CHECK(rig.counted() == 4);
  }

  TEST_CASE("a server that stops counts no try of who still waits") {
    GuessedAt rig;
    std::vector<std::future<http::Response>> waiting;
    std::thread ending;
    {
      const auto turn = rig.service->passcodes.hold(rig.policy.link);
      for (int i = 0; i < 4; ++i) waiting.push_back(rig.guess("192.0.2.1", "000000"));
      ending = std::thread{[&] { rig.front.reset(); }};
      waiting.back().wait();
    }
    ending.join();
    std::uint32_t judged = 0;
    for (auto& one : waiting) {
      const auto answer = one.get();
      if (answer.status == 401)
        ++judged;
      else
        CHECK(test::code_of(answer) == "stopping");
    }
    CHECK(rig.counted() == judged);
  }
}

}  // namespace
}  // namespace coffret::server
