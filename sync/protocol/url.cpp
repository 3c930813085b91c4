// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/url.hpp"

#include <algorithm>
#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>
#include <charconv>

namespace coffret::protocol {
namespace {

constexpr std::string_view secure = "https://";
constexpr std::string_view clear = "http://";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_label(std::string_view label) {
  const auto good = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; };
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), good);
}

bool is_ipv4(std::string_view host) {
  const auto address = boost::urls::parse_ipv4_address({host.data(), host.size()});
  return address.has_value() && address->to_string() == host;
}

bool is_ipv6(std::string_view host) {
  const auto address = boost::urls::parse_ipv6_address({host.data(), host.size()});
  return address.has_value() && address->to_string() == host;
}

// A name of RFC 1123, or an IPv4 address. A last label of digits makes it an address.
bool is_name(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  const auto last = host.substr(host.rfind('.') + 1);
  if (std::all_of(last.begin(), last.end(), is_digit)) return is_ipv4(host);
  for (std::size_t start = 0; start <= host.size();) {
    const auto end = std::min(host.find('.', start), host.size());
    if (!is_label(host.substr(start, end - start))) return false;
    start = end + 1;
  }
  return true;
}

bool is_loopback(std::string_view host) {
  return host == "::1" || (is_ipv4(host) && host.starts_with("127."));
}

std::uint16_t own_port(bool tls) {
  return tls ? 443 : 80;
}

}  // namespace

Result<ServerUrl> parse_server_url(std::string_view text) {
  ServerUrl url;
  url.tls = text.starts_with(secure);
  if (!url.tls && !text.starts_with(clear)) return errc::malformed;
  std::string_view rest = text.substr(url.tls ? secure.size() : clear.size());

  const bool bracketed = rest.starts_with('[');
  const auto end = bracketed ? rest.find(']') : std::min(rest.find(':'), rest.size());
  if (end == std::string_view::npos) return errc::malformed;
  const auto host = bracketed ? rest.substr(1, end - 1) : rest.substr(0, end);
  rest.remove_prefix(bracketed ? end + 1 : end);
  if (bracketed ? !is_ipv6(host) : !is_name(host)) return errc::malformed;
  if (!url.tls && !is_loopback(host)) return errc::malformed;
  url.host = std::string{host};

  url.port = own_port(url.tls);
  if (rest.starts_with(':')) {
    const auto read = std::from_chars(rest.data() + 1, rest.data() + rest.size(), url.port);
    if (read.ec != std::errc{} || url.port == 0) return errc::malformed;
  }
  if (format_server_url(url) != text) return errc::malformed;
  return url;
}

std::string host_field(const ServerUrl& url) {
  const bool bracketed = url.host.find(':') != std::string::npos;
  std::string field = bracketed ? "[" + url.host + "]" : url.host;
  if (url.port != own_port(url.tls)) field += ":" + std::to_string(url.port);
  return field;
}

std::string format_server_url(const ServerUrl& url) {
  return std::string{url.tls ? secure : clear} + host_field(url);
}

}  // namespace coffret::protocol
