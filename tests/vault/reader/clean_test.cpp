// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/clean.hpp"

#include <doctest/doctest.h>

#include "coffret/document.hpp"
#include "vault/reader/iso_time.hpp"

namespace coffret::reader {
namespace {

TEST_SUITE("vault/reader") {
  TEST_CASE("a line is one line, composed, and cannot turn or hide what follows") {
    const struct {
      std::string_view what, raw, clean;
    } cases[] = {
        {"white space", "  Compte \t\r\n rendu  ", "Compte rendu"},
        {"decomposed accents", "e\u0301te\u0301", "été"},
        {"terminal controls", "a\x1b[31mb\x07", "a[31mb"},
        {"C1 controls", "a\u009Bb", "ab"},
        {"writing direction", "rapport\u202Efdp.exe\u2066\u200F", "rapportfdp.exe"},
        {"a byte order mark", "\uFEFFa", "a"},
        {"not UTF-8", "a\xFF\xC3", "a\uFFFD\uFFFD"},
        {"surrogates in UTF-8", "\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},
        {"line separators", "a\u2028b\u0085c", "a b c"},
        {"tag characters", "a\U000E0041b", "ab"},
        {"nothing", " \n ", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      CHECK(clean_line(c.raw) == c.clean);
      CHECK(clean_line(clean_line(c.raw)) == c.clean);
    }
  }

  TEST_CASE("a text keeps its lines, and one empty line between them") {
    CHECK(clean_text("\n\na  \r\n\r\n\r\n\r\nb\rc\t\n") == "a\n\nb\nc");
  }

  TEST_CASE("what is too long is cut between characters") {
    const std::string line = clean_line(std::string(limits::short_text - 1, 'a') + "é");
    CHECK(line == std::string(limits::short_text - 1, 'a'));
    CHECK(clean_text(std::string(limits::text_size + 10, 'a')).size() == limits::text_size);
  }

  TEST_CASE("the encoding of a text file is found, and what is no text is not taken for one") {
    CHECK(*decode_text(as_bytes("été")) == "été");
    CHECK(*decode_text(as_bytes("\xE9t\xE9 \x80 \x92")) == "été € ’");
    CHECK(*decode_text(as_bytes({"\xFF\xFE\xE9\0t\0", 6})) == "ét");
    CHECK(*decode_text(as_bytes({"\xFE\xFF\0\xE9\xD8\x3D\xDE\x00", 8})) == "é😀");
    CHECK(*decode_text(as_bytes({"\xFE\xFF\xD8\x3D", 4})) == "\uFFFD");
    CHECK_FALSE(decode_text(as_bytes({"a\0b", 3})).has_value());
    CHECK_FALSE(decode_text(as_bytes("\x01")).has_value());
  }

  TEST_CASE("tags go, text stays, scripts go whole") {
    const struct {
      std::string_view html, text;
    } cases[] = {
        {"<p>a</p><p>b</p>", "a\n\nb"},
        {"a<br/>b", "a\nb"},
        {"<td>a</td><td>b</td>", "a b"},
        {"x<script>alert('</p>')</script>y", "xy"},
        {"x<SCRIPT src=\"a>b\">1</SCRIPT >y", "xy"},
        {"x<script/>y", "xy"},
        {"x<script>never closed", "x"},
        {"x<!-- <p> -- > -->y", "xy"},
        {"x<!-- never closed", "x"},
        {"&lt;b&gt; &amp;amp; &#233;&#xE9; &#0; &unknown; &#99999999999;",
         "<b> &amp; éé \uFFFD &unknown; &#99999999999;"},
        {"<a title=\"x>y\">z</a>", "z"},
        {"<x:p>a</x:p>b", "a\nb"},
        {"unfinished <b", "unfinished"},
        {"", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.html);
      CHECK(clean_text(strip_tags(c.html)) == c.text);
    }
  }

  TEST_CASE("HL7 dates keep their precision and offset, and what is no date is none") {
    const struct {
      std::string_view ts, iso;
    } cases[] = {
        {"20200312111700+0100", "2020-03-12T11:17:00+01:00"},
        {"20140531151542.706-0700", "2014-05-31T15:15:42.706-07:00"},
        {"202004201918-0800", "2020-04-20T19:18-08:00"},
        {"20140426100100", "2014-04-26T10:01:00"},
        {"2020031211", "2020-03-12T11"},
        {"20120806", "2012-08-06"},
        {"20120806+0100", "2012-08-06"},
        {"201907", "2019-07"},
        {"2019", "2019"},
        {"20110117211201Z", "2011-01-17T21:12:01Z"},
        {"20200312111700-08", "2020-03-12T11:17:00-08:00"},
        {"20200230", ""},
        {"20201301", ""},
        {"20200312250000", ""},
        {"202003121", ""},
        {"2020031211170000", ""},
        {"20200312111700+9900", ""},
        {"20200312111700x", ""},
        {"2020031211.5", ""},
        {"", ""},
        {"-", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.ts);
      CHECK(from_hl7(c.ts) == c.iso);
    }
  }

  TEST_CASE("ISO dates are checked and completed by the same rules") {
    const struct {
      std::string_view date, iso;
    } cases[] = {
        {"2018-07-10T15:22:00+02:00", "2018-07-10T15:22:00+02:00"},
        {"2022-01-25T02:15:36.560Z", "2022-01-25T02:15:36.560Z"},
        {"2024-06-19T10:47:06+02", "2024-06-19T10:47:06+02:00"},
        {"2019-07", "2019-07"},
        {"2019", "2019"},
        {"01-01-2021", ""},
        {"2019-13", ""},
        {"2019-07T10:00", ""},
        {"2019/07/01", ""},
        {"", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.date);
      CHECK(from_iso(c.date) == c.iso);
    }
  }
}

}  // namespace
}  // namespace coffret::reader
