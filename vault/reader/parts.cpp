// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/parts.hpp"

#include <sodium.h>

#include <algorithm>

#include "coffret/encoding.hpp"
#include "coffret/kinds.hpp"
#include "vault/reader/clean.hpp"

namespace coffret::reader {

Sha256 sha256(ByteView bytes) {
  Sha256 hash;
  (void)::crypto_hash_sha256(hash.bytes.data(), bytes.data(), bytes.size());
  return hash;
}

void add_text(DocumentDescription& into, std::string_view more) {
  if (more.empty()) return;
  if (!into.text.empty() && !into.text.ends_with('\n')) into.text.push_back('\n');
  into.text += more;
}

void attach_base64(DocumentDescription& into, std::string_view title, std::string_view media_type,
                   std::string_view base64) {
  if (into.contents.size() >= limits::list_length) return;
  std::string plain;
  plain.reserve(base64.size());
  for (const char c : base64)
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') plain.push_back(c);
  auto bytes = from_base64(plain);
  if (bytes.has_error() || bytes->empty()) return;
  into.entry.attachments.push_back(
      {clean_line(title), clean_line(media_type), bytes->size(), sha256(*bytes)});
  if (media_type.starts_with("text/")) {
    const auto text = decode_text(*bytes);
    if (text) add_text(into, media_type == "text/plain" ? *text : strip_tags(*text));
  }
  into.contents.push_back({std::move(*bytes)});
}

void finish(DocumentDescription& description) {
  auto& entry = description.entry;
  description.text = clean_text(description.text);
  const auto cut = [](auto& list) {
    if (list.size() > limits::list_length) list.resize(limits::list_length);
  };
  cut(entry.authors);
  cut(entry.patient.families);
  cut(entry.patient.ids);
  cut(entry.confidentiality);
  const Kind* kind = kind_of(entry.type.code, entry.type.system);
  entry.category = kind == nullptr ? "other" : std::string{kind->category};
}

}  // namespace coffret::reader
