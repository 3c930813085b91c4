// SPDX-License-Identifier: EUPL-1.2
//
// FHIR R4 JSON of a SMART Health Link. Only what a reader needs: no identifiers of the person
// (their national number among them), no confidentiality codes, no place they were imported from.
#include <boost/json/serialize.hpp>

#include "coffret/json.hpp"
#include "coffret/kinds.hpp"
#include "vault/crypto/sealer.hpp"
#include "vault/grants/grants.hpp"
#include "vault/grants/packing.hpp"

namespace coffret::grants {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::string_view fhir_json = "application/fhir+json";

// RFC 4122 §4.4.
std::string random_urn(Random& random) {
  auto id = random.make<Id<16, struct UuidTag>>();
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

// A code system as FHIR writes it: a URI.
std::string system_uri(const std::string& system) {
  if (oid_of(system) == kinds::loinc) return "http://loinc.org";
  const bool oid = !system.empty() && system.find_first_not_of("0123456789.") == std::string::npos;
  return oid ? "urn:oid:" + system : system;
}

// A FHIR dateTime has a whole date where it has a time, and an offset behind the time.
std::string date_time(const std::string& iso) {
  const auto time = iso.find('T');
  if (time == std::string::npos) return iso;
  const bool seconds = iso.size() >= time + 9;
  const bool offset = iso.ends_with('Z') || iso.find_first_of("+-", time) != std::string::npos;
  return seconds && offset ? iso : iso.substr(0, time);
}

object patient_resource(const PatientShown& patient) {
  object name{{"text", patient.name}};
  if (!patient.family.empty()) name["family"] = patient.family;
  if (!patient.given.empty()) name["given"] = array{patient.given};
  object resource{{"resourceType", "Patient"}, {"name", array{std::move(name)}}};
  if (!patient.gender.empty()) resource["gender"] = patient.gender;
  if (!patient.birth_date.empty()) resource["birthDate"] = patient.birth_date;
  return resource;
}

// `patient`: empty where the documents are of several persons, and so none is their subject.
object document_reference(const DocumentEntry& entry, ByteView body, const std::string& patient) {
  const std::string title = title_shown(entry);
  const std::string date = date_time(entry.date);
  object attachment{
      {"contentType", entry.media_type.empty() ? "application/octet-stream" : entry.media_type},
      {"data", to_base64(body)}};
  if (!title.empty()) attachment["title"] = title;
  if (!date.empty()) attachment["creation"] = date;
  object resource{{"resourceType", "DocumentReference"},
                  {"status", "current"},
                  {"content", array{object{{"attachment", std::move(attachment)}}}}};
  if (!patient.empty()) resource["subject"] = object{{"reference", patient}};
  if (!title.empty()) resource["description"] = title;
  // `date` is an instant: of a whole date and time only.
  if (date.find('T') != std::string::npos) resource["date"] = date;
  if (const auto author = author_shown(entry); !author.empty())
    resource["author"] = array{object{{"display", author}}};
  if (!entry.type.code.empty()) {
    object coding{{"system", system_uri(entry.type.system)}, {"code", entry.type.code}};
    if (!entry.type.display.empty()) coding["display"] = entry.type.display;
    resource["type"] = object{{"coding", array{std::move(coding)}}};
  }
  return resource;
}

// Whether the body is FHIR JSON, and so travels as it is.
bool is_fhir_json(const DocumentEntry& entry, ByteView body) {
  if (entry.format != DocumentFormat::fhir) return false;
  const auto value = parse_json(as_text(body), {.bytes = max_shl_size, .depth = 64});
  return value.has_value() && value->is_object() &&
         text_member(value->get_object(), "resourceType") != nullptr;
}

class Bundle {
 public:
  Bundle(const Sources& sources, const PatientShown& patient)
      : random_(sources.random), timestamp_(to_rfc3339(sources.clock.now())) {
    if (patient.several) return;
    patient_ = random_urn(random_);
    entries_.emplace_back(object{{"fullUrl", patient_}, {"resource", patient_resource(patient)}});
  }

  void add(const DocumentEntry& entry, ByteView body) {
    entries_.emplace_back(object{{"fullUrl", random_urn(random_)},
                                 {"resource", document_reference(entry, body, patient_)}});
  }
  bool holds_documents() const { return entries_.size() > (patient_.empty() ? 0 : 1); }
  std::string json() && {
    return boost::json::serialize(object{{"resourceType", "Bundle"},
                                         {"type", "collection"},
                                         {"timestamp", timestamp_},
                                         {"entry", std::move(entries_)}});
  }

 private:
  Random& random_;
  std::string patient_;  // its URN; empty: no Patient
  std::string timestamp_;
  array entries_;
};

class FhirFiles {
 public:
  explicit FhirFiles(const Sources& sources) : sources_(sources) {}

  Result<void> add(ByteView json) {
    if (json.size() > max_shl_size - size_) return errc::too_large;
    size_ += json.size();
    add_file(packed_, sources_.random.make<FileId>(),
             crypto::Sealer::seal(sources_.key, fhir_json, padded(json, ' '), sources_.random),
             std::string{fhir_json});
    return {};
  }
  Packed take() && { return std::move(packed_); }

 private:
  const Sources& sources_;
  std::size_t size_ = 0;
  Packed packed_;
};

}  // namespace

Result<Packed> pack_fhir(const Sources& sources) {
  std::uint64_t size = 0;
  for (const auto& document : sources.documents) size += document.size;
  if (size > max_shl_size) return errc::too_large;
  FhirFiles files{sources};
  Bundle bundle{sources,
                patient_shown(sources.documents, sources.vault.persons(), sources.several_persons)};
  for (const auto& document : sources.documents) {
    COFFRET_TRY(const auto body, sources.vault.body(document.id));
    if (is_fhir_json(document.entry, body))
      COFFRET_CHECK(files.add(body));
    else
      bundle.add(document.entry, body);
  }
  if (bundle.holds_documents()) COFFRET_CHECK(files.add(as_bytes(std::move(bundle).json())));
  return std::move(files).take();
}

}  // namespace coffret::grants
