// SPDX-License-Identifier: EUPL-1.2
//
// facts_cda.hpp: facts out of the entries of a CDA R2 document (level 3) and the people of its
// header.
//
// What an entry is follows from its class and mood, then from the templates of C-CDA, IHE PCC and
// XD-LAB (the French volets and epSOS build on them), then from the code of its section. Planned
// acts are no facts, except medicines, which a plan prescribes. Entries about somebody else (family
// history), negated ones and those without information are left out; of vaccines the negated stay,
// as "refused" or "not-done". What is negated of all (no known allergy, C-CDA's negationInd on "any
// substance") is an absence, and so is a section of which the document says that it knows nothing.
//
// Not covered: encounters, devices, goals, and what stands in the narrative only.
#ifndef COFFRET_VAULT_READER_FACTS_CDA_HPP
#define COFFRET_VAULT_READER_FACTS_CDA_HPP

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "vault/reader/facts_collect.hpp"
#include "vault/reader/xml.hpp"

namespace coffret::reader {

// Adds to into.facts. Precondition: into.entry is described (authors, language).
void add_cda_facts(XmlNode clinical_document, DocumentDescription& into);

// Where entries point into the readable text (originalText/reference).
class Narrative {
 public:
  explicit Narrative(XmlNode clinical_document);
  // Of originalText, text or an ED value: its own words, or those it refers to; at most
  // limits::fact_text bytes. Empty for a reference that leads nowhere.
  std::string words(XmlNode holder);
  std::string words_at(std::string_view reference);

 private:
  void index(XmlNode at, bool inside);
  void collect(XmlNode at, std::string& out);

  std::unordered_map<std::string, XmlNode> places_;
  std::unordered_map<std::string, std::string> read_;
  std::size_t steps_ = 2u << 20;  // elements and texts still to be visited, for all words together
};

struct Period {
  std::string start, end;
};

// What the entries of one section are read with, and where they stand.
struct EntryContext {
  FactList& facts;
  Narrative& narrative;
  std::string section;    // LOINC code
  std::string place;      // of the entry
  std::string author;     // of the nearest entry that names one
  std::string date;       // of the nearest organizer that has one
  bool battery = false;   // inside an organizer: its observations are results
  bool concern = false;   // inside a concern act: its observations are problems or allergies
  std::string status{};   // of that act
  std::string isolate{};  // the germ that an antibiogram is about
};

// facts_cda_values.cpp: datatypes of HL7 v3.
CodedValue cda_best_code(XmlNode coded);        // the code, or a translation where it is null
void take_cda_code(XmlNode coded, Fact& into);  // that, and every coding beside it
std::string cda_label(XmlNode coded, Narrative& narrative);  // the document's words for it
Period cda_period(XmlNode effective_time);
Period cda_first_period(XmlNode act);      // of the first effectiveTime that has one
std::string cda_amount(XmlNode quantity);  // PQ, IVL_PQ or RTO, in words
std::string cda_name(XmlNode name);        // of a person: "given family"
bool cda_is_numeric(XmlNode value);        // a number, or made of numbers
// With its period, author and place.
Fact cda_begun(FactKind kind, XmlNode act, const EntryContext& context);
bool has_template(XmlNode act, std::string_view root);
bool is_null(XmlNode element);  // has a nullFlavor

// One entry each; the name says which. Precondition: not negated where that is not said.
void add_observation(XmlNode observation, const EntryContext& context);
void add_result(XmlNode observation, const EntryContext& context);
void add_problem(XmlNode observation, const EntryContext& context);  // a result if it is a number
void add_allergy(XmlNode observation, const EntryContext& context);
void add_medicine(XmlNode administration, const EntryContext& context);
void add_supply(XmlNode supply, const EntryContext& context);
void add_vaccine(XmlNode administration, const EntryContext& context);  // also negated
void add_procedure(XmlNode act, const EntryContext& context);
bool is_vaccine(XmlNode administration, const std::string& section);

// facts_cda_dose.cpp: dose, how often, way, bounds and instructions of a substanceAdministration.
// The document's own words come first; codes that say something else are told beside them.
std::string cda_dose(XmlNode act, const std::string& product, Narrative& narrative, bool english);
// The same in both languages, with its route and the need that it depends on.
SpokenDose cda_spoken_dose(XmlNode act, const std::string& product, Narrative& narrative);

// The words and code of a manufacturedProduct, into the fact.
void describe_product(XmlNode product, Narrative& narrative, Fact& into);

// Negated entries: the absence that one states, where it is of all and not of one thing.
void add_negated_observation(XmlNode observation, const EntryContext& context);
void add_negated_medicine(XmlNode administration, const EntryContext& context);

// Of the header: informants, guardians, participants.
void add_cda_contacts(XmlNode clinical_document, FactList& facts);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_FACTS_CDA_HPP
