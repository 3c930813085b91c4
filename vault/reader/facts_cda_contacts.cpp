// SPDX-License-Identifier: EUPL-1.2
//
// The people of a CDA header to turn to: RoleClass ECON (emergency contact), NOK (next of kin; in
// France the trusted person), CAREGIVER, GUARD, PRS (a relation). Not the professionals.
#include <algorithm>
#include <array>

#include "vault/reader/cda.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/facts_cda.hpp"

namespace coffret::reader {
namespace {

constexpr std::array<std::string_view, 6> personal = {"ECON",  "NOK",  "CAREGIVER",
                                                      "GUARD", "GUAR", "PRS"};

void add_contact(XmlNode role, XmlNode person, std::string_view role_class,
                 const std::string& place, FactList& facts) {
  Fact fact;
  fact.kind = FactKind::contact;
  take_cda_code(role.child("code"), fact);
  fact.label = is_null(person.child("name")) ? "" : cda_name(person.child("name"));
  fact.status = role_class;
  for (const XmlNode telecom : role.children("telecom"))
    if (!is_null(telecom)) append_words(fact.detail, reachable(telecom.attribute("value")));
  fact.place = place;
  const auto date = cda_first_period(role);
  fact.date = date.start;
  fact.end = date.end;
  facts.add(std::move(fact));
}

bool is_personal(const std::string& role_class) {
  return std::find(personal.begin(), personal.end(), role_class) != personal.end();
}

}  // namespace

void add_cda_contacts(XmlNode document, FactList& facts) {
  const auto numbered = [](std::string_view name, std::size_t n) {
    return std::string{name} + "[" + std::to_string(n) + "]";
  };
  std::size_t number = 0;
  for (const XmlNode guardian :
       document.child("recordTarget").child("patientRole").child("patient").children("guardian"))
    add_contact(guardian, guardian.child("guardianPerson"), "GUARD",
                numbered("recordTarget/guardian", ++number), facts);
  number = 0;
  for (const XmlNode informant : document.children("informant")) {
    const XmlNode role = informant.child("relatedEntity");
    ++number;
    if (const std::string kind = role.attribute("classCode"); is_personal(kind))
      add_contact(role, role.child("relatedPerson"), kind, numbered("informant", number), facts);
  }
  number = 0;
  for (const XmlNode participant : document.children("participant")) {
    const XmlNode role = participant.child("associatedEntity");
    ++number;
    if (const std::string kind = role.attribute("classCode"); is_personal(kind))
      add_contact(role, role.child("associatedPerson"), kind, numbered("participant", number),
                  facts);
  }
}

}  // namespace coffret::reader
