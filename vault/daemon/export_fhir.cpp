// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/export_fhir.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <map>
#include <set>

#include "coffret/encoding.hpp"
#include "vault/crypto/digest.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/export_text.hpp"
#include "vault/daemon/record_facts.hpp"
#include "vault/daemon/shown_facts.hpp"
#include "vault/daemon/spelled.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;
using fhir::Json;

constexpr std::size_t encoded_at_once = 3u << 18;  // bytes; base64 of three is four
constexpr std::uint32_t fhir_positive_int = 0x7fffffff;
constexpr std::string_view data_mark = "data to come";

struct Section {
  FactKind kind;
  const char* code;  // LOINC
  std::string_view french;
  std::string_view english;
  bool required;
};
// Those of the International Patient Summary that our facts fill; the first three it requires.
constexpr Section sections[] = {
    {FactKind::medicine, "10160-0", "Médicaments", "Medications", true},
    {FactKind::allergy, "48765-2", "Allergies et intolérances", "Allergies and intolerances", true},
    {FactKind::problem, "11450-4", "Problèmes de santé", "Problems", true},
    {FactKind::result, "30954-2", "Résultats", "Results", false},
    {FactKind::vaccine, "11369-6", "Vaccinations", "Immunizations", false},
    {FactKind::procedure, "47519-4", "Actes", "Procedures", false},
};
constexpr const char* documents_section = "77599-9";  // additional documentation
constexpr const char* patient_summary = "60591-5";

// RFC 4122 §4.4.
std::string random_urn(Random& random) {
  auto id = random.make<Id<16, struct ExportUuidTag>>();
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  const std::string hex = to_hex(id.bytes);
  std::string urn = "urn:uuid:";
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) urn += '-';
    urn += hex[i];
  }
  return urn;
}

// A document's day as people read it, before what follows; nothing where it has none.
std::string dated(std::string_view date, Language language) {
  const auto day = spelled_date(date.substr(0, 10), language);
  if (day.empty()) return {};
  return day + (language == Language::french ? " : " : ": ");
}

Json loinc(const char* code) {
  return {{"coding", array{Json{{"system", "http://loinc.org"}, {"code", code}}}}};
}

// One person's Bundle while it is written.
class Bundle {
 public:
  Bundle(const ExportedRecord& record, const PersonId& person, Random& random, const FhirBody& body,
         const FhirOut& out)
      : record_(record), person_(person), random_(random), body_(body), out_(out) {}

  Result<void> write();

 private:
  struct Placed {  // a resource and its place in the Bundle
    std::string url;
    Json resource;
  };

  void place();
  void place_section(const Section& section);
  void place_absence(const Section& section, std::vector<std::string>& urls,
                     std::vector<std::string>& lines);
  Json composition() const;
  Json section_json(const char* code, std::string_view title, const std::vector<std::string>& urls,
                    const std::vector<std::string>& lines) const;
  Json reference_to(const ExportedDocument& document) const;
  Result<void> entry(const std::string& url, const std::string& resource);
  Result<void> document_entry(const ExportedDocument& document);
  std::string line_of(const store::FactView& view) const;

  const ExportedRecord& record_;
  PersonId person_;
  Random& random_;
  const FhirBody& body_;
  const FhirOut& out_;
  std::string patient_ = random_urn(random_);
  std::string device_ = random_urn(random_);
  std::map<DocumentId, std::string> documents_;  // their urls
  std::set<DocumentId> own_;                     // those that the person wrote
  std::vector<Placed> facts_;
  array section_list_;
  bool first_ = true;
};

// What the commands tell of it. What a person says of themselves needs no confirmation.
std::string Bundle::line_of(const store::FactView& view) const {
  return fact_line(view.fact, to_rfc3339(record_.made_at).substr(0, 10),
                   own_.contains(view.document), record_.language);
}

Json Bundle::section_json(const char* code, std::string_view title,
                          const std::vector<std::string>& urls,
                          const std::vector<std::string>& lines) const {
  std::string text = "<div xmlns=\"http://www.w3.org/1999/xhtml\">";
  if (lines.empty()) {
    text += "<p>";
    text += record_.say("Rien n'est connu.", "Nothing is known.");
    text += "</p>";
  } else {
    text += "<ul>";
    for (const auto& line : lines) text += "<li>" + escaped(line) + "</li>";
    text += "</ul>";
  }
  array entries;
  for (const auto& url : urls) entries.push_back(Json{{"reference", url}});
  return {{"title", boost::json::string_view{title.data(), title.size()}},
          {"code", loinc(code)},
          {"text", Json{{"status", "generated"}, {"div", text + "</div>"}}},
          {"entry", std::move(entries)}};
}

// That there is none, as the newest document that says so states it; else that nothing is known.
void Bundle::place_absence(const Section& section, std::vector<std::string>& urls,
                           std::vector<std::string>& lines) {
  FactViews stated;
  for (const auto& view : record_.facts)
    if (view.person == person_ && view.fact.kind == section.kind) stated.push_back(view);
  const auto left = take_absences(stated);
  Json resource = fhir::nothing_known(section.kind, patient_);
  if (!left.empty()) {
    const auto document = documents_.find(left.front().document);
    resource = fhir::nothing_known(section.kind, patient_, &left.front().fact,
                                   document == documents_.end() ? "" : document->second);
    const auto& label = left.front().fact.label;
    lines.push_back(!label.empty() ? label
                    : left.front().fact.status == "none-known"
                        ? std::string{record_.say("Rien de connu, selon un document.",
                                                  "None known, as a document states.")}
                        : std::string{record_.say("Non renseigné.", "Not recorded.")});
  }
  facts_.push_back({random_urn(random_), std::move(resource)});
  urls.push_back(facts_.back().url);
}

void Bundle::place_section(const Section& section) {
  std::vector<std::string> urls;
  std::vector<std::string> lines;
  for (const auto& view : record_.facts) {
    if (view.person != person_ || view.fact.kind != section.kind || is_absence(view.fact)) continue;
    const auto document = documents_.find(view.document);
    facts_.push_back({random_urn(random_),
                      fhir::resource_of(view.fact, patient_,
                                        document == documents_.end() ? "" : document->second,
                                        to_rfc3339(record_.made_at).substr(0, 10))});
    urls.push_back(facts_.back().url);
    lines.push_back(line_of(view));
  }
  if (urls.empty() && !section.required) return;
  if (urls.empty()) place_absence(section, urls, lines);
  section_list_.push_back(
      section_json(section.code, record_.say(section.french, section.english), urls, lines));
}

void Bundle::place() {
  std::vector<std::string> urls;
  std::vector<std::string> lines;
  for (const auto& document : record_.documents) {
    if (document.view.person != person_) continue;
    if (document.entry.patient_authored) own_.insert(document.view.id);
    urls.push_back(documents_.emplace(document.view.id, random_urn(random_)).first->second);
    lines.push_back(dated(document.view.entry.date, record_.language) + document.title);
  }
  for (const auto& section : sections) place_section(section);
  if (!urls.empty())
    section_list_.push_back(section_json(documents_section, "Documents", urls, lines));
}

Json Bundle::composition() const {
  return {{"resourceType", "Composition"},
          {"language", record_.language == Language::french ? "fr-FR" : "en-GB"},
          {"status", "final"},
          {"type", loinc(patient_summary)},
          {"subject", Json{{"reference", patient_}}},
          {"date", to_rfc3339(record_.made_at)},
          {"author", array{Json{{"reference", device_}}}},
          {"title", std::string{record_.say("Synthèse et documents", "Summary and documents")}},
          {"section", section_list_}};
}

Json Bundle::reference_to(const ExportedDocument& document) const {
  const auto& entry = document.view.entry;
  const auto date = fhir::date_time(entry.date);
  Json attachment{
      {"contentType", entry.media_type.empty() ? "application/octet-stream" : entry.media_type},
      {"size", document.view.size},
      {"hash", to_base64(document.sha1)}};
  if (!document.title.empty()) attachment["title"] = document.title;
  // R5's elements, in the form that HL7 gives them in R4.
  array sizes;
  for (const auto& [name, value] :
       {std::pair{"height", document.picture.height}, std::pair{"width", document.picture.width}})
    if (value > 0 && value <= fhir_positive_int)
      sizes.push_back(Json{{"url", std::string{"http://hl7.org/fhir/5.0/StructureDefinition/"
                                               "extension-Attachment."} +
                                       name},
                           {"valuePositiveInt", value}});
  if (!sizes.empty()) attachment["extension"] = std::move(sizes);
  if (!date.empty()) attachment["creation"] = date;
  if (body_)
    attachment["data"] = boost::json::string_view{data_mark.data(), data_mark.size()};
  else
    attachment["url"] = path_reference(document.file);
  Json resource{{"resourceType", "DocumentReference"},
                {"status", document.view.replaced_by ? "superseded" : "current"},
                {"subject", Json{{"reference", patient_}}},
                {"content", array{Json{{"attachment", std::move(attachment)}}}}};
  resource["identifier"] =
      array{Json{{"system", "urn:ietf:rfc:6920"},
                 {"value", "ni:///sha-256;" + to_base64url(document.view.sha256.view())}}};
  if (!document.title.empty()) resource["description"] = document.title;
  if (!entry.type.code.empty()) resource["type"] = fhir::concept_of(entry.type, document.kind);
  if (date.find('T') != std::string::npos) resource["date"] = date;
  array authors;
  for (const auto& author : entry.authors) {
    const auto& name = author.name.empty() ? author.organisation : author.name;
    if (!name.empty()) authors.push_back(Json{{"display", name}});
  }
  if (!authors.empty()) resource["author"] = std::move(authors);
  return resource;
}

Result<void> Bundle::entry(const std::string& url, const std::string& resource) {
  std::string text = first_ ? "" : ",";
  first_ = false;
  text += "\n{\"fullUrl\":\"" + url + "\",\"resource\":";
  text += resource;
  return out_(text + "}");
}

// The bytes go out in pieces: the text of a large document is never held whole.
Result<void> Bundle::document_entry(const ExportedDocument& document) {
  const auto& url = documents_.at(document.view.id);
  if (!body_) return entry(url, fhir::serialized(reference_to(document)));
  COFFRET_TRY(const auto body, body_(document));
  ExportedDocument hashed = document;
  hashed.sha1 = crypto::sha1(body);
  const auto text = fhir::serialized(reference_to(hashed));
  const std::string mark = "\"data\":\"" + std::string{data_mark};
  const auto at = text.find(mark) + mark.size() - data_mark.size();
  COFFRET_CHECK(out_(first_ ? "" : ","));
  first_ = false;
  COFFRET_CHECK(out_("\n{\"fullUrl\":\"" + url + "\",\"resource\":" + text.substr(0, at)));
  for (ByteView rest = body; !rest.empty();) {
    const auto piece = rest.first(std::min(rest.size(), encoded_at_once));
    COFFRET_CHECK(out_(to_base64(piece)));
    rest = rest.subspan(piece.size());
  }
  return out_(text.substr(at + data_mark.size()) + "}");
}

Result<void> Bundle::write() {
  place();
  const Json identifier{{"system", "urn:ietf:rfc:3986"}, {"value", random_urn(random_)}};
  COFFRET_CHECK(out_("{\"resourceType\":\"Bundle\",\"identifier\":" + fhir::serialized(identifier) +
                     ",\"type\":\"document\",\"timestamp\":\"" + to_rfc3339(record_.made_at) +
                     "\",\"entry\":["));
  COFFRET_CHECK(entry(random_urn(random_), fhir::serialized(composition())));
  COFFRET_CHECK(entry(patient_, fhir::serialized(fhir::patient_resource(record_, person_))));
  const Json device{
      {"resourceType", "Device"},
      {"deviceName", array{Json{{"name", "Coffret"}, {"type", "user-friendly-name"}}}}};
  COFFRET_CHECK(entry(device_, fhir::serialized(device)));
  for (const auto& placed : facts_)
    COFFRET_CHECK(entry(placed.url, fhir::serialized(placed.resource)));
  for (const auto& document : record_.documents)
    if (document.view.person == person_) COFFRET_CHECK(document_entry(document));
  return out_("\n]}\n");
}

}  // namespace

Result<void> write_bundle(const ExportedRecord& record, const PersonId& person, Random& random,
                          const FhirBody& body, const FhirOut& out) {
  return Bundle{record, person, random, body, out}.write();
}

}  // namespace coffret::daemon
