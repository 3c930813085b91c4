// SPDX-License-Identifier: EUPL-1.2
//
// refusal.hpp: why a foreign file is refused, more exactly than its error code says: what is wrong
// with this file, in words that a person can act on.
//
// A cause belongs to one error of error.def and never changes it. Numbers go from the reader to the
// daemon in the upper half of an answer's error; codes are in the rows of an import.
#ifndef COFFRET_REFUSAL_HPP
#define COFFRET_REFUSAL_HPP

#include <cstdint>
#include <string_view>

#include "coffret/error.hpp"

namespace coffret {

enum class Cause : std::uint16_t {
  none = 0,
#define COFFRET_CAUSE(number, code, error, french, english) code = number,
#include "coffret/cause.def"
#undef COFFRET_CAUSE
};

struct CauseRow {
  Cause value;
  std::string_view code;  // stable, snake_case
  errc error;
  std::string_view french;
  std::string_view english;

  std::string_view sentence(Language language) const noexcept {
    return language == Language::french ? french : english;
  }
};

inline constexpr CauseRow cause_table[] = {
#define COFFRET_CAUSE(number, code, error, french, english) \
  {Cause::code, #code, errc::error, french, english},
#include "coffret/cause.def"
#undef COFFRET_CAUSE
};

// Null for none and for a number this build does not know.
constexpr const CauseRow* row(Cause value) noexcept {
  for (const auto& candidate : cause_table)
    if (candidate.value == value) return &candidate;
  return nullptr;
}

constexpr const CauseRow* cause_of(std::string_view code) noexcept {
  for (const auto& candidate : cause_table)
    if (candidate.code == code) return &candidate;
  return nullptr;
}

// An errc and its cause in one number; a cause of another error is left out.
constexpr std::uint32_t packed(errc error, Cause cause) noexcept {
  const auto* known = row(cause);
  const bool fits = known != nullptr && known->error == error;
  return static_cast<std::uint32_t>(error) | (fits ? static_cast<std::uint32_t>(cause) << 16 : 0U);
}
constexpr errc error_in(std::uint32_t both) noexcept {
  return static_cast<errc>(both & 0xFFFFU);
}
// `none` also for a cause that is not of this error.
constexpr Cause cause_in(std::uint32_t both) noexcept {
  const auto cause = static_cast<Cause>(both >> 16);
  const auto* known = row(cause);
  return known != nullptr && known->error == error_in(both) ? cause : Cause::none;
}

}  // namespace coffret

#endif  // COFFRET_REFUSAL_HPP
