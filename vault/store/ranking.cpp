// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/ranking.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <new>

#include "vault/store/tokenizer.hpp"

namespace coffret::store {
namespace {

// Of BM25: how soon more of the same word adds nothing, and how much a long document is held back.
constexpr double k1 = 1.2;
constexpr double b = 0.75;
constexpr double column_weight[] = {8.0, 4.0, 1.0};

constexpr int most_places = 64;              // of one phrase in one row
constexpr std::size_t most_spots = 32;       // of one term in one row
constexpr sqlite3_int64 counted_rows = 500;  // from which a word's frequency is guessed

// The first rows that have a phrase, as xQueryPhrase finds them: oldest first.
struct Sample {
  sqlite3_int64 rows = 0;
  sqlite3_int64 last = 0;
};

int count(const Fts5ExtensionApi* api, Fts5Context* row, void* context) noexcept {
  auto& sample = *static_cast<Sample*>(context);
  sample.last = api->xRowid(row);
  return ++sample.rows < counted_rows ? SQLITE_OK : SQLITE_DONE;
}

// How many of `total` rows have it. Rows are numbered from 1 in the order of their arrival.
double rows_with(const Sample& sample, double total) {
  const auto found = static_cast<double>(sample.rows);
  if (sample.rows < counted_rows) return found;
  return std::min(total, found * total / static_cast<double>(std::max(sample.last, sample.rows)));
}

void ranked(const Fts5ExtensionApi* api, Fts5Context* row, sqlite3_context* answer, int count,
            sqlite3_value** values) noexcept {
  auto* ranking =
      count != 1 ? nullptr
                 : static_cast<Ranking*>(::sqlite3_value_pointer(values[0], Ranking::pointer_type));
  if (ranking == nullptr) return ::sqlite3_result_error_code(answer, SQLITE_MISUSE);
  try {
    int status = SQLITE_OK;
    const int wanted = ranking->look(*api, row, status);
    if (status != SQLITE_OK) return ::sqlite3_result_error_code(answer, status);
    ::sqlite3_result_int(answer, wanted);
  } catch (const std::bad_alloc&) {
    ::sqlite3_result_error_nomem(answer);
  }
}

}  // namespace

// Where only one thing was asked for, how rare it is changes no order.
int Ranking::prepare(const Fts5ExtensionApi& api, Fts5Context* row) {
  const int phrases = api.xPhraseCount(row);
  if (terms_.size() != static_cast<std::size_t>(phrases)) return SQLITE_MISUSE;
  sqlite3_int64 rows = 0;
  sqlite3_int64 words = 0;
  if (const int rc = api.xRowCount(row, &rows); rc != SQLITE_OK) return rc;
  if (const int rc = api.xColumnTotalSize(row, -1, &words); rc != SQLITE_OK) return rc;
  const double total = static_cast<double>(std::max<sqlite3_int64>(rows, 1));
  mean_length_ = std::max(1.0, static_cast<double>(words) / total);

  const std::size_t terms = terms_.empty() ? 0 : std::size_t{terms_.back()} + 1;
  frequency_.assign(terms, 0);
  weight_.assign(terms, 1);
  if (terms < 2) return SQLITE_OK;
  for (std::size_t term = 0; term < terms; ++term) {
    const auto [first, last] =
        std::equal_range(terms_.begin(), terms_.end(), static_cast<std::uint32_t>(term));
    const int phrase = static_cast<int>(first - terms_.begin());
    // The words of a prefix would each have to be counted, a phrase looked for: both are rare.
    if (last - first != 1 || api.xPhraseSize(row, phrase) != 1) continue;
    Sample sample;
    const int rc = api.xQueryPhrase(row, phrase, &sample, &count);
    if (rc != SQLITE_OK) return rc;
    const double with = rows_with(sample, total);
    weight_[term] = std::log(1 + (total - with + 0.5) / (with + 0.5));
  }
  return SQLITE_OK;
}

int Ranking::places(const Fts5ExtensionApi& api, Fts5Context* row, int phrase) {
  const std::uint32_t term = terms_[static_cast<std::size_t>(phrase)];
  const auto length = static_cast<std::uint32_t>(api.xPhraseSize(row, phrase));
  std::size_t spots = 0;
  Fts5PhraseIter place{};
  int column = 0;
  int word = 0;
  int seen = 0;
  const int rc = api.xPhraseFirst(row, phrase, &place, &column, &word);
  if (rc != SQLITE_OK) return rc;
  for (; column >= 0 && seen < most_places; ++seen) {
    frequency_[term] += column_weight[std::min(column, 2)];
    if (column == static_cast<int>(Column::text) && spots < most_spots) {
      at_hand_.spots.push_back({static_cast<std::uint32_t>(word), length, term});
      ++spots;
    }
    api.xPhraseNext(row, &place, &column, &word);
  }
  return SQLITE_OK;
}

int Ranking::look(const Fts5ExtensionApi& api, Fts5Context* row, int& status) {
  const auto number = api.xRowid(row);
  if (!(*wanted_)(number)) return 0;
  if (mean_length_ == 0) status = prepare(api, row);
  at_hand_ = {.row = number};
  std::fill(frequency_.begin(), frequency_.end(), 0);
  for (std::size_t phrase = 0; status == SQLITE_OK && phrase < terms_.size(); ++phrase)
    status = places(api, row, static_cast<int>(phrase));
  int length = 0;
  int words = 0;
  constexpr int text = static_cast<int>(Column::text);
  if (status == SQLITE_OK) status = api.xColumnSize(row, -1, &length);
  if (status == SQLITE_OK && api.xColumnCount(row) > text)
    status = api.xColumnSize(row, text, &words);
  if (status != SQLITE_OK) return 0;
  at_hand_.words = static_cast<std::uint32_t>(words);
  const double held_back = k1 * (1 - b + b * length / mean_length_);
  for (std::size_t term = 0; term < frequency_.size(); ++term)
    at_hand_.rank += weight_[term] * frequency_[term] * (k1 + 1) / (frequency_[term] + held_back);
  return 1;
}

Result<void> register_ranking(sqlite3* db) {
  auto* api = fts5_interface(db);
  if (api == nullptr) return errc::not_sqlcipher;
  if (api->xCreateFunction(api, "ranked", nullptr, &ranked, nullptr) != SQLITE_OK) return errc::io;
  return {};
}

}  // namespace coffret::store
