// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/snippet.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace coffret::store {
namespace {

// The first word of the part to show. `spots` in the order of the text. Of two parts that are as
// good it is the first: where all terms are met, nothing behind is looked at.
std::uint32_t best_start(const std::vector<Spot>& spots, std::uint32_t words) {
  std::set<std::uint32_t> all;
  for (const auto& spot : spots)
    if (all.empty() || *all.rbegin() != spot.term) all.insert(spot.term);
  std::size_t best_terms = 0;
  std::uint32_t first = 0;
  std::uint32_t behind = 0;
  for (auto from = spots.begin(); from != spots.end() && best_terms < all.size(); ++from) {
    std::set<std::uint32_t> terms;
    std::uint32_t end = from->word + 1;
    for (auto at = from; at != spots.end() && at->word < from->word + snippet_words; ++at) {
      terms.insert(at->term);
      end = std::max(end, at->word + at->length);
    }
    if (terms.size() <= best_terms) continue;
    best_terms = terms.size();
    first = from->word;
    behind = end;
  }
  const std::uint32_t shown = std::min(snippet_words, behind - first);
  const std::uint32_t before = std::min(first, (snippet_words - shown) / 2);
  return std::min(first - before, words - std::min(words, snippet_words));
}

// Where words that were found begin and end, so that overlapping ones are marked once.
struct Marks {
  std::set<std::uint32_t> open;
  std::set<std::uint32_t> close;
};

Marks marks_of(const std::vector<Spot>& spots, std::uint32_t from) {
  const std::uint32_t last = from + snippet_words - 1;
  Marks marks;
  std::uint32_t covered = 0;  // words before this one are marked
  for (const auto& spot : spots) {
    const std::uint32_t first = std::max(spot.word, from);
    const std::uint32_t end = std::min(spot.word + spot.length - 1, last);
    if (spot.word > last || spot.word + spot.length <= from) continue;
    if (covered > first)
      marks.close.erase(covered - 1);
    else
      marks.open.insert(first);
    covered = std::max(covered, end + 1);
    marks.close.insert(covered - 1);
  }
  return marks;
}

// The words [from, from + snippet_words) of a text, as it is shown.
class Cut {
 public:
  Cut(std::uint32_t from, const Marks& marks) : from_(from), marks_(marks) {}

  // Whether `start` is all of the text, or enough of it.
  Result<bool> read(const Tokenizer& tokenizer, std::string_view start, bool whole) {
    copied_ = 0;
    shown_.clear();
    goes_on_ = false;
    COFFRET_TRY(const auto first, tokenizer.place_of(start, from_));
    word_ = first.words;
    const auto base = first.byte;
    COFFRET_CHECK(tokenizer.walk(start.substr(base), [&](std::size_t begin, std::size_t end) {
      return take(start, base + begin, base + end);
    }));
    if (goes_on_)
      shown_ += "…";
    else if (whole)
      copy(start, start.size());
    return goes_on_ || whole;
  }
  // A text shorter than the index says has nothing there.
  bool missed() const noexcept { return from_ > 0 && word_ <= from_; }
  std::string take() && { return std::move(shown_); }

 private:
  bool take(std::string_view text, std::size_t begin, std::size_t end) {
    const std::uint32_t at = word_++;
    if (at < from_) return true;
    if (at == from_ + snippet_words) {
      goes_on_ = true;
      return false;
    }
    if (at == from_ && from_ > 0) {
      shown_ = "…";
      copied_ = begin;
    }
    copy(text, begin);
    if (marks_.open.contains(at)) shown_ += "‹";
    copy(text, end);
    if (marks_.close.contains(at)) shown_ += "›";
    return true;
  }
  void copy(std::string_view text, std::size_t end) {
    shown_ += text.substr(copied_, end - copied_);
    copied_ = end;
  }

  std::uint32_t from_;
  const Marks& marks_;
  std::uint32_t word_ = 0;
  std::size_t copied_ = 0;  // bytes of the text
  std::string shown_;
  bool goes_on_ = false;
};

// Bytes that likely hold the first `word` words.
std::size_t likely_size(const LongText& text, std::uint64_t word) {
  constexpr std::size_t least = 4096;
  if (text.words == 0) return text.size;
  const auto share = static_cast<std::uint64_t>(text.size) * word / text.words;
  return static_cast<std::size_t>(share + share / 8) + least;
}

}  // namespace

Result<std::string> make_snippet(const Tokenizer& tokenizer, const LongText& text,
                                 std::vector<Spot> spots) {
  std::sort(spots.begin(), spots.end(),
            [](const Spot& a, const Spot& b) { return a.word < b.word; });
  const std::uint32_t from = best_start(spots, text.words);
  const auto marks = marks_of(spots, from);
  Cut cut{from, marks};
  for (std::size_t size = likely_size(text, std::uint64_t{from} + snippet_words);; size *= 2) {
    size = std::min(size, text.size);
    COFFRET_TRY(const auto start, text.start(size));
    // Its last word may be half a one: then it is read again, longer.
    COFFRET_TRY(const bool enough, cut.read(tokenizer, start, size == text.size));
    if (enough) break;
  }
  if (cut.missed()) return make_snippet(tokenizer, text, {});
  return std::move(cut).take();
}

}  // namespace coffret::store
