// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "sync/http/head.hpp"

namespace coffret::http {
namespace {

namespace beast = boost::beast::http;
using Parser = beast::response_parser<beast::empty_body>;

constexpr unsigned max_interim = 8;  // 1xx responses before the final one
// What is set aside at once for a body by its declared length: a pack of objects fits. Growing to
// it by doubling would move it three times; a longer one has to arrive before it takes memory.
constexpr std::uint64_t reserved_at_once = std::uint64_t{9} << 20;

bool is_number(boost::beast::string_view text) noexcept {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The length of the body that follows, stated once and plainly. A body that ends with the
// connection could be cut by anyone on the way; a chunked one is not accepted because our server
// never sends one, and because Beast 1.81 stops the program (BOOST_ASSERT in parse_chunk_header)
// when the last chunk arrives in pieces.
Result<std::uint64_t> body_length(const Parser& parser, bool to_head) {
  const auto& message = parser.get();
  const auto lengths = message.count(beast::field::content_length);
  if (lengths > 1 || message.count(beast::field::transfer_encoding) > 0) return errc::malformed;
  if (lengths == 1 && !is_number(message[beast::field::content_length])) return errc::malformed;
  if (to_head || !has_body(message.result_int())) return std::uint64_t{0};
  if (lengths == 0) return errc::malformed;
  return parser.content_length().value();
}

}  // namespace

struct ResponseReader::State {
  Limits limits;
  bool to_head = false;
  Bytes head;               // as far as it has come
  std::size_t scanned = 0;  // of head
  unsigned interim = 0;
  bool in_body = false;
  bool keep_alive = false;
  std::uint64_t length = 0;  // of the body
  Response response;

  Result<Progress> read_head();
  Result<void> parse(ByteView whole);
};

ResponseReader::ResponseReader(Limits limits, bool to_head) : state_(std::make_unique<State>()) {
  state_->limits = limits;
  state_->to_head = to_head;
}
ResponseReader::~ResponseReader() = default;
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;

Result<void> ResponseReader::State::parse(ByteView whole) {
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(whole.size()) + 1);
  parser.body_limit(boost::none);
  boost::system::error_code ec;
  const auto used = parser.put(boost::asio::buffer(whole.data(), whole.size()), ec);
  if (ec || used != whole.size() || !parser.is_header_done()) return errc::malformed;
  const auto& message = parser.get();
  if (message.version() != 11 || message.result_int() == 101 ||
      std::distance(message.begin(), message.end()) > static_cast<std::ptrdiff_t>(max_fields))
    return errc::malformed;
  if (message.result_int() < 200) {
    if (++interim > max_interim) return errc::malformed;
    return {};
  }
  COFFRET_TRY(length, body_length(parser, to_head));
  if (length > limits.body) return errc::too_large;
  response.body.reserve(static_cast<std::size_t>(std::min(length, reserved_at_once)));
  in_body = true;
  keep_alive = message.keep_alive();
  response.status = message.result_int();
  for (const auto& field : message)
    response.fields.list.push_back({std::string{field.name_string()}, std::string{field.value()}});
  return {};
}

// complete: the final head was read; what is left in `head` belongs to the body.
Result<Progress> ResponseReader::State::read_head() {
  while (!in_body) {
    const auto scan = scan_head(head, scanned);
    if (scan.state == HeadState::bad) return errc::malformed;
    if (std::max(scan.size, scan.state == HeadState::more ? head.size() : 0) > limits.head)
      return errc::too_large;
    scanned = head.size();
    if (scan.state == HeadState::more) return Progress::more;
    COFFRET_CHECK(parse(ByteView{head}.first(scan.size)));
    head.erase(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(scan.size));
    scanned = 0;
  }
  return Progress::complete;
}

Result<Progress> ResponseReader::feed(ByteView bytes) {
  auto& s = *state_;
  Bytes rest;
  if (!s.in_body) {
    append(s.head, bytes);
    COFFRET_TRY(const auto progress, s.read_head());
    if (progress == Progress::more) return progress;
    rest = std::move(s.head);
    bytes = rest;
  }
  if (bytes.size() > s.length - s.response.body.size()) return errc::malformed;
  append(s.response.body, bytes);
  return s.response.body.size() == s.length ? Progress::complete : Progress::more;
}

bool ResponseReader::keep_alive() const {
  return state_->keep_alive;
}

Response ResponseReader::take() {
  return std::move(state_->response);
}

}  // namespace coffret::http
