// SPDX-License-Identifier: EUPL-1.2
//
// A server without room: what does not fit waits, and keeps nothing else back.
#include <doctest/doctest.h>

#include "tests/support/daemon_rig.hpp"

namespace coffret::daemon {
namespace {

using test::DaemonRig;
using test::MemberServer;

// A vault with one document on a server that has room for a few small ones more.
struct Full {
  MemberServer server;
  DaemonRig rig{server};
  DocumentId first;

  Full() {
    REQUIRE(rig.init() == errc::ok);
    REQUIRE(rig.join() == errc::ok);
    first = rig.put_text("Premier");
    REQUIRE(rig.error_of("sync") == errc::ok);
    server.quota = server.used() + 3 * crypto::object_size(1);
  }
  DocumentId put_large() {
    DocumentId id;
    (void)rig.service.session().with([&](store::Vault& vault) -> Result<void> {
      id = test::put(vault, test::prepared("Grand", std::string(1 << 20, 'x')));
      return {};
    });
    return id;
  }
  std::uint64_t pending() { return rig.number_in_status("pending"); }
};

TEST_SUITE("vault/daemon/full_quota") {
  TEST_CASE("a document without room keeps nothing else back, and goes when there is room") {
    Full full;
    const auto large = full.put_large();
    REQUIRE(full.rig.error_of("edit", {{"id", large.text()}, {"title", "Trop grand"}}) == errc::ok);
    (void)full.rig.put_text("Petit");
    REQUIRE(full.rig.error_of("remove", {{"id", full.first.text()}}) == errc::ok);
    REQUIRE(full.pending() == 4);
    const auto told = full.rig.ask("sync");
    CHECK(told.error == errc::over_quota);
    CHECK(told.detail.find("1 document") != std::string::npos);
    CHECK(full.pending() == 2);  // the large one, and what was said of it
    // Again and again: what is in its place is not signed anew.
    const auto before = full.server.log.size();
    CHECK(full.rig.error_of("sync") == errc::over_quota);
    CHECK(full.server.log.size() == before);
    (void)full.rig.put_text("Petit encore");
    CHECK(full.rig.error_of("sync") == errc::over_quota);
    CHECK(full.server.log.size() == before + 1);
    CHECK(full.pending() == 2);
    // It is all there, here and after another start.
    REQUIRE(full.rig.error_of("lock") == errc::ok);
    REQUIRE(full.rig.unlock() == errc::ok);
    CHECK(full.rig.ask("list").result.at("count") == 3);
    full.server.quota = 1u << 30;
    CHECK(full.rig.error_of("sync") == errc::ok);
    CHECK(full.pending() == 0);
    DaemonRig second{full.server, 2};
    REQUIRE(second.rebuild(full.rig.recovery) == errc::ok);
    CHECK(second.ask("list").result.at("count") == 3);
    const auto shown = second.ask("show", {{"id", large.text()}});
    REQUIRE(shown.error == errc::ok);
  }

  TEST_CASE("where not even the entries fit, nothing is sent or changed") {
    Full full;
    full.server.quota = full.server.used();
    (void)full.rig.put_text("Petit");
    const auto before = full.server.log.size();
    CHECK(full.rig.error_of("sync") == errc::over_quota);
    CHECK(full.server.log.size() == before);
    CHECK(full.pending() == 1);
  }
}

}  // namespace
}  // namespace coffret::daemon
