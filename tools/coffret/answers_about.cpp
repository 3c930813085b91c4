// SPDX-License-Identifier: EUPL-1.2
//
// What is said of one document: everything the vault knows of it.
#include <fmt/format.h>

#include "tools/coffret/sayers.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

void line(std::string_view label, const std::string& value) {
  if (!value.empty()) say(fmt::format("{:<24} {}", label, value));
}

std::string coded(const object& whole, std::string_view name) {
  const auto& value = object_of(whole, name);
  const auto label = text_of(value, "label");
  return label.empty() ? text_of(value, "code") : label;
}

std::string date_of(const object& whole, const Words& words) {
  std::string date = spelled_date(text_of(whole, "date"), words.language);
  const auto source = text_of(whole, "date_source");
  if (source == "file") date += words(" (date du fichier)", " (the file's date)");
  if (source == "person") date += words(" (donnée par vous)", " (given by you)");
  return date;
}

template <class F>
void each(const object& whole, std::string_view name, const F& tell) {
  const auto* list = whole.if_contains({name.data(), name.size()});
  if (list == nullptr || !list->is_array()) return;
  for (const auto& item : list->get_array())
    if (item.is_object()) tell(item.get_object());
}

void say_entry(const object& whole, const Words& words) {
  line(words("Titre", "Title"), text_of(whole, "title"));
  line(words("Date", "Date"), date_of(whole, words));
  line(words("Type", "Kind"), coded(whole, "kind"));
  line(words("Classe", "Class"), coded(whole, "class"));
  line(words("Auteur", "Author"), text_of(whole, "author"));
  line(words("Établissement", "Facility"), coded(whole, "facility_type"));
  line(words("Cadre d'exercice", "Practice setting"), coded(whole, "practice_setting"));
  const auto& service = object_of(whole, "service");
  line(words("Actes du", "Service from"), spelled_date(text_of(service, "start"), words.language));
  line(words("au", "to"), spelled_date(text_of(service, "end"), words.language));
  line(words("Patient", "Patient"), text_of(whole, "patient"));
  line(words("Dossier de", "Record of"), text_of(whole, "person"));
  line(words("Note", "Note"), text_of(whole, "note"));
  if (flag_of(whole, "patient_authored"))
    say(std::string{words("Saisi par vous.", "Entered by you.")});
  if (flag_of(whole, "quarantined"))
    say(std::string{words("Mis à part : voyez « coffret inbox list ».",
                          "Set apart: see \"coffret inbox list\".")});
}

void say_relations(const object& whole, const Words& words) {
  each(whole, "relations", [&](const object& relation) {
    const auto kind = text_of(relation, "kind");
    const auto label = kind == "replaces"  ? words("Remplace", "Replaces")
                       : kind == "appends" ? words("Complète", "Adds to")
                                           : words("Transforme", "Transforms");
    line(label, text_of(relation, "target"));
  });
  each(whole, "discrepancies", [&](const object& one) {
    say(fmt::format("{} {} : {} « {} », {} « {} »", words("Désaccord,", "Disagreement,"),
                    text_of(one, "field"), words("l'enveloppe dit", "the envelope says"),
                    text_of(one, "envelope"), words("le document dit", "the document says"),
                    text_of(one, "document")));
  });
  each(whole, "versions", [&](const object& version) {
    if (text_of(version, "id") == text_of(whole, "id")) return;
    line(flag_of(version, "current") ? words("Version actuelle", "Current version")
                                     : words("Autre version", "Other version"),
         text_of(version, "id").substr(0, 8) + "  " +
             spelled_date(text_of(version, "date"), words.language));
  });
}

void say_about(const object& whole, const Words& words) {
  if (!flag_of(whole, "about")) return;
  say_entry(whole, words);
  say_relations(whole, words);
  const auto& provenance = object_of(whole, "provenance");
  line(words("Reçu", "Received"), instant_of(provenance, "received", words.language));
  line(words("Fichier", "File"), text_of(provenance, "file_name"));
  line(words("Venu par", "Came by"), text_of(provenance, "source"));
  line("SHA-256", text_of(provenance, "sha256"));
  if (flag_of(provenance, "unchanged"))
    say(std::string{words("L'original est inchangé depuis sa réception.",
                          "The original is unchanged since it was received.")});
}

constexpr Sayers sayers[] = {{.command = "show", .row = nullptr, .result = say_about}};

}  // namespace

std::span<const Sayers> about_sayers() {
  return sayers;
}

}  // namespace coffret::cli
