// SPDX-License-Identifier: EUPL-1.2
//
// baseline: what a bare program needs to put the same files into SQLCipher with the same settings:
// the other side of tools/bench's import ratio. No log, no signatures, no reader, no seals.
//
// usage: baseline DATABASE FOLDER      prints {"documents":n,"seconds":s}
#include <sqlite3.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int group = 64;  // documents of one transaction, as the vault's import groups them

struct Close {
  void operator()(sqlite3* db) const noexcept { (void)sqlite3_close_v2(db); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const noexcept { (void)sqlite3_finalize(statement); }
};

bool run(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return true;
  (void)std::fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
  return false;
}

bool prepare_store(sqlite3* db) {
  constexpr std::string_view key =
      "x'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'";
  return sqlite3_key_v2(db, "main", key.data(), static_cast<int>(key.size())) == SQLITE_OK &&
         run(db,
             "PRAGMA cipher_page_size=8192; PRAGMA cipher_hmac_algorithm=HMAC_SHA256;"
             "PRAGMA cipher_memory_security=OFF; PRAGMA temp_store=MEMORY;"
             "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
             "CREATE TABLE bodies(id INTEGER PRIMARY KEY, body BLOB NOT NULL);"
             "CREATE VIRTUAL TABLE texts USING fts5(text,"
             " tokenize='unicode61 remove_diacritics 2');");
}

std::vector<std::string> read_folder(const char* folder) {
  std::vector<std::string> contents;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    contents.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return contents;
}

bool insert(sqlite3_stmt* statement, int id, const std::string& content, bool blob) {
  (void)sqlite3_bind_int(statement, 1, id);
  const auto size = static_cast<int>(content.size());
  (void)(blob ? sqlite3_bind_blob(statement, 2, content.data(), size, SQLITE_STATIC)
              : sqlite3_bind_text(statement, 2, content.data(), size, SQLITE_STATIC));
  const bool done = sqlite3_step(statement) == SQLITE_DONE;
  (void)sqlite3_reset(statement);
  return done;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open(argv[1], &raw);
  const std::unique_ptr<sqlite3, Close> db{raw};
  if (opened != SQLITE_OK || !prepare_store(db.get())) return 1;
  sqlite3_stmt* body_raw = nullptr;
  sqlite3_stmt* text_raw = nullptr;
  (void)sqlite3_prepare_v2(raw, "INSERT INTO bodies VALUES(?1,?2)", -1, &body_raw, nullptr);
  (void)sqlite3_prepare_v2(raw, "INSERT INTO texts(rowid,text) VALUES(?1,?2)", -1, &text_raw,
                           nullptr);
  const std::unique_ptr<sqlite3_stmt, Finalize> body{body_raw};
  const std::unique_ptr<sqlite3_stmt, Finalize> text{text_raw};

  const auto start = std::chrono::steady_clock::now();
  const auto contents = read_folder(argv[2]);
  int id = 0;
  for (const auto& content : contents) {
    if (id % group == 0 && !run(raw, id == 0 ? "BEGIN" : "COMMIT; BEGIN")) return 1;
    ++id;
    if (!insert(body.get(), id, content, true) || !insert(text.get(), id, content, false)) return 1;
  }
  if (id > 0 && !run(raw, "COMMIT")) return 1;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  (void)std::printf("{\"documents\":%d,\"seconds\":%.6f}\n", id, took.count());
  return 0;
}
