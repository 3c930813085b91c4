// SPDX-License-Identifier: EUPL-1.2
//
// sensitive.hpp: which documents a rule of a grant leaves out unless they are chosen one by one:
// those of sensitive kinds, and those that are masked.
//
// A judgement by codes only: of the document's type, of the facts drawn from it, of its
// confidentiality. A document that has no codes (a scan, a letter) is not recognised, and whoever
// shows the result says so. Sources of the codes: sensitive.cpp, row by row.
// Threads: pure functions.
#ifndef COFFRET_VAULT_GRANTS_SENSITIVE_HPP
#define COFFRET_VAULT_GRANTS_SENSITIVE_HPP

#include <cstdint>
#include <string_view>
#include <vector>

#include "coffret/document.hpp"
#include "coffret/error.hpp"
#include "coffret/fact.hpp"

namespace coffret::grants {

enum class Sensitive : std::uint8_t { psychiatry, addiction, hiv, pregnancy, genetics, masked };

// "psychiatry", "addiction", "hiv", "pregnancy", "genetics", "masked".
std::string_view name(Sensitive kind) noexcept;
std::string_view words(Sensitive kind, Language language) noexcept;

// In the order of the enumeration, each once; empty: none that the codes tell.
std::vector<Sensitive> sensitive_kinds(const DocumentEntry& entry, const std::vector<Fact>& facts);

// Restricted or very restricted (HL7), or hidden from professionals, the patient or the legal
// representatives (the French DMP's visibility codes).
bool is_masked(const DocumentEntry& entry);

// Whether the lists can tell: its type or a fact has a code of a listed system, and so has each
// problem (ICD-10) and each medicine (ATC). A problem with a SNOMED CT code alone, or a medicine
// with a brand's code alone, leaves open what it is of.
bool can_be_judged(const DocumentEntry& entry, const std::vector<Fact>& facts);

}  // namespace coffret::grants

#endif  // COFFRET_VAULT_GRANTS_SENSITIVE_HPP
