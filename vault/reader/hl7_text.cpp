// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/hl7_text.hpp"

#include <algorithm>

#include "vault/reader/clean.hpp"

namespace coffret::reader {
namespace {

// HL7 v2 §2.7: \F\ | \S\ ^ \T\ & \R\ ~ \E\ backslash; other escapes are formatting and go.
std::string unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('\\');
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = text.find('\\', open + 1);
    if (close == std::string_view::npos) {
      out += text.substr(open);
      break;
    }
    const std::string_view code = text.substr(open + 1, close - open - 1);
    constexpr std::string_view codes = "FSTRE";
    constexpr std::string_view meant = "|^&~\\";
    if (const auto at = code.size() == 1 ? codes.find(code[0]) : codes.npos; at != codes.npos)
      out.push_back(meant[at]);
    else if (code.starts_with(".br") || code.starts_with(".sp"))
      out.push_back('\n');
    text.remove_prefix(close + 1);
  }
  return out;
}

std::string_view raw_component(std::string_view text, std::size_t n) {
  const auto all = hl7_split(text, '^');
  return n < all.size() ? all[n] : std::string_view{};
}

// "name&oid&ISO": the oid, else the name.
std::string authority(std::string_view hd) {
  const auto parts = hl7_split(hd, '&');
  if (parts.size() > 1 && !parts[1].empty()) return clean_line(parts[1]);
  return parts.empty() ? std::string{} : clean_line(parts[0]);
}

}  // namespace

std::vector<std::string_view> hl7_split(std::string_view text, char at) {
  std::vector<std::string_view> pieces;
  while (pieces.size() + 1 < hl7_pieces) {
    const auto end = text.find(at);
    if (end == std::string_view::npos) break;
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  pieces.push_back(text);
  return pieces;
}

std::string hl7_component(std::string_view text, std::size_t n) {
  const auto piece = raw_component(text, n);
  return clean_line(unescape(piece.substr(0, piece.find('&'))));
}

Author hl7_person(std::string_view xcn) {
  Author author;
  if (xcn.find('^') == std::string_view::npos) {
    author.name = clean_line(unescape(xcn));
    return author;
  }
  author.name = clean_line(hl7_component(xcn, 2) + " " + hl7_component(xcn, 1));
  author.id = {hl7_component(xcn, 0), authority(raw_component(xcn, 8))};
  return author;
}

std::string hl7_organisation(std::string_view xon) {
  // No sub-components here: an ampersand is part of the name.
  return clean_line(unescape(raw_component(xon, 0)));
}

Identifier hl7_identifier(std::string_view cx) {
  // Some senders escape twice for XML.
  std::string text{cx};
  for (auto at = text.find("&amp;"); at != std::string::npos; at = text.find("&amp;", at))
    text.erase(at + 1, 4);
  return {hl7_component(text, 0), authority(raw_component(text, 3))};
}

CodedValue hl7_code(std::string_view ce) {
  return {hl7_component(ce, 0), hl7_component(ce, 2), hl7_component(ce, 1)};
}

void hl7_patient_names(std::string_view xpn, PatientIdentity& patient) {
  for (const auto name : hl7_split(xpn, '~')) {
    std::string family = hl7_component(name, 0);
    if (patient.family.empty()) {
      patient.family = family;
      patient.given = hl7_component(name, 1);
    }
    auto& all = patient.families;
    if (!family.empty() && all.size() < limits::list_length &&
        std::find(all.begin(), all.end(), family) == all.end())
      all.push_back(std::move(family));
  }
}

void hl7_patient_ids(std::string_view cx, PatientIdentity& patient) {
  for (const auto id : hl7_split(cx, '~'))
    if (auto read = hl7_identifier(id);
        !read.value.empty() && patient.ids.size() < limits::list_length)
      patient.ids.push_back(std::move(read));
}

}  // namespace coffret::reader
