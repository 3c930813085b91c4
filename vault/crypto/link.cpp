// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <charconv>
#include <vector>

#include "coffret/encoding.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/secret_encoding.hpp"

namespace coffret::crypto {
namespace {

constexpr std::string_view scheme = "https://";
constexpr std::string_view page = "/v";
constexpr std::string_view form = "c1";
constexpr std::size_t longest_host = 253;  // characters, RFC 1035

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  return ec == std::errc{} && end == text.data() + text.size() && port > 0 && text[0] != '0';
}

bool is_host(std::string_view text) {
  if (text.empty() || text.size() > longest_host) return false;
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  if (bracketed) text = text.substr(1, text.size() - 2);
  const std::string_view more = bracketed ? ":." : "-.";
  return std::all_of(text.begin(), text.end(), [&](char c) {
    const bool letter =
        (c >= 'a' && c <= (bracketed ? 'f' : 'z')) || (c >= 'A' && c <= (bracketed ? 'F' : 'Z'));
    return letter || (c >= '0' && c <= '9') || more.find(c) != std::string_view::npos;
  });
}

// "https://host[:port]", without a name, a path or anything else that could lead elsewhere.
bool is_origin(std::string_view text) {
  if (!text.starts_with(scheme)) return false;
  text.remove_prefix(scheme.size());
  const auto colon = text.find(':', text.find(']') == std::string_view::npos ? 0 : text.find(']'));
  if (colon == std::string_view::npos) return is_host(text);
  return is_host(text.substr(0, colon)) && is_port(text.substr(colon + 1));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> fields;
  for (;;) {
    const auto end = text.find(separator);
    fields.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return fields;
    text.remove_prefix(end + 1);
  }
}

// "c" and another number: a form that another version of this program writes.
bool is_other_form(std::string_view field) {
  return field.size() > 1 && field[0] == 'c' && field != form &&
         std::all_of(field.begin() + 1, field.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

SecretText format_link(const ProtectedLink& link) {
  return make_secret_text([&](SecretWriter& out) {
    out << link.base_url << page << "#" << form << "." << to_base64url(link.id.view()) << ".";
    write_base64url(out, link.secret.expose());
    out << "." << to_base64url(link.server);
  });
}

Result<ProtectedLink> parse_link(const SecretText& text) {
  const auto url = trimmed(as_text(text.expose()));
  const auto mark = url.find('#');
  if (mark == std::string_view::npos) return errc::malformed;
  auto base = url.substr(0, mark);
  if (!base.ends_with(page)) return errc::malformed;
  base.remove_suffix(page.size());
  if (!is_origin(base)) return errc::malformed;

  const auto fields = split(url.substr(mark + 1), '.');
  if (is_other_form(fields[0])) return errc::unsupported;
  if (fields[0] != form || fields.size() < 4) return errc::malformed;
  if (fields.size() > 4) return errc::unsupported;  // files on another host: not read yet
  COFFRET_TRY(const auto id_bytes, from_base64url(fields[1]));
  COFFRET_TRY(const auto id, LinkId::from(id_bytes));
  COFFRET_TRY(auto secret, key_from_base64url<LinkSecret>(fields[2]));
  COFFRET_TRY(const auto server, from_base64url(fields[3]));
  if (server.size() != 16) return errc::malformed;

  ProtectedLink link{std::string{base}, id, std::move(secret), {}};
  std::copy(server.begin(), server.end(), link.server.begin());
  return link;
}

}  // namespace coffret::crypto
