// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/parts.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "coffret/encoding.hpp"
#include "coffret/kinds.hpp"
#include "vault/reader/clean.hpp"

namespace coffret::reader {
namespace {

// The French national health identity: INS-NIR, INS-NIA, and those of test and demonstration.
constexpr std::array<std::string_view, 4> ins_systems = {
    "1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9", "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"};

}  // namespace

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

void order_ids(std::vector<Identifier>& ids) {
  std::vector<Identifier> kept;
  for (auto& id : ids)
    if (!(id.value.empty() && id.system.empty()) && kept.size() < limits::list_length &&
        std::find(kept.begin(), kept.end(), id) == kept.end())
      kept.push_back(std::move(id));
  std::stable_partition(kept.begin(), kept.end(), [](const Identifier& id) {
    return std::find(ins_systems.begin(), ins_systems.end(), id.system) != ins_systems.end();
  });
  ids = std::move(kept);
}

namespace {

// The person's own entry: the French codes for it (profession, practice, facility and class of the
// patient's expression, the types made for it), or an author who is the patient by number.
bool is_by_patient(const DocumentEntry& e) {
  constexpr std::string_view own = "EXP_PATIENT";
  const bool own_type = e.type.system == kinds::tre_a05 &&
                        (e.type.code.starts_with("DOCPAT") || e.type.code.starts_with("EXPPAT_"));
  if (own_type || e.practice_setting.code == own || e.facility_type.code == own) return true;
  return std::any_of(e.authors.begin(), e.authors.end(), [&](const Author& author) {
    return author.profession.code == own ||
           (!author.id.value.empty() && std::find(e.patient.ids.begin(), e.patient.ids.end(),
                                                  author.id) != e.patient.ids.end());
  });
}

}  // namespace

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
  cut(entry.relations);
  cut(entry.discrepancies);
  const Kind* kind = kind_of(entry.type.code, entry.type.system);
  entry.patient_authored = entry.patient_authored || is_by_patient(entry);
  if (kind != nullptr)
    entry.category = kind->category;
  else if (entry.category.empty())  // a format may know it without a kind
    entry.category = "other";
}

}  // namespace coffret::reader
