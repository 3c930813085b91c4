// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/access_log.hpp"

#include <doctest/doctest.h>

#include "sync/protocol/merkle.hpp"

namespace coffret::protocol {
namespace {

AccessLine some_line() {
  AccessLine line;
  line.index = 3;
  line.time = 1'764'000'000;
  line.link.bytes.fill(2);
  line.version = 1;
  line.recipient = "eyJ.a.b";
  return line;
}

TEST_SUITE("sync/protocol/access_log") {
  TEST_CASE("a line of every outcome reads back, in one encoding") {
    for (std::uint8_t outcome = 1; outcome <= 6; ++outcome) {
      CAPTURE(outcome);
      auto line = some_line();
      line.outcome = OpeningOutcome{outcome};
      if (line.outcome == OpeningOutcome::daily_head) line.link = {};
      const auto leaf = wire::encode(line);
      const auto read = decode_access_line(leaf);
      REQUIRE(read.has_value());
      CHECK(*read == line);
      CHECK(wire::encode(*read) == leaf);
    }
  }

  TEST_CASE("a line that says what no line can say is refused") {
    struct {
      std::string_view name;
      void (*change)(AccessLine&);
      errc expected;
    } const cases[] = {
        {"another format", [](AccessLine& l) { l.format = 3; }, errc::other_version},
        {"outcome 0", [](AccessLine& l) { l.outcome = OpeningOutcome{0}; }, errc::other_version},
        {"outcome 8", [](AccessLine& l) { l.outcome = OpeningOutcome{8}; }, errc::other_version},
        {"no link", [](AccessLine& l) { l.link = {}; }, errc::malformed},
        {"a daily head of a link", [](AccessLine& l) { l.outcome = OpeningOutcome::daily_head; },
         errc::malformed},
        {"no attempt", [](AccessLine& l) { l.count = 0; }, errc::malformed},
        {"a time before 1970", [](AccessLine& l) { l.time = -1; }, errc::malformed},
        {"a line break", [](AccessLine& l) { l.recipient = "a\nb"; }, errc::malformed},
        {"not UTF-8", [](AccessLine& l) { l.recipient = "\xff"; }, errc::malformed},
        {"a recipient too long", [](AccessLine& l) { l.recipient.assign(max_recipient + 1, 'a'); },
         errc::malformed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto line = some_line();
      c.change(line);
      CHECK(decode_access_line(wire::encode(line)).error() == c.expected);
    }
    CHECK(decode_access_line({}).error() == errc::malformed);
    CHECK(decode_access_line(Bytes(max_access_line + 1, 1)).error() == errc::too_large);
    auto longest = some_line();
    longest.recipient.assign(max_recipient, 'a');
    CHECK(decode_access_line(wire::encode(longest)).has_value());
  }

  TEST_CASE("a page reads back within its limits, the largest included") {
    auto longest = some_line();
    longest.recipient.assign(max_recipient, 'a');
    AccessPage page;
    page.lines.assign(max_access_lines, wire::encode(longest));
    page.checkpoint.assign(max_checkpoint_size, 'a');
    page.size = max_access_lines;
    CHECK(*decode_access_page(wire::encode(page)) == page);

    AccessPage more = page;
    more.lines.push_back(page.lines[0]);
    more.size = more.lines.size();
    CHECK(decode_access_page(wire::encode(more)).error() == errc::too_large);
    AccessPage fewer = page;
    fewer.size = page.lines.size() - 1;
    CHECK(decode_access_page(wire::encode(fewer)).error() == errc::malformed);
    AccessPage note = page;
    note.checkpoint.push_back('a');
    CHECK(decode_access_page(wire::encode(note)).error() == errc::too_large);
    CHECK(decode_access_page(Bytes(max_access_page + 1)).error() == errc::too_large);
  }
}

}  // namespace
}  // namespace coffret::protocol
