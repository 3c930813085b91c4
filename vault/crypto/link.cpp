// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <charconv>
#include <vector>

#include "coffret/encoding.hpp"
#include "vault/crypto/link_fields.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/secret_encoding.hpp"

namespace coffret::crypto {
namespace {

constexpr std::string_view scheme = "https://";
constexpr std::string_view form = "c1";
constexpr std::string_view key_form = "k1";
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

}  // namespace

bool is_other_form(std::string_view field, std::string_view known) {
  return field.size() > 1 && field[0] == known[0] && field != known &&
         std::all_of(field.begin() + 1, field.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<LinkFields> link_fields(std::string_view url) {
  const auto mark = url.find('#');
  if (mark == std::string_view::npos) return errc::malformed;
  auto base = url.substr(0, mark);
  if (!base.ends_with(link_page)) return errc::malformed;
  base.remove_suffix(link_page.size());
  if (!is_origin(base)) return errc::malformed;
  return LinkFields{std::string{base}, split(url.substr(mark + 1), '.')};
}

Result<std::array<std::uint8_t, 16>> half_fingerprint(std::string_view field) {
  COFFRET_TRY(const auto server, from_base64url(field));
  std::array<std::uint8_t, 16> half{};
  if (server.size() != half.size()) return errc::malformed;
  std::copy(server.begin(), server.end(), half.begin());
  return half;
}

SecretText format_link(const ProtectedLink& link) {
  return make_secret_text([&](SecretWriter& out) {
    out << link.base_url << link_page << "#" << form << "." << to_base64url(link.id.view()) << ".";
    write_base64url(out, link.secret.expose());
    out << "." << to_base64url(link.server);
  });
}

Result<ProtectedLink> parse_link(const SecretText& text) {
  COFFRET_TRY(auto parts, link_fields(trimmed(as_text(text.expose()))));
  const auto& fields = parts.fields;
  if (is_other_form(fields[0], form)) return errc::unsupported;
  if (fields[0] != form || fields.size() < 4) return errc::malformed;
  if (fields.size() > 4) return errc::unsupported;  // files on another host: not read yet
  COFFRET_TRY(const auto id_bytes, from_base64url(fields[1]));
  COFFRET_TRY(const auto id, LinkId::from(id_bytes));
  COFFRET_TRY(auto secret, key_from_base64url<LinkSecret>(fields[2]));
  COFFRET_TRY(const auto server, half_fingerprint(fields[3]));
  return ProtectedLink{std::move(parts.base_url), id, std::move(secret), server};
}

SecretText format_key_link(const KeyLink& link) {
  return make_secret_text([&](SecretWriter& out) {
    out << link.base_url << link_page << "#" << key_form << "." << to_base64url(link.id.view())
        << "." << to_base64url(link.server);
  });
}

Result<KeyLink> parse_key_link(const SecretText& text) {
  COFFRET_TRY(auto parts, link_fields(trimmed(as_text(text.expose()))));
  const auto& fields = parts.fields;
  if (is_other_form(fields[0], key_form)) return errc::unsupported;
  if (fields[0] != key_form || fields.size() != 3) return errc::malformed;
  COFFRET_TRY(const auto id_bytes, from_base64url(fields[1]));
  COFFRET_TRY(const auto id, LinkId::from(id_bytes));
  COFFRET_TRY(const auto server, half_fingerprint(fields[2]));
  return KeyLink{std::move(parts.base_url), id, server};
}

}  // namespace coffret::crypto
