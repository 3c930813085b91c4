// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>

#include "vault/reader/cda.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/iso_time.hpp"
#include "vault/reader/parts.hpp"

namespace coffret::reader {
namespace {

// A qualifier may list several codes.
bool qualified(XmlNode part, std::string_view code) {
  const std::string all = " " + part.attribute("qualifier") + " ";
  return all.find(" " + std::string{code} + " ") != std::string::npos;
}

std::string join(const std::vector<XmlNode>& parts) {
  std::string all;
  for (const XmlNode part : parts) all += part.text() + " ";
  return all;
}

// "given family"; a name that is not taken apart is its own text.
std::string person_name(XmlNode name) {
  const auto families = name.children("family");
  const auto givens = name.children("given");
  if (families.empty() && givens.empty()) return clean_line(name.text());
  return clean_line(join(givens) + (families.empty() ? "" : families.front().text()));
}

// The first part with the qualifier, else the first without any, else the first.
std::string best(const std::vector<XmlNode>& parts, std::string_view qualifier) {
  for (const XmlNode part : parts)
    if (qualified(part, qualifier)) return clean_line(part.text());
  for (const XmlNode part : parts)
    if (part.attribute("qualifier").empty()) return clean_line(part.text());
  return parts.empty() ? std::string{} : clean_line(parts.front().text());
}

// The national number of a French professional (RPPS, ADELI) where there is one, else the first.
Identifier professional_id(const std::vector<XmlNode>& ids) {
  constexpr std::string_view national = "1.2.250.1.71.4.2.1";
  for (const XmlNode id : ids)
    if (id.attribute("root") == national && !id.attribute("extension").empty())
      return cda_identifier(id);
  for (const XmlNode id : ids)
    if (id.attribute("nullFlavor").empty()) return cda_identifier(id);
  return {};
}

Author author_of(XmlNode assigned) {
  Author author;
  author.name = person_name(assigned.child("assignedPerson").child("name"));
  const XmlNode device = assigned.child("assignedAuthoringDevice");
  for (const std::string_view words : {"softwareName", "manufacturerModelName"}) {
    const XmlNode name = device.child(words);
    if (author.name.empty()) author.name = clean_line(name.text());
    if (author.name.empty()) author.name = clean_line(name.attribute("displayName"));
  }
  author.id = professional_id(assigned.children("id"));
  author.profession = cda_code(assigned.child("code"));
  author.organisation = clean_line(assigned.child("representedOrganization").child("name").text());
  return author;
}

}  // namespace

CodedValue cda_code(XmlNode coded) {
  return {clean_line(coded.attribute("code")), clean_line(coded.attribute("codeSystem")),
          clean_line(coded.attribute("displayName"))};
}

Identifier cda_identifier(XmlNode id) {
  return {clean_line(id.attribute("extension")), clean_line(id.attribute("root"))};
}

std::vector<Author> cda_authors(XmlNode document) {
  std::vector<std::pair<int, Author>> ranked;
  for (const XmlNode item : document.children("author")) {
    if (ranked.size() == limits::list_length) break;
    const XmlNode assigned = item.child("assignedAuthor");
    Author author = author_of(assigned);
    if (author.name.empty() && author.organisation.empty()) continue;
    const bool person = assigned.child("assignedPerson").child("name") && !author.name.empty();
    ranked.emplace_back(person ? 0 : author.name.empty() ? 2 : 1, std::move(author));
  }
  // People first, then devices, then bare organisations: the first is the one a list shows.
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Author> authors;
  authors.reserve(ranked.size());
  for (auto& [rank, author] : ranked) authors.push_back(std::move(author));
  return authors;
}

PatientIdentity cda_patient(XmlNode document) {
  const XmlNode role = document.child("recordTarget").child("patientRole");
  const XmlNode person = role.child("patient");
  const XmlNode name = person.child("name");
  PatientIdentity patient;
  const auto families = name.children("family");
  patient.family = best(families, "BR");
  for (const XmlNode family : families) {
    if (patient.families.size() == limits::list_length) break;
    std::string text = clean_line(family.text());
    auto& all = patient.families;
    if (!text.empty() && std::find(all.begin(), all.end(), text) == all.end())
      all.push_back(std::move(text));
  }
  patient.given = best(name.children("given"), "BR");
  patient.birth_date = from_hl7(person.child("birthTime").attribute("value"));
  patient.gender = clean_line(person.child("administrativeGenderCode").attribute("code"));
  for (const XmlNode id : role.children("id"))
    if (id.attribute("nullFlavor").empty()) patient.ids.push_back(cda_identifier(id));
  order_ids(patient.ids);
  return patient;
}

}  // namespace coffret::reader
