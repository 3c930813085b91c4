// SPDX-License-Identifier: EUPL-1.2
#include "tests/support/grant_home.hpp"

using namespace coffret;
using namespace coffret::test;

namespace {

PatientIdentity patient(std::string family, std::string given, std::string birth_date) {
  PatientIdentity identity;
  identity.family = std::move(family);
  identity.given = std::move(given);
  identity.birth_date = std::move(birth_date);
  return identity;
}

store::PreparedDocument about(const std::string& title, PatientIdentity patient) {
  auto document = prepared(title, title);
  document.entry.patient = std::move(patient);
  return document;
}

}  // namespace

TEST_SUITE("vault/grants shown") {
  TEST_CASE("the patient shown is the documents' own, unless they disagree") {
    struct Case {
      const char* what;
      std::vector<PatientIdentity> patients;
      std::string name;
      std::string birth_date;
    };
    const auto jeanne = patient("MODÈLE", "Jeanne", "1954-03-12T00:00:00+01:00");
    const auto undated = patient("Modèle", "Jeanne", "");
    const auto child = patient("Modèle", "Léo", "2019-05-01");
    const std::vector<Case> cases{
        {"one", {jeanne}, "Jeanne MODÈLE", "1954-03-12"},
        {"first undated", {undated, jeanne}, "Jeanne MODÈLE", "1954-03-12"},
        {"nobody named", {{}, {}}, "Camille Exemple", ""},
        {"two people", {jeanne, child}, "", ""},
    };
    for (const auto& one : cases) {
      CAPTURE(one.what);
      Home home;
      auto request = home.request();
      request.documents.clear();
      for (const auto& patient : one.patients)
        request.documents.push_back(
            put(home.vault, about("n° " + std::to_string(request.documents.size()), patient)));
      const auto parcel = home.prepare(std::move(request));
      REQUIRE(parcel.has_value());
      const Reader reader{*parcel};
      CHECK(reader.said().patient_name == one.name);
      CHECK(reader.said().patient_birth_date == one.birth_date);
    }
  }

  TEST_CASE("documents of several records name no patient, and of one record its person") {
    Home home;
    const auto leo = home.vault.add_person("Léo Exemple");
    REQUIRE(leo.has_value());
    auto of_leo = about("Carnet", {});
    of_leo.person = *leo;
    auto request = home.request();
    request.documents = {put(home.vault, of_leo)};
    const auto alone = home.prepare(std::move(request));
    REQUIRE(alone.has_value());
    CHECK(Reader{*alone}.said().patient_name == "Léo Exemple");

    request = home.request();
    request.documents = {home.note, home.vault.documents({.person = *leo})->front().id};
    const auto both = home.prepare(std::move(request));
    REQUIRE(both.has_value());
    CHECK(Reader{*both}.said().patient_name.empty());
  }

  TEST_CASE("names in a parcel are safe, apart, and the same every time") {
    Home home;
    auto request = home.request();
    request.documents.clear();
    for (const auto* text : {"a", "b", "c"})
      request.documents.push_back(put(home.vault, prepared("../Ordonnance", text)));
    const auto parcel = home.prepare(std::move(request));
    REQUIRE(parcel.has_value());
    std::vector<std::string> names;
    const Reader reader{*parcel};
    for (const auto& file : reader.said().files) names.push_back(file.name);
    CHECK(names ==
          std::vector<std::string>{"Ordonnance.txt", "Ordonnance (2).txt", "Ordonnance (3).txt"});
  }

  TEST_CASE("a document without a title is called what the person's list calls it") {
    Home home;
    auto scan = prepared("", "sans titre");
    scan.entry.file_name = "certificat-scanné.TXT";
    auto request = home.request();
    request.documents = {put(home.vault, scan)};
    const auto parcel = home.prepare(std::move(request));
    REQUIRE(parcel.has_value());
    const Reader reader{*parcel};
    CHECK(reader.said().files[0].title == "certificat-scanné.TXT");
    CHECK(reader.said().files[0].name == "certificat-scanné.txt");
  }
}
