// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/archive.hpp"

#include <doctest/doctest.h>

#include "coffret/refusal.hpp"
#include "tests/vault/reader/zip_builder.hpp"
#include "vault/reader/reader.hpp"
#include "vault/reader/sha1.hpp"

namespace coffret::reader {
namespace {

// An IHE XDM METADATA.XML with one document.
std::string metadata(const std::string& slots) {
  return "<lcm:SubmitObjectsRequest xmlns:lcm='urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0' "
         "xmlns='urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'><RegistryObjectList>"
         "<ExtrinsicObject id='d'>" +
         slots + "</ExtrinsicObject></RegistryObjectList></lcm:SubmitObjectsRequest>";
}
std::string slot(const std::string& name, const std::string& value) {
  return "<Slot name='" + name + "'><ValueList><Value>" + value + "</Value></ValueList></Slot>";
}

std::vector<std::string> names(const reading::Unpacked& page) {
  std::vector<std::string> all;
  for (const auto& member : page.members) all.push_back(member.name);
  return all;
}

TEST_SUITE("vault/reader") {
  TEST_CASE("the documents of a ZIP come out byte for byte, what wraps them stays in") {
    const Bytes zip = make_zip({{"Été/", "", 0x0800, 040755},
                                {"Été/Ordonnance du Dr Noël.txt", "un"},
                                {"__MACOSX/._a", "x"},
                                {".DS_Store", "x"},
                                {"a/.svn/entries", "x"},
                                {"README.TXT", "deux"}});
    CHECK(describe(zip, "a.zip")->entry.format == DocumentFormat::zip);
    const auto page = unpack(zip, 0);
    REQUIRE(page.has_value());
    CHECK(page->next == 0);
    CHECK(names(*page) == std::vector<std::string>{"Été/Ordonnance du Dr Noël.txt", "README.TXT"});
    CHECK(as_text(page->members[0].bytes) == "un");
  }

  TEST_CASE("a name in an older encoding is read as far as it goes") {
    const auto page = unpack(make_zip({{"\xE9t\xE9.txt", "x", 0}}), 0);
    REQUIRE(page.has_value());
    CHECK(names(*page) == std::vector<std::string>{"été.txt"});
  }

  TEST_CASE("an archive that could reach outside itself is refused whole") {
    const struct {
      std::string what;
      std::vector<ZipMember> members;
    } cases[] = {
        {"climbs", {{"a.txt", "x"}, {"b/../../c", "x"}}},
        {"climbs at once", {{"../c", "x"}}},
        {"is only a climb", {{"..", "x"}}},
        {"is absolute", {{"/etc/c", "x"}}},
        {"names a drive", {{"C:c", "x"}}},
        {"has a backslash", {{"a\\..\\c", "x"}}},
        {"repeats", {{"a", "x"}, {"a", "y"}}},
        {"holds a control", {{"a\nb", "x"}}},
        {"is a link", {{"a", "/etc/passwd", 0x0800, 0120777}}},
        {"is a device", {{"a", "x", 0x0800, 0020644}}},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      const Bytes zip = make_zip(c.members);
      REQUIRE(describe(zip, "a.zip").has_error());
      CHECK(describe(zip, "a.zip").error() == errc::malformed);
      CHECK(unpack(zip, 0).error() == errc::malformed);
    }
  }

  TEST_CASE("sizes that do not add up are refused before anything is unpacked") {
    CHECK(describe(make_zip({{"a", "x", 0x0800, 0100644, 200u << 20}}), "a.zip").error() ==
          errc::too_large);
    const auto longer = unpack(make_zip({{"a", "xyz", 0x0800, 0100644, 2}}), 0);
    REQUIRE((longer.has_error() || longer->members[0].error != 0));
    std::vector<ZipMember> many;
    for (std::size_t i = 0; i <= archive_limits::members; ++i)
      many.push_back({std::to_string(i), ""});
    CHECK(describe(make_zip(many), "a.zip").error() == errc::too_large);
  }

  TEST_CASE("an encrypted or damaged member is refused alone") {
    const auto locked = unpack(make_zip({{"a", "secret", 0x0801}, {"b", "x"}}), 0);
    REQUIRE(locked.has_value());
    CHECK(error_in(locked->members[0].error) == errc::unsupported);
    CHECK(as_text(locked->members[1].bytes) == "x");
    Bytes damaged = make_zip({{"a", "abcdef"}, {"b", "x"}});
    damaged[31] ^= 1;  // the first byte of content
    const auto page = unpack(damaged, 0);
    REQUIRE(page.has_value());
    CHECK(error_in(page->members[0].error) == errc::malformed);
    CHECK(page->members[1].error == 0);
  }

  TEST_CASE("a long archive comes in pages that leave nothing out") {
    std::vector<ZipMember> many;
    for (int i = 0; i < 600; ++i) many.push_back({std::to_string(i), "x"});
    const Bytes zip = make_zip(many);
    std::size_t seen = 0;
    std::uint32_t next = 0;
    do {
      const auto page = unpack(zip, next);
      REQUIRE(page.has_value());
      CHECK(within_limits(*page));
      for (const auto& member : page->members) CHECK(member.name == std::to_string(seen++));
      next = page->next;
    } while (next != 0);
    CHECK(seen == many.size());
  }

  TEST_CASE("XDM gives the documents that METADATA.XML names, when their hash is right") {
    const std::string folder = "outer/IHE_XDM/SUBSET01/";
    const std::string hash = sha1_hex(as_bytes("document"));
    const auto archive = [&](const std::string& stated) {
      return make_zip(
          {{"outer/INDEX.HTM", "x"},
           {folder + "METADATA.xml", metadata(slot("hash", stated) + slot("URI", "DOC1.XML"))},
           {folder + "DOC1.XML", "document"},
           {folder + "CDA.xsl", "x"}});
    };
    CHECK(describe(archive(hash), "a.zip")->entry.format == DocumentFormat::xdm);
    const auto good = unpack(archive(hash), 0);
    REQUIRE(good.has_value());
    CHECK(names(*good) == std::vector<std::string>{folder + "DOC1.XML"});
    CHECK(good->members[0].error == 0);
    const auto bad = unpack(archive(std::string(40, '0')), 0);
    REQUIRE(bad.has_value());
    CHECK(error_in(bad->members[0].error) == errc::unauthenticated);
    CHECK(bad->members[0].bytes.empty());
  }

  TEST_CASE("hostile metadata refuses the archive") {
    const Bytes zip = make_zip({{"IHE_XDM/S/METADATA.XML", "<!DOCTYPE a><a/>"}});
    CHECK(unpack(zip, 0).error() == errc::doctype_refused);
  }

  TEST_CASE("an office file stays whole") {
    CHECK(describe(make_zip({{"[Content_Types].xml", "x"}}), "a.docx")->entry.format ==
          DocumentFormat::other);
    CHECK(describe(make_zip({{"mimetype", "x"}}), "a.odt")->entry.format == DocumentFormat::other);
  }

  TEST_CASE("bytes that only begin like an archive are refused") {
    CHECK(describe(as_bytes("PK\x03\x04 and no more"), "a.zip").error() == errc::malformed);
  }
}

}  // namespace
}  // namespace coffret::reader
