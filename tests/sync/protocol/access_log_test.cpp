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
        {"another format", [](AccessLine& l) { l.format = 4; }, errc::other_version},
        {"a card's line without a reason", [](AccessLine& l) { l.format = 3; }, errc::malformed},
        {"outcome 0", [](AccessLine& l) { l.outcome = OpeningOutcome{0}; }, errc::other_version},
        {"outcome 9", [](AccessLine& l) { l.outcome = OpeningOutcome{9}; }, errc::other_version},
        {"a card asked for without a reason",
         [](AccessLine& l) { l.outcome = OpeningOutcome::asked; }, errc::malformed},
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

  TEST_CASE("an opened card's line says by whom and why, both sealed") {
    auto good = some_line();
    good.format = reason_line_format;
    good.outcome = OpeningOutcome::delivered;
    good.recipient_sealed = true;
    good.recipient.assign(max_recipient, 'a');
    good.reason.assign(max_reason, 'b');
    for (const auto outcome : {OpeningOutcome::asked, OpeningOutcome::delivered}) {
      good.outcome = outcome;
      const auto read = decode_access_line(wire::encode(good));
      REQUIRE(read.has_value());
      CHECK(*read == good);
    }
    struct {
      std::string_view name;
      void (*change)(AccessLine&);
    } const cases[] = {
        {"nobody", [](AccessLine& l) { l.recipient.clear(); }},
        {"no reason", [](AccessLine& l) { l.reason.clear(); }},
        {"a reason too long", [](AccessLine& l) { l.reason += 'b'; }},
        {"a reason that moves the cursor", [](AccessLine& l) { l.reason[0] = '\x1b'; }},
        {"a name in clear", [](AccessLine& l) { l.recipient_sealed = false; }},
        {"a reading", [](AccessLine& l) { l.outcome = OpeningOutcome::read; }},
        {"an attempt", [](AccessLine& l) { l.outcome = OpeningOutcome::not_active; }},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto line = good;
      c.change(line);
      CHECK(decode_access_line(wire::encode(line)).error() == errc::malformed);
    }
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
