// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>

#include "vault/reader/clean.hpp"
#include "vault/reader/fhir.hpp"
#include "vault/reader/iso_time.hpp"

namespace coffret::reader {
namespace {

std::string given_names(FhirNode name) {
  std::string all;
  for (const FhirNode given : name.all("given")) all += given.text() + " ";
  return all;
}

// A HumanName, "given family"; a name that is not taken apart is its own text.
std::string person_name(FhirNode name) {
  const std::string family = name["family"].text();
  const std::string taken_apart = clean_line(given_names(name) + family);
  return taken_apart.empty() ? clean_line(name["text"].text()) : taken_apart;
}

// The official name, else the first.
FhirNode best_name(FhirNode person) {
  const auto names = person.all("name");
  for (const FhirNode name : names)
    if (name["use"].text() == "official") return name;
  return names.empty() ? FhirNode{} : names.front();
}

Identifier first_identifier(FhirNode resource) {
  const FhirNode id = resource["identifier"];
  return {clean_line(id["value"].text()), clean_line(id["system"].text())};
}

// 0: a person, 1: a device, 2: an organisation.
int describe_author(const FhirFile& file, FhirNode reference, Author& author) {
  FhirNode who = file.resolve(reference);
  const bool role = who.type() == "PractitionerRole";
  if (role) {
    const FhirNode organisation = file.resolve(who["organization"]);
    author.organisation = clean_line(organisation["name"].text());
    author.profession = fhir_code(who["code"]);
    const FhirNode person = file.resolve(who["practitioner"]);
    author.name =
        person ? person_name(best_name(person)) : clean_line(who["practitioner"]["display"].text());
    author.id = first_identifier(person);
    return author.name.empty() ? 2 : 0;
  }
  if (who.type() == "Organization") {
    author.organisation = clean_line(who["name"].text());
    author.id = first_identifier(who);
    return 2;
  }
  author.id = first_identifier(who);
  if (who.type() == "Device") {
    author.name = clean_line(who["deviceName"]["name"].text());
    return 1;
  }
  author.name = person_name(best_name(who));
  if (author.name.empty()) author.name = clean_line(reference["display"].text());
  return 0;
}

}  // namespace

std::vector<Author> fhir_authors(const FhirFile& file) {
  std::vector<std::pair<int, Author>> ranked;
  for (const std::string_view name :
       {"author", "performer", "informationSource", "requester", "recorder", "asserter"})
    for (const FhirNode item : file.main().all(name)) {
      if (ranked.size() == limits::list_length) break;
      Author author;
      const int rank = describe_author(file, item, author);
      if (!author.name.empty() || !author.organisation.empty())
        ranked.emplace_back(rank, std::move(author));
    }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Author> authors;
  authors.reserve(ranked.size());
  for (auto& [rank, author] : ranked) authors.push_back(std::move(author));
  return authors;
}

PatientIdentity fhir_patient(FhirNode person) {
  PatientIdentity patient;
  const FhirNode name = best_name(person);
  patient.family = clean_line(name["family"].text());
  auto& all = patient.families;
  for (const FhirNode other : person.all("name"))
    if (std::string family = clean_line(other["family"].text());
        !family.empty() && all.size() < limits::list_length &&
        std::find(all.begin(), all.end(), family) == all.end())
      all.push_back(std::move(family));
  patient.given = clean_line(given_names(name));
  if (patient.family.empty() && patient.given.empty())
    split_name(clean_line(name["text"].text()), patient);
  patient.birth_date = from_iso(person["birthDate"].text());
  patient.gender = clean_line(person["gender"].text());
  for (const FhirNode id : person.all("identifier"))
    patient.ids.push_back({clean_line(id["value"].text()), clean_line(id["system"].text())});
  return patient;
}

}  // namespace coffret::reader
