// SPDX-License-Identifier: EUPL-1.2
//
// spoken.hpp: what coffret-reader composes around a document's words, in French and in English, so
// that whoever reads it later chooses the language; and of a medicine's dose what FHIR has elements
// for beside the words.
//
// Both stand in one text of a Fact (label, dose, detail), with U+001F between them: no text of a
// document holds a control character. A text without one is the same in every language, as all are
// that an earlier release kept.
#ifndef COFFRET_SPOKEN_HPP
#define COFFRET_SPOKEN_HPP

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "coffret/coded_value.hpp"
#include "coffret/error.hpp"

namespace coffret {

inline constexpr char spoken_mark = '\x1f';

// A medicine's dose. `way`: its route, or empty; `if_needed`: not without a need, and which one.
struct SpokenDose {
  std::string french;
  std::string english;
  CodedValue way{};
  bool if_needed = false;
  std::string need{};

  bool operator==(const SpokenDose&) const = default;
};

namespace spoken_parts {
// Text up to the next mark, which is taken away with it.
inline std::string_view next(std::string_view& rest) {
  const auto part = rest.substr(0, rest.find(spoken_mark));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}
}  // namespace spoken_parts

// No part holds a mark: the reader cleans them.
inline std::string packed(const SpokenDose& dose) {
  const std::array<std::string_view, 7> parts = {
      dose.french,      dose.french == dose.english ? std::string_view{} : dose.english,
      dose.way.code,    dose.way.system,
      dose.way.display, dose.if_needed ? "1" : "",
      dose.need};
  std::string text;
  std::size_t held_back = 0;  // marks of parts that may be the empty end
  for (const auto part : parts) {
    if (!part.empty()) {
      text.append(held_back, spoken_mark).append(part);
      held_back = 0;
    }
    ++held_back;
  }
  return text;
}

inline SpokenDose unpacked_dose(std::string_view text) {
  SpokenDose dose;
  dose.french = spoken_parts::next(text);
  dose.english = spoken_parts::next(text);
  if (dose.english.empty()) dose.english = dose.french;
  dose.way.code = spoken_parts::next(text);
  dose.way.system = spoken_parts::next(text);
  dose.way.display = spoken_parts::next(text);
  dose.if_needed = spoken_parts::next(text) == "1";
  dose.need = spoken_parts::next(text);
  return dose;
}

inline std::string spoken(std::string french, std::string_view english) {
  if (french != english && !english.empty()) french.append(1, spoken_mark).append(english);
  return french;
}

inline std::string said_in(std::string_view text, Language language) {
  const auto french = spoken_parts::next(text);
  const auto english = spoken_parts::next(text);
  return std::string{language == Language::french || english.empty() ? french : english};
}

}  // namespace coffret

#endif  // COFFRET_SPOKEN_HPP
