// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/hcert.hpp"

#include <zlib.h>

#include <boost/json/string.hpp>
#include <string>

#include "coffret/kinds.hpp"
#include "vault/reader/cbor.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/fhir.hpp"
#include "vault/reader/hcert_values.hpp"
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

// In both languages: the certificate is for either, and names none.
void entitle(std::string_view what, DocumentDescription& into) {
  into.entry.title =
      clean_line("Certificat COVID de l'UE / EU COVID certificate : " + std::string{what});
}

std::string known_or_code(std::string_view known, std::string code) {
  return known.empty() ? code : std::string{known};
}

// "Comirnaty (COVID-19)".
std::string vaccine_name(FhirNode v) {
  std::string name = known_or_code(hcert_vaccine(field(v, "mp")), field(v, "mp"));
  const std::string disease{hcert_disease(field(v, "tg"))};
  if (disease.empty()) return name;
  return name.empty() ? disease : name + " (" + disease + ")";
}

void common(FhirNode given, std::string date, DocumentDescription& into) {
  DocumentEntry& e = into.entry;
  e.date = std::move(date);
  Author issuer;
  issuer.organisation = field(given, "is");
  if (!issuer.organisation.empty()) e.authors.push_back(std::move(issuer));
  e.unique_id = {field(given, "ci"), ""};
  say(into, "Maladie / Disease",
      known_or_code(hcert_disease(field(given, "tg")), field(given, "tg")));
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
  const std::string vaccine = vaccine_name(v);
  entitle(vaccine + ", dose " + dose, into);
  say(into, "Vaccin / Vaccine", vaccine);
  say(into, "Autorisation / Authorisation", field(v, "mp"));
  add_text(into, "dose " + dose);
  Fact fact;
  fact.kind = FactKind::vaccine;
  fact.code = {field(v, "vp"),
               field(v, "vp").starts_with("J07") ? "2.16.840.1.113883.6.73" : std::string{snomed},
               ""};
  fact.label = vaccine;
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
  const std::string sort = known_or_code(hcert_test(field(t, "tt")), field(t, "tt"));
  entitle(sort + ", " + words, into);
  say(into, "Test", sort);
  say(into, "Nom du test / Name of the test", field(t, "nm"));
  say(into, "Résultat / Result", words);
  say(into, "Lieu / Place", field(t, "tc"));
  Fact fact;
  fact.kind = FactKind::result;
  fact.code = {field(t, "tt"), std::string{kinds::loinc}, ""};
  fact.label = field(t, "nm").empty() ? sort : field(t, "nm");
  fact.value = found == "260415000" ? "not detected" : found == "260373001" ? "detected" : found;
  fact.date = into.entry.date;
  fact.place = "t[0]";
  into.facts.push_back(std::move(fact));
}

void recovery(FhirNode r, DocumentDescription& into) {
  add_text(into, "Rétablissement / Recovery");
  common(r, from_iso(r["fr"].text()), into);
  entitle("rétablissement / recovery", into);
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

bool same_holder(const PatientIdentity& a, const PatientIdentity& b) {
  return folded(a.family) == folded(b.family) && folded(a.given) == folded(b.given) &&
         a.birth_date == b.birth_date;
}

// The document is this certificate; its own title, where it has one, and whoever it names as author
// stay.
void become(DocumentDescription certificate, DocumentDescription& into) {
  auto& from = certificate.entry;
  auto& to = into.entry;
  to.patient = std::move(from.patient);
  to.type = std::move(from.type);
  to.category = std::move(from.category);
  to.unique_id = std::move(from.unique_id);
  if (!from.date.empty()) to.date = std::move(from.date);
  if (to.title.empty()) to.title = std::move(from.title);
  to.authors.insert(to.authors.begin(), from.authors.begin(), from.authors.end());
  add_text(into, certificate.text);
  into.facts = std::move(certificate.facts);
}

void join(DocumentDescription certificate, unsigned number, DocumentDescription& into) {
  add_text(into, certificate.text);
  for (auto& fact : certificate.facts) {
    fact.place = "hcert[" + std::to_string(number) + "]/" + fact.place;
    into.facts.push_back(std::move(fact));
  }
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

bool describe_shown_hcerts(std::string_view words, DocumentDescription& into) {
  unsigned found = 0;
  bool several = false;
  std::string first_title;
  for (unsigned tries = 0; tries < hcert_limits::shown; ++tries) {
    const auto code = find_hcert(words);
    if (code.empty()) break;
    words.remove_prefix(static_cast<std::size_t>(code.data() - words.data()) + code.size());
    DocumentDescription one;
    if (!describe_hcert(code, one)) continue;
    ++found;
    if (found == 1) {
      first_title = one.entry.title;
      become(std::move(one), into);
    } else if (several || !same_holder(one.entry.patient, into.entry.patient)) {
      // Nobody's until a person decides: neither holder is this document's own.
      into.entry.discrepancies.push_back({"patient", "", one.entry.patient.family});
      into.entry.patient = {};
      if (into.entry.title == first_title) into.entry.title.clear();
      into.facts.clear();
      several = true;
    } else if (one.entry.unique_id != into.entry.unique_id)
      join(std::move(one), found, into);
  }
  return found > 0;
}

}  // namespace coffret::reader
