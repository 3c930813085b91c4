// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/pdf.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "vault/reader/clean.hpp"
#include "vault/reader/iso_time.hpp"
#include "vault/reader/parts.hpp"
#include "vault/reader/xmp.hpp"

namespace coffret::reader {
namespace {

std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
  const auto from = text.find(open);
  if (from == std::string_view::npos) return {};
  const auto start = from + open.size();
  const auto end = text.find(close, start);
  return end == std::string_view::npos ? std::string_view{} : text.substr(start, end - start);
}

// The converter puts the words of the pages between its <pre> as they are, "<5 mg/L" with the rest;
// only a text without any "<" may be one whose "&lt;" is meant.
std::string text_of(std::string_view body) {
  constexpr std::string_view open = "<pre>";
  const auto from = body.find(open);
  const auto to = body.rfind("</pre>");
  if (from == std::string_view::npos || to == std::string_view::npos || to < from + open.size())
    return strip_tags(body);
  const auto words = body.substr(from + open.size(), to - from - open.size());
  return words.find('<') == std::string_view::npos ? strip_tags(words) : std::string{words};
}

}  // namespace

namespace {

void describe_converted(std::string_view converted, DocumentDescription& into) {
  const auto body = converted.find("<body>");
  if (body == std::string_view::npos) return add_text(into, converted);
  const std::string_view head = converted.substr(0, body);
  into.entry.title = clean_line(strip_tags(between(head, "<title>", "</title>")));
  into.entry.date = from_iso(between(head, R"(<meta name="CreationDate" content=")", "\""));
  Author author;
  author.name = clean_line(strip_tags(between(head, R"(<meta name="Author" content=")", "\"")));
  if (!author.name.empty()) into.entry.authors.push_back(author);
  add_text(into, text_of(converted.substr(body)));
}

}  // namespace

void describe_pdf(ByteView file, std::string_view converted, DocumentDescription& into) {
  describe_converted(converted, into);
  auto& entry = into.entry;
  if (!entry.title.empty() && !entry.date.empty() && !entry.authors.empty()) return;
  const Xmp said = read_xmp(file);
  if (entry.title.empty()) entry.title = said.title;
  if (entry.date.empty()) entry.date = said.date;
  if (!entry.authors.empty() || said.author.empty()) return;
  Author author;
  author.name = said.author;
  entry.authors.push_back(std::move(author));
}

}  // namespace coffret::reader
