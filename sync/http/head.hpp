// SPDX-License-Identifier: EUPL-1.2
//
// head.hpp: request and response heads, bytes to values and back (RFC 9112). Pure computation.
//
// Two nets, one behind the other. scan_head finds the end of a head and refuses what two parsers
// could read in two ways: bare CR or LF, obs-fold, an empty first line, NUL and other controls.
// Boost.Beast then parses; what it accepts is judged once more: one Content-Length or none, no
// transfer coding in a request, origin-form targets only, one Host.
#ifndef COFFRET_SYNC_HTTP_HEAD_HPP
#define COFFRET_SYNC_HTTP_HEAD_HPP

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"
#include "sync/http/message.hpp"

namespace coffret::http {

inline constexpr std::size_t max_fields = 64;  // of a head

enum class HeadState { more, complete, bad };

struct HeadScan {
  HeadState state = HeadState::more;
  std::size_t size = 0;  // bytes of the head with its empty line; when complete
};

// `scanned` bytes were scanned before, with the answer `more`.
HeadScan scan_head(ByteView bytes, std::size_t scanned) noexcept;

struct RequestHead {
  unsigned refusal = 0;  // the status to refuse with; 0: none, and the rest holds
  Request request;       // body and peer are empty
  std::uint64_t content_length = 0;
  bool keep_alive = false;
  bool expects_continue = false;  // 100-continue
};

// `head` is what scan_head found complete.
RequestHead parse_request_head(ByteView head);

// Content-Length, Transfer-Encoding and Connection are written here; those in response.fields are
// ignored, but for `Connection: close`. Whether a body follows: not after HEAD, nor with 1xx, 204
// and 304. A field that would split the head makes the text empty: the caller's bug.
std::string format_response_head(const Response& response, std::uint64_t content_length,
                                 bool keep_alive);
bool asks_to_close(const Fields& fields) noexcept;
bool has_body(unsigned status) noexcept;

// The head of a request with its Content-Length. Empty under the same condition.
std::string format_request_head(const Request& request, std::string_view host);

enum class Progress { more, complete };

// Reads one final response from a stream of bytes cut anywhere; interim (1xx) ones are skipped.
class ResponseReader {
 public:
  struct Limits {
    std::size_t head = 0;  // bytes
    std::size_t body = 0;  // bytes
  };
  // to_head: the request was HEAD, no body follows.
  ResponseReader(Limits limits, bool to_head);
  ~ResponseReader();
  ResponseReader(ResponseReader&&) noexcept;
  ResponseReader& operator=(ResponseReader&&) = delete;

  // Errors: malformed (also bytes after the response, a body
  // without a stated length, and whatever scan_head refuses), too_large.
  Result<Progress> feed(ByteView bytes);
  bool keep_alive() const;  // once complete
  Response take();          // once complete

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace coffret::http

#endif  // COFFRET_SYNC_HTTP_HEAD_HPP
