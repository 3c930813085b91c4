// SPDX-License-Identifier: EUPL-1.2
//
// pdf.hpp: a small writer of PDF 1.4 (ISO 32000-1): A4 pages of text in the standard fonts, lines
// and filled rectangles. Its own rather than a library's, because what is printed is a secret: all
// of it lies in memory that is wiped (wiping.hpp), and nothing is compressed or kept elsewhere.
//
// Text is UTF-8 of the letters of Western Europe (WinAnsi); another letter becomes a question mark.
// The fonts are those that every reader brings along (Helvetica, Courier): none is embedded.
// Units: points (1/72 inch) from the upper left corner; sizes in points.
// Threads: one.
#ifndef COFFRET_VAULT_PAPER_PDF_HPP
#define COFFRET_VAULT_PAPER_PDF_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vault/crypto/wiping.hpp"

namespace coffret::paper {

inline constexpr double page_width = 595;  // A4
inline constexpr double page_height = 842;

enum class Font : std::uint8_t { plain = 0, bold = 1, mono = 2 };

// How wide the text would be.
double text_width(std::string_view text, Font font, double size);
// Folded between words, so that no line is wider. A word that is wider alone stays whole.
std::vector<std::string> folded(std::string_view text, Font font, double size, double width);

class Pdf {
 public:
  Pdf(std::string title, std::string language);

  void begin_page();
  void text(double x, double y, std::string_view text, Font font, double size);  // y: base line
  void grey(double level);  // 0 black to 1 white, of what is drawn from here on
  void fill(double x, double y, double width, double height);
  void frame(double x, double y, double width, double height, double line);

  // The whole file. Nothing more can be drawn.
  crypto::WipingBytes finish();

 private:
  void put(std::string_view text);
  void put_number(double value);
  crypto::WipingBytes& page() { return pages_.back(); }

  std::string title_;
  std::string language_;
  std::vector<crypto::WipingBytes> pages_;
};

}  // namespace coffret::paper

#endif  // COFFRET_VAULT_PAPER_PDF_HPP
