// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/tokenizer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <new>

namespace coffret::store {
namespace {

struct Ligature {
  std::string_view one;
  std::string_view written_out;
};
constexpr Ligature ligatures[] = {
    {"œ", "oe"},      {"æ", "ae"},       {"ß", "ss"},       {"\uFB00", "ff"}, {"\uFB01", "fi"},
    {"\uFB02", "fl"}, {"\uFB03", "ffi"}, {"\uFB04", "ffl"}, {"\uFB06", "st"},
};

using OnToken = int (*)(void*, int, const char*, int, int, int);

constexpr std::size_t stride_size = sizeof(std::uint64_t);
constexpr std::uint64_t each_byte = 0x0101010101010101;
constexpr std::uint64_t high_bits = 0x80 * each_byte;

// The high bit of each byte, all of them below 0x80, that is `least` or more.
constexpr std::uint64_t at_least(std::uint64_t bytes, unsigned least) {
  return (bytes + (0x80 - least) * each_byte) & high_bits;
}

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Of the character that begins there, as SQLite reads UTF-8.
std::size_t character_size(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  if (static_cast<unsigned char>(text[at]) >= 0xC0)
    while (end < text.size() && continues(text[end])) ++end;
  return end - at;
}

// What FTS5 gives for one text, on its way through us.
struct Pass {
  void* context;
  OnToken next;
};

bool separates(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const unsigned letter = (byte | 0x20U) - 'a';
  const unsigned digit = byte - unsigned{'0'};
  return byte < 0x80 && letter >= 26 && digit >= 10;
}

int on_token(void* context, int flags, const char* token, int size, int start, int end) noexcept {
  const auto* pass = static_cast<const Pass*>(context);
  const std::string_view word{token, static_cast<std::size_t>(size)};
  bool plain = true;
  for (const char c : word) plain = plain && static_cast<unsigned char>(c) < 0x80;
  if (plain) return pass->next(pass->context, flags, token, size, start, end);
  try {
    const std::string folded = write_out_ligatures(word);
    return pass->next(pass->context, flags, folded.data(), static_cast<int>(folded.size()), start,
                      end);
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  }
}

struct Folding {
  fts5_tokenizer inner{};
  Fts5Tokenizer* instance = nullptr;
  Folding() = default;
  Folding(const Folding&) = delete;
  Folding& operator=(const Folding&) = delete;
  ~Folding() {
    if (instance != nullptr) inner.xDelete(instance);
  }
};

int create(void* context, const char**, int, Fts5Tokenizer** out) noexcept {
  auto* api = static_cast<fts5_api*>(context);
  std::unique_ptr<Folding> made{new (std::nothrow) Folding};
  if (!made) return SQLITE_NOMEM;
  void* inner_context = nullptr;
  if (const int rc = api->xFindTokenizer(api, "unicode61", &inner_context, &made->inner);
      rc != SQLITE_OK)
    return rc;
  const char* arguments[] = {"remove_diacritics", "2"};
  if (const int rc = made->inner.xCreate(inner_context, arguments, 2, &made->instance);
      rc != SQLITE_OK)
    return rc;
  *out = reinterpret_cast<Fts5Tokenizer*>(made.release());
  return SQLITE_OK;
}

void destroy(Fts5Tokenizer* tokenizer) noexcept {
  delete reinterpret_cast<Folding*>(tokenizer);
}

int tokenize(Fts5Tokenizer* tokenizer, void* context, int flags, const char* text, int size,
             OnToken next) noexcept {
  auto* folding = reinterpret_cast<Folding*>(tokenizer);
  Pass pass{context, next};
  return folding->inner.xTokenize(folding->instance, &pass, flags, text, size, &on_token);
}

}  // namespace

// The way SQLite documents to reach the FTS5 interface: a pointer bound under its name.
fts5_api* fts5_interface(sqlite3* db) noexcept {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (::sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &statement, nullptr) != SQLITE_OK)
    return nullptr;
  (void)::sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
  (void)::sqlite3_step(statement);
  (void)::sqlite3_finalize(statement);
  return api;
}

std::string write_out_ligatures(std::string_view word) {
  std::string out;
  out.reserve(word.size() + 4);
  while (!word.empty()) {
    std::size_t used = 0;
    for (const auto& [one, written_out] : ligatures)
      if (word.starts_with(one)) {
        out += written_out;
        used = one.size();
        break;
      }
    if (used == 0) {
      out += word.front();
      used = 1;
    }
    word.remove_prefix(used);
  }
  return out;
}

void Tokenizer::Destroy::operator()(Fts5Tokenizer* tokenizer) const noexcept {
  destroy(tokenizer);
}

Result<Tokenizer> Tokenizer::make(sqlite3* db) {
  auto* api = fts5_interface(db);
  if (api == nullptr) return errc::not_sqlcipher;
  Fts5Tokenizer* made = nullptr;
  if (create(api, nullptr, 0, &made) != SQLITE_OK) return errc::io;
  return Tokenizer{made};
}

// Ligatures change no word's place: FTS5's own tokenizer is asked, past ours. And only of what is
// not plain: of ASCII, letters and digits are words and all else is between them (unicode61), and
// no word goes over an ASCII separator, so that the text falls apart there.
Result<void> Tokenizer::walk(std::string_view text, const Visit& visit) const {
  const auto* folding = reinterpret_cast<const Folding*>(tokenizer_.get());
  struct Piece {
    const Visit& visit;
    std::size_t start;
    bool goes_on = true;  // FTS5 tells of no end that was asked for
  };
  const OnToken on_word = [](void* context, int, const char*, int, int start, int end) {
    auto& piece = *static_cast<Piece*>(context);
    piece.goes_on = piece.visit(piece.start + static_cast<std::size_t>(start),
                                piece.start + static_cast<std::size_t>(end));
    return piece.goes_on ? SQLITE_OK : SQLITE_DONE;
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    bool plain = true;
    for (; at < text.size() && !separates(text[at]); ++at)
      plain = plain && static_cast<unsigned char>(text[at]) < 0x80;
    if (at == start) {
      ++at;
      continue;
    }
    if (plain) {
      if (!visit(start, at)) return {};
      continue;
    }
    Piece piece{visit, start};
    const int rc =
        folding->inner.xTokenize(folding->instance, &piece, FTS5_TOKENIZE_AUX, text.data() + start,
                                 static_cast<int>(at - start), on_word);
    if (!piece.goes_on) return {};
    if (rc != SQLITE_OK) return errc::io;
  }
  return {};
}

// Whether a character is of a word depends on nothing around it, but that marks of Unicode begin
// none: unicode61 is asked once what it does between two letters, and alone.
Tokenizer::Shape Tokenizer::ask(std::string_view character) const {
  const auto* folding = reinterpret_cast<const Folding*>(tokenizer_.get());
  const auto count = [&](const std::string& text) {
    int words = 0;
    const OnToken on_word = [](void* context, int, const char*, int, int, int) {
      ++*static_cast<int*>(context);
      return SQLITE_OK;
    };
    (void)folding->inner.xTokenize(folding->instance, &words, FTS5_TOKENIZE_AUX, text.data(),
                                   static_cast<int>(text.size()), on_word);
    return words;
  };
  const std::string alone{character};
  if (count("a" + alone + "a") != 1) return Shape::separates;
  return count(alone) == 1 ? Shape::begins : Shape::goes_on;
}

Tokenizer::Shape Tokenizer::shape_of(std::string_view character) const {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return separates(character[0]) ? Shape::separates : Shape::begins;
  std::size_t code = 0;
  if (character.size() == 2 && lead >= 0xC2 && lead < 0xE0)
    code = (lead & 0x1FU) << 6 | (byte(1) & 0x3FU);
  if (character.size() == 3 && lead >= 0xE0 && lead < 0xF0)
    code = (lead & 0xFU) << 12 | (byte(1) & 0x3FU) << 6 | (byte(2) & 0x3FU);
  if (code == 0) return ask(character);
  if (shapes_.empty()) shapes_.resize(0x10000, Shape::unasked);
  auto& known = shapes_[code];
  if (known == Shape::unasked) known = ask(character);
  return known;
}

Tokenizer::Stride Tokenizer::stride(std::string_view text, std::size_t at, bool inside) const {
  if (std::endian::native != std::endian::little || text.size() - at < stride_size) return {};
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, text.data() + at, stride_size);
  const std::uint64_t high = bytes & high_bits;
  std::size_t end = at + stride_size;
  if (high != 0) {
    if (continues(text[at])) return {};
    for (auto left = high; left != 0; left &= left - 1) {
      const auto place = at + static_cast<std::size_t>(std::countr_zero(left)) / 8;
      if (continues(text[place])) continue;
      const auto size = character_size(text, place);
      if (shape_of(text.substr(place, size)) != Shape::begins) return {};
      end = std::max(end, place + size);
    }
  }
  const std::uint64_t low = bytes & ~high_bits;
  const std::uint64_t lower = low | 0x20 * each_byte;
  const std::uint64_t of_words = high | (at_least(lower, 'a') & ~at_least(lower, 'z' + 1)) |
                                 (at_least(low, '0') & ~at_least(low, '9' + 1));
  const std::uint64_t begun = of_words & ~(of_words << 8 | (inside ? 0x80U : 0U));
  return {end - at, static_cast<std::uint32_t>(std::popcount(begun)), (of_words >> 63) != 0};
}

Result<Tokenizer::Place> Tokenizer::place_of(std::string_view text, std::uint32_t word) const {
  std::uint32_t begun = 0;
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const Stride step = stride(text, at, inside);
    if (step.bytes > 0 && begun + step.begun <= word) {
      at += step.bytes;
      begun += step.begun;
      inside = step.inside;
      continue;
    }
    const auto size = character_size(text, at);
    const Shape shape = shape_of(text.substr(at, size));
    if (!inside && shape == Shape::begins) {
      if (begun == word) return Place{at, word};
      ++begun;
      inside = true;
    }
    if (shape == Shape::separates) inside = false;
    at += size;
  }
  return Place{text.size(), begun};
}

Result<void> Tokenizer::words(std::string_view text,
                              const std::function<void(std::string_view)>& visit) const {
  auto kept = visit;
  const OnToken on_word = [](void* context, int, const char* word, int size, int, int) {
    (*static_cast<std::function<void(std::string_view)>*>(context))(
        {word, static_cast<std::size_t>(size)});
    return SQLITE_OK;
  };
  if (tokenize(tokenizer_.get(), &kept, FTS5_TOKENIZE_AUX, text.data(),
               static_cast<int>(text.size()), on_word) != SQLITE_OK)
    return errc::io;
  return {};
}

Result<std::string> folded_words(sqlite3* db, std::string_view text) {
  COFFRET_TRY(const auto tokenizer, Tokenizer::make(db));
  std::string words;
  COFFRET_CHECK(tokenizer.words(text, [&](std::string_view word) {
    if (!words.empty()) words += ' ';
    words += word;
  }));
  return words;
}

Result<void> register_tokenizer(sqlite3* db) {
  auto* api = fts5_interface(db);
  if (api == nullptr) return errc::not_sqlcipher;
  fts5_tokenizer ours{&create, &destroy, &tokenize};
  if (api->xCreateTokenizer(api, "coffret", api, &ours, nullptr) != SQLITE_OK) return errc::io;
  return {};
}

}  // namespace coffret::store
