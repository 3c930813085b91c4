// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>

#include "coffret/encoding.hpp"
#include "vault/daemon/export_fhir.hpp"
#include "vault/daemon/export_text.hpp"
#include "vault/daemon/spelled.hpp"

namespace coffret::daemon {
namespace {

// The policy says what is true anyway: no script, no address but the folder's own.
constexpr std::string_view head = R"(<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<style>
body { font: 1rem/1.5 sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #1a1a1a; background: #fff }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #767676; padding: .4rem .6rem; text-align: left; vertical-align: top }
thead { display: table-header-group }
tr { break-inside: avoid }
a { color: #0b4f8a }
small, code { font-size: .8rem; overflow-wrap: anywhere }
.note { font-style: italic }
@media print { body { margin: 0; max-width: none; font-size: 10pt } a { color: inherit } }
</style>
)";

std::string element(std::string_view name, std::string_view text) {
  std::string html = "<";
  html += name;
  html += '>';
  html += escaped(text);
  html += "</";
  html += name;
  html += ">";
  return html;
}

// A date as people read it, with what machines read beside it. What is no date stays as it is.
std::string time_of(std::string_view iso, Language language) {
  const auto date = fhir::date_time(iso);
  if (date.empty() || date.size() < std::min<std::size_t>(iso.size(), 10))
    return escaped(iso.substr(0, 10));
  std::string html = "<time datetime=\"" + date.substr(0, 10) + "\">";
  html += escaped(spelled_date(date.substr(0, 10), language));
  return html + "</time>";
}

std::string link(const std::string& file, std::string_view text) {
  std::string html = "<a href=\"";
  html += path_reference(file);
  html += "\">";
  html += escaped(text);
  html += "</a>";
  return html;
}

std::string authors_shown(const DocumentEntry& entry) {
  std::string shown;
  for (const auto& author : entry.authors) {
    const auto& name = author.name.empty() ? author.organisation : author.name;
    if (name.empty()) continue;
    if (!shown.empty()) shown += ", ";
    shown += name;
    if (!author.name.empty() && !author.organisation.empty())
      shown += " (" + author.organisation + ")";
  }
  return shown;
}

// As HTML.
std::string provenance(const ExportedRecord& record, const store::DocumentView& view) {
  std::string shown{record.say("reçu le ", "received ")};
  shown += time_of(to_rfc3339(from_unix(view.imported_at)), record.language);
  if (!view.entry.file_name.empty()) shown += ", " + escaped(view.entry.file_name);
  if (view.source == "own")
    shown += record.say(", saisi par la personne", ", entered by the person");
  if (view.replaced_by) shown += record.say(", remplacé depuis", ", replaced since");
  return shown;
}

std::string row_of(const ExportedRecord& record, const ExportedDocument& document) {
  const auto& view = document.view;
  std::string html = "<tr><td>" + time_of(view.entry.date, record.language) + "</td>";
  html += "<td>" + link(document.file, document.title);
  for (std::size_t i = 0; i < document.attachments.size(); ++i) {
    const auto& title = view.entry.attachments[i].title;
    html += "<br>" + link(document.attachments[i],
                          title.empty() ? record.say("pièce jointe", "attachment") : title);
  }
  if (view.amended && view.amended->note)
    html += "<br><span class=\"note\">" + escaped(*view.amended->note) + "</span>";
  html += "</td>" + element("td", document.kind) + element("td", authors_shown(view.entry));
  if (record.persons.size() > 1) html += element("td", document.person);
  html += "<td>" + provenance(record, view) + "</td>";
  html += "<td><code>" + to_hex(view.sha256.view()) + "</code></td></tr>\n";
  return html;
}

std::string persons_list(const ExportedRecord& record) {
  std::string html = "<ul>\n";
  for (const auto& person : record.persons) {
    std::string shown = person_shown(record, person.id);
    const auto& known = person.identity;
    const std::string full = known.given + (known.given.empty() ? "" : " ") + known.family;
    if (!full.empty() && full != shown) shown += " — " + full;
    html += "<li>" + escaped(shown);
    if (!known.birth_date.empty())
      html += std::string{record.say(", naissance : ", ", born ")} +
              time_of(known.birth_date, record.language);
    html += "</li>\n";
  }
  return html + "</ul>\n";
}

std::string others(const ExportedRecord& record) {
  std::string html = "<p>";
  html += link("record.fhir.json", record.say("Le dossier en HL7 FHIR", "The record in HL7 FHIR"));
  html += " · " + link("documents.csv", record.say("documents", "documents"));
  html += " · " + link("results.csv", record.say("résultats", "results"));
  html += " · " + link("medicines.csv", record.say("médicaments", "medicines"));
  html += " · " + link("README.txt", record.say("à lire", "read me"));
  return html + "</p>\n";
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string path_reference(std::string_view path) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string url;
  for (const char c : path) {
    if (plain.find(c) != std::string_view::npos) {
      url += c;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    url += '%';
    url += digits[byte >> 4];
    url += digits[byte & 15];
  }
  return url;
}

std::string index_html(const ExportedRecord& record) {
  std::string html = "<!doctype html>\n<html lang=\"";
  html += record.say("fr", "en");
  html += "\">\n<head>\n";
  html += head;
  const std::string title =
      std::string{record.say("Documents de santé de ", "Health documents of ")} +
      (record.owner.empty() ? std::string{record.say("la personne", "the person")} : record.owner);
  html += element("title", title) + "\n</head>\n<body>\n" + element("h1", title) + "\n";
  html += "<p>" + std::to_string(record.documents.size()) + " documents, ";
  html += time_of(to_rfc3339(record.made_at), record.language) + ".</p>\n";
  html += persons_list(record) + others(record) + "<table>\n<thead><tr>";
  html += element("th", "Date") + element("th", record.say("Titre", "Title"));
  html += element("th", record.say("Type", "Kind")) + element("th", record.say("Auteur", "Author"));
  if (record.persons.size() > 1) html += element("th", record.say("Dossier de", "Record of"));
  html += element("th", record.say("Provenance", "Provenance")) + element("th", "SHA-256");
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& document : record.documents) html += row_of(record, document);
  return html + "</tbody>\n</table>\n</body>\n</html>\n";
}

std::string read_me(const ExportedRecord& record) {
  std::string text{record.say(
      "Ce dossier contient des documents de santé, sortis d'un coffre Coffret. Il se lit sans\n"
      "Coffret : ouvrez index.html dans un navigateur. Les originaux sont sous documents/,\n"
      "tels qu'ils ont été reçus.\n\n"
      "Rien n'est chiffré ici : gardez ce dossier comme vous gardez vos papiers.\n\n"
      "Vérifier que rien n'a changé depuis : sha256sum -c SHA256SUMS\n"
      "manifest.jws est manifest.json signé (JWS, EdDSA) par l'appareil qui a fait cet export ;\n"
      "sa clé est dans l'en-tête, et les certificats qui la relient au coffre sont dans « chain "
      "».\n",
      "This folder holds health documents taken out of a Coffret vault. It is read without\n"
      "Coffret: open index.html in a browser. The originals are under documents/, as they\n"
      "were received.\n\n"
      "Nothing is encrypted here: keep this folder as you keep your papers.\n\n"
      "To check that nothing changed since: sha256sum -c SHA256SUMS\n"
      "manifest.jws is manifest.json signed (JWS, EdDSA) by the device that made this export;\n"
      "its key is in the header, and the certificates that tie it to the vault are in "
      "\"chain\".\n")};
  if (record.missing > 0) {
    text += '\n' + std::to_string(record.missing);
    text += record.say(" document(s) ne sont pas sur cet appareil et manquent ici.\n",
                       " document(s) are not on this device and are missing here.\n");
  }
  return text;
}

}  // namespace coffret::daemon
