// SPDX-License-Identifier: EUPL-1.2
#include "vault/paper/sheet.hpp"

#include <algorithm>
#include <iterator>

#include "vault/crypto/handover.hpp"
#include "vault/paper/drawn_code.hpp"
#include "vault/paper/pdf.hpp"
#include "vault/paper/sheet_words.hpp"

namespace coffret::paper {
namespace {

constexpr double left = 56;
constexpr double right = page_width - 56;
constexpr double body_size = 10.5;
constexpr double line_step = 14.5;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\r')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

// The value of a line "name: value"; empty where there is none.
std::string_view line_of(std::string_view file, std::string_view name) {
  while (!file.empty()) {
    const auto end = std::min(file.find('\n'), file.size());
    const auto line = file.substr(0, end);
    file.remove_prefix(std::min(end + 1, file.size()));
    if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ':')
      return trimmed(line.substr(name.size() + 1));
  }
  return {};
}

// Writes from the top of a page to its end.
class Column {
 public:
  Column(Pdf& pdf, Language language) : pdf_(pdf), language_(language) {}

  double y = 0;

  void page() {
    pdf_.begin_page();
    pdf_.grey(0);
    y = 70;
  }
  void title(std::string_view text) {
    pdf_.text(left, y, text, Font::bold, 20);
    y += 30;
  }
  void heading(std::string_view text) {
    y += 10;
    pdf_.text(left, y, text, Font::bold, 12.5);
    y += 18;
  }
  void paragraph(std::string_view text, double width = right - left, Font font = Font::plain) {
    for (const auto& line : folded(text, font, body_size, width)) {
      pdf_.text(left, y, line, font, body_size);
      y += line_step;
    }
    y += 4;
  }
  void command(std::string_view text) {
    if (text.empty()) return;
    pdf_.grey(0.93);
    pdf_.fill(left, y - 11, right - left, 16);
    pdf_.grey(0);
    pdf_.text(left + 6, y, text, Font::mono, 8.5);
    y += 20;
  }
  void boxed(std::string_view text) {
    const auto lines = folded(text, Font::bold, body_size, right - left - 20);
    const auto height = line_step * static_cast<double>(lines.size()) + 12;
    pdf_.frame(left, y - 14, right - left, height, 1.2);
    for (const auto& line : lines) {
      pdf_.text(left + 10, y, line, Font::bold, body_size);
      y += line_step;
    }
    y += 14;
  }
  // A value by its label; where there is none, a line to write on.
  void fact(std::string_view label, std::string_view value, double label_width = 120) {
    pdf_.text(left, y, label, Font::plain, body_size);
    if (value.empty()) {
      pdf_.grey(0.6);
      pdf_.fill(left + label_width, y + 2, right - left - label_width, 0.6);
      pdf_.grey(0);
      y += 22;
      return;
    }
    pdf_.text(left + label_width, y, value, Font::mono, 8.6);
    y += line_step;
  }
  // Four groups a line, each with its number, which a typing slip is told by.
  void groups(std::string_view key) {
    constexpr double step = 72;
    std::size_t number = 0;
    for (auto rest = key; !rest.empty();) {
      const auto end = std::min(rest.find('-'), rest.size());
      const auto x = left + step * static_cast<double>(number % 4);
      if (number > 0 && number % 4 == 0) y += 28;
      ++number;
      pdf_.grey(0.45);
      pdf_.text(x, y, std::to_string(number), Font::plain, 6.5);
      pdf_.grey(0);
      pdf_.text(x + 10, y, rest.substr(0, end), Font::mono, 17);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    y += 26;
  }
  void passage(const Passage& passage) {
    heading(passage.heading.in(language_));
    paragraph(passage.text.in(language_));
    command(passage.command.in(language_));
  }
  std::string_view in(const Both& words) const { return words.in(language_); }

 private:
  Pdf& pdf_;
  Language language_;
};

constexpr Both vault_label{"Coffre", "Vault"};
constexpr Both server_label{"Serveur", "Server"};
constexpr Both fingerprint_label{"Empreinte", "Fingerprint"};
constexpr Both head_label{"Dernière entrée", "Last entry"};
constexpr Both date_label{"Fiche faite le", "Sheet made on"};
constexpr Both owner_label{"Coffre de", "Vault of"};
constexpr Both kept_label{"Rangée où, chez qui", "Kept where, by whom"};

void draw_facts(Column& column, std::string_view file, const SheetOptions& options) {
  column.heading(column.in(facts_label));
  column.fact(column.in(owner_label), options.owner);
  column.fact(column.in(vault_label), line_of(file, "vault"));
  column.fact(column.in(server_label), line_of(file, "server"));
  column.fact(column.in(fingerprint_label), line_of(file, "fingerprint"));
  // 0 where the key was typed by hand, which says nothing of the log.
  if (const auto seq = line_of(file, "seq"); seq != "0")
    column.fact(column.in(head_label),
                std::string{seq} + "  " + std::string{line_of(file, "head")});
  const auto date = line_of(file, "date");
  column.fact(column.in(date_label),
              options.spelled && !date.empty() ? options.spelled(date) : std::string{date});
  column.fact(column.in(kept_label), {});
}

// The key, its check words and the code beside them.
Result<void> draw_key(Column& column, Pdf& pdf, ByteView file, const Both& label,
                      const Both& code_label) {
  constexpr double code_side = 172;  // about 61 mm
  const auto text = as_text(file);
  column.heading(column.in(label));
  const double top = column.y;
  COFFRET_CHECK(draw_code(pdf, file, right - code_side, top - 12, code_side));
  pdf.text(right - code_side, top + code_side + 2, column.in(code_label), Font::plain, 8);
  column.y += 10;
  column.groups(line_of(text, "key"));
  constexpr double width = right - left - code_side - 16;
  for (const auto& line : folded(column.in(check_label), Font::plain, 9, width)) {
    pdf.text(left, column.y, line, Font::plain, 9);
    column.y += 12;
  }
  column.y += 4;
  pdf.text(left, column.y, line_of(text, "check"), Font::bold, 13);
  column.y = std::max(column.y + 22, top + code_side + 16);
  column.paragraph(column.in(digit_note));
  return {};
}

Result<crypto::WipingBytes> draw_sheet(ByteView file, const SheetOptions& options) {
  const auto language = options.language;
  Pdf pdf{std::string{sheet_title.in(language)}, language == Language::french ? "fr-FR" : "en"};
  Column column{pdf, language};
  column.page();
  column.title(column.in(sheet_title));
  column.boxed(column.in(sheet_warning));
  COFFRET_CHECK(draw_key(column, pdf, file, key_label, qr_label));
  draw_facts(column, as_text(file), options);
  if (line_of(as_text(file), "server").empty()) column.paragraph(column.in(no_server));
  column.page();
  column.title(column.in(when_title));
  column.paragraph(column.in(key_is_asked));
  for (const auto& one : passages) column.passage(one);
  column.page();
  column.title(column.in(family_title));
  for (const auto& one : family_text) column.paragraph(column.in(one));
  return pdf.finish();
}

// Lines to write on: the file of a share knows nobody's name.
void draw_others(Column& column, std::size_t own) {
  column.heading(column.in(others_title));
  column.y += 6;
  for (std::size_t i = 0; i < std::size(others_label); ++i)
    if (i != own) column.fact(column.in(others_label[i]), {}, 140);
}

Result<crypto::WipingBytes> draw_share(ByteView file, const SheetOptions& options) {
  const auto language = options.language;
  const auto part = line_of(as_text(file), "part");
  if (part.size() != 1 || part[0] < '1' || part[0] > '3') return errc::malformed;
  const auto own = static_cast<std::size_t>(part[0] - '1');
  Pdf pdf{std::string{share_title.in(language)}, language == Language::french ? "fr-FR" : "en"};
  Column column{pdf, language};
  column.page();
  column.title(column.in(share_title));
  column.heading(column.in(share_holders[own]));
  column.y += 8;
  column.boxed(column.in(share_warning));
  COFFRET_CHECK(draw_key(column, pdf, file, share_key_label, share_qr_label));
  draw_facts(column, as_text(file), options);
  column.page();
  for (const auto& one : share_passages) column.passage(one);
  draw_others(column, own);
  column.page();
  column.title(column.in(family_title));
  for (const auto& one : share_family_text) column.paragraph(column.in(one));
  return pdf.finish();
}

}  // namespace

Result<crypto::WipingBytes> sheet_pdf(const SecretText& recovery_file,
                                      const SheetOptions& options) {
  return crypto::hand_over(recovery_file, [&](ByteView file) -> Result<crypto::WipingBytes> {
    if (line_of(as_text(file), "coffret-recovery").empty() || line_of(as_text(file), "key").empty())
      return errc::malformed;
    return draw_sheet(file, options);
  });
}

Result<crypto::WipingBytes> share_pdf(const SecretText& share_file, const SheetOptions& options) {
  return crypto::hand_over(share_file, [&](ByteView file) -> Result<crypto::WipingBytes> {
    if (line_of(as_text(file), "coffret-share").empty() || line_of(as_text(file), "key").empty())
      return errc::malformed;
    return draw_share(file, options);
  });
}

}  // namespace coffret::paper
