// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>

#include "vault/reader/cda.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/facts_cda.hpp"
#include "vault/reader/iso_time.hpp"

namespace coffret::reader {
namespace {

// A word for an analyte, not the row of a table it stands in.
constexpr std::size_t label_size = 250;  // bytes
// More than a fact keeps, so that what is cut can say so.
constexpr std::size_t collected_size = 2 * limits::fact_text;

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

Narrative::Narrative(XmlNode document) {
  index(document.child("component").child("structuredBody"), false);
}

// Depth is bounded by the parser: xml_limits.
void Narrative::index(XmlNode at, bool inside) {
  if (inside)
    if (const std::string id = at.attribute("ID"); !id.empty()) places_.emplace(id, at);
  for (const XmlNode item : at.children()) {
    // Entries have texts too, which refer and are not referred to.
    if (item.name() == "entry" && !inside) continue;
    index(item, inside || item.name() == "text");
  }
}

void Narrative::collect(XmlNode at, std::string& out) {
  for (const auto& piece : at.pieces()) {
    if (steps_ == 0 || out.size() >= collected_size) return;
    --steps_;
    for (const char c : piece.text.substr(0, collected_size)) {
      if (!is_space(c))
        out.push_back(c);
      else if (!out.empty() && out.back() != ' ')
        out.push_back(' ');
    }
    if (!piece.element) continue;
    const auto name = piece.element.name();
    const bool apart = name == "td" || name == "th" || name == "tr" || name == "br" ||
                       name == "item" || name == "paragraph";
    if (apart && !out.empty() && out.back() != ' ') out.push_back(' ');
    collect(piece.element, out);
    if (apart && !out.empty() && out.back() != ' ') out.push_back(' ');
  }
}

std::string Narrative::words_at(std::string_view reference) {
  if (reference.starts_with('#')) reference.remove_prefix(1);
  if (reference.empty()) return {};
  const std::string id{reference};
  if (const auto known = read_.find(id); known != read_.end()) return known->second;
  const auto place = places_.find(id);
  std::string found;
  if (place != places_.end()) collect(place->second, found);
  return read_.emplace(id, clean_words(found)).first->second;
}

std::string Narrative::words(XmlNode holder) {
  if (!holder) return {};
  std::string referred = words_at(holder.child("reference").attribute("value"));
  if (!referred.empty()) return referred;
  std::string own;
  if (!is_null(holder)) collect(holder, own);
  return clean_words(own);
}

bool is_null(XmlNode element) {
  return !element.attribute("nullFlavor").empty();
}

CodedValue cda_best_code(XmlNode coded) {
  if (!is_null(coded) && !coded.attribute("code").empty()) return cda_code(coded);
  for (const XmlNode other : coded.children("translation"))
    if (!is_null(other) && !other.attribute("code").empty()) return cda_code(other);
  return {};
}

namespace {

// Translations may be translated again: the parser bounds how deep.
void collect_codings(XmlNode coded, std::vector<CodedValue>& into) {
  if (into.size() >= limits::codings) return;
  if (!is_null(coded) && !coded.attribute("code").empty()) into.push_back(cda_code(coded));
  for (const XmlNode other : coded.children("translation")) collect_codings(other, into);
}

}  // namespace

void take_cda_code(XmlNode coded, Fact& into) {
  into.code = cda_best_code(coded);
  into.codings.clear();
  collect_codings(coded, into.codings);
}

std::string cda_label(XmlNode coded, Narrative& narrative) {
  std::string said = narrative.words(coded.child("originalText"));
  if (!said.empty() && said.size() <= label_size) return plain_term(std::move(said));
  if (std::string display = clean_line(coded.attribute("displayName")); !display.empty())
    return plain_term(std::move(display));
  for (const XmlNode other : coded.children("translation")) {
    std::string display = clean_line(other.attribute("displayName"));
    if (!display.empty()) return plain_term(std::move(display));
  }
  return said;
}

Period cda_period(XmlNode time) {
  if (const std::string at = from_hl7(time.attribute("value")); !at.empty()) return {at, ""};
  Period period{from_hl7(time.child("low").attribute("value")),
                from_hl7(time.child("high").attribute("value"))};
  if (period.start.empty()) period.start = from_hl7(time.child("center").attribute("value"));
  return period;
}

Period cda_first_period(XmlNode act) {
  for (const XmlNode time : act.children("effectiveTime")) {
    Period found = cda_period(time);
    if (!found.start.empty() || !found.end.empty()) return found;
  }
  return {};
}

std::string cda_amount(XmlNode quantity) {
  const auto one = [](XmlNode of) {
    return amount_words(clean_line(of.attribute("value")), clean_line(of.attribute("unit")));
  };
  if (std::string plain = one(quantity); !plain.empty()) return plain;
  if (const XmlNode numerator = quantity.child("numerator")) {
    std::string all = one(numerator);
    if (!all.empty()) append_words(all, one(quantity.child("denominator")), " / ");
    return all;
  }
  const XmlNode low = quantity.child("low");
  const XmlNode high = quantity.child("high");
  std::string least = one(low);
  std::string most = one(high);
  if (least.empty() || least == most) return most;
  if (most.empty()) return least;
  const bool one_unit = low.attribute("unit") == high.attribute("unit");
  return (one_unit ? clean_line(low.attribute("value")) : least) + " - " + most;
}

bool cda_is_numeric(XmlNode value) {
  const auto type = value.schema_type();
  return type == "PQ" || type == "INT" || type == "REAL" || type == "MO" ||
         type.starts_with("RTO") || type == "IVL_PQ" || type == "IVL_INT" || type == "IVL_REAL" ||
         !value.attribute("unit").empty();
}

Fact cda_begun(FactKind kind, XmlNode act, const EntryContext& context) {
  Fact fact;
  fact.kind = kind;
  const Period when = cda_first_period(act);
  fact.date = when.start;
  fact.end = when.end;
  fact.author = context.author;
  fact.place = context.place;
  return fact;
}

std::string cda_name(XmlNode name) {
  std::string all;
  for (const XmlNode part : name.children("given")) append_words(all, part.text(), " ");
  if (const XmlNode family = name.child("family")) append_words(all, family.text(), " ");
  return clean_line(all.empty() ? name.text() : all);
}

bool has_template(XmlNode act, std::string_view root) {
  const auto all = act.children("templateId");
  return std::any_of(all.begin(), all.end(),
                     [&](XmlNode id) { return id.attribute("root") == root; });
}

}  // namespace coffret::reader
