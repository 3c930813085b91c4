// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <optional>

#include "sync/http/head.hpp"

namespace coffret::http {
namespace {

namespace beast = boost::beast::http;
using Parser = beast::response_parser<beast::vector_body<std::uint8_t>>;

constexpr unsigned max_interim = 8;  // 1xx responses before the final one

}  // namespace

struct ResponseReader::State {
  Limits limits;
  bool to_head = false;
  std::optional<Parser> parser;
  Bytes pending;  // not yet parsed: an unfinished head or chunk line, at most limits.head
  std::size_t scanned = 0;
  unsigned interim = 0;
  bool in_body = false;

  void begin() {
    parser.emplace();
    parser->header_limit(static_cast<std::uint32_t>(limits.head) + 1);
    parser->body_limit(limits.body);
    parser->skip(to_head);
    scanned = 0;
    in_body = false;
  }
  Result<Progress> read_head();
  Result<Progress> read_body(ByteView bytes, std::size_t& used);
};

ResponseReader::ResponseReader(Limits limits, bool to_head) : state_(std::make_unique<State>()) {
  state_->limits = limits;
  state_->to_head = to_head;
  state_->begin();
}
ResponseReader::~ResponseReader() = default;
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;

// complete: a head was read and removed from pending; the body follows.
Result<Progress> ResponseReader::State::read_head() {
  const auto scan = scan_head(pending, scanned);
  if (scan.state == HeadState::bad) return errc::malformed;
  if (scan.size > limits.head || (scan.state == HeadState::more && pending.size() > limits.head))
    return errc::too_large;
  if (scan.state == HeadState::more) {
    scanned = pending.size();
    return Progress::more;
  }
  boost::system::error_code ec;
  const auto used = parser->put(boost::asio::buffer(pending.data(), scan.size), ec);
  if (ec == beast::error::body_limit) return errc::too_large;
  if (ec || used != scan.size || !parser->is_header_done()) return errc::malformed;
  pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(used));
  const auto& message = parser->get();
  const auto lengths = message.count(beast::field::content_length);
  const auto codings = message.count(beast::field::transfer_encoding);
  // A body that ends with the connection could be cut by anyone on the way (RFC 9112 §8).
  const auto length = message[beast::field::content_length];
  const bool digits =
      std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (lengths > 1 || !digits || (lengths > 0 && codings > 0) || message.version() != 11 ||
      std::distance(message.begin(), message.end()) > static_cast<std::ptrdiff_t>(max_fields) ||
      (!parser->is_done() && parser->need_eof()))
    return errc::malformed;
  return Progress::complete;
}

Result<Progress> ResponseReader::State::read_body(ByteView bytes, std::size_t& used) {
  while (!parser->is_done() && used < bytes.size()) {
    boost::system::error_code ec;
    const auto rest = bytes.subspan(used);
    const auto n = parser->put(boost::asio::buffer(rest.data(), rest.size()), ec);
    used += n;
    if (ec == beast::error::need_more) return Progress::more;
    if (ec == beast::error::body_limit) return errc::too_large;
    if (ec) return errc::malformed;
  }
  return parser->is_done() ? Progress::complete : Progress::more;
}

Result<Progress> ResponseReader::feed(ByteView bytes) {
  auto& s = *state_;
  // Body bytes go straight to the parser unless an unfinished line came before them.
  if (!s.in_body || !s.pending.empty()) {
    append(s.pending, bytes);
    bytes = {};
  }
  while (!s.in_body) {
    COFFRET_TRY(const auto head, s.read_head());
    if (head == Progress::more) return head;
    const auto status = s.parser->get().result_int();
    if (status >= 200) {
      s.in_body = true;
      s.parser->eager(true);
    } else if (status == 101 || ++s.interim > max_interim) {
      return errc::malformed;
    } else {
      s.begin();
    }
  }
  const Bytes held = std::move(s.pending);
  s.pending.clear();
  const ByteView source = held.empty() ? bytes : ByteView{held};
  std::size_t used = 0;
  COFFRET_TRY(const auto body, s.read_body(source, used));
  if (body == Progress::complete) {
    if (used != source.size()) return errc::malformed;
    return body;
  }
  s.pending.assign(source.begin() + static_cast<std::ptrdiff_t>(used), source.end());
  if (s.pending.size() > s.limits.head) return errc::too_large;
  return Progress::more;
}

bool ResponseReader::keep_alive() const {
  return state_->parser->get().keep_alive();
}

Response ResponseReader::take() {
  auto message = state_->parser->release();
  Response response;
  response.status = message.result_int();
  for (const auto& field : message)
    response.fields.list.push_back(
        {std::string{field.name_string().data(), field.name_string().size()},
         std::string{field.value().data(), field.value().size()}});
  response.body = std::move(message.body());
  return response;
}

}  // namespace coffret::http
