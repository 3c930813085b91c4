// SPDX-License-Identifier: EUPL-1.2
//
// description_property.hpp: what must hold for whatever a stranger's file is described as.
#ifndef COFFRET_TESTS_FUZZ_VAULT_DESCRIPTION_PROPERTY_HPP
#define COFFRET_TESTS_FUZZ_VAULT_DESCRIPTION_PROPERTY_HPP

#include <cstdlib>

#include "coffret/wire.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/parts.hpp"
#include "vault/reader/reader.hpp"

namespace coffret::reader {

inline void require(bool holds) {
  if (!holds) std::abort();
}

// A fact says something, in clean lines, and where it stands; a result has a value, and only
// medicines have an event.
inline void check_fact(const Fact& fact) {
  for (const std::string* line :
       {&fact.code.code, &fact.code.system, &fact.code.display, &fact.label, &fact.value,
        &fact.unit, &fact.range_text, &fact.status, &fact.dose, &fact.detail, &fact.place})
    require(clean_line(*line) == *line);
  require(!fact.label.empty() || !fact.code.code.empty() || !fact.detail.empty());
  require(!fact.place.empty());
  require(holds_words(fact));
  require(fact.codings.size() != 1);
  for (const CodedValue& one : fact.codings) {
    require(!one.code.empty() && clean_line(one.code) == one.code);
    require(clean_line(one.system) == one.system && clean_line(one.display) == one.display);
  }
  require(fact.kind != FactKind::result || !fact.value.empty());
  require((fact.kind == FactKind::medicine) == (fact.event != MedicineEvent::none));
}

// Limits kept; text already clean, so that nothing a terminal or a page obeys is left; attachments
// are what their hashes say; the record has one encoding; the same bytes give the same record.
inline void check_description(ByteView file, const char* name) {
  const auto description = describe(file, name);
  if (description.has_error()) {
    const auto why = to_errc(description.error());
    require(why == errc::malformed || why == errc::too_large || why == errc::doctype_refused);
    return;
  }
  require(description->error == 0 && within_limits(*description));
  for (const Fact& fact : description->facts) check_fact(fact);
  const auto& entry = description->entry;
  require(clean_text(description->text) == description->text);
  for (const std::string& line :
       {entry.title, entry.type.display, entry.patient.family, entry.patient.given, entry.set_id,
        entry.unique_id.value, entry.language, entry.file_name})
    require(clean_line(line) == line);
  for (const auto& author : entry.authors) {
    require(clean_line(author.name) == author.name);
    require(!author.name.empty() || !author.organisation.empty());
  }
  for (std::size_t i = 0; i < entry.attachments.size(); ++i) {
    const auto& bytes = description->contents[i].bytes;
    require(entry.attachments[i].size == bytes.size());
    require(entry.attachments[i].sha256 == sha256(bytes));
  }
  const Bytes encoded = wire::encode(*description);
  const auto decoded = wire::decode<DocumentDescription>(encoded);
  require(decoded.has_value() && wire::encode(*decoded) == encoded);
  require(wire::encode(*describe(file, name)) == encoded);
}

}  // namespace coffret::reader

#endif  // COFFRET_TESTS_FUZZ_VAULT_DESCRIPTION_PROPERTY_HPP
