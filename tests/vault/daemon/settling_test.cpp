// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/settling.hpp"

#include <doctest/doctest.h>

namespace coffret::daemon {
namespace {

using std::chrono::milliseconds;
using Names = std::vector<std::string>;

Settling::Time at(int after) {
  return Settling::Time{} + std::chrono::hours{1} + milliseconds{after};
}

SeenFile file(std::string name, std::uint64_t size = 10, std::int64_t modified = 1,
              bool being_written = false) {
  return {std::move(name), size, modified, being_written};
}

TEST_SUITE("vault/daemon/settling") {
  TEST_CASE("a file is whole when it was still for two seconds, and is named until it is done") {
    Settling settling;
    CHECK(settling.look({file("a")}, at(0)).empty());
    CHECK(settling.waiting());
    CHECK(settling.look({file("a")}, at(1999)).empty());
    CHECK(settling.look({file("a")}, at(2000)) == Names{"a"});
    CHECK(settling.look({file("a")}, at(2500)) == Names{"a"});
    settling.done("a");
    CHECK(settling.look({file("a")}, at(9000)).empty());
    CHECK_FALSE(settling.waiting());
  }

  TEST_CASE("every change of size, time or writer begins the wait again") {
    Settling settling;
    CHECK(settling.look({file("a", 10, 1)}, at(0)).empty());
    CHECK(settling.look({file("a", 20, 1)}, at(1500)).empty());
    CHECK(settling.look({file("a", 20, 2)}, at(3000)).empty());
    CHECK(settling.look({file("a", 20, 2, true)}, at(5000)).empty());
    CHECK(settling.look({file("a", 20, 2)}, at(6999)).empty());
    CHECK(settling.look({file("a", 20, 2)}, at(7000)) == Names{"a"});
  }

  TEST_CASE("what was dealt with is named again when it changes") {
    Settling settling;
    (void)settling.look({file("a")}, at(0));
    CHECK(settling.look({file("a")}, at(2000)) == Names{"a"});
    settling.done("a");
    CHECK(settling.look({file("a", 11)}, at(3000)).empty());
    CHECK(settling.look({file("a", 11)}, at(5000)) == Names{"a"});
    // Gone and come back is new, too.
    settling.done("a");
    (void)settling.look({}, at(6000));
    (void)settling.look({file("a", 11)}, at(7000));
    CHECK(settling.look({file("a", 11)}, at(9000)) == Names{"a"});
  }

  TEST_CASE("unfinished downloads are waited for, with the empty file that holds their name") {
    Settling settling;
    const std::vector<SeenFile> growing{file("report.pdf"), file("report.pdf.part")};
    (void)settling.look(growing, at(0));
    CHECK(settling.look(growing, at(5000)).empty());
    CHECK_FALSE(settling.waiting());
    CHECK(settling.look({file("report.pdf", 99, 3)}, at(5500)).empty());
    CHECK(settling.look({file("report.pdf", 99, 3)}, at(7500)) == Names{"report.pdf"});
    (void)settling.look({file("empty", 0)}, at(8000));
    CHECK(settling.look({file("empty", 0)}, at(80000)).empty());
    for (const auto* name :
         {"a.part", "A.CRDOWNLOAD", "a.pdf.tmp", "a.partial", "a.download", ".hidden"})
      CHECK(is_unfinished_name(name));
    for (const auto* name : {"a.pdf", "part", "tmp", "apart.pdf", "a.part.pdf"})
      CHECK_FALSE(is_unfinished_name(name));
  }
}

}  // namespace
}  // namespace coffret::daemon
