// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/plain_words.hpp"

#include "coffret/utf8.hpp"

namespace coffret::daemon {
namespace {

// The letters behind U+00C0 to U+017F. A digit stands for two letters (double_letter), a space for
// what is no letter.
constexpr std::string_view bare =
    "aaaaaa1ceeeeiiiidnooooo ouuuuy23"                                     // U+00C0
    "aaaaaa1ceeeeiiiidnooooo ouuuuy2y"                                     // U+00E0
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii55jjkkkllllllllll"  // U+0100
    "nnnnnnnnnoooooo44rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";       // U+0143
static_assert(bare.size() == 0x180 - 0xc0);

std::string_view double_letter(char sign) {
  switch (sign) {
    case '1':
      return "ae";
    case '2':
      return "th";
    case '3':
      return "ss";
    case '4':
      return "oe";
    default:
      return "ij";
  }
}

// Greek and Cyrillic capitals lie at a fixed distance from their small letters.
char32_t small_letter(char32_t c) {
  if (c >= 0x391 && c <= 0x3a9) return c + 0x20;
  if (c >= 0x410 && c <= 0x42f) return c + 0x20;
  if (c >= 0x400 && c <= 0x40f) return c + 0x50;
  return c;
}

void append_character(std::string& into, char32_t c) {
  if (c < 0x80) {
    into += static_cast<char>(c);
  } else if (c < 0x800) {
    into += static_cast<char>(0xc0 | (c >> 6));
    into += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    into += static_cast<char>(0xe0 | (c >> 12));
    into += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    into += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    into += static_cast<char>(0xf0 | (c >> 18));
    into += static_cast<char>(0x80 | ((c >> 12) & 0x3f));
    into += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    into += static_cast<char>(0x80 | (c & 0x3f));
  }
}

// Adds what the character counts for; false when it separates words.
bool append_plain(std::string& word, char32_t c) {
  if (c < 0x80) {
    const bool capital = c >= 'A' && c <= 'Z';
    if (!capital && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) return false;
    word += static_cast<char>(capital ? c - 'A' + 'a' : c);
    return true;
  }
  if (c >= 0xc0 && c < 0x180) {
    const char letter = bare[c - 0xc0];
    if (letter == ' ') return false;
    if (letter >= '0' && letter <= '9')
      word += double_letter(letter);
    else
      word += letter;
    return true;
  }
  if (c >= 0x300 && c < 0x370) return true;  // combining marks
  if (c >= 0x218 && c <= 0x21b) {
    word += c < 0x21a ? 's' : 't';  // Romanian, comma below
    return true;
  }
  // Latin-1 signs, general punctuation, the no-break and ideographic spaces.
  if (c < 0xc0 || (c >= 0x2000 && c < 0x2070) || c == 0x3000 || c == 0xfffd) return false;
  append_character(word, small_letter(c));
  return true;
}

}  // namespace

std::vector<std::string> plain_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto close = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  while (!text.empty()) {
    const auto next = next_character(text);
    if (next.length == 0 || !append_plain(word, next.value)) close();
    text.remove_prefix(next.length == 0 ? 1 : next.length);
  }
  close();
  return words;
}

std::string plain_text(std::string_view text) {
  std::string joined;
  for (const auto& word : plain_words(text)) {
    if (!joined.empty()) joined += ' ';
    joined += word;
  }
  return joined;
}

}  // namespace coffret::daemon
