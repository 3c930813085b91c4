// SPDX-License-Identifier: EUPL-1.2
//
// facts_terms.cpp: SNOMED CT's fully specified names as people say them.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "vault/reader/facts_collect.hpp"

namespace coffret::reader {
namespace {

// Those that tell apart what the facts are about; another word in parentheses is the document's.
constexpr std::array<std::string_view, 18> semantic_tags = {"qualifier value",
                                                            "finding",
                                                            "disorder",
                                                            "situation",
                                                            "event",
                                                            "organism",
                                                            "substance",
                                                            "product",
                                                            "medicinal product",
                                                            "medicinal product form",
                                                            "clinical drug",
                                                            "procedure",
                                                            "regime/therapy",
                                                            "observable entity",
                                                            "body structure",
                                                            "morphologic abnormality",
                                                            "physical object",
                                                            "unit of presentation"};

}  // namespace

std::string plain_term(std::string words) {
  const auto open = words.rfind(" (");
  if (open == std::string::npos || open == 0 || !words.ends_with(')')) return words;
  const std::string_view tag = std::string_view{words}.substr(open + 2, words.size() - open - 3);
  if (std::find(semantic_tags.begin(), semantic_tags.end(), tag) != semantic_tags.end())
    words.resize(open);
  return words;
}

}  // namespace coffret::reader
