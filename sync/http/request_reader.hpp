// SPDX-License-Identifier: EUPL-1.2
//
// request_reader.hpp: requests cut out of a connection's bytes: a head of bounded size, then a body
// of the stated length, each in bounded time (connection.cpp's; nobody else includes it).
//
// Ownership: borrows the stream. Threads: the stream's strand.
#ifndef COFFRET_SYNC_HTTP_REQUEST_READER_HPP
#define COFFRET_SYNC_HTTP_REQUEST_READER_HPP

#include "sync/http/body_budget.hpp"
#include "sync/http/listener.hpp"
#include "sync/http/stream.hpp"

namespace coffret::http {

enum class Read { complete, closed, timed_out, bad, too_long, no_room };

class RequestReader {
 public:
  RequestReader(Stream& stream, const ListenerLimits& limits)
      : stream_(stream), limits_(limits), in_(limits.head + 4096) {}

  // The next head. `first`: the time for it runs since the accept, so there is no idling before it.
  // `stopping` is asked whenever nothing was read: then closed.
  Task<Read> read_head(bool first, const std::atomic<bool>& stopping);
  ByteView head() const noexcept { return held().first(head_size_); }  // of a complete read_head
  void drop_head() { drop(head_size_); }

  bool holds(std::uint64_t body) const noexcept { return held_ >= body; }
  // `share` grows with it, and is the caller's to release.
  Task<Read> read_body(std::size_t length, Bytes& body, BodyShare& share);

  bool idle() const noexcept { return idle_; }  // waiting for the first byte of a request
  MutableByteView scratch() noexcept { return in_; }

 private:
  ByteView held() const noexcept { return {in_.data(), held_}; }
  void drop(std::size_t size);

  Stream& stream_;
  const ListenerLimits& limits_;
  Bytes in_;
  std::size_t held_ = 0;       // bytes of in_ that were read and not used yet
  std::size_t head_size_ = 0;  // of the head that read_head completed
  bool idle_ = false;
};

}  // namespace coffret::http

#endif  // COFFRET_SYNC_HTTP_REQUEST_READER_HPP
