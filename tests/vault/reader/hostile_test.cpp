// SPDX-License-Identifier: EUPL-1.2
//
// Files made to harm whoever reads them: each is refused or inert, soon and in little memory. What
// XML, JSON and ZIP refuse by their form is in describe_test and archive_test.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "tests/vault/reader/zip_builder.hpp"
#include "vault/reader/archive.hpp"
#include "vault/reader/reader.hpp"

namespace coffret::reader {
namespace {

using namespace std::string_literals;

long peak_memory() {  // KiB
  rusage usage{};
  (void)::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// Describes (and unpacks) in a child; its memory may grow by this much beyond the file's own
// copies.
bool stays_small(ByteView file, const char* name) {
  constexpr long limit = 100 * 1024;  // KiB
  const auto begun = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const long before = peak_memory();
    (void)describe(file, name).has_value();
    (void)unpack(file, 0).has_value();
    ::_exit(peak_memory() - before < limit ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  // The promise is a second; the sanitizers and a busy machine are given ten.
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{10});
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Many directory entries that share one stored file: "a better zip bomb".
Bytes overlapping_zip(std::size_t entries) {
  const std::string content(1u << 16, 'x');
  Bytes zip = make_zip({{"0", content}});
  const std::size_t file_end = 30 + 1 + content.size();
  const Bytes entry{zip.begin() + static_cast<std::ptrdiff_t>(file_end),
                    zip.end() - 22};  // its one directory entry, then the end record
  zip.resize(file_end);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::string name = std::to_string(i);
    Bytes other{entry.begin(), entry.end() - 1};
    other[28] = static_cast<std::uint8_t>(name.size());
    append(zip, other);
    append(zip, as_bytes(name));
  }
  const std::size_t directory = zip.size() - file_end;
  append_le<std::uint32_t>(zip, 0x06054b50);
  append_le<std::uint32_t>(zip, 0);
  append_le(zip, static_cast<std::uint16_t>(entries));
  append_le(zip, static_cast<std::uint16_t>(entries));
  append_le(zip, static_cast<std::uint32_t>(directory));
  append_le(zip, static_cast<std::uint32_t>(file_end));
  append_le<std::uint16_t>(zip, 0);
  return zip;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST_SUITE("vault/reader") {
  TEST_CASE("what costs its reader most is refused, soon and in little memory") {
    std::string attributes = "<?xml version='1.0'?><a";
    for (int i = 0; i < 100'000; ++i) attributes += " a" + std::to_string(i) + "='1'";
    const struct {
      std::string what;
      Bytes file;
      const char* name;
      errc why;
    } cases[] = {
        {"depth 10^5", to_bytes(as_bytes("<?xml version='1.0'?>" + repeated("<a>", 100'000))),
         "a.xml", errc::too_large},
        {"10^5 attributes", to_bytes(as_bytes(attributes + "/>")), "a.xml", errc::too_large},
        {"60,000 arrays", to_bytes(as_bytes(repeated("[", 60'000))), "a.json", errc::malformed},
        {"external entities",
         to_bytes(as_bytes("<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/'>%p;]><a/>")),
         "a.xml", errc::doctype_refused},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      CHECK(stays_small(c.file, c.name));
      const auto read = describe(c.file, c.name);
      REQUIRE(read.has_error());
      CHECK(read.error() == c.why);
    }
  }

  TEST_CASE("names that share one stored file are one file") {
    const Bytes zip = overlapping_zip(2000);
    CHECK(stays_small(zip, "a.zip"));
    CHECK(unpack(zip, 0)->members.size() == 1);
  }

  TEST_CASE("an XInclude and a style sheet instruction are text that nobody follows") {
    const auto d =
        describe(as_bytes("<?xml version='1.0'?><?xml-stylesheet href='http://127.0.0.1:9/'?>"
                          "<ClinicalDocument xmlns='urn:hl7-org:v3'><title>t</title><component>"
                          "<structuredBody><component><section><text><i:include xmlns:i="
                          "'http://www.w3.org/2001/XInclude' href='/etc/passwd' parse='text'/>"
                          "<linkHtml href='javascript:x()' onmouseover='x()'>lien</linkHtml></text>"
                          "</section></component></structuredBody></component></ClinicalDocument>"),
                 "a.xml");
    REQUIRE(d.has_value());
    CHECK(d->entry.title == "t");
    CHECK(d->text == "lien");
  }

  TEST_CASE("base64 stuffed with white space is read, base64 with a second spelling is not") {
    const auto body = [](const std::string& text) {
      return "<?xml version='1.0'?><ClinicalDocument xmlns='urn:hl7-org:v3'><component>"
             "<nonXMLBody><text mediaType='application/pdf' representation='B64'>" +
             text + "</text></nonXMLBody></component></ClinicalDocument>";
    };
    const std::string stuffed = body("YQ" + std::string(8u << 20, ' ') + "==");
    CHECK(stays_small(as_bytes(stuffed), "a.xml"));
    CHECK(describe(as_bytes(stuffed), "a.xml")->contents.size() == 1);
    CHECK(describe(as_bytes(body("YR==")), "a.xml")->contents.empty());
  }

  TEST_CASE("XML of little but elements or attributes is refused before it costs much memory") {
    const std::string start = "<?xml version='1.0'?><a>";
    const std::string elements = start + repeated("<b/>", xml_limits::nodes) + "</a>";
    const std::string attributes =
        start + repeated("<b c='x' d='y' e='z'/>", xml_limits::nodes / 4) + "</a>";
    for (const std::string& file : {elements, attributes}) {
      CHECK(describe(as_bytes(file), "a.xml").error() == errc::too_large);
      CHECK(stays_small(as_bytes(file), "a.xml"));
    }
    CHECK(describe(as_bytes(start + repeated("<b c='x'/>", 50'000) + "</a>"), "a.xml").has_value());
  }

  TEST_CASE("a file is what its first bytes say, whatever it is called or carries besides") {
    const struct {
      std::string bytes;
      const char* name;
      DocumentFormat format;
    } cases[] = {
        {"<html><script>x()</script>%PDF-1.7", "a.pdf", DocumentFormat::other},
        {"GIF89a\1\0\1\0<script>x()</script>"s, "a.html", DocumentFormat::image},
        {"%PDF-1.7\n/OpenAction << /S /JavaScript /JS (x()) >>", "a.pdf", DocumentFormat::pdf},
        {"{\"resourceType\":\"Patient\"}", "a.pdf", DocumentFormat::fhir},
    };
    for (const auto& c : cases) {
      CAPTURE(c.bytes);
      const auto d = describe(as_bytes(c.bytes), c.name);
      REQUIRE(d.has_value());
      CHECK(d->entry.format == c.format);
      CHECK(d->text.find("x()") == std::string::npos);
    }
  }

  TEST_CASE("names and titles that would deceive are made plain") {
    const auto named = describe(as_bytes("x"),
                                "../..\\\xE2\x80\xAE"
                                "fdp.exe\n");
    REQUIRE(named.has_value());
    CHECK(named->entry.file_name == "fdp.exe");
    const auto titled = describe(
        as_bytes(R"({"resourceType":"Composition","title":"a\u202eb\u0000c\u001b[31m\ufeff"})"),
        "a.json");
    REQUIRE(titled.has_value());
    CHECK(titled->entry.title == "abc[31m");
  }

  TEST_CASE("bytes that are not what their encoding allows are refused") {
    for (const std::string& bad :
         {"<?xml version='1.0'?><a>\xC0\xAF</a>"s, "<?xml version='1.0'?><a>\xED\xA0\x80</a>"s,
          "<?xml version='1.0' encoding='UTF-16'?><a/>\xFF"s, "\xFF\xFE<\0a\0>\0\0\xD8"s}) {
      CAPTURE(bad);
      CHECK(describe(as_bytes(bad), "a.xml").has_error());
    }
    CHECK(describe(as_bytes(R"({"resourceType":"Patient","id":"\ud800"})"), "a.json").has_error());
  }
}

}  // namespace
}  // namespace coffret::reader
