// SPDX-License-Identifier: EUPL-1.2
//
// padding.hpp: the limits of a reference range as a laboratory writes them.
//
// A measured value is shown as it was sent: its decimals say how exact it is (FHIR R4 decimal:
// precision is significant). So are the limits, "4.00 – 10.00", up to the decimals that a
// laboratory gives; beyond those they are a database column's ("63.000000"), and say nothing.
#ifndef COFFRET_PADDING_HPP
#define COFFRET_PADDING_HPP

#include <string>
#include <string_view>

namespace coffret {

inline std::string without_padding(std::string_view number) {
  constexpr std::size_t most_decimals = 4;
  const auto point = number.find('.');
  if (point == std::string_view::npos || number.size() - point - 1 <= most_decimals)
    return std::string{number};
  const auto last = number.find_last_not_of('0');
  return std::string{number.substr(0, last == point ? point : last + 1)};
}

}  // namespace coffret

#endif  // COFFRET_PADDING_HPP
