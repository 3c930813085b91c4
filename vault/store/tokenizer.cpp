// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/tokenizer.hpp"

#include <sqlite3.h>

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

// What FTS5 gives for one text, on its way through us.
struct Pass {
  void* context;
  OnToken next;
};

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

}  // namespace

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

Result<std::string> folded_words(sqlite3* db, std::string_view text) {
  auto* api = fts5_interface(db);
  Fts5Tokenizer* raw = nullptr;
  if (api == nullptr || create(api, nullptr, 0, &raw) != SQLITE_OK) return errc::io;
  const std::unique_ptr<Fts5Tokenizer, void (*)(Fts5Tokenizer*)> tokenizer{raw, &destroy};
  std::string words;
  const OnToken join = [](void* context, int, const char* token, int size, int, int) {
    auto& joined = *static_cast<std::string*>(context);
    if (!joined.empty()) joined += ' ';
    joined.append(token, static_cast<std::size_t>(size));
    return SQLITE_OK;
  };
  if (tokenize(raw, &words, FTS5_TOKENIZE_DOCUMENT, text.data(), static_cast<int>(text.size()),
               join) != SQLITE_OK)
    return errc::io;
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
