// SPDX-License-Identifier: EUPL-1.2
#include "vault/paper/pdf.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "coffret/utf8.hpp"
#include "vault/paper/font_widths.hpp"

namespace coffret::paper {
namespace {

using crypto::WipingBytes;

// The characters of WinAnsi that Latin-1 has elsewhere or not at all (ISO 32000-1, annex D).
constexpr std::pair<char32_t, std::uint8_t> moved[] = {
    {U'€', 0x80}, {U'‚', 0x82}, {U'„', 0x84}, {U'…', 0x85}, {U'‹', 0x8b},
    {U'Œ', 0x8c}, {U'Ž', 0x8e}, {U'‘', 0x91}, {U'’', 0x92}, {U'“', 0x93},
    {U'”', 0x94}, {U'•', 0x95}, {U'–', 0x96}, {U'—', 0x97}, {U'›', 0x9b},
    {U'œ', 0x9c}, {U'ž', 0x9e}, {U'Š', 0x8a}, {U'š', 0x9a}, {U'Ÿ', 0x9f},
};

std::uint8_t win_ansi(char32_t c) {
  if ((c >= 0x20 && c < 0x7f) || (c >= 0xa0 && c <= 0xff)) return static_cast<std::uint8_t>(c);
  for (const auto& [from, to] : moved)
    if (from == c) return to;
  return '?';
}

// Takes the next character off a text, as WinAnsi; what is no UTF-8 is a question mark too.
std::uint8_t take_character(std::string_view& text) {
  const auto c = next_character(text);
  text.remove_prefix(std::max<std::size_t>(c.length, 1));
  return c.length == 0 ? std::uint8_t{'?'} : win_ansi(c.value);
}

unsigned width_of(std::uint8_t c, Font font) {
  if (font == Font::mono) return courier_width;
  const auto& widths = font == Font::bold ? helvetica_bold_widths : helvetica_widths;
  return c < 32 ? 0 : widths[c - 32U];
}

void add(WipingBytes& out, std::string_view text) {
  crypto::append(out, as_bytes(text));
}

void add_string(WipingBytes& out, std::string_view text) {
  out.push_back('(');
  while (!text.empty()) {
    const auto c = take_character(text);
    if (c == '(' || c == ')' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back(')');
}

// Objects with their places, for the table at the end.
class File {
 public:
  void begin(std::size_t number) {
    if (places_.size() < number) places_.resize(number);
    places_[number - 1] = bytes_.size();
    add(bytes_, std::to_string(number) + " 0 obj\n");
  }
  void end() { add(bytes_, "\nendobj\n"); }
  WipingBytes& bytes() noexcept { return bytes_; }

  void close(std::size_t root, std::size_t info) {
    const auto table = bytes_.size();
    add(bytes_, "xref\n0 " + std::to_string(places_.size() + 1) + "\n0000000000 65535 f \n");
    for (const auto place : places_) {
      const auto digits = std::to_string(place);
      add(bytes_, std::string(10 - digits.size(), '0') + digits + " 00000 n \n");
    }
    add(bytes_, "trailer\n<< /Size " + std::to_string(places_.size() + 1) + " /Root " +
                    std::to_string(root) + " 0 R /Info " + std::to_string(info) +
                    " 0 R >>\nstartxref\n" + std::to_string(table) + "\n%%EOF\n");
  }

 private:
  WipingBytes bytes_;
  std::vector<std::size_t> places_;
};

constexpr std::array<std::string_view, 3> fonts = {"Helvetica", "Helvetica-Bold", "Courier-Bold"};
constexpr std::size_t catalog = 1;
constexpr std::size_t tree = 2;
constexpr std::size_t info = 3;
constexpr std::size_t first_font = 4;
constexpr std::size_t first_page = first_font + fonts.size();

}  // namespace

double text_width(std::string_view text, Font font, double size) {
  unsigned width = 0;
  while (!text.empty()) width += width_of(take_character(text), font);
  return width * size / 1000;
}

std::vector<std::string> folded(std::string_view text, Font font, double size, double width) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    std::string longer = line;
    if (!longer.empty()) longer += ' ';
    longer += word;
    if (line.empty() || text_width(longer, font, size) <= width) {
      line = std::move(longer);
      continue;
    }
    lines.push_back(std::exchange(line, std::string{word}));
  }
  lines.push_back(std::move(line));
  return lines;
}

Pdf::Pdf(std::string title, std::string language)
    : title_(std::move(title)), language_(std::move(language)) {}

void Pdf::begin_page() {
  pages_.emplace_back();
}

void Pdf::put(std::string_view text) {
  add(page(), text);
}

void Pdf::put_number(double value) {
  std::array<char, 32> digits{};
  const auto [end, ec] = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                       std::chars_format::fixed, 2);
  if (ec == std::errc{}) put({digits.data(), static_cast<std::size_t>(end - digits.data())});
  put(" ");
}

void Pdf::text(double x, double y, std::string_view text, Font font, double size) {
  put("BT /F");
  put(std::to_string(static_cast<unsigned>(font)));
  put(" ");
  put_number(size);
  put("Tf ");
  put_number(x);
  put_number(page_height - y);
  put("Td ");
  add_string(page(), text);
  put(" Tj ET\n");
}

void Pdf::grey(double level) {
  put_number(level);
  put("g ");
  put_number(level);
  put("G\n");
}

void Pdf::fill(double x, double y, double width, double height) {
  put_number(x);
  put_number(page_height - y - height);
  put_number(width);
  put_number(height);
  put("re f\n");
}

void Pdf::frame(double x, double y, double width, double height, double line) {
  put_number(line);
  put("w ");
  put_number(x);
  put_number(page_height - y - height);
  put_number(width);
  put_number(height);
  put("re S\n");
}

WipingBytes Pdf::finish() {
  File file;
  auto& out = file.bytes();
  add(out, "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n");
  file.begin(catalog);
  add(out, "<< /Type /Catalog /Pages 2 0 R /Lang ");
  add_string(out, language_);
  add(out, " >>");
  file.end();
  file.begin(tree);
  add(out, "<< /Type /Pages /Count " + std::to_string(pages_.size()) + " /Kids [");
  for (std::size_t i = 0; i < pages_.size(); ++i)
    add(out, std::to_string(first_page + 2 * i) + " 0 R ");
  add(out, "] >>");
  file.end();
  file.begin(info);
  add(out, "<< /Title ");
  add_string(out, title_);
  add(out, " /Creator (Coffret) >>");
  file.end();
  std::string resources = "<< /Font << ";
  for (std::size_t i = 0; i < fonts.size(); ++i) {
    file.begin(first_font + i);
    add(out, "<< /Type /Font /Subtype /Type1 /Encoding /WinAnsiEncoding /BaseFont /");
    add(out, fonts[i]);
    add(out, " >>");
    file.end();
    resources += "/F" + std::to_string(i) + " " + std::to_string(first_font + i) + " 0 R ";
  }
  resources += ">> >>";
  for (std::size_t i = 0; i < pages_.size(); ++i) {
    const auto page_number = first_page + 2 * i;
    file.begin(page_number);
    add(out, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources " + resources +
                 " /Contents " + std::to_string(page_number + 1) + " 0 R >>");
    file.end();
    file.begin(page_number + 1);
    add(out, "<< /Length " + std::to_string(pages_[i].size()) + " >>\nstream\n");
    crypto::append(out, pages_[i]);
    add(out, "\nendstream");
    file.end();
  }
  file.close(catalog, info);
  pages_.clear();
  return std::move(out);
}

}  // namespace coffret::paper
