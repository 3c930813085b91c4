// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/rtf.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "vault/reader/charset.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/iso_time.hpp"
#include "vault/reader/parts.hpp"

namespace coffret::reader {
namespace {

// Where the text of a group goes.
enum class Destination { body, skip, title, author, created };

struct Group {
  Destination destination = Destination::body;
  int fallback = 1;  // \uc: characters to pass over after a \u
  bool hidden = false;
};

// Groups whose text is no part of the document. Those marked \* are passed over in any case.
constexpr std::array<std::string_view, 18> not_text = {
    "fonttbl", "colortbl", "stylesheet", "info",    "pict",    "object",
    "header",  "headerl",  "headerr",    "headerf", "footerl", "footerr",
    "footerf", "filetbl",  "listtable",  "revtbl",  "fldinst", "listoverridetable"};

struct Symbol {
  std::string_view word, text;
};
constexpr std::array<Symbol, 14> symbols = {{{"par", "\n"},
                                             {"line", "\n"},
                                             {"row", "\n"},
                                             {"sect", "\n"},
                                             {"page", "\n"},
                                             {"tab", " "},
                                             {"cell", " | "},
                                             {"emdash", "—"},
                                             {"endash", "–"},
                                             {"bullet", "•"},
                                             {"lquote", "‘"},
                                             {"rquote", "’"},
                                             {"ldblquote", "“"},
                                             {"rdblquote", "”"}}};

std::string utf8_of(char32_t c) {
  std::string out;
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (c >> 6)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (c >> 12)));
    out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | (c >> 18)));
    out.push_back(static_cast<char>(0x80 | ((c >> 12) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
  return out;
}

int hex_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

class Parser {
 public:
  Parser(std::string_view rest, DocumentDescription& into) : rest_(rest), into_(into) {}

  void run() {
    while (!rest_.empty()) step();
    flush_bytes();
    into_.entry.title = clean_line(title_);
    Author author;
    author.name = clean_line(author_);
    if (!author.name.empty()) into_.entry.authors.push_back(std::move(author));
    into_.entry.date = created();
    add_text(into_, body_);
  }

 private:
  void step() {
    const char c = take();
    if (c == '{')
      open();
    else if (c == '}')
      close();
    else if (c == '\\')
      control();
    else if (c != '\r' && c != '\n')
      put_byte(c);
  }

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  void open() {
    flush_bytes();
    pending_ = 0;
    if (groups_.size() < rtf_limits::depth)
      groups_.push_back(groups_.back());
    else
      ++too_deep_;
  }

  void close() {
    flush_bytes();
    pending_ = 0;
    if (too_deep_ > 0)
      --too_deep_;
    else if (groups_.size() > 1)
      groups_.pop_back();
  }

  void control() {
    if (rest_.empty()) return;
    const char c = rest_.front();
    if (c == '\'') {
      rest_.remove_prefix(1);
      if (rest_.size() < 2) return rest_.remove_prefix(rest_.size());
      const int high = hex_of(rest_[0]);
      const int low = hex_of(rest_[1]);
      rest_.remove_prefix(2);
      if (high >= 0 && low >= 0) put_byte(static_cast<char>(high * 16 + low));
      return;
    }
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return word();
    rest_.remove_prefix(1);
    if (c == '*')
      groups_.back().destination = Destination::skip;
    else if (c == '~')
      put(" ");
    else if (c == '_')
      put("-");
    else if (c == '\\' || c == '{' || c == '}')
      put_byte(c);
    else if (c == '\n' || c == '\r')
      put("\n");
  }

  void word() {
    std::size_t n = 0;
    while (n < rest_.size() && n < 32 &&
           ((rest_[n] >= 'a' && rest_[n] <= 'z') || (rest_[n] >= 'A' && rest_[n] <= 'Z')))
      ++n;
    const std::string_view name = rest_.substr(0, n);
    rest_.remove_prefix(n);
    const bool negative = rest_.starts_with('-');
    if (negative) rest_.remove_prefix(1);
    long value = -1;
    for (int digits = 0;
         digits < 10 && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits)
      value = std::max(value, 0L) * 10 + (take() - '0');
    if (rest_.starts_with(' ')) rest_.remove_prefix(1);
    act(name, negative ? -value : value);
  }

  void act(std::string_view name, long value) {
    if (name == "bin") {  // raw bytes follow
      rest_.remove_prefix(std::min(rest_.size(), static_cast<std::size_t>(std::max(value, 0L))));
      return;
    }
    if (name == "u") return unicode(value);
    Group& group = groups_.back();
    if (name == "uc") group.fallback = static_cast<int>(std::clamp(value, 0L, 16L));
    if (name == "v") group.hidden = value != 0;
    if (name == "ansicpg" && value > 0 && value < 100'000) codepage_ = static_cast<int>(value);
    if (name == "mac") codepage_ = 10'000;
    if (name == "pc") codepage_ = 437;
    if (name == "pca") codepage_ = 850;
    if (name == "title" && !titled_) titled_ = true, group.destination = Destination::title;
    if (name == "author" && group.destination == Destination::skip)
      group.destination = Destination::author;
    if (name == "creatim") group.destination = Destination::created;
    if (group.destination == Destination::created) creation(name, value);
    if (std::find(not_text.begin(), not_text.end(), name) != not_text.end())
      group.destination = Destination::skip;
    for (const auto& symbol : symbols)
      if (symbol.word == name) put(symbol.text);
  }

  void unicode(long value) {
    flush_bytes();
    pending_ = groups_.back().fallback;
    const auto unit = static_cast<char32_t>(value < 0 ? value + 65536 : value);
    if (unit >= 0xD800 && unit < 0xDC00) {
      high_ = unit;
      return;
    }
    char32_t c = unit;
    if (unit >= 0xDC00 && unit < 0xE000)
      c = high_ == 0 ? 0xFFFD : 0x10000 + ((high_ - 0xD800) << 10) + (unit - 0xDC00);
    high_ = 0;
    append_text(utf8_of(c > 0x10FFFF ? 0xFFFD : c));
  }

  void creation(std::string_view name, long value) {
    constexpr std::array<std::string_view, 5> parts = {"yr", "mo", "dy", "hr", "min"};
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (parts[i] == name && value >= 0 && value < 10'000) created_[i] = static_cast<int>(value);
  }

  std::string created() const {
    if (created_[0] <= 0) return {};
    std::array<char, 32> text{};
    (void)std::snprintf(text.data(), text.size(), "%04d%02d%02d%02d%02d", created_[0],
                        created_[1] % 100, created_[2] % 100, created_[3] % 100, created_[4] % 100);
    return from_hl7(text.data());
  }

  // A byte in the document's code page; the characters after a \u that it stands for are dropped.
  void put_byte(char c) {
    if (pending_ > 0) {
      --pending_;
      return;
    }
    bytes_.push_back(c);
  }

  void put(std::string_view text) {
    flush_bytes();
    append_text(text);
  }

  void flush_bytes() {
    if (bytes_.empty()) return;
    const std::string name = codepage_ == 10'000 ? "MACINTOSH" : "CP" + std::to_string(codepage_);
    auto text = to_utf8(codepage_ == 65001 ? "UTF-8" : name, bytes_);
    if (!text) text = decode_text(as_bytes(bytes_));
    if (text) append_text(*text);
    bytes_.clear();
  }

  void append_text(std::string_view text) {
    const Group& group = groups_.back();
    if (too_deep_ > 0 || group.hidden) return;
    if (group.destination == Destination::body) body_ += text;
    if (group.destination == Destination::title) title_ += text;
    if (group.destination == Destination::author) author_ += text;
  }

  std::string_view rest_;
  DocumentDescription& into_;
  std::vector<Group> groups_{Group{}};
  std::size_t too_deep_ = 0;
  int pending_ = 0;
  char32_t high_ = 0;
  int codepage_ = 1252;
  bool titled_ = false;
  std::string bytes_, body_, title_, author_;
  std::array<int, 5> created_{};
};

}  // namespace

void describe_rtf(std::string_view rtf, DocumentDescription& into) {
  Parser{rtf, into}.run();
}

}  // namespace coffret::reader
