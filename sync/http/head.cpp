// SPDX-License-Identifier: EUPL-1.2
#include "sync/http/head.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/optional/optional.hpp>

namespace coffret::http {
namespace {

namespace beast = boost::beast::http;

bool is_token(std::string_view text) noexcept {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           others.find(c) != std::string_view::npos;
  });
}

bool is_one_line(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  });
}

// Path and query in visible ASCII, from the root; nothing that a proxy could rewrite or cut.
bool is_origin_form(std::string_view target) noexcept {
  return target.starts_with('/') && std::all_of(target.begin(), target.end(), [](char c) {
           return c > 0x20 && c < 0x7f && c != '#' && c != '\\';
         });
}

// reg-name, IPv4 or [IPv6], and a port. No user, no path, not empty (RFC 9110 §7.2).
bool is_host(std::string_view host) noexcept {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == ':' || c == '[' || c == ']' || c == '_';
  });
}

std::string_view view(boost::beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

template <class Message>
Fields copy_fields(const Message& message) {
  Fields fields;
  for (const auto& field : message)
    fields.list.push_back(
        {std::string{view(field.name_string())}, std::string{view(field.value())}});
  return fields;
}

template <class Message>
std::size_t count(const Message& message, beast::field name) {
  return message.count(name);
}

// Beast also takes a list of equal numbers.
bool is_number(std::string_view text) noexcept {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What follows the method and the target, when there are just these three: for an honest 505.
bool has_other_version(std::string_view head) noexcept {
  const auto line = head.substr(0, head.find('\r'));
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || line.find(' ', first + 1) != last) return false;
  const auto version = line.substr(last + 1);
  return version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' &&
         is_number(version.substr(5, 1)) && is_number(version.substr(7, 1));
}

// 411 and not chunked bodies: our clients know how much they send, and a length that is stated
// once cannot be read in two ways.
unsigned judge_framing(const beast::request_parser<beast::empty_body>& parser) {
  const auto& message = parser.get();
  const auto lengths = count(message, beast::field::content_length);
  const auto codings = count(message, beast::field::transfer_encoding);
  if (lengths > 1 || (lengths > 0 && codings > 0)) return 400;
  if (lengths == 1 && !is_number(view(message[beast::field::content_length]))) return 400;
  if (codings > 0) return message.version() == 10 ? 400 : 411;
  return 0;
}

unsigned judge_request(const beast::request_parser<beast::empty_body>& parser) {
  const auto& message = parser.get();
  if (message.version() != 10 && message.version() != 11) return 505;
  if (const unsigned framing = judge_framing(parser); framing != 0) return framing;
  if (!is_origin_form(view(message.target()))) return 400;
  const auto hosts = count(message, beast::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() == 11)) return 400;
  if (hosts == 1 && !is_host(view(message[beast::field::host]))) return 400;
  if (std::distance(message.begin(), message.end()) > static_cast<std::ptrdiff_t>(max_fields))
    return 431;
  const auto expectations = count(message, beast::field::expect);
  if (expectations > 1) return 417;
  if (expectations == 1 && !boost::beast::iequals(message[beast::field::expect], "100-continue"))
    return 417;
  return 0;
}

bool append_fields(std::string& out, const Fields& fields) {
  constexpr std::string_view framing[] = {"content-length", "transfer-encoding", "connection"};
  for (const auto& field : fields.list) {
    if (!is_token(field.name) || !is_one_line(field.value)) return false;
    if (std::any_of(std::begin(framing), std::end(framing), [&](std::string_view name) {
          return boost::beast::iequals(field.name, {name.data(), name.size()});
        }))
      continue;
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  return true;
}

}  // namespace

HeadScan scan_head(ByteView bytes, std::size_t scanned) noexcept {
  const HeadScan bad{HeadState::bad, 0};
  for (std::size_t i = scanned; i < bytes.size(); ++i) {
    const std::uint8_t c = bytes[i];
    const std::uint8_t before = i == 0 ? std::uint8_t{'\n'} : bytes[i - 1];
    if (before == '\r' && c != '\n') return bad;
    if (c == '\n') {
      if (before != '\r') return bad;
      if (i < 2) return bad;  // an empty first line
      if (bytes[i - 2] == '\n') return {HeadState::complete, i + 1};
    } else if (c == ' ' || c == '\t') {
      if (before == '\n') return bad;  // obs-fold
    } else if ((c < 0x20 && c != '\r') || c == 0x7f) {
      return bad;
    }
  }
  return {};
}

RequestHead parse_request_head(ByteView head) {
  RequestHead out;
  beast::request_parser<beast::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(head.size()) + 1);
  parser.body_limit(boost::none);
  boost::system::error_code ec;
  parser.put(boost::asio::buffer(head.data(), head.size()), ec);
  if (ec || !parser.is_header_done()) {
    out.refusal = ec == beast::error::bad_version && has_other_version(as_text(head)) ? 505 : 400;
    return out;
  }
  out.refusal = judge_request(parser);
  if (out.refusal != 0) return out;
  const auto& message = parser.get();
  out.request.method = view(message.method_string());
  out.request.target = view(message.target());
  out.request.fields = copy_fields(message);
  out.content_length = parser.content_length().value_or(0);
  // An HTTP/1.0 client gets its answer and no second turn: its keep-alive was never specified.
  out.keep_alive = message.version() == 11 && message.keep_alive();
  out.expects_continue = message.version() == 11 && count(message, beast::field::expect) == 1;
  return out;
}

bool has_body(unsigned status) noexcept {
  return status >= 200 && status != 204 && status != 304;
}

bool asks_to_close(const Fields& fields) noexcept {
  const auto* value = fields.find("Connection");
  return value != nullptr && boost::beast::iequals(*value, "close");
}

std::string format_response_head(const Response& response, std::uint64_t content_length,
                                 bool keep_alive) {
  std::string out;
  out.reserve(512);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(view(beast::obsolete_reason(beast::int_to_status(response.status)))).append("\r\n");
  if (!append_fields(out, response.fields)) return {};
  if (has_body(response.status))
    out.append("Content-Length: ").append(std::to_string(content_length)).append("\r\n");
  if (!keep_alive) out.append("Connection: close\r\n");
  out.append("\r\n");
  return out;
}

std::string format_request_head(const Request& request, std::string_view host) {
  if (!is_token(request.method) || !is_origin_form(request.target) || !is_host(host)) return {};
  std::string out;
  out.reserve(1024);
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ");
  out.append(host).append("\r\n");
  if (!append_fields(out, request.fields)) return {};
  const bool bodiless = request.method == "GET" || request.method == "HEAD";
  if (!bodiless || !request.body.empty())
    out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  out.append("\r\n");
  return out;
}

}  // namespace coffret::http
