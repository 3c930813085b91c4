// SPDX-License-Identifier: EUPL-1.2
//
// Coroutines here follow style.md rule 8 (g++ 12.2).
#include "sync/http/request_reader.hpp"

#include <algorithm>

#include "sync/http/head.hpp"

namespace coffret::http {

void RequestReader::drop(std::size_t size) {
  std::copy(in_.begin() + static_cast<std::ptrdiff_t>(size),
            in_.begin() + static_cast<std::ptrdiff_t>(held_), in_.begin());
  held_ -= size;
}

Task<Read> RequestReader::read_head(bool first, const std::atomic<bool>& stopping) {
  std::size_t scanned = 0;
  for (;;) {
    const auto scan = scan_head(held(), scanned);
    if (scan.state == HeadState::bad) co_return Read::bad;
    head_size_ = scan.size;
    scanned = held_;
    if (scan.size > limits_.head) co_return Read::too_long;
    if (scan.state == HeadState::complete) co_return Read::complete;
    if (held_ > limits_.head) co_return Read::too_long;
    if (held_ == 0 && stopping) co_return Read::closed;
    if (!first && held_ == 0) stream_.allow(limits_.idle);
    idle_ = held_ == 0;
    const MutableByteView space = MutableByteView{in_}.subspan(held_);
    const Moved moved = co_await stream_.read_some(space);
    idle_ = false;
    if (std::get<0>(moved)) {
      if (stream_.overdue() && held_ > 0) co_return Read::timed_out;
      co_return Read::closed;
    }
    if (!first && held_ == 0) stream_.allow(limits_.head_time);
    held_ += std::get<1>(moved);
  }
}

// The buffer grows with what arrives: a declared length reserves nothing.
Task<Read> RequestReader::read_body(std::size_t length, Bytes& body, BodyShare& share) {
  std::size_t filled = std::min(length, held_);
  body.assign(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(filled));
  drop(filled);
  const auto start = SteadyClock::now();
  while (filled < length) {
    if (filled == body.size()) {
      const auto size = std::min(length, std::max<std::size_t>(write_step, 2 * filled));
      if (!share.grow_to(size)) co_return Read::no_room;
      body.resize(size);
    }
    stream_.keep_pace(limits_.body_time, start, filled);
    const MutableByteView space = MutableByteView{body}.subspan(filled);
    const Moved moved = co_await stream_.read_some(space);
    if (std::get<0>(moved)) {
      if (stream_.overdue()) co_return Read::timed_out;
      co_return Read::closed;
    }
    filled += std::get<1>(moved);
  }
  co_return Read::complete;
}

}  // namespace coffret::http
