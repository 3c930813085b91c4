// SPDX-License-Identifier: EUPL-1.2
#include "vault/paper/drawn_code.hpp"

#include <algorithm>

namespace coffret::paper {

Result<void> draw_code(Pdf& pdf, ByteView content, double x, double y, double side) {
  COFFRET_TRY(const auto code, qr_code(content));
  const double module = side / code.width;
  for (unsigned row = 0; row < code.width; ++row)
    for (unsigned column = 0; column < code.width;) {
      unsigned run = 0;
      while (column + run < code.width && code.is_dark(row, column + run)) ++run;
      // A hair taller than a module: no white lines between rows where a reader rounds.
      if (run > 0) pdf.fill(x + column * module, y + row * module, run * module, module + 0.05);
      column += std::max(run, 1U);
    }
  return {};
}

}  // namespace coffret::paper
