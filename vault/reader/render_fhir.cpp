// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <unordered_map>

#include "coffret/padding.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/facts_fhir.hpp"
#include "vault/reader/fhir.hpp"
#include "vault/reader/render_document.hpp"
#include "vault/reader/render_narrative.hpp"

namespace coffret::reader {
namespace {

constexpr int most_sections = 2000;

class FhirPage {
 public:
  FhirPage(const FhirFile& file, const DocumentDescription& described, Html& page,
           Language language)
      : described_(described), page_(page), language_(language), index_(file) {
    // A component's place goes on after its resource's.
    for (const Fact& fact : described.facts) {
      const std::string owner =
          fact.place.substr(0, fact.place.find('/', fact.place.find('/') + 1));
      facts_[owner].push_back(&fact);
    }
  }

  void sections(FhirNode holder, int level) {
    for (const FhirNode section : holder.all("section")) {
      if (page_.full() || ++sections_ > most_sections) return;
      page_.open("section");
      if (const std::string title = clean_line(section["title"].text()); !title.empty())
        page_.element(level == 2 ? "h2" : level == 3 ? "h3" : "h4", title);
      if (!narrative(section)) entries(section);
      if (level < page_limits::depth) sections(section, level + 1);
      page_.close();
    }
  }

  // False when there is none.
  bool narrative(FhirNode holder) {
    const std::string div = holder["text"]["div"].text();
    if (div.empty()) return false;
    const auto xml = XmlDocument::parse(as_bytes(div));
    if (xml.has_error()) {
      // HTML that is no XHTML: its words.
      render_plain(strip_tags(div), page_);
    } else {
      page_.open("div");
      NarrativeWriter{page_, [](const std::string&) {}}.write_xhtml(xml->root());
      page_.close();
    }
    return true;
  }

  void table(const std::vector<const Fact*>& facts) {
    if (facts.empty()) return;
    const PageWords& words = page_words(language_);
    page_.open("div", {{"class", "scroll"}, {"tabindex", "0"}});
    page_.open("table");
    page_.open("thead");
    page_.open("tr");
    for (const auto heading :
         {words.result, words.value, words.range, words.status, words.when, words.note})
      page_.element("th", heading, {{"scope", "col"}});
    page_.close();
    page_.close();
    page_.open("tbody");
    for (const Fact* fact : facts) {
      if (page_.full()) break;
      row(*fact);
    }
    for (int i = 0; i < 3; ++i) page_.close();
  }

  void all_facts() {
    std::vector<const Fact*> all;
    for (const Fact& fact : described_.facts) all.push_back(&fact);
    table(all);
  }

 private:
  void row(const Fact& fact) {
    std::string range = fact.range_text;
    const std::string least = without_padding(fact.range_low);
    const std::string most = without_padding(fact.range_high);
    if (!least.empty() && !most.empty())
      range = least + " – " + most;
    else if (!least.empty() || !most.empty())
      range = least.empty() ? "≤ " + most : "≥ " + least;
    std::string value = fact.value;
    append_words(value, fact.unit, " ");
    append_words(value, fact.flag, " ");
    append_words(value, said_in(fact.dose, language_));
    page_.open("tr");
    page_.element("th", fact.label.empty() ? fact.code.code : said_in(fact.label, language_),
                  {{"scope", "row"}});
    page_.element("td", value);
    page_.element("td", range);
    page_.element("td", fact.status);
    page_.element("td", shown_date(fact.date, language_));
    page_.element("td", said_in(fact.detail, language_));
    page_.close();
  }

  // What the entries of a section without narrative state.
  void entries(FhirNode section) {
    std::vector<const Fact*> all;
    for (const FhirNode reference : section.all("entry")) {
      const FhirNode resource = index_.resolve(reference);
      const auto found = facts_.find(resource.type() + "/" + resource["id"].text());
      if (found != facts_.end()) all.insert(all.end(), found->second.begin(), found->second.end());
      if (all.size() >= limits::facts) break;
    }
    table(all);
    if (all.empty()) page_.text(section["emptyReason"]["coding"]["display"].text());
  }

  const DocumentDescription& described_;
  Html& page_;
  Language language_;
  FhirIndex index_;
  std::unordered_map<std::string, std::vector<const Fact*>> facts_;
  int sections_ = 0;
};

}  // namespace

void render_fhir(const FhirFile& file, const DocumentDescription& described, Html& page,
                 Language language) {
  FhirPage made{file, described, page, language};
  const FhirNode main = file.main();
  if (main.type() == "Composition" && main["section"]) {
    made.sections(main, 2);
    return;
  }
  bool any = made.narrative(main);
  for (const FhirNode resource : file.resources()) {
    if (page.full()) return;
    if (!(resource == main)) any = made.narrative(resource) || any;
  }
  if (any) return;
  made.all_facts();
  if (described.facts.empty()) {
    if (described.text.empty())
      page.notice(page_words(language).empty);
    else
      render_plain(described.text, page);
  }
}

}  // namespace coffret::reader
