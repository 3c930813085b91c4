// SPDX-License-Identifier: EUPL-1.2
#include "vault/grants/packing.hpp"

#include <algorithm>

#include "vault/crypto/parcel.hpp"
#include "vault/crypto/sealer.hpp"

namespace coffret::grants {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The date alone, at the precision it has; empty for what is no ISO 8601 date.
std::string day_of(std::string_view iso) {
  constexpr std::string_view shape = "dddd-dd-dd";
  const auto text = iso.substr(0, shape.size());
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return {};
  for (std::size_t i = 0; i < text.size(); ++i)
    if (shape[i] == 'd' ? !is_digit(text[i]) : text[i] != shape[i]) return {};
  return std::string{text};
}

std::string gender_code(std::string_view written) {
  if (written == "M" || written == "male") return "male";
  if (written == "F" || written == "female") return "female";
  if (written == "other" || written == "unknown") return std::string{written};
  return {};
}

bool names_someone(const PatientIdentity& patient) {
  return !patient.family.empty() || !patient.given.empty();
}

}  // namespace

PatientShown patient_shown(const std::vector<store::DocumentView>& documents,
                           const std::vector<store::PersonView>& persons, bool several) {
  PatientShown shown;
  shown.several = several;
  const PatientIdentity* first = nullptr;
  for (const auto& document : documents) {
    shown.several = shown.several || document.person != documents.front().person;
    const auto& patient = document.entry.patient;
    if (!names_someone(patient)) continue;
    if (first == nullptr) first = &patient;
    const auto [known, other] = std::pair{day_of(first->birth_date), day_of(patient.birth_date)};
    shown.several = shown.several || (!known.empty() && !other.empty() && known != other);
    if (known.empty() && !other.empty()) first = &patient;
  }
  if (shown.several || documents.empty()) return shown;
  if (first == nullptr) {
    const auto& id = documents.front().person;
    const auto person =
        std::find_if(persons.begin(), persons.end(), [&](const auto& one) { return one.id == id; });
    if (person != persons.end()) shown.name = person->name;
    return shown;
  }
  shown.family = first->family;
  shown.given = first->given;
  shown.name = first->given;
  if (!first->given.empty() && !first->family.empty()) shown.name += ' ';
  shown.name += first->family;
  shown.birth_date = day_of(first->birth_date);
  shown.gender = gender_code(first->gender);
  return shown;
}

std::string author_shown(const DocumentEntry& entry) {
  for (const auto& author : entry.authors)
    if (!author.name.empty()) return author.name;
  for (const auto& author : entry.authors)
    if (!author.organisation.empty()) return author.organisation;
  return {};
}

std::string title_shown(const DocumentEntry& entry) {
  return entry.title.empty() ? entry.file_name : entry.title;
}

Bytes padded(ByteView content, std::uint8_t padding) {
  Bytes result;
  const auto size = static_cast<std::size_t>(crypto::padme(content.size()));
  result.reserve(size);
  append(result, content);
  result.resize(std::max(size, content.size()), padding);
  return result;
}

void add_file(Packed& packed, const FileId& id, SealedParcelFile file, std::string content_type) {
  packed.listed.push_back({.id = id,
                           .size = file.size(),
                           .sha256 = crypto::sha256(file.view()),
                           .content_type = std::move(content_type)});
  packed.files.emplace_back(id, std::move(file));
}

}  // namespace coffret::grants
