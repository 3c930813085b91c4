// SPDX-License-Identifier: EUPL-1.2
//
// A correction may keep the id, the title and the day of what it corrects: none is lost. Everyone
// here is made up.
#include "vault/daemon/same_document.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "coffret/encoding.hpp"
#include "tests/support/daemon_rig.hpp"

namespace coffret::daemon {
namespace {

using test::DaemonRig;
using test::MemberServer;

struct Importing {
  MemberServer server;
  DaemonRig rig{server};
  test::Folder files;

  Importing() { REQUIRE(rig.init() == errc::ok); }
  std::string outcome_of(const std::string& name, const std::string& content) {
    std::ofstream{files / name, std::ios::binary} << content;
    REQUIRE(rig.error_of("import",
                         {{"paths", boost::json::array{boost::json::string{files / name}}}}) ==
            errc::ok);
    REQUIRE(rig.heard.rows.size() == 1);
    return std::string{rig.heard.rows.front().at("outcome").as_string()};
  }
};

std::string potassium(const std::string& value, const std::string& more = "") {
  return R"({"resourceType":"Observation","status":"final",)"
         R"("identifier":[{"system":"urn:oid:1.2.3","value":"K1"}],)"
         R"("code":{"coding":[{"system":"http://loinc.org","code":"2823-3"}],"text":"Potassium"},)"
         R"("effectiveDateTime":"2026-03-14T08:00:00+01:00",)"
         R"("valueQuantity":{"value":)" +
         value + R"(,"unit":"mmol/L"})" + more + "}";
}

// A CDA whose only content is a payload.
std::string letter_with(const std::string& payload, const std::string& version = "1") {
  return R"(<?xml version="1.0" encoding="UTF-8"?><ClinicalDocument xmlns="urn:hl7-org:v3">)"
         R"(<id root="1.2.3.4" extension="A1"/>)"
         R"(<code code="11488-4" codeSystem="2.16.840.1.113883.6.1"/><title>Lettre</title>)"
         R"(<effectiveTime value="20260314"/><versionNumber value=")" +
         version +
         R"("/><component><nonXMLBody><text mediaType="application/pdf" )"
         R"(representation="B64">)" +
         to_base64(as_bytes(payload)) + "</text></nonXMLBody></component></ClinicalDocument>";
}

Fact potassium_fact(const std::string& value, const std::string& place) {
  Fact fact;
  fact.label = "Potassium";
  fact.value = value;
  fact.place = place;
  return fact;
}

TEST_SUITE("vault/daemon/same_document") {
  TEST_CASE("a result that was corrected under its old identifier is kept beside it") {
    Importing importing;
    CHECK(importing.outcome_of("a.json", potassium("5.4")) == "imported");
    CHECK(importing.outcome_of("b.json", potassium("7.4")) == "imported");
    // The same in other bytes is one all the same.
    CHECK(importing.outcome_of("c.json", " " + potassium("7.4")) == "duplicate");
  }

  TEST_CASE("letters of one id whose payloads or versions differ are all kept") {
    Importing importing;
    CHECK(importing.outcome_of("a.xml", letter_with("%PDF-1.4 une page")) == "imported");
    CHECK(importing.outcome_of("b.xml", letter_with("%PDF-1.4 autre page")) == "imported");
    CHECK(importing.outcome_of("c.xml", letter_with("%PDF-1.4 une page", "2")) == "imported");
    CHECK(importing.outcome_of("d.xml", letter_with("%PDF-1.4 une page") + "\n") == "duplicate");
  }

  TEST_CASE("what holds nothing to compare is not the same by that") {
    const std::vector<Attachment> none;
    const std::vector<Fact> no_facts;
    CHECK_FALSE(same_content({"", none, no_facts}, {"", none, no_facts}));
    const auto same_text = [&](std::string_view a, std::string_view b) {
      return same_content({a, none, no_facts}, {b, none, no_facts});
    };
    CHECK(same_text("a b\nc", "abc "));
    CHECK(same_text(" a b", "a\tb\r\n"));
    CHECK_FALSE(same_text("a b", "a b c"));
    CHECK_FALSE(same_text("abd", "abc"));
    CHECK_FALSE(same_text("a b", ""));

    const std::vector<Fact> low{potassium_fact("5.4", "entry[1]")};
    const std::vector<Fact> moved{potassium_fact("5.4", "entry[2]")};
    const std::vector<Fact> high{potassium_fact("7.4", "entry[1]")};
    CHECK(same_content({"", none, low}, {"", none, moved}));
    CHECK_FALSE(same_content({"", none, low}, {"", none, high}));
    CHECK_FALSE(same_content({"", none, low}, {"", none, no_facts}));

    const std::vector<Attachment> one{
        {.title = "", .media_type = "application/pdf", .size = 3, .sha256 = {}}};
    const std::vector<Attachment> other{
        {.title = "", .media_type = "application/pdf", .size = 4, .sha256 = {}}};
    CHECK(same_content({"", one, no_facts}, {"", one, no_facts}));
    CHECK_FALSE(same_content({"", one, no_facts}, {"", other, no_facts}));
  }
}

}  // namespace
}  // namespace coffret::daemon
