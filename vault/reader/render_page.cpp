// SPDX-License-Identifier: EUPL-1.2
//
// The frame of a page: its one style sheet, which the policy names by its hash, and the header.
#include "coffret/encoding.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/parts.hpp"
#include "vault/reader/render_html.hpp"

namespace coffret::reader {
namespace {

constexpr std::string_view style =
    ":root{color-scheme:light}"
    "*{box-sizing:border-box}"
    "body{margin:0 auto;padding:1rem;max-width:62rem;color:#17242c;background:#fff;"
    "font:1rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}"
    "header{padding-bottom:1rem;border-bottom:3px solid #0b5d57}"
    "h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 1rem}"
    "h2{font-size:1.25rem;margin:1.75rem 0 .5rem;color:#08443f;border-bottom:1px solid #d3dcda}"
    "h3,h4,h5,h6{font-size:1.05rem;margin:1.25rem 0 .5rem}"
    "dl.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(12rem,1fr));"
    "gap:.5rem 1.5rem;margin:0}"
    "dl.facts dt{font-size:.9rem;color:#4a5962}"
    "dl.facts dd{margin:0;font-weight:600}"
    "p,.p{margin:.5rem 0}"
    ".scroll{overflow-x:auto;margin:.75rem 0}"
    "table{border-collapse:collapse;overflow-wrap:normal;font-variant-numeric:tabular-nums}"
    "th,td{border:1px solid #71827f;padding:.3rem .6rem;text-align:start;vertical-align:top}"
    "thead th{background:#f3f6f5}"
    "caption,.caption{text-align:start;font-weight:600}"
    ".plain{white-space:pre-wrap;font-family:inherit;margin:.5rem 0}"
    ".bold{font-weight:700}.italic{font-style:italic}.underline{text-decoration:underline}"
    ".center{text-align:center}.right{text-align:end}"
    ".roman-upper{list-style-type:upper-roman}.roman-lower{list-style-type:lower-roman}"
    ".alpha-upper{list-style-type:upper-alpha}.alpha-lower{list-style-type:lower-alpha}"
    ".circle{list-style-type:circle}.square{list-style-type:square}"
    ".note{color:#4a5962;background:#f3f6f5;padding:.5rem .75rem;border-radius:.25rem}"
    ".address{color:#4a5962;font-size:.9em}"
    "figure{margin:1rem 0}img{max-width:100%;height:auto}"
    "@media (max-width:40rem){th,td{padding:.2rem .35rem}}"
    "@media print{body{max-width:none;padding:0;font-size:10.5pt}.scroll{overflow:visible}"
    "tr,figure{break-inside:avoid}h1,h2,h3{break-after:avoid}thead{display:table-header-group}}";

constexpr PageWords french = {
    "Patient",
    "Né(e) le",
    "Date du document",
    "Auteur",
    "Type de document",
    "Pièces jointes",
    "Ce document renvoie à un fichier situé ailleurs, qui n'est pas chargé.",
    "La suite est trop longue pour être affichée. Le fichier d'origine est complet.",
    "Ce document ne contient pas de texte à afficher.",
    "Pièce jointe, non affichée ici :",
    "Intitulé",
    "Valeur",
    "Valeurs habituelles",
    "État",
    "Date",
    "Précisions"};
constexpr PageWords english = {"Patient",
                               "Born",
                               "Date of the document",
                               "Author",
                               "Kind of document",
                               "Attachments",
                               "This document points to a file elsewhere, which is not loaded.",
                               "The rest is too long to be shown. The original file is complete.",
                               "This document holds no text to show.",
                               "Attachment, not shown here:",
                               "Name",
                               "Value",
                               "Usual values",
                               "Status",
                               "Date",
                               "Details"};

void row(Html& page, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  page.open("div");
  page.element("dt", name);
  page.element("dd", value);
  page.close();
}

std::string authors_of(const DocumentEntry& entry) {
  std::string all;
  for (const Author& author : entry.authors) {
    std::string one = author.name;
    if (!author.organisation.empty()) one += (one.empty() ? "" : ", ") + author.organisation;
    if (!one.empty()) all += (all.empty() ? "" : " ; ") + one;
  }
  return all;
}

// BCP 47 as far as it is letters, digits and hyphens; else nothing is said.
std::string_view language_tag(std::string_view tag) {
  const bool plain = tag.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789-") == std::string_view::npos;
  return plain && tag.size() <= 35 ? tag : std::string_view{};
}

// As the commands write it: thousands, rounded up.
std::string shown_size(std::uint64_t bytes, Language language) {
  const bool in_english = language == Language::english;
  if (bytes < 1000) return std::to_string(bytes) + (in_english ? " bytes" : " octets");
  return std::to_string((bytes + 999) / 1000) + (in_english ? " kB" : " ko");
}

}  // namespace

const PageWords& page_words(Language language) {
  return language == Language::english ? english : french;
}

void begin_page(Html& page, const DocumentEntry& entry, Language language) {
  static const std::string policy = "default-src 'none'; img-src data:; style-src 'sha256-" +
                                    to_base64(sha256(as_bytes(style)).bytes) +
                                    "'; base-uri 'none'; form-action 'none'";
  const PageWords& words = page_words(language);
  const std::string_view ours = language == Language::english ? "en" : "fr";
  const std::string title = entry.title.empty() ? entry.file_name : entry.title;
  page.open("html", {{"lang", ours}});
  page.open("head");
  page.empty("meta", {{"charset", "utf-8"}});
  page.empty("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", policy}});
  page.empty("meta", {{"name", "referrer"}, {"content", "no-referrer"}});
  page.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  page.element("title", title);
  page.style(style);
  page.close();
  page.open("body");
  page.open("header");
  const std::string_view theirs = language_tag(entry.language);
  page.element("h1", title, {{"lang", theirs}});
  page.open("dl", {{"class", "facts"}});
  row(page, words.patient, clean_line(entry.patient.given + " " + entry.patient.family));
  row(page, words.born, shown_date(entry.patient.birth_date, language));
  row(page, words.date, shown_date(entry.date, language));
  row(page, words.author, authors_of(entry));
  row(page, words.kind, entry.type.display);
  page.close();
  page.close();
  page.open("main", {{"lang", theirs}});
}

void end_page(Html& page, const DocumentEntry& entry, Language language) {
  const PageWords& words = page_words(language);
  const bool cut = page.full();
  while (page.inside() != "body" && !page.inside().empty()) page.close();
  if (entry.attachments.empty() && !cut) return;
  page.open("footer");
  if (!entry.attachments.empty()) {
    page.element("h2", words.attachments);
    page.open("ul");
    for (const Attachment& item : entry.attachments)
      page.element(
          "li", item.title + " (" + item.media_type + ", " + shown_size(item.size, language) + ")");
    page.close();
  }
  page.close();
  if (cut) page.notice(words.cut);
}

}  // namespace coffret::reader
