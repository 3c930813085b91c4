// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/pdf.hpp"

#include "vault/reader/clean.hpp"
#include "vault/reader/iso_time.hpp"
#include "vault/reader/parts.hpp"

namespace coffret::reader {
namespace {

std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
  const auto from = text.find(open);
  if (from == std::string_view::npos) return {};
  const auto start = from + open.size();
  const auto end = text.find(close, start);
  return end == std::string_view::npos ? std::string_view{} : text.substr(start, end - start);
}

}  // namespace

void describe_pdf(std::string_view converted, DocumentDescription& into) {
  const auto body = converted.find("<body>");
  if (body == std::string_view::npos) return add_text(into, converted);
  const std::string_view head = converted.substr(0, body);
  into.entry.title = clean_line(strip_tags(between(head, "<title>", "</title>")));
  into.entry.date = from_iso(between(head, R"(<meta name="CreationDate" content=")", "\""));
  Author author;
  author.name = clean_line(strip_tags(between(head, R"(<meta name="Author" content=")", "\"")));
  if (!author.name.empty()) into.entry.authors.push_back(author);
  add_text(into, strip_tags(converted.substr(body)));
}

}  // namespace coffret::reader
