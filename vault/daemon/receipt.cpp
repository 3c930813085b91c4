// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/receipt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "coffret/encoding.hpp"
#include "coffret/grant.hpp"
#include "sync/protocol/policy.hpp"
#include "vault/daemon/consent.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/export_fhir_parts.hpp"
#include "vault/daemon/grant_parts.hpp"
#include "vault/daemon/persons.hpp"
#include "vault/daemon/spelled.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;
using boost::json::object;

std::string instant(std::int64_t time) {
  return to_rfc3339(from_unix(time));
}

store::GrantTerms terms_of(const ReceiptOf& of) {
  if (of.grant.terms) return *of.grant.terms;
  store::GrantTerms before;  // of a build that kept the text alone
  before.consent_form.clear();
  const auto decided = wire::decode<protocol::SignedPolicy>(of.grant.decision.policy);
  if (decided.has_error()) return before;
  if (const auto policy = protocol::decode_policy(decided->body); policy.has_value())
    before.rights = policy->rights;
  return before;
}

array versions_json(const store::GrantView& grant) {
  array versions;
  for (const auto& version : grant.versions) {
    object json{{"version", version.version},
                {"at", instant(version.at)},
                {"expires_at", instant(version.expires_at)},
                {"documents", version.documents.size()}};
    array ids;
    for (const auto& id : version.documents) ids.emplace_back(id.text());
    json["document_ids"] = std::move(ids);
    if (version.openings != 0) json["openings"] = version.openings;
    versions.push_back(std::move(json));
  }
  return versions;
}

array documents_json(const ReceiptOf& of) {
  array documents;
  for (const auto& document : of.documents)
    documents.push_back(object{{"id", document.id.text()},
                               {"title", shown_title(document.entry)},
                               {"date", document.entry.date},
                               {"author", shown_author(document.entry)},
                               {"sha256", to_hex(document.sha256.view())}});
  for (const auto& id : of.gone) documents.push_back(object{{"id", id.text()}, {"gone", true}});
  return documents;
}

object coding(std::string_view system, std::string_view code) {
  return {{"coding", array{object{{"system", text_view(system)}, {"code", text_view(code)}}}}};
}

object patient_resource(const ReceiptOf& of) {
  object name{{"text", shown_person(of.person)}};
  const auto& identity = of.person.identity;
  if (!identity.family.empty()) name["family"] = identity.family;
  if (!identity.given.empty()) name["given"] = array{identity.given};
  if (shown_person(of.person).empty()) name["text"] = of.owner;
  object patient{{"resourceType", "Patient"}, {"id", "patient"}, {"name", array{std::move(name)}}};
  if (identity.birth_date.size() == 10) patient["birthDate"] = identity.birth_date;
  return patient;
}

// The owner, where the record is another person's.
object grantor_resource(const ReceiptOf& of) {
  return {{"resourceType", "RelatedPerson"},
          {"id", "grantor"},
          {"patient", object{{"reference", "#patient"}}},
          {"name", array{object{{"text", of.owner}}}}};
}

bool is_anothers(const ReceiptOf& of) {
  return of.person.id != PersonId{};
}

object recipient_resource(const store::GrantDecided& decision) {
  object role{{"resourceType", "PractitionerRole"}, {"id", "recipient"}};
  role["practitioner"] = object{{"display", decision.caregiver}};
  if (!decision.organisation.empty())
    role["organization"] = object{{"display", decision.organisation}};
  if (!decision.role.empty()) role["code"] = array{object{{"text", decision.role}}};
  return role;
}

// Who may do what, from when until when: until it was withdrawn, where it was.
object provision_json(const ReceiptOf& of) {
  const auto& decision = of.grant.decision;
  auto end = decision.expires_at;
  if (of.grant.revoked_at) end = std::max(decision.not_before, std::min(end, *of.grant.revoked_at));
  array actions;
  actions.push_back(coding("http://terminology.hl7.org/CodeSystem/consentaction", "access"));
  if ((terms_of(of).rights & static_cast<std::uint8_t>(Right::download)) != 0)
    actions.push_back(coding("http://terminology.hl7.org/CodeSystem/consentaction", "collect"));
  array data;
  for (const auto& document : of.documents)
    data.push_back(
        object{{"meaning", "instance"},
               {"reference",
                object{{"type", "DocumentReference"},
                       {"identifier",
                        object{{"system", "urn:ietf:rfc:3986"},
                               {"value", "ni:///sha-256;" + to_base64url(document.sha256.bytes)}}},
                       {"display", shown_title(document.entry)}}}});
  for (const auto& id : of.gone)
    data.push_back(object{
        {"meaning", "instance"},
        {"reference", object{{"type", "DocumentReference"},
                             {"identifier",
                              object{{"system", "urn:coffret:document"}, {"value", id.text()}}}}}});
  object provision{
      {"type", "permit"},
      {"period", object{{"start", instant(decision.not_before)}, {"end", instant(end)}}},
      {"actor",
       array{object{
           {"role", coding("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP")},
           {"reference", object{{"reference", "#recipient"}}}}}},
      {"action", std::move(actions)},
      {"purpose", array{object{{"system", "http://terminology.hl7.org/CodeSystem/v3-ActReason"},
                               {"code", "PATRQT"}}}}};
  if (!data.empty()) provision["data"] = std::move(data);
  return provision;
}

}  // namespace

std::string receipt_json(const ReceiptOf& of, const std::vector<protocol::SignedCertificate>& chain,
                         const SigningPublicKey& root) {
  const auto& decision = of.grant.decision;
  const auto terms = terms_of(of);
  array certificates;
  for (const auto& certificate : chain)
    certificates.push_back(object{{"certificate", to_base64url(certificate.body)},
                                  {"signature", to_base64url(certificate.signature.bytes)}});
  object json{{"coffret_consent", 1},
              {"grant", decision.grant.text()},
              {"vault", of.vault.text()},
              {"owner", of.owner},
              {"recipient", object{{"name", decision.caregiver},
                                   {"role", decision.role},
                                   {"organisation", decision.organisation}}},
              {"purpose", decision.purpose},
              {"delivery", text_view(name(decision.delivery))},
              {"consent", object{{"form", terms.consent_form},
                                 {"language", terms.language},
                                 {"text", decision.consent}}},
              {"decided_at", instant(decision.created_at)},
              {"not_before", instant(decision.not_before)},
              {"expires_at", instant(decision.expires_at)},
              {"evolving", terms.evolving},
              {"rights", terms.rights},
              {"versions", versions_json(of.grant)},
              {"documents", documents_json(of)},
              {"state", text_view(name(of.state))},
              {"withdrawn_at", nullptr},
              {"withdrawal_confirmed_at", nullptr},
              {"issued_at", to_rfc3339(of.issued_at)},
              {"chain", std::move(certificates)},
              {"root", to_base64url(root.bytes)}};
  if (is_anothers(of)) json["record_of"] = shown_person(of.person);
  if (of.grant.revoked_at) json["withdrawn_at"] = instant(*of.grant.revoked_at);
  if (of.grant.acknowledged_at)
    json["withdrawal_confirmed_at"] = instant(*of.grant.acknowledged_at);
  return boost::json::serialize(json);
}

std::string receipt_text(const ReceiptOf& of, Language language) {
  const bool french = language == Language::french;
  const auto& decision = of.grant.decision;
  const auto when = [&](std::int64_t time) { return spelled(from_unix(time), language); };
  std::string text = french ? "REÇU DE CONSENTEMENT\n\n" : "CONSENT RECEIPT\n\n";
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) text += fmt::format("{} {}\n", name, value);
  };
  line(french ? "Partage :" : "Grant:", decision.grant.text());
  line(french ? "Donné par :" : "Given by:", of.owner);
  if (is_anothers(of)) line(french ? "Dossier de :" : "Record of:", shown_person(of.person));
  line(french ? "À :" : "To:", decision.caregiver);
  line(french ? "Rôle :" : "Role:", decision.role);
  line(french ? "Établissement :" : "Organisation:", decision.organisation);
  line(french ? "Motif :" : "Purpose:", decision.purpose);
  line(french ? "Décidé le :" : "Decided on:", when(decision.created_at));
  line(french ? "Valable à partir du :" : "Valid from:", when(decision.not_before));
  line(french ? "Jusqu'au :" : "Until:", when(decision.expires_at));
  if (of.grant.revoked_at)
    line(french ? "Retiré le :" : "Withdrawn on:", when(*of.grant.revoked_at));
  if (of.grant.acknowledged_at)
    line(french ? "Retrait confirmé par le serveur le :" : "Withdrawal confirmed by the server on:",
         when(*of.grant.acknowledged_at));
  text += french ? "\nTexte accepté" : "\nText agreed to";
  const auto terms = terms_of(of);
  if (!terms.consent_form.empty()) text += fmt::format(" ({})", terms.consent_form);
  text += fmt::format("{}\n\n{}\n", french ? " :" : ":", decision.consent);
  text += french ? "\nDocuments :\n" : "\nDocuments:\n";
  for (const auto& document : of.documents)
    text += fmt::format("- {}{}\n", shown_title(document.entry),
                        document.entry.date.empty()
                            ? std::string{}
                            : ", " + spelled_date(document.entry.date, language));
  for (const auto& id : of.gone)
    text += fmt::format("- {} ({})\n", id.text(),
                        french ? "n'est plus dans le coffre" : "no longer in the vault");
  for (const auto& version : of.grant.versions) {
    if (version.version == 1) continue;
    const auto at = when(version.at);
    const auto until = when(version.expires_at);
    const auto count = version.documents.size();
    text += french
                ? fmt::format("\nModifié le {} : {} document(s), jusqu'au {}.\n", at, count, until)
                : fmt::format("\nChanged on {}: {} document(s), until {}.\n", at, count, until);
  }
  return text;
}

object receipt_fhir(const ReceiptOf& of, Language language) {
  const auto& decision = of.grant.decision;
  const auto terms = terms_of(of);
  const bool over = of.grant.revoked_at || of.state == GrantState::expired ||
                    of.state == GrantState::used_up || of.state == GrantState::locked;
  const auto changed = of.grant.revoked_at ? *of.grant.revoked_at : of.grant.versions.back().at;
  object attachment{{"contentType", "text/plain; charset=utf-8"},
                    {"data", to_base64(as_bytes(decision.consent))},
                    {"creation", instant(decision.created_at)}};
  if (!terms.language.empty()) attachment["language"] = terms.language;
  if (!terms.consent_form.empty()) attachment["title"] = terms.consent_form;
  array contained{patient_resource(of), recipient_resource(decision)};
  if (is_anothers(of)) contained.push_back(grantor_resource(of));
  object consent{
      {"resourceType", "Consent"},
      {"meta", object{{"lastUpdated", instant(changed)}}},
      {"text", object{{"status", "generated"},
                      {"div", "<div xmlns=\"http://www.w3.org/1999/xhtml\">" +
                                  fhir::narrative(receipt_text(of, language)) + "</div>"}}},
      {"contained", std::move(contained)},
      {"identifier",
       array{object{{"system", "urn:coffret:grant"}, {"value", decision.grant.text()}}}},
      {"status", over ? "inactive" : "active"},
      {"scope", coding("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy")},
      {"category", array{coding("http://loinc.org", "59284-0")}},
      {"patient", object{{"reference", "#patient"}}},
      {"dateTime", instant(decision.created_at)},
      {"performer", array{object{{"reference", is_anothers(of) ? "#grantor" : "#patient"}}}},
      {"sourceAttachment", std::move(attachment)},
      {"policyRule", coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "OPTIN")},
      {"provision", provision_json(of)}};
  if (of.grant.revoked_at)
    consent["extension"] = array{object{{"url", "urn:coffret:consent-withdrawn"},
                                        {"valueDateTime", instant(*of.grant.revoked_at)}}};
  return consent;
}

}  // namespace coffret::daemon
