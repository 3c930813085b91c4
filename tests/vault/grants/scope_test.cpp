// SPDX-License-Identifier: EUPL-1.2
#include "vault/grants/scope.hpp"

#include <algorithm>

#include "tests/support/grant_home.hpp"

using namespace coffret;
using namespace coffret::test;
using grants::Sensitive;

namespace {

constexpr auto loinc = "2.16.840.1.113883.6.1";

Fact fact(FactKind kind, const std::string& code, const std::string& system) {
  Fact made;
  made.kind = kind;
  made.code = {code, system, "Exemple"};
  made.label = "Exemple";
  return made;
}

std::vector<Sensitive> kinds_of_fact(FactKind kind, const std::string& code,
                                     const std::string& system) {
  return grants::sensitive_kinds({}, {fact(kind, code, system)});
}

store::PreparedDocument of_category(const std::string& title, const std::string& category,
                                    const std::string& code = {}) {
  auto document = prepared(title, title);
  document.entry.category = category;
  document.entry.type = {code, loinc, title};
  return document;
}

std::vector<std::string> titles(const grants::Scope& scope) {
  std::vector<std::string> all;
  for (const auto& document : scope.documents) all.push_back(document.entry.title);
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::string> left(const grants::Scope& scope) {
  std::vector<std::string> all;
  for (const auto& one : scope.left_out) all.push_back(one.document.entry.title);
  std::sort(all.begin(), all.end());
  return all;
}

using Titles = std::vector<std::string>;

struct Shelf {
  Machine machine;
  store::Vault vault = std::move(machine.create()->vault);

  grants::Scope scope(const store::GrantTerms& terms) {
    auto found = grants::evaluate(vault, terms);
    REQUIRE(found.has_value());
    return std::move(*found);
  }
};

store::GrantTerms everything() {
  store::GrantTerms terms;
  terms.all = true;
  return terms;
}

}  // namespace

TEST_SUITE("vault/grants scope") {
  TEST_CASE("sensitive kinds are known by the codes of types, problems, medicines and results") {
    using enum Sensitive;
    struct {
      const char* name;
      FactKind kind;
      const char* code;
      const char* system;
      Sensitive expected;
    } const cases[] = {
        {"a depressive episode", FactKind::problem, "F32.1", "2.16.840.1.113883.6.3", psychiatry},
        {"the same without a point", FactKind::problem, "F321", "http://hl7.org/fhir/sid/icd-10",
         psychiatry},
        {"alcohol", FactKind::problem, "F10.2", "http://hl7.org/fhir/sid/icd-10", addiction},
        {"HIV disease", FactKind::problem, "B20", "urn:oid:2.16.840.1.113883.6.3", hiv},
        {"a pregnancy", FactKind::problem, "O26.9", "2.16.840.1.113883.6.90", pregnancy},
        {"chromosomes", FactKind::problem, "Q90.9", "2.16.840.1.113883.6.3", genetics},
        {"an antipsychotic", FactKind::medicine, "N05AX08", "http://www.whocc.no/atc", psychiatry},
        {"methadone", FactKind::medicine, "N07BC02", "2.16.840.1.113883.6.73", addiction},
        {"an antiretroviral", FactKind::medicine, "J05AR20", "2.16.840.1.113883.6.73", hiv},
        {"an integrase inhibitor, coded as before", FactKind::medicine, "J05AX08",
         "http://www.whocc.no/atc", hiv},
        {"a booster", FactKind::medicine, "V03AX03", "http://www.whocc.no/atc", hiv},
        {"after a birth", FactKind::medicine, "H01BB02", "http://www.whocc.no/atc", pregnancy},
        {"alcohol, seen in the stomach", FactKind::problem, "K29.2", "2.16.840.1.113883.6.3",
         addiction},
        {"alcohol, seen in the pancreas", FactKind::problem, "K85.2", "2.16.840.1.113883.6.3",
         addiction},
        {"thoughts of suicide", FactKind::problem, "R45.8", "2.16.840.1.113883.6.3", psychiatry},
        {"HIV in a summary", FactKind::problem, "86406008", "http://snomed.info/sct", hiv},
        {"depression in a summary", FactKind::problem, "35489007", "2.16.840.1.113883.6.96",
         psychiatry},
        {"alcohol in a summary", FactKind::problem, "66590003", "http://snomed.info/sct",
         addiction},
        {"a pregnancy in a summary", FactKind::problem, "77386006", "http://snomed.info/sct",
         pregnancy},
        {"a viral load", FactKind::result, "29541-0", "http://loinc.org", hiv},
        {"a share of cells", FactKind::result, "8128-7", "http://loinc.org", hiv},
        {"an HIV test", FactKind::result, "56888-1", "http://loinc.org", hiv},
        {"a pregnancy test", FactKind::result, "2106-3", loinc, pregnancy},
        {"a karyotype", FactKind::result, "29770-5", loinc, genetics},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      CHECK(kinds_of_fact(c.kind, c.code, c.system) == std::vector{c.expected});
    }
    CHECK(kinds_of_fact(FactKind::problem, "F17.2", "2.16.840.1.113883.6.3").empty());
    CHECK(kinds_of_fact(FactKind::problem, "I10", "2.16.840.1.113883.6.3").empty());
    CHECK(kinds_of_fact(FactKind::medicine, "C09AA05", "2.16.840.1.113883.6.73").empty());
    CHECK(kinds_of_fact(FactKind::result, "4548-4", loinc).empty());
    // Of COVID, though below a class of HIV.
    CHECK(kinds_of_fact(FactKind::medicine, "J05AE30", "http://www.whocc.no/atc").empty());
    CHECK(kinds_of_fact(FactKind::medicine, "J05AE03", "http://www.whocc.no/atc") ==
          std::vector{hiv});
    CHECK(kinds_of_fact(FactKind::problem, "864060080", "http://snomed.info/sct").empty());
    CHECK(kinds_of_fact(FactKind::problem, "F32.1", "1.2.3.4").empty());  // another system's code
    // A class beside another code.
    auto brand = fact(FactKind::medicine, "3400930000000", "1.2.250.1.213.2.3.1");
    brand.flag = "J05AF05";
    CHECK(grants::sensitive_kinds({}, {brand}) == std::vector{hiv});
  }

  TEST_CASE("masked documents are those restricted or hidden from somebody") {
    const auto masked = [](const char* code, const char* system) {
      DocumentEntry entry;
      entry.confidentiality = {{"N", "2.16.840.1.113883.5.25", ""}, {code, system, ""}};
      return grants::is_masked(entry);
    };
    CHECK(masked("R", "2.16.840.1.113883.5.25"));
    CHECK(masked("V", "2.16.840.1.113883.5.25"));
    CHECK(masked("MASQUE_PS", "1.2.250.1.213.1.1.4.13"));
    CHECK(masked("INVISIBLE_PATIENT", "1.2.250.1.213.1.1.4.13"));
    CHECK(masked("INVISIBLE_REPRESENTANTS_LEGAUX", "1.2.250.1.213.1.1.4.13"));
    CHECK_FALSE(masked("N", "2.16.840.1.113883.5.25"));
    CHECK_FALSE(masked("R", "1.2.3"));
  }

  TEST_CASE("rules name what matches, without what is sensitive, masked, removed or set apart") {
    Shelf shelf;
    put(shelf.vault, of_category("Bilan", "laboratory", "11502-2"));
    put(shelf.vault, of_category("Radio", "imaging", "18748-4"));
    auto positive = of_category("Sérologie", "laboratory", "11502-2");
    positive.facts = {fact(FactKind::result, "56888-1", loinc)};
    const auto hiv = put(shelf.vault, positive);
    auto hidden = of_category("Caché", "laboratory", "11502-2");
    hidden.entry.confidentiality = {{"MASQUE_PS", "1.2.250.1.213.1.1.4.13", ""}};
    put(shelf.vault, hidden);
    const auto gone = put(shelf.vault, of_category("Retiré", "laboratory", "11502-2"));
    REQUIRE(shelf.vault.remove(gone).has_value());
    auto apart = of_category("À part", "laboratory", "11502-2");
    apart.quarantined = true;
    put(shelf.vault, apart);

    CHECK(titles(shelf.scope(everything())) == Titles{"Bilan", "Radio"});
    CHECK(left(shelf.scope(everything())) == Titles{"Caché", "Sérologie"});
    store::GrantTerms terms;
    terms.categories = {"laboratory"};
    CHECK(titles(shelf.scope(terms)) == Titles{"Bilan"});
    terms = {};
    terms.kinds = {"18748-4"};
    CHECK(titles(shelf.scope(terms)) == Titles{"Radio"});
    // Chosen one by one it is in, and told.
    terms.chosen = {hiv};
    const auto chosen = shelf.scope(terms);
    CHECK(titles(chosen) == Titles{"Radio", "Sérologie"});
    REQUIRE(chosen.chosen_sensitive.size() == 1);
    CHECK(chosen.chosen_sensitive[0].why == std::vector{Sensitive::hiv});
    terms.chosen = {gone};
    CHECK(grants::evaluate(shelf.vault, terms).error() == errc::not_found);
  }

  TEST_CASE("a rule is about one person's record, unless several were asked for") {
    Shelf shelf;
    const auto lea = shelf.vault.add_person("Léa");
    REQUIRE(lea.has_value());
    put(shelf.vault, prepared("À moi", "x"));
    auto hers = prepared("À Léa", "y");
    hers.person = *lea;
    put(shelf.vault, hers);
    auto terms = everything();
    CHECK(titles(shelf.scope(terms)) == Titles{"À moi"});
    CHECK(shelf.scope(terms).others == 1);
    terms.person = *lea;
    CHECK(titles(shelf.scope(terms)) == Titles{"À Léa"});
    terms.any_person = true;
    const auto both = shelf.scope(terms);
    CHECK(both.documents.size() == 2);
    CHECK(grants::of_several_records(both.documents));
  }

  TEST_CASE("from a day on: what is older is out, and what does not say it is told") {
    Shelf shelf;
    put(shelf.vault, prepared("Avant", "a", "2026-11-28T23:59:00+01:00"));
    put(shelf.vault, prepared("Ce jour", "b", "2026-11-29T08:00:00+01:00"));
    put(shelf.vault, prepared("Après", "c", "2026-12-01"));
    put(shelf.vault, prepared("Cette année", "d", "2026"));
    put(shelf.vault, prepared("Ce mois", "e", "2026-11"));
    put(shelf.vault, prepared("L'an prochain", "f", "2027"));
    put(shelf.vault, prepared("Sans date", "g", ""));
    auto copied = prepared("Copié", "h", "2026-12-02");
    copied.entry.date_source = DateSource::file;
    put(shelf.vault, copied);
    auto terms = everything();
    terms.since = "2026-11-29";
    const auto scope = shelf.scope(terms);
    CHECK(titles(scope) == Titles{"Après", "Ce jour", "L'an prochain"});
    CHECK(left(scope) == Titles{"Ce mois", "Cette année", "Copié", "Sans date"});
    for (const auto& one : scope.left_out) CHECK(one.other == "undated");
  }

  TEST_CASE("documents without any code are counted: no list can judge them") {
    Shelf shelf;
    put(shelf.vault, prepared("Un mot", "x"));
    put(shelf.vault, of_category("Bilan", "laboratory", "11502-2"));
    CHECK(shelf.scope(everything()).uncoded == 1);
  }

  TEST_CASE("what no list has is not judged, whatever else has a code") {
    constexpr auto icd10 = "2.16.840.1.113883.6.3";
    constexpr auto atc = "http://www.whocc.no/atc";
    constexpr auto sct = "http://snomed.info/sct";
    constexpr auto brands = "1.2.250.1.213.2.3.1";
    struct {
      const char* name;
      FactKind kind;
      const char* code;
      const char* system;
      bool told;
    } const cases[] = {
        {"a problem of ICD-10", FactKind::problem, "I10", icd10, true},
        {"a problem of SNOMED CT", FactKind::problem, "38341003", sct, false},
        {"a problem of another system", FactKind::problem, "A1", "1.2.3.4", false},
        {"a problem in words", FactKind::problem, "", "", false},
        {"a medicine of ATC", FactKind::medicine, "C09AA05", atc, true},
        {"a brand", FactKind::medicine, "3400930000000", brands, false},
        {"a result in words", FactKind::result, "", "", true},
    };
    DocumentEntry entry;
    entry.type = {"34133-9", loinc, "Exemple"};
    for (const auto& c : cases) {
      CAPTURE(c.name);
      const auto known = fact(FactKind::problem, "I10", icd10);
      CHECK(grants::can_be_judged(entry, {known, fact(c.kind, c.code, c.system)}) == c.told);
    }
    auto brand = fact(FactKind::medicine, "3400930000000", brands);
    brand.flag = "C09AA05";
    CHECK(grants::can_be_judged(entry, {brand}));
    auto translated = fact(FactKind::problem, "38341003", sct);
    translated.codings = {translated.code, {"I10", icd10, ""}};
    CHECK(grants::can_be_judged(entry, {translated}));
    translated.codings[1].code = "F20.0";
    CHECK(grants::sensitive_kinds({}, {translated}) == std::vector{grants::Sensitive::psychiatry});
    CHECK_FALSE(grants::can_be_judged({}, {fact(FactKind::result, "X", "1.2.3.4")}));
    entry.type.system = "1.2.3.4";
    CHECK_FALSE(grants::can_be_judged(entry, {}));
  }
}
