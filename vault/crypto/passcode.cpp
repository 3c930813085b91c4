// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/passcode.hpp"

#include <sodium.h>
#include <utf8proc.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include "coffret/encoding.hpp"
#include "coffret/harmless.hpp"
#include "vault/crypto/passphrase.hpp"
#include "vault/crypto/wiped.hpp"

namespace coffret::crypto {
namespace {

constexpr std::size_t longest_passcode = 256;  // bytes: what a server reads of one
constexpr unsigned digits = 6;
constexpr std::uint32_t passcodes = 1'000'000;  // of six digits
constexpr unsigned long long passes = 3;
constexpr std::size_t memory = std::size_t{64} << 20;  // bytes

// UTF-8 without control characters.
bool is_typed_text(ByteView text) {
  const std::uint8_t* at = text.data();
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t c = 0;
    const auto length = ::utf8proc_iterate(at, left, &c);
    if (length <= 0 || is_control(static_cast<char32_t>(c))) return false;
    at += length;
    left -= length;
  }
  return true;
}

bool is_passcode(const SecretText& passcode) {
  return !passcode.empty() && passcode.size() <= longest_passcode &&
         is_typed_text(passcode.expose());
}

std::string unpadded_base64(ByteView bytes) {
  std::string text = to_base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

}  // namespace

SecretText make_passcode(Random& random) {
  // Values past the last whole million would make some passcodes likelier than others.
  constexpr std::uint32_t fair = UINT32_MAX / passcodes * passcodes;
  return make_secret_text([&](SecretWriter& out) {
    Wiped<4> drawn;
    std::uint32_t value = 0;
    do {
      random.fill(drawn.space());
      value = load_le<std::uint32_t>(drawn.view());
    } while (value >= fair);
    const auto text = out.take(digits);
    for (std::size_t i = digits; i-- > 0; value /= 10)
      text[i] = static_cast<std::uint8_t>('0' + value % 10);
  });
}

bool is_long_enough(const SecretText& passcode) noexcept {
  const auto utf8 = passcode.expose();
  return std::count_if(utf8.begin(), utf8.end(), [](std::uint8_t byte) {
           return (byte & 0xC0U) != 0x80U;
         }) >= std::ptrdiff_t{digits};
}

Result<std::string> shl_passcode_hash(const SecretText& passcode, Random& random) {
  if (!is_passcode(passcode)) return errc::malformed;
  const NfcText text{passcode.expose()};
  std::array<std::uint8_t, crypto_pwhash_argon2id_SALTBYTES> salt{};
  random.fill(salt);
  std::array<std::uint8_t, 32> hash{};
  if (::crypto_pwhash(hash.data(), hash.size(), reinterpret_cast<const char*>(text.view().data()),
                      text.view().size(), salt.data(), passes, memory,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
    return errc::not_enough_memory;
  return "$argon2id$v=19$m=" + std::to_string(memory / 1024) + ",t=" + std::to_string(passes) +
         ",p=1$" + unpadded_base64(salt) + "$" + unpadded_base64(hash);
}

Result<Bytes> shl_manifest_request(std::string_view recipient, const SecretText* passcode,
                                   std::size_t embedded_length_max) {
  if (passcode != nullptr && !is_passcode(*passcode)) return errc::malformed;
  Bytes body;
  // Once, so that growing leaves no copy of the passcode behind.
  body.reserve(6 * recipient.size() + 2 * longest_passcode * 3 + 128);
  const auto add = [&](std::string_view text) { append(body, as_bytes(text)); };
  add("{\"recipient\":");
  add(boost::json::serialize(boost::json::string{recipient.data(), recipient.size()}));
  add(",\"embeddedLengthMax\":" + std::to_string(embedded_length_max));
  if (passcode != nullptr) {
    add(",\"passcode\":\"");
    const NfcText text{passcode->expose()};
    for (const std::uint8_t c : text.view()) {
      if (c == '"' || c == '\\') body.push_back('\\');
      body.push_back(c);
    }
    add("\"");
  }
  add("}");
  return body;
}

}  // namespace coffret::crypto
