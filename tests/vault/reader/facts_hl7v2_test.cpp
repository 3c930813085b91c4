// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include "vault/reader/reader.hpp"

namespace coffret::reader::hl7v2_facts {
namespace {

std::vector<Fact> facts_of(const std::string& observations) {
  const std::string message =
      "MSH|^~\\&|L|LABO|||20240310||ORU^R01|1|P|2.5\r"
      "PID|1||A1^^^&1.2.3&ISO||EXEMPLE^Camille\r"
      "OBR|1|||11502-2^Bilan^LN|||20240309083000+0100\r" +
      observations;
  const auto read = describe(as_bytes(message), "a.hl7");
  REQUIRE(read.has_value());
  CHECK(within_limits(*read));
  return read->facts;
}

TEST_SUITE("vault/reader/facts") {
  TEST_CASE("an OBX of HL7 v2 is a result with its code, its range, its flag and its day") {
    const auto facts = facts_of(
        "OBX|1|NM|GLU^Glucose^L^2345-7^Glucose sérique^LN||5,40|mmol/L^^UCUM|3.9-5.3|HH~A|||F|||"
        "20240310\r");
    REQUIRE(facts.size() == 1);
    const Fact& f = facts[0];
    CHECK(f.kind == FactKind::result);
    CHECK(f.code == CodedValue{"2345-7", "2.16.840.1.113883.6.1", "Glucose sérique"});
    CHECK(f.codings == std::vector<CodedValue>{{"GLU", "L", "Glucose"}, f.code});
    CHECK(f.label == "Glucose");
    CHECK(f.value == "5.40");
    CHECK(f.unit == "mmol/L");
    CHECK(f.range_low == "3.9");
    CHECK(f.range_high == "5.3");
    CHECK(f.flag == "HH");
    CHECK(f.date == "2024-03-10");
    CHECK(f.status == "final");
    CHECK(f.place == "OBX[1]");
  }

  TEST_CASE("every value type of HL7 v2 is read as a person reads it") {
    struct {
      const char* type;
      const char* written;
      const char* value;
    } const cases[] = {
        {"NM", "5.40", "5.40"},
        {"NM", "-1,5", "-1.5"},
        {"NM", "+3", "3"},
        {"NM", "<5", "<5"},
        {"SN", "<^5", "<5"},
        {"SN", ">=^100.5", ">=100.5"},
        {"SN", "^1^:^64", "1:64"},
        {"SN", "^2^-^5", "2-5"},
        {"SN", "=^5", "5"},
        {"CE", "1^négatif", "négatif"},
        {"CWE", "POS", "POS"},
        {"ST", "trace", "trace"},
        {"DT", "20240310", "2024-03-10"},
        {"ST", "a~b", "a b"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.written);
      const auto facts =
          facts_of("OBX|1|" + std::string{c.type} + "|1^Essai^L||" + c.written + "||||||F\r");
      REQUIRE(facts.size() == 1);
      CHECK(facts[0].value == c.value);
      CHECK(facts[0].date == "2024-03-09T08:30:00+01:00");
    }
    CHECK(facts_of("OBX|1|ED|1^Image^L||^application^pdf^Base64^AAAA||||||F\r").empty());
    CHECK(facts_of("OBX|1|NM|1^Essai^L||5||||||D\r").empty());
    CHECK(facts_of("OBX|1|NM|1^Essai^L||||||||F\r").empty());
  }

  TEST_CASE("a range of HL7 v2 is numbers where it is two or includes its bound, else words") {
    struct {
      const char* written;
      const char *low, *high, *text;
    } const cases[] = {
        {"3.5-5.0", "3.5", "5.0", ""},
        {"3,5 - 5,0", "3.5", "5.0", ""},
        {"-2-2", "-2", "2", ""},
        {"<= 5", "", "5", ""},
        {">=40", "40", "", ""},
        {"≤ 5", "", "5", ""},
        {"<5", "", "", "<5"},
        {"> 10", "", "", "> 10"},
        {"négatif", "", "", "négatif"},
        {"H: 13-17", "", "", "H: 13-17"},
        {"-", "", "", "-"},
        {"1-2-3", "", "", "1-2-3"},
        {"", "", "", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.written);
      const auto facts =
          facts_of("OBX|1|NM|1^Essai^L||5|g/L|" + std::string{c.written} + "||||F\r");
      REQUIRE(facts.size() == 1);
      CHECK(facts[0].range_low == c.low);
      CHECK(facts[0].range_high == c.high);
      CHECK(facts[0].range_text == c.text);
    }
  }

  TEST_CASE("an antibiogram keeps each of its results under one code") {
    const auto facts = facts_of(
        "OBX|1|ST|18907-6^Amoxicilline^LN|1|R||||||F\r"
        "OBX|2|ST|18907-6^Amoxicilline^LN|2|S||||||F\r");
    REQUIRE(facts.size() == 2);
    CHECK(facts[0].value == "R");
    CHECK(facts[1].value == "S");
  }
}

}  // namespace
}  // namespace coffret::reader::hl7v2_facts
