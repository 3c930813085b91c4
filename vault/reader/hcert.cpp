// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/hcert.hpp"

#include <zlib.h>

#include <boost/json/string.hpp>
#include <string>

#include "coffret/kinds.hpp"
#include "vault/reader/cbor.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/fhir.hpp"
#include "vault/reader/iso_time.hpp"
#include "vault/reader/parts.hpp"

namespace coffret::reader {
namespace {

constexpr std::string_view prefix = "HC1:";
constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
constexpr std::string_view snomed = "2.16.840.1.113883.6.96";

std::optional<Bytes> inflate_zlib(ByteView packed) {
  Bytes out(hcert_limits::unpacked);
  auto size = static_cast<uLongf>(out.size());
  // Z_BUF_ERROR: longer than any certificate.
  if (::uncompress(out.data(), &size, packed.data(), static_cast<uLong>(packed.size())) != Z_OK)
    return std::nullopt;
  out.resize(size);
  return out;
}

// The certificate inside COSE_Sign1 = [protected, unprotected, payload, signature]; the payload's
// claim -260 holds it under 1. Absent when the form is another.
std::optional<boost::json::value> certificate_of(ByteView cose) {
  const auto message = parse_cbor(cose);
  if (!message || !message->is_array() || message->get_array().size() != 4) return std::nullopt;
  const auto* payload = message->get_array()[2].if_string();
  if (payload == nullptr) return std::nullopt;
  const auto claims = parse_cbor(as_bytes({payload->data(), payload->size()}));
  if (!claims || !claims->is_object()) return std::nullopt;
  const auto* held = claims->get_object().if_contains("-260");
  if (held == nullptr || !held->is_object()) return std::nullopt;
  const auto* certificate = held->get_object().if_contains("1");
  if (certificate == nullptr || !certificate->is_object()) return std::nullopt;
  return *certificate;
}

std::string field(FhirNode node, std::string_view name) {
  return clean_line(node[name].text());
}

// Small whole numbers: which dose of how many.
std::string count(FhirNode node, std::string_view name) {
  const auto* value = node[name].value();
  if (value == nullptr) return {};
  if (const auto* whole = value->if_uint64()) return std::to_string(*whole);
  if (const auto* whole = value->if_int64()) return std::to_string(*whole);
  return clean_line(node[name].text());
}

void say(DocumentDescription& into, std::string_view what, const std::string& value) {
  if (!value.empty()) add_text(into, std::string{what} + " : " + value);
}

void common(FhirNode given, std::string date, DocumentDescription& into) {
  DocumentEntry& e = into.entry;
  e.date = std::move(date);
  Author issuer;
  issuer.organisation = field(given, "is");
  if (!issuer.organisation.empty()) e.authors.push_back(std::move(issuer));
  e.unique_id = {field(given, "ci"), ""};
  say(into, "Date", e.date);
  say(into, "Pays / Country", field(given, "co"));
  say(into, "Émetteur / Issuer", field(given, "is"));
  say(into, "Identifiant / Identifier", field(given, "ci"));
}

void vaccination(FhirNode v, DocumentDescription& into) {
  add_text(into, "Vaccination");
  common(v, from_iso(v["dt"].text()), into);
  into.entry.type = {"96874-3", std::string{kinds::loinc}, ""};
  into.entry.category = "patient-summary";
  const std::string dose = count(v, "dn") + "/" + count(v, "sd");
  say(into, "Vaccin / Vaccine", field(v, "mp"));
  say(into, "Dose", dose);
  Fact fact;
  fact.kind = FactKind::vaccine;
  fact.code = {field(v, "vp"),
               field(v, "vp").starts_with("J07") ? "2.16.840.1.113883.6.73" : std::string{snomed},
               ""};
  fact.label = field(v, "mp");
  fact.date = into.entry.date;
  fact.status = "completed";
  fact.dose = dose;
  fact.place = "v[0]";
  into.facts.push_back(std::move(fact));
}

void test(FhirNode t, DocumentDescription& into) {
  add_text(into, "Test");
  common(t, from_iso(t["sc"].text()), into);
  into.entry.category = "laboratory";
  const std::string found = field(t, "tr");  // SNOMED CT
  const std::string words = found == "260415000"   ? "non détecté / not detected"
                            : found == "260373001" ? "détecté / detected"
                                                   : found;
  say(into, "Test", field(t, "nm").empty() ? field(t, "tt") : field(t, "nm"));
  say(into, "Résultat / Result", words);
  say(into, "Lieu / Place", field(t, "tc"));
  Fact fact;
  fact.kind = FactKind::result;
  fact.code = {field(t, "tt"), std::string{kinds::loinc}, ""};
  fact.label = field(t, "nm");
  fact.value = found == "260415000" ? "not detected" : found == "260373001" ? "detected" : found;
  fact.date = into.entry.date;
  fact.place = "t[0]";
  into.facts.push_back(std::move(fact));
}

void recovery(FhirNode r, DocumentDescription& into) {
  add_text(into, "Rétablissement / Recovery");
  common(r, from_iso(r["fr"].text()), into);
  say(into, "Valable du / Valid from", from_iso(r["df"].text()));
  say(into, "Jusqu'au / Until", from_iso(r["du"].text()));
}

void patient(FhirNode certificate, PatientIdentity& who) {
  const FhirNode name = certificate["nam"];
  who.family = field(name, "fn");
  if (who.family.empty()) who.family = field(name, "fnt");
  if (!who.family.empty()) who.families.push_back(who.family);
  who.given = field(name, "gn");
  if (who.given.empty()) who.given = field(name, "gnt");
  who.birth_date = from_iso(certificate["dob"].text());
}

}  // namespace

std::optional<Bytes> from_base45(std::string_view text) {
  if (text.size() % 3 == 1) return std::nullopt;
  Bytes out;
  out.reserve(text.size() * 2 / 3);
  for (std::size_t at = 0; at < text.size(); at += 3) {
    const std::string_view group = text.substr(at, 3);
    unsigned value = 0;
    unsigned weight = 1;
    for (const char c : group) {
      const auto digit = alphabet.find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      value += static_cast<unsigned>(digit) * weight;
      weight *= 45;
    }
    if (value > (group.size() == 3 ? 0xFFFFU : 0xFFU)) return std::nullopt;
    if (group.size() == 3) out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value & 0xFF));
  }
  return out;
}

std::string_view find_hcert(std::string_view text) {
  const auto at = text.find(prefix);
  if (at == std::string_view::npos) return {};
  const auto end = text.find_first_not_of(alphabet, at);
  auto found = text.substr(at, end == std::string_view::npos ? end : end - at);
  while (found.ends_with(' ')) found.remove_suffix(1);  // an encoder never ends in one
  return found;
}

bool describe_hcert(std::string_view certificate, DocumentDescription& into) {
  if (!certificate.starts_with(prefix) || certificate.size() > hcert_limits::encoded) return false;
  const auto packed = from_base45(certificate.substr(prefix.size()));
  if (!packed) return false;
  // Compression may be left out; zlib begins with 0x78.
  const auto cose = !packed->empty() && packed->front() == 0x78 ? inflate_zlib(*packed) : packed;
  const auto found = cose ? certificate_of(*cose) : std::nullopt;
  if (!found) return false;
  const FhirNode root{&*found};
  into.entry.format = DocumentFormat::hcert;
  patient(root, into.entry.patient);
  add_text(into, "Certificat COVID numérique de l'UE, signature non vérifiée");
  add_text(into, "EU digital COVID certificate, signature not verified");
  say(into, "Nom / Name", clean_line(into.entry.patient.given + " " + into.entry.patient.family));
  say(into, "Date de naissance / Date of birth", into.entry.patient.birth_date);
  if (const FhirNode v = root["v"])
    vaccination(v, into);
  else if (const FhirNode t = root["t"])
    test(t, into);
  else if (const FhirNode r = root["r"])
    recovery(r, into);
  return true;
}

}  // namespace coffret::reader
