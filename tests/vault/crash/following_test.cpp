// SPDX-License-Identifier: EUPL-1.2
//
// A vault that follows another history (store/ways_out.hpp), cut short at every durable call: it
// holds the history before or the one after, and the same word goes on.
#include <doctest/doctest.h>

#include "tests/support/crash_play.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::test {
namespace {

// Two devices in step; then each wrote to a server that showed it its own history.
struct Parted {
  Stage stage;
  protocol::Head base;
  std::vector<protocol::SignedEntry> theirs;

  Parted() {
    auto made = stage.machine.create();
    REQUIRE(made.has_value());
    auto& first = made->vault;
    const auto kept = put(first, prepared("Premier", "un"));
    REQUIRE(stage.sync(first).has_value());
    auto second = stage.machine.rebuild(made->seed, stage.shelf.log, "second");
    REQUIRE(second.has_value());
    REQUIRE(stage.sync(*second).has_value());
    REQUIRE(stage.sync(first).has_value());
    base = stage.shelf.head();
    const Shelf common = stage.shelf;
    (void)put(first, prepared("Ici", std::string((1u << 20) + 5000, 'g')));
    REQUIRE(first.remove(kept).has_value());
    REQUIRE(stage.sync(first).has_value());
    (void)put(first, prepared("Ici, pas encore envoyé", "i"));
    stage.shelf = common;
    (void)put(*second, prepared("Ailleurs", "a"));
    REQUIRE(stage.sync(*second).has_value());
    theirs.assign(stage.shelf.log.begin() + static_cast<std::ptrdiff_t>(base.seq),
                  stage.shelf.log.end());
  }
  Result<store::Followed> follow(store::Vault& vault) {
    return store::WaysOut{vault}.follow(base, theirs, {});
  }
};

TEST_SUITE("vault/crash/following") {
  TEST_CASE(
      "another history followed and cut short anywhere is followed or not, and nothing lost") {
    Parted parted;
    auto& machine = parted.stage.machine;
    const Shelf shown = parted.stage.shelf;
    std::string before;
    std::string after;
    Recording recording{machine.medium};
    {
      auto vault = machine.open();
      REQUIRE(vault.has_value());
      before = told(*vault);
      const auto followed = parted.follow(*vault);
      REQUIRE(followed.has_value());
      CHECK(followed->carried == 3);
      CHECK(followed->left_out.empty());
      after = told(*vault);
      recording.mark();
    }
    recording.stop();
    REQUIRE(before != after);
    const auto count = walk(recording, [&](const Crash& crash) {
      machine.medium = crash.left;
      parted.stage.shelf = shown;
      auto vault = machine.open();
      CHECK_MESSAGE(vault.has_value(), "does not open: " << row(to_errc(vault.error())).code);
      if (vault.has_error()) return;
      if (told(*vault) != after) {
        CHECK(told(*vault) == before);
        const auto again = parted.follow(*vault);
        CHECK_MESSAGE(again.has_value(), "again: " << row(to_errc(again.error())).code);
        if (again.has_error()) return;
      }
      CHECK(told(*vault) == after);
      CHECK(vault->check(true)->empty());
      CHECK(parted.stage.shelf.sync(*vault));
      CHECK(vault->status()->pending == 0);
    });
    MESSAGE("following: walked " << count.steps << " durable calls, " << count.crashes
                                 << " crashes");
    CHECK(count.crashes > 10);
  }
}

}  // namespace
}  // namespace coffret::test
