// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include <filesystem>
#include <functional>

#include "tests/support/daemon_rig.hpp"
#include "vault/store/recovery_slot.hpp"

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;
using test::DaemonRig;
using test::MemberServer;

errc reset(DaemonRig& rig, const std::string& sheet) {
  return rig.ask("passphrase reset", {}, {{"recovery", sheet}, {"passphrase", "une neuve"}}).error;
}
errc unlock_with(DaemonRig& rig, const std::string& passphrase) {
  return rig.ask("unlock", {}, {{"passphrase", passphrase}}).error;
}

TEST_SUITE("vault/daemon/passphrase_reset") {
  TEST_CASE("the sheet sets a new passphrase, and what was not sent yet stays") {
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    REQUIRE(rig.join() == errc::ok);
    rig.put_text("Pas encore envoyé");
    REQUIRE(rig.error_of("lock") == errc::ok);
    CHECK(reset(rig, rig.recovery) == errc::ok);
    CHECK(rig.number_in_status("documents") == 1);
    CHECK(rig.number_in_status("pending") > 0);
    REQUIRE(rig.error_of("lock") == errc::ok);
    CHECK(unlock_with(rig, rig.passphrase) == errc::wrong_passphrase);
    CHECK(unlock_with(rig, "une neuve") == errc::ok);
    CHECK(rig.error_of("sync") == errc::ok);
  }

  TEST_CASE("another sheet sets nothing, nor does a slot that was altered or taken away") {
    MemberServer server;
    DaemonRig rig{server};
    DaemonRig stranger{server, 3};
    REQUIRE(rig.init() == errc::ok);
    REQUIRE(stranger.init() == errc::ok);
    REQUIRE(rig.error_of("lock") == errc::ok);
    CHECK(reset(rig, stranger.recovery) == errc::wrong_recovery_key);
    const auto slot = rig.machine.file("recovery-slot");
    auto bytes = *rig.machine.disk.read(slot, 4096);
    auto altered = bytes;
    altered.back() ^= 1;
    REQUIRE(rig.machine.disk.replace(slot, altered).has_value());
    CHECK(reset(rig, rig.recovery) == errc::damaged);
    fs::remove(slot);
    CHECK(reset(rig, rig.recovery) == errc::not_found);
    CHECK(unlock_with(rig, rig.passphrase) == errc::ok);
    // The unlock made it again.
    CHECK(fs::exists(slot));
    REQUIRE(rig.error_of("lock") == errc::ok);
    CHECK(reset(rig, rig.recovery) == errc::ok);
  }

  TEST_CASE("a sheet that is refused leaves an open vault open") {
    MemberServer server;
    DaemonRig rig{server};
    DaemonRig stranger{server, 3};
    REQUIRE(rig.init() == errc::ok);
    REQUIRE(stranger.init() == errc::ok);
    const auto slot = rig.machine.file("recovery-slot");
    const auto slot_of_before = *rig.machine.disk.read(slot, 4096);
    REQUIRE(rig.error_of("recovery renew") == errc::ok);
    const auto sheet = test::shown_text(rig.heard.secrets.front());

    CHECK(reset(rig, stranger.recovery) == errc::wrong_recovery_key);
    CHECK(rig.error_of("list") == errc::ok);
    CHECK(reset(rig, rig.recovery) == errc::wrong_recovery_key);
    CHECK(rig.error_of("list") == errc::ok);
    REQUIRE(rig.machine.disk.replace(slot, slot_of_before).has_value());
    CHECK(reset(rig, rig.recovery) == errc::recovery_replaced);
    CHECK(rig.error_of("list") == errc::ok);
    fs::remove(slot);
    CHECK(reset(rig, sheet) == errc::not_found);
    CHECK(rig.error_of("list") == errc::ok);

    REQUIRE(rig.error_of("lock") == errc::ok);
    REQUIRE(rig.unlock() == errc::ok);  // makes the slot again
    CHECK(reset(rig, sheet) == errc::ok);
    CHECK(rig.error_of("list") == errc::ok);
  }

  TEST_CASE("the sheet makes a keyslot again that was emptied, altered or taken away") {
    struct {
      const char* name;
      std::function<void(const std::string&)> harm;
    } const cases[] = {
        {"emptied", [](const std::string& keyslot) { fs::resize_file(keyslot, 0); }},
        {"cut", [](const std::string& keyslot) { fs::resize_file(keyslot, 100); }},
        {"longer", [](const std::string& keyslot) { fs::resize_file(keyslot, 1000); }},
        {"taken away", [](const std::string& keyslot) { fs::remove(keyslot); }},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      MemberServer server;
      DaemonRig rig{server};
      REQUIRE(rig.init() == errc::ok);
      rig.put_text("Gardé");
      REQUIRE(rig.error_of("lock") == errc::ok);
      c.harm(rig.machine.file("keyslot"));
      CHECK(rig.unlock() == errc::keyslot_damaged);
      CHECK(reset(rig, rig.recovery) == errc::ok);
      CHECK(rig.number_in_status("documents") == 1);
      REQUIRE(rig.error_of("lock") == errc::ok);
      CHECK(unlock_with(rig, "une neuve") == errc::ok);
    }
  }

  TEST_CASE("a full disk leaves the passphrase that is there") {
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    for (std::int64_t writes = 0;; ++writes) {
      REQUIRE(writes < 20);
      REQUIRE(rig.error_of("lock") == errc::ok);
      rig.machine.disk.writes_left = writes;
      const auto tried = reset(rig, rig.recovery);
      rig.machine.disk.writes_left = -1;
      if (tried == errc::ok) break;
      CHECK(tried == errc::disk_full);
      CHECK(unlock_with(rig, rig.passphrase) == errc::ok);
    }
    REQUIRE(rig.error_of("lock") == errc::ok);
    CHECK(unlock_with(rig, "une neuve") == errc::ok);
  }
}

}  // namespace
}  // namespace coffret::daemon
