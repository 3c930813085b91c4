// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/session.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "tests/support/vault_machine.hpp"

namespace coffret::daemon {
namespace {

using namespace std::chrono_literals;

Result<VaultId> id_of(store::Vault& vault) {
  return vault.id();
}

struct Open {
  test::Machine machine;
  Session session;
  Open() { session.adopt(std::move(machine.create()->vault)); }
};

TEST_SUITE("vault/daemon/session") {
  TEST_CASE("a locked session gives neither the vault nor a hold") {
    Session session;
    CHECK(session.locked());
    CHECK(session.with(id_of).error() == errc::locked);
    CHECK(session.hold().error() == errc::locked);
  }

  TEST_CASE("locking asks a hold to stop, lets it finish, and takes no new one") {
    Open open;
    auto hold = std::make_optional(std::move(*open.session.hold()));
    CHECK_FALSE(hold->asked_to_stop());
    std::thread locking{[&] { open.session.lock(); }};
    while (!hold->asked_to_stop()) std::this_thread::yield();
    CHECK(open.session.hold().error() == errc::locked);
    CHECK(open.session.with(id_of).has_value());  // its last step may still be kept
    hold.reset();
    locking.join();
    CHECK(open.session.locked());
    CHECK(open.machine.open().has_value());  // the directory's lock was released with it
  }

  TEST_CASE("an idle vault is locked, a held or a used one is not") {
    Open open;
    open.session.lock_if_idle(1h);
    CHECK_FALSE(open.session.locked());
    {
      const auto hold = open.session.hold();
      open.session.lock_if_idle(0s);
      CHECK_FALSE(open.session.locked());
    }
    (void)open.session.with([&](store::Vault&) -> Result<void> {
      // A long touch: whoever looks for idleness goes on at once.
      std::thread{[&] { open.session.lock_if_idle(0s); }}.join();
      return {};
    });
    CHECK_FALSE(open.session.locked());
    open.session.lock_if_idle(0s);
    CHECK(open.session.locked());
  }
}

}  // namespace
}  // namespace coffret::daemon
