// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/waiters.hpp"

#include <doctest/doctest.h>

#include <future>

#include "sync/server/front.hpp"
#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

using namespace std::chrono_literals;

template <class IdType>
IdType id_of(std::uint8_t byte) {
  IdType id;
  id.bytes.fill(byte);
  return id;
}

Wait wait_of(std::uint8_t vault, std::uint8_t device, std::uint64_t after = 5) {
  return {id_of<VaultId>(vault), id_of<DeviceId>(device), after, 1h};
}

// What one wait heard.
struct Heard {
  std::promise<std::optional<protocol::Head>> promise;
  std::future<std::optional<protocol::Head>> future = promise.get_future();
  Waiters::Wake wake() {
    return [this](const std::optional<protocol::Head>& head) { promise.set_value(head); };
  }
  bool ended() const { return future.wait_for(0s) == std::future_status::ready; }
};

TEST_SUITE("sync/server/waiters") {
  TEST_CASE("a later head of its own vault ends a wait, and nothing else does") {
    Waiters waiters;
    Heard heard;
    REQUIRE(waiters.park(wait_of(1, 1), "127.0.0.1", heard.wake()));
    waiters.moved(id_of<VaultId>(1), {5, {}});
    waiters.moved(id_of<VaultId>(2), {6, {}});
    CHECK_FALSE(heard.ended());
    waiters.moved(id_of<VaultId>(1), {6, {}});
    REQUIRE(heard.ended());
    CHECK(heard.future.get()->seq == 6);
    CHECK(waiters.count() == 0);
  }

  TEST_CASE("a wait ends when its time is over") {
    Waiters waiters;
    Heard heard;
    auto wait = wait_of(1, 1);
    wait.time = 1ms;
    REQUIRE(waiters.park(wait, "127.0.0.1", heard.wake()));
    CHECK_FALSE(heard.future.get().has_value());  // or this test never ends
  }

  TEST_CASE("a device waits once: the newer wait ends the older") {
    Waiters waiters;
    Heard first;
    Heard second;
    REQUIRE(waiters.park(wait_of(1, 1), "a", first.wake()));
    REQUIRE(waiters.park(wait_of(1, 1), "b", second.wake()));
    CHECK(first.ended());
    CHECK_FALSE(second.ended());
    CHECK(waiters.count() == 1);
    waiters.close();
  }

  TEST_CASE("waits are bounded, for a vault, for an address, and in all") {
    Waiters waiters;
    const auto nothing = [](const std::optional<protocol::Head>&) {};
    for (std::uint8_t device = 0; device < Waiters::max_of_vault; ++device)
      CHECK(waiters.park(wait_of(1, device), "a" + std::to_string(device), nothing));
    CHECK_FALSE(waiters.park(wait_of(1, 200), "b", nothing));
    CHECK(waiters.park(wait_of(1, 3), "b", nothing));  // in the place of its own older one
    std::size_t taken = 0;
    for (std::uint8_t vault = 2; vault < 100; ++vault)
      taken += waiters.park(wait_of(vault, 1), "one address", nothing) ? 1U : 0U;
    CHECK(taken == Waiters::max_of_address);
    taken = waiters.count();
    for (int i = 0; i < 600; ++i) {
      auto wait = wait_of(0, 1);
      wait.vault.bytes[0] = static_cast<std::uint8_t>(i);
      wait.vault.bytes[1] = static_cast<std::uint8_t>(1 + i / 256);
      taken += waiters.park(wait, "c" + std::to_string(i), nothing) ? 1U : 0U;
    }
    CHECK(taken == Waiters::max_in_all);
  }

  TEST_CASE("closing ends every wait, and no other begins") {
    Waiters waiters;
    Heard heard;
    REQUIRE(waiters.park(wait_of(1, 1), "a", heard.wake()));
    waiters.close();
    CHECK_FALSE(heard.future.get().has_value());
    CHECK_FALSE(waiters.park(wait_of(1, 2), "a", [](const std::optional<protocol::Head>&) {}));
  }
}

TEST_SUITE("sync/server/wait_log") {
  struct Counter : test::ServerRig {
    Counter() : alice(1), journal(clock, [](std::string_view) {}) {
      REQUIRE(join(alice, invite()).status == 201);
      front = std::make_unique<Front>(*service, figures, journal,
                                      FrontLimits{.threads = 2, .queue = 10, .per_address = 20},
                                      std::set<std::string>{});
    }
    std::future<http::Response> wait(std::uint64_t after, std::uint32_t seconds) {
      auto request = sign(alice.device, "GET",
                          target(alice, "/log/wait?after=" + std::to_string(after) +
                                            "&seconds=" + std::to_string(seconds)));
      request.peer = "127.0.0.1";
      auto promise = std::make_shared<std::promise<http::Response>>();
      auto future = promise->get_future();
      front->handle(std::move(request), [promise](http::Response response) {
        promise->set_value(std::move(response));
      });
      return future;
    }
    static std::uint64_t seq_in(const http::Response& response) {
      REQUIRE(response.status == 200);
      return protocol::from_json<protocol::HeadAnswer>(response.body)->head.seq;
    }
    test::Member alice;
    Figures figures;
    Journal journal;
    std::unique_ptr<Front> front;
  };

  TEST_CASE("an append answers who waits for it, with the new head") {
    Counter rig;
    auto waiting = rig.wait(0, 50);
    REQUIRE(rig.append(rig.alice, {}).status == 200);
    CHECK(Counter::seq_in(waiting.get()) == 1);
    CHECK(Counter::seq_in(rig.wait(0, 50).get()) == 1);  // known already: at once
  }

  TEST_CASE("waiting takes no thread: more wait, one after the other, than there are threads") {
    Counter rig;
    auto waiting = rig.wait(0, 50);
    for (int i = 0; i < 5; ++i) {
      while (rig.front->waiting() == 0) std::this_thread::yield();
      auto newer = rig.wait(0, 50);
      // Of one device: the older one is answered, with the head as it was.
      CHECK(Counter::seq_in(waiting.get()) == 0);
      waiting = std::move(newer);
    }
    REQUIRE(rig.append(rig.alice, {}).status == 200);
    CHECK(Counter::seq_in(waiting.get()) == 1);
  }

  TEST_CASE("nothing happened: the head as it stays, when the time is over") {
    Counter rig;
    CHECK(Counter::seq_in(rig.wait(0, 1).get()) == 0);
  }

  TEST_CASE("a server that stops lets nobody wait") {
    Counter rig;
    auto waiting = rig.wait(0, 50);
    rig.front->end_waits();
    CHECK(waiting.get().status != 500);
  }
}

}  // namespace
}  // namespace coffret::server
