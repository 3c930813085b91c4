// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <cmath>
#include <limits>
#include <new>

#include "coffret/json.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/secret_encoding.hpp"

namespace coffret::crypto {
namespace {

namespace json = boost::json;

constexpr std::string_view scheme = "shlink:/";
constexpr std::size_t longest_url = 128;   // characters
constexpr std::size_t longest_label = 80;  // characters
constexpr std::string_view flags = "LPU";

// The payload holds a key: what Boost.JSON keeps of it is wiped when it is freed.
class WipingMemory final : public json::memory_resource {
  void* do_allocate(std::size_t size, std::size_t alignment) override {
    return ::operator new (size, std::align_val_t{alignment});
  }
  void do_deallocate(void* p, std::size_t size, std::size_t alignment) override {
    ::sodium_memzero(p, size);
    ::operator delete (p, std::align_val_t{alignment});
  }
  bool do_is_equal(const json::memory_resource& other) const noexcept override {
    return this == &other;
  }
};

std::size_t characters(std::string_view utf8) {
  std::size_t count = 0;
  for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  return count;
}

bool is_url(std::string_view text) {
  if (!text.starts_with("https://") || text.size() > longest_url) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// Absent members are nullptr; those of another type are malformed.
Result<std::string> read_text(const json::object& payload, std::string_view name) {
  const auto* member = payload.if_contains(name);
  if (member == nullptr) return std::string{};
  const auto* text = member->if_string();
  if (text == nullptr) return errc::malformed;
  return std::string{text->data(), text->size()};
}

// A whole number, however JSON writes it.
Result<std::optional<std::int64_t>> read_number(const json::object& payload,
                                                std::string_view name) {
  const auto* member = payload.if_contains(name);
  if (member == nullptr) return std::optional<std::int64_t>{};
  if (const auto* whole = member->if_int64()) return std::optional{*whole};
  constexpr double exact = 9007199254740992.0;  // 2^53
  if (const auto* real = member->if_double();
      real != nullptr && std::abs(*real) <= exact && std::trunc(*real) == *real)
    return std::optional{static_cast<std::int64_t>(*real)};
  return errc::malformed;
}

Result<void> read_hints(SmartHealthLink& link, const json::object& payload) {
  COFFRET_TRY(link.expires_at, read_number(payload, "exp"));
  COFFRET_TRY(link.label, read_text(payload, "label"));
  if (characters(link.label) > longest_label) return errc::malformed;
  COFFRET_TRY(const auto flag, read_text(payload, "flag"));
  for (const char c : flags)
    if (flag.find(c) != std::string::npos) link.flag += c;
  // One file by GET has no place for a passcode: the standard forbids the pair.
  if (link.flag.ends_with("PU")) return errc::malformed;
  return {};
}

Result<SmartHealthLink> read_payload(std::string_view text) {
  WipingMemory memory;
  COFFRET_TRY(const auto value, parse_json(text, {}, &memory));
  const auto* payload = value.if_object();
  if (payload == nullptr) return errc::malformed;
  COFFRET_TRY(const auto version, read_number(*payload, "v"));
  if (version.value_or(1) < 1) return errc::malformed;
  if (version.value_or(1) > 1) return errc::unsupported;

  const auto* key_text = text_member(*payload, "key");
  if (key_text == nullptr) return errc::malformed;
  COFFRET_TRY(auto key, key_from_base64url<ContentKey>({key_text->data(), key_text->size()}));
  COFFRET_TRY(auto url, read_text(*payload, "url"));
  if (!is_url(url)) return errc::malformed;
  SmartHealthLink link{std::move(url), std::move(key), {}, {}, {}, 1};
  COFFRET_CHECK(read_hints(link, *payload));
  return link;
}

// What follows "shlink:/", alone or behind a viewer's URL.
std::string_view encoded_payload(std::string_view text) {
  if (!text.starts_with(scheme)) {
    const auto mark = text.find('#');
    if (mark == std::string_view::npos) return {};
    text.remove_prefix(mark + 1);
  }
  if (!text.starts_with(scheme)) return {};
  return text.substr(scheme.size());
}

}  // namespace

SecretText format_shl(const SmartHealthLink& link, std::string_view viewer_url) {
  const auto quoted = [](const std::string& text) {
    return json::serialize(json::string{text.data(), text.size()});
  };
  const auto payload = make_secret_text([&](SecretWriter& out) {
    out << "{\"url\":" << quoted(link.url) << ",\"key\":\"";
    write_base64url(out, link.key.expose());
    out << "\"";
    if (link.expires_at) out << ",\"exp\":" << std::to_string(*link.expires_at);
    if (!link.flag.empty()) out << ",\"flag\":" << quoted(link.flag);
    if (!link.label.empty()) out << ",\"label\":" << quoted(link.label);
    if (link.version != 1) out << ",\"v\":" << std::to_string(link.version);
    out << "}";
  });
  return make_secret_text([&](SecretWriter& out) {
    out << viewer_url << scheme;
    write_base64url(out, payload.expose());
  });
}

Result<SmartHealthLink> parse_shl(const SecretText& text) {
  const auto encoded = encoded_payload(trimmed(as_text(text.expose())));
  if (encoded.empty()) return errc::malformed;
  WipedVector<std::uint8_t> payload{encoded.size() * 6 / 8};
  if (!read_base64url({payload.data(), payload.size()}, encoded)) return errc::malformed;
  return read_payload(as_text(ByteView{payload.data(), payload.size()}));
}

}  // namespace coffret::crypto
