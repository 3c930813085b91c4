// SPDX-License-Identifier: EUPL-1.2
//
// What is said of one document: everything the vault knows of it.
#include <fmt/format.h>

#include <algorithm>

#include "tools/coffret/sayers.hpp"
#include "vault/daemon/shown_words.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

void line(std::string_view label, const std::string& value) {
  if (!value.empty()) say(fmt::format("{:<24} {}", label, value));
}

std::string coded_of(const object& value) {
  const auto label = text_of(value, "label");
  return label.empty() ? text_of(value, "code") : label;
}

std::string coded(const object& whole, std::string_view name) {
  return coded_of(object_of(whole, name));
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

// "Cardiologue, Cabinet Exemple".
std::string author_of(const object& author) {
  std::string told = text_of(author, "name");
  for (const auto& part : {coded(author, "profession"), text_of(author, "organisation")}) {
    if (part.empty()) continue;
    if (!told.empty()) told += ", ";
    told += part;
  }
  return told;
}

std::string patient_of(const object& whole, const Words& words) {
  const auto born = text_of(whole, "birth_date");
  if (born.empty()) return text_of(whole, "patient");
  return fmt::format("{} ({} {})", text_of(whole, "patient"), words("naissance :", "born"),
                     spelled_date(born, words.language));
}

std::string media_of(const object& attachment) {
  const auto type = text_of(attachment, "media_type");
  return type == "application/pdf" ? "PDF" : type;
}

std::string size_of(const object& attachment, const Words& words) {
  return spelled_size(
      static_cast<std::uint64_t>(std::max<std::int64_t>(number_of(attachment, "size"), 0)),
      words.language);
}

void say_attachments(const object& whole, const Words& words) {
  each(whole, "attachments", [&](const object& attachment) {
    const auto title = text_of(attachment, "title");
    line(fmt::format("{} {}", words("Pièce jointe", "Attachment"), number_of(attachment, "number")),
         fmt::format("{}{}{}, {}", title, title.empty() ? "" : ", ", media_of(attachment),
                     size_of(attachment, words)));
    line("  SHA-256", text_of(attachment, "sha256"));
  });
}

// Beside a text that was read: what else the document holds, and how to get at it.
void point_to_attachments(const object& whole, const Words& words) {
  each(whole, "attachments", [&](const object& attachment) {
    const auto number = number_of(attachment, "number");
    fmt::print(stderr, "{} {} ({}, {}) : coffret show {} --attachment {} --out {}\n",
               words("Pièce jointe", "Attachment"), number, media_of(attachment),
               size_of(attachment, words), text_of(whole, "id").substr(0, 8), number,
               words("FICHIER", "FILE"));
  });
}

void say_entry(const object& whole, const Words& words) {
  line(words("Titre", "Title"), text_of(whole, "title"));
  line(words("Date", "Date"), date_of(whole, words));
  line(words("Type", "Kind"), coded(whole, "kind"));
  line(words("Classe", "Class"), coded(whole, "class"));
  each(whole, "authors",
       [&](const object& author) { line(words("Auteur", "Author"), author_of(author)); });
  line(words("Établissement", "Facility"), coded(whole, "facility_type"));
  line(words("Cadre d'exercice", "Practice setting"), coded(whole, "practice_setting"));
  const auto& service = object_of(whole, "service");
  line(words("Actes du", "Service from"), spelled_date(text_of(service, "start"), words.language));
  line(words("au", "to"), spelled_date(text_of(service, "end"), words.language));
  line(words("Patient", "Patient"), patient_of(whole, words));
  each(whole, "restrictions", [&](const object& restriction) {
    line(words("Confidentialité", "Confidentiality"), coded_of(restriction));
  });
  if (const auto& picture = object_of(whole, "picture"); !picture.empty())
    line(words("Image", "Picture"),
         fmt::format("{} × {} {}", number_of(picture, "width"), number_of(picture, "height"),
                     words("pixels", "pixels")));
  line(words("Dossier de", "Record of"), text_of(whole, "person"));
  line(words("Note", "Note"), text_of(whole, "note"));
  if (flag_of(whole, "entered_here"))
    say(std::string{words("Saisi par vous, dans ce coffre.", "Entered by you, in this vault.")});
  else if (flag_of(whole, "patient_authored"))
    say(
        std::string{words("Ce document dit avoir été écrit par le patient ; il n'a pas été saisi "
                          "dans ce coffre.",
                          "This document says that the patient wrote it; it was not entered in "
                          "this vault.")});
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
  say_disagreements(whole, "", words);
  each(whole, "versions", [&](const object& version) {
    if (text_of(version, "id") == text_of(whole, "id")) return;
    line(flag_of(version, "current") ? words("Version actuelle", "Current version")
                                     : words("Autre version", "Other version"),
         text_of(version, "id").substr(0, 8) + "  " +
             spelled_date(text_of(version, "date"), words.language));
  });
}

void say_about(const object& whole, const Words& words) {
  if (!flag_of(whole, "about")) {
    if (text_of(whole, "shown") == "text") point_to_attachments(whole, words);
    return;
  }
  say_entry(whole, words);
  say_attachments(whole, words);
  say_relations(whole, words);
  const auto& provenance = object_of(whole, "provenance");
  line(words("Reçu", "Received"), instant_of(provenance, "received", words.language));
  line(words("Fichier", "File"), text_of(provenance, "file_name"));
  line(words("Venu par", "Came by"),
       daemon::shown_source(text_of(provenance, "source"), words.language));
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
