// SPDX-License-Identifier: EUPL-1.2
#include "vault/paper/emergency.hpp"

#include <algorithm>

#include "vault/crypto/handover.hpp"
#include "vault/paper/drawn_code.hpp"
#include "vault/paper/pdf.hpp"
#include "vault/paper/sheet_words.hpp"

namespace coffret::paper {
namespace {

constexpr double millimetre = 72 / 25.4;  // points
constexpr double card_width = 85.6 * millimetre;
constexpr double card_height = 54 * millimetre;
constexpr double sheet_left = 50;
constexpr double sheet_right = page_width - 50;

constexpr Both emergency_title{"URGENCE", "EMERGENCY"};
constexpr Both sheet_heading{"En cas d'urgence", "In an emergency"};
constexpr Both scan{"Scannez ce code avec un téléphone.", "Scan this code with a phone."};
constexpr Both then{
    "On vous demande votre nom et pourquoi. La personne en est prévenue. Les documents qu'elle a "
    "choisis pour qui la soigne s'ouvrent.",
    "You are asked for your name and why. The person is told. The documents that they chose for "
    "whoever cares for them open."};
constexpr Both call{"Appeler", "Call"};
constexpr Both born{"Naissance", "Born"};
constexpr Both valid{"Valable jusqu'au", "Valid until"};
constexpr Both no_phone{
    "Sans appareil photo, recopiez cette adresse dans un navigateur, grandes et "
    "petites lettres comme ici :",
    "Without a camera, copy this address into a browser, capital and small "
    "letters as here:"};
constexpr Both cut_and_fold{
    "À découper le long du cadre et à plier au milieu. Qui tient cette carte ouvre ce qu'elle "
    "porte : gardez-la sur vous, ne la photographiez pas. Après un usage, elle ne vaut plus : "
    "imprimez-en une neuve (« coffret emergency card »).",
    "Cut along the frame and fold in the middle. Whoever holds this card opens what it holds: keep "
    "it on you, do not take a photograph of it. After a use it is good no more: print a new one "
    "(\"coffret emergency card\")."};
constexpr Both hang_up{
    "À accrocher sur le frigo, ou derrière la porte d'entrée : c'est là que les secours regardent.",
    "To hang on the fridge or behind the front door: that is where rescuers look."};

Language other(Language language) {
  return language == Language::french ? Language::english : Language::french;
}

// Text that folds into a column, from its first base line on.
class Block {
 public:
  Block(Pdf& pdf, double x, double top, double width) : y(top), pdf_(pdf), x_(x), width_(width) {}

  double y;

  void put(std::string_view text, Font font, double size) {
    for (const auto& line : folded(text, font, size, width_)) {
      pdf_.text(x_, y, line, font, size);
      y += size * 1.25;
    }
  }
  // Smaller where it would not fit on one line; a name is never folded away.
  void fitted(std::string_view text, Font font, double size, double least) {
    while (size > least && text_width(text, font, size) > width_) size -= 0.5;
    put(text, font, size);
  }
  void line_to_write_on() {
    pdf_.grey(0.6);
    pdf_.fill(x_, y + 2, width_, 0.6);
    pdf_.grey(0);
    y += 20;
  }
  void space(double points) { y += points; }

 private:
  Pdf& pdf_;
  double x_;
  double width_;
};

class Papers {
 public:
  Papers(Pdf& pdf, ByteView link, const EmergencyPaper& paper)
      : pdf_(pdf), link_(link), paper_(paper) {}

  Result<void> wallet() {
    pdf_.begin_page();
    pdf_.grey(0);
    const double left = (page_width - 2 * card_width) / 2;
    constexpr double top = 90;
    pdf_.frame(left, top, card_width, card_height, 0.8);
    pdf_.frame(left + card_width, top, card_width, card_height, 0.8);
    COFFRET_CHECK(front(left, top));
    back(left + card_width, top);
    Block below{pdf_, left, top + card_height + 30, 2 * card_width};
    for (const auto language : {paper_.language, other(paper_.language)}) {
      below.put(cut_and_fold.in(language), Font::plain, 10.5);
      below.space(6);
    }
    return {};
  }

  Result<void> fridge() {
    constexpr double side = 215;
    pdf_.begin_page();
    pdf_.grey(0);
    Block head{pdf_, sheet_left, 80, sheet_right - sheet_left};
    head.put(both(sheet_heading, "  /  "), Font::bold, 26);
    head.space(8);
    who(head, 24, 16);
    head.space(8);
    const double top = head.y;
    COFFRET_CHECK(draw_code(pdf_, link_, sheet_right - side, top, side));
    Block words{pdf_, sheet_left, top + 14, sheet_right - sheet_left - side - 28};
    for (const auto language : {paper_.language, other(paper_.language)}) {
      words.put(scan.in(language), Font::bold, 15);
      words.put(then.in(language), Font::plain, 13);
      words.space(8);
    }
    Block below{pdf_, sheet_left, std::max(words.y, top + side) + 30, sheet_right - sheet_left};
    contacts(below, 20);
    below.space(6);
    validity(below, 13);
    below.space(10);
    for (const auto language : {paper_.language, other(paper_.language)})
      below.put(no_phone.in(language), Font::plain, 10.5);
    below.space(4);
    link(below.y);
    Block foot{pdf_, sheet_left, page_height - 52, sheet_right - sheet_left};
    pdf_.grey(0.35);
    foot.put(hang_up.in(paper_.language), Font::plain, 9.5);
    pdf_.grey(0);
    return {};
  }

 private:
  std::string both(const Both& words, std::string_view between) const {
    std::string text{words.in(paper_.language)};
    text += between;
    text += words.in(other(paper_.language));
    return text;
  }

  Result<void> front(double x, double top) {
    constexpr double side = 38 * millimetre;
    constexpr double margin = 8;
    COFFRET_CHECK(draw_code(pdf_, link_, x + card_width - side - 4 * millimetre,
                            top + (card_height - side) / 2, side));
    Block words{pdf_, x + margin, top + 22, card_width - side - 4 * millimetre - 2 * margin};
    words.put(emergency_title.in(paper_.language), Font::bold, 14);
    words.put(emergency_title.in(other(paper_.language)), Font::bold, 14);
    words.space(6);
    who(words, 11, 8.5);
    words.space(4);
    for (const auto language : {paper_.language, other(paper_.language)})
      words.put(scan.in(language), Font::plain, 8);
    return {};
  }

  void back(double x, double top) {
    constexpr double margin = 10;
    Block words{pdf_, x + margin, top + 18, card_width - 2 * margin};
    contacts(words, 11);
    words.space(3);
    for (const auto language : {paper_.language, other(paper_.language)}) {
      words.put(then.in(language), Font::plain, 7.5);
      words.space(2);
    }
    validity(words, 8);
  }

  void who(Block& block, double size, double small) {
    if (paper_.name.empty())
      block.line_to_write_on();
    else
      block.fitted(paper_.name, Font::bold, size, small);
    if (paper_.birth_date.empty()) return;
    block.put(both(born, " / ") + " :", Font::plain, small);
    block.fitted(paper_.birth_date, Font::bold, small, 7);
  }

  void contacts(Block& block, double size) {
    block.put(both(call, " / ") + " :", Font::bold, size);
    for (const auto& contact : paper_.contacts) block.fitted(contact, Font::bold, size, size * 0.7);
    if (paper_.contacts.empty()) block.line_to_write_on();
  }

  void validity(Block& block, double size) {
    for (const auto language : {paper_.language, other(paper_.language)}) {
      const auto& until = language == Language::french ? paper_.until : paper_.until_english;
      block.put(std::string{valid.in(language)} + " " + until, Font::bold, size);
    }
  }

  // Through no string of ours: views of the secret, cut to the width of the page.
  void link(double y) {
    constexpr std::size_t per_line = 60;  // characters
    for (auto rest = as_text(link_); !rest.empty();) {
      pdf_.text(sheet_left, y, rest.substr(0, per_line), Font::mono, 13);
      y += 18;
      rest.remove_prefix(std::min(per_line, rest.size()));
    }
  }

  Pdf& pdf_;
  ByteView link_;
  const EmergencyPaper& paper_;
};

}  // namespace

Result<crypto::WipingBytes> emergency_pdf(const SecretText& link, const EmergencyPaper& paper) {
  return crypto::hand_over(link, [&](ByteView text) -> Result<crypto::WipingBytes> {
    const bool french = paper.language == Language::french;
    Pdf pdf{french ? "Carte d'urgence" : "Emergency card", french ? "fr-FR" : "en"};
    Papers papers{pdf, text, paper};
    COFFRET_CHECK(papers.wallet());
    COFFRET_CHECK(papers.fridge());
    return pdf.finish();
  });
}

}  // namespace coffret::paper
