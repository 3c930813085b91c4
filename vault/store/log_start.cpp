// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/log_start.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include "vault/crypto/sealer.hpp"

namespace coffret::store {
namespace {

constexpr std::uint32_t step_back = protocol::max_page_entries;  // entries
// The highest number that PROTOCOL.md has.
constexpr std::uint64_t most_numbered = (std::uint64_t{1} << 53) - 1;
// Whoever knows an old key can seal what looks like an announcement, until its place is judged.
constexpr unsigned most_tried = 4;  // checkpoints

protocol::Head place_of(const protocol::Entry& body, const protocol::SignedEntry& entry) {
  return {.seq = body.seq, .hash = protocol::entry_hash(entry.body)};
}

// The log read so far: [first_, end], each entry followed by the next.
class Backwards {
 public:
  Backwards(LogSource& source, Keyring& keyring, const protocol::Head& remembered,
            const StartBounds& bounds)
      : source_(source), keyring_(keyring), remembered_(remembered), bounds_(bounds) {}

  Result<LogStart> run() {
    COFFRET_TRY(const auto page, source_.page(0, 1));
    if (page.head.seq > most_numbered) return errc::malformed;
    end_ = page.head;
    first_ = end_.seq + 1;
    before_ = end_.hash;
    while (first_ > 1) {
      const std::uint64_t seen = first_;
      COFFRET_CHECK(read_back());
      if (seen == end_.seq + 1) COFFRET_CHECK(learn_epoch());
      COFFRET_TRY(auto found, look(seen));
      if (found) return std::move(*found);
    }
    return LogStart{{log_.begin(), log_.end()}, {}};
  }

 private:
  // The entries in front of first_, one step of them. An answer may be shorter than asked for.
  Result<void> read_back() {
    const std::uint64_t from = first_ - std::min<std::uint64_t>(step_back, first_ - 1);
    std::vector<protocol::SignedEntry> piece;
    protocol::Head last{.seq = from - 1, .hash = {}};
    while (last.seq + 1 < first_) {
      COFFRET_TRY(auto page,
                  source_.page(last.seq, static_cast<std::uint32_t>(first_ - 1 - last.seq)));
      if (page.head.seq < end_.seq) return errc::server_rolled_back;
      if (page.entries.empty()) return errc::malformed;
      for (auto& entry : page.entries) {
        if (last.seq + 1 == first_) return errc::malformed;
        COFFRET_TRY(const auto body, next(entry, last, !piece.empty() || from == 1));
        last = place_of(body, entry);
        if (piece.empty()) link_ = body.previous;
        piece.push_back(std::move(entry));
      }
    }
    if (last.hash != before_) return errc::fork_detected;
    keyring_.descend(starts_of(piece));
    log_.insert(log_.begin(), std::make_move_iterator(piece.begin()),
                std::make_move_iterator(piece.end()));
    first_ = from;
    before_ = link_;
    return {};
  }

  Result<protocol::Entry> next(const protocol::SignedEntry& entry, const protocol::Head& last,
                               bool chained) {
    COFFRET_TRY(auto body, protocol::decode_entry(entry.body));
    if (body.vault != keyring_.vault() ||
        body.operation != protocol::operation_hash(entry.operation))
      return errc::unauthenticated;
    if (body.seq != last.seq + 1 || (chained && body.previous != last.hash))
      return errc::fork_detected;
    bytes_ += entry.body.size() + entry.operation.size();
    if (++count_ > bounds_.entries || bytes_ > bounds_.bytes) return errc::too_large;
    return body;
  }

  // Those that begin an epoch among entries that follow each other; the first may be one.
  static std::vector<protocol::SignedEntry> starts_of(
      const std::vector<protocol::SignedEntry>& entries) {
    std::vector<protocol::SignedEntry> starts;
    std::uint32_t epoch = 0;
    for (const auto& entry : entries) {
      const auto body = protocol::decode_entry(entry.body);
      if (body.has_value() && std::exchange(epoch, body->epoch) != body->epoch)
        starts.push_back(entry);
    }
    return starts;
  }

  // The key of the newest epoch, where it is in no entry read so far: that epoch's first entry is
  // found by halving. Whether it is one the judgement tells.
  Result<void> learn_epoch() {
    COFFRET_TRY(const auto newest, protocol::decode_entry(log_.back().body));
    if (keyring_.log_key(newest.epoch) != nullptr) return {};
    std::uint64_t low = 1;
    std::uint64_t high = first_;
    std::optional<protocol::SignedEntry> start;
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      COFFRET_TRY(auto page, source_.page(middle - 1, 1));
      if (page.entries.size() != 1) return errc::malformed;
      COFFRET_TRY(const auto body, protocol::decode_entry(page.entries.front().body));
      if (body.seq != middle) return errc::malformed;
      if (body.epoch < newest.epoch) {
        low = middle + 1;
      } else {
        high = middle;
        start = std::move(page.entries.front());
      }
    }
    if (start) keyring_.descend(std::span{&*start, 1});
    return {};
  }

  // The checkpoints announced by the entries [first_, seen), the newest first.
  Result<std::optional<LogStart>> look(std::uint64_t seen) {
    for (std::uint64_t seq = seen; seq-- > first_;) {
      const auto& entry = log_[static_cast<std::size_t>(seq - first_)];
      COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
      if (body.puts.empty()) continue;
      const auto opened = keyring_.open(entry);
      if (opened.has_error() || announcement_of(*opened).has_error()) continue;
      if (++tried_ > most_tried) break;
      COFFRET_TRY(auto found, try_from(*opened));
      if (found) return std::optional<LogStart>{std::move(found)};
    }
    return std::optional<LogStart>{};
  }

  // None: it is passed over.
  Result<std::optional<LogStart>> try_from(const Opened& announcing) {
    constexpr auto passed_over = [] { return std::optional<LogStart>{}; };
    COFFRET_TRY(const auto written, announcement_of(announcing));
    while (first_ > written.at.seq + 1) COFFRET_CHECK(read_back());
    const auto skip = static_cast<std::ptrdiff_t>(written.at.seq + 1 - first_);
    LogStart start{{log_.begin() + skip, log_.end()}, {}};
    COFFRET_TRY(auto parts, fetch(written));
    if (!parts) return passed_over();
    auto entries = open_checkpoint(announcing, keyring_, *parts);
    if (entries.has_error()) return passed_over();
    parts.reset();
    auto control = judge_checkpoint(written.at, *entries, keyring_);
    if (control.has_error() || !follows(*control, written.at, start.entries) ||
        judge_announcer(*control, announcing).has_error())
      return passed_over();
    const auto descent = descends(remembered_, written.at, *entries, start.entries);
    if (descent.has_error() || *descent == Descent::contradicted) return passed_over();
    start.checkpoint = StartingPoint{written.at,          std::move(*entries),
                                     std::move(*control), announcing.entry.device,
                                     remembered_,         *descent};
    return std::optional<LogStart>{std::move(start)};
  }

  bool follows(Control& control, protocol::Head head,
               const std::vector<protocol::SignedEntry>& behind) {
    for (const auto& entry : behind) {
      const auto opened = control.admit(entry, head, keyring_);
      if (opened.has_error() || control.apply(*opened).has_error()) return false;
      head = place_of(opened->entry, entry);
    }
    return head == end_;
  }

  // None: not all are to be had.
  Result<std::optional<std::vector<ReceivedObject>>> fetch(const CheckpointWritten& written) {
    std::vector<ReceivedObject> parts;
    for (const auto& part : written.parts) {
      auto object = source_.object(part.object, crypto::object_size(part.size));
      if (object.has_error() && object.error() == errc::not_found)
        return std::optional<std::vector<ReceivedObject>>{};
      if (object.has_error()) return object.error();
      parts.push_back(std::move(*object));
    }
    return std::optional{std::move(parts)};
  }

  LogSource& source_;
  Keyring& keyring_;
  protocol::Head remembered_;
  StartBounds bounds_;
  protocol::Head end_;
  std::deque<protocol::SignedEntry> log_;
  std::uint64_t first_ = 0;  // number of the first entry in log_
  EntryHash before_;         // that the entry in front of it must have
  EntryHash link_;
  unsigned tried_ = 0;
  std::uint64_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<LogStart> read_log_start(LogSource& source, Keyring& keyring,
                                const protocol::Head& remembered, const StartBounds& bounds) {
  return Backwards{source, keyring, remembered, bounds}.run();
}

}  // namespace coffret::store
