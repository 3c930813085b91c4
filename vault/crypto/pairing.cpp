// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/pairing.hpp"

#include <sodium.h>

#include <algorithm>

#include "coffret/ascii.hpp"
#include "coffret/encoding.hpp"
#include "vault/crypto/kdf.hpp"
#include "vault/crypto/secret_encoding.hpp"
#include "vault/crypto/words.hpp"

namespace coffret::crypto {
namespace {

constexpr std::string_view mark = "/#p1.";
constexpr std::string_view any_mark = "/#p";
constexpr std::size_t secret_digits = 32;  // base32 of 20 bytes
constexpr std::string_view check_label = "coffret.paircheck";
constexpr std::size_t longest_prefix = 400;  // bytes of address and fingerprint

using Digits = Wiped<secret_digits + code_check_digits>;

// One key for one purpose, from a secret that is shorter than a key.
void derived(KeySpace out, const PairingSecret& secret, std::string_view purpose) {
  hkdf32(out, secret.expose(), as_bytes("coffret pairing 1"), {as_bytes(purpose)});
}

}  // namespace

std::array<std::uint8_t, 16> pairing_id(const PairingSecret& secret) {
  Wiped<32> key;
  derived(key.space(), secret, "rendezvous");
  std::array<std::uint8_t, 16> id{};
  std::copy_n(key.data(), id.size(), id.begin());
  return id;
}

PairingMac pairing_mac(const PairingSecret& secret, std::uint8_t step, ByteView before,
                       ByteView message) {
  Wiped<32> key;
  derived(key.space(), secret, "messages");
  PairingMac mac{};
  derive(mac, key.view(), "coffret.pairing1", {ByteView{&step, 1}, before, message});
  return mac;
}

bool same_mac(const PairingMac& a, const PairingMac& b) noexcept {
  return equal(a, b);
}

std::string eight_words(ByteView what) {
  std::array<std::uint8_t, 32> hash{};
  (void)::crypto_generichash(hash.data(), hash.size(), what.data(), what.size(), nullptr, 0);
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i > 0) text += ' ';
    text += words[hash[i]];
  }
  return text;
}

bool are_check_words(std::string_view spoken) {
  constexpr std::string_view between = " \t\r\n-,";
  bool any = false;
  while (true) {
    spoken.remove_prefix(std::min(spoken.find_first_not_of(between), spoken.size()));
    if (spoken.empty()) return any;
    const auto word = ascii_lower(spoken.substr(0, spoken.find_first_of(between)));
    spoken.remove_prefix(word.size());
    if (!std::binary_search(words.begin(), words.end(), std::string_view{word})) return false;
    any = true;
  }
}

SecretText pairing_code(const PairingCode& code) {
  const std::string before = code.url + std::string{mark} + to_base64url(code.server.bytes) + ".";
  Digits digits;
  write_base32(digits.space().first<secret_digits>(), code.secret.expose());
  write_code_check(digits.space().last<code_check_digits>(), check_label, before,
                   digits.view().first<secret_digits>());
  return make_secret_text([&](SecretWriter& out) {
    out << before;
    write_groups(out, digits.view());
  });
}

Result<PairingCode> parse_pairing_code(const SecretText& text) {
  const auto line = trimmed(as_text(text.expose()));
  const auto at = line.find(mark);
  if (at == std::string_view::npos)
    return line.find(any_mark) == std::string_view::npos ? errc::wrong_passcode
                                                         : errc::other_version;
  const auto dot = line.find('.', at + mark.size());
  if (dot == std::string_view::npos || dot > longest_prefix) return errc::wrong_passcode;
  const std::string before{line.substr(0, dot + 1)};
  const auto print = from_base64url(line.substr(at + mark.size(), dot - at - mark.size()));
  if (print.has_error()) return errc::wrong_passcode;
  const auto server = Fingerprint::from(*print);
  if (server.has_error()) return errc::wrong_passcode;

  Digits digits;
  if (!read_groups(digits.space(), line.substr(dot + 1))) return errc::wrong_passcode;
  std::array<std::uint8_t, code_check_digits> expected{};
  write_code_check(expected, check_label, before, digits.view().first<secret_digits>());
  const auto typed = digits.view().last<code_check_digits>();
  if (!std::equal(typed.begin(), typed.end(), expected.begin())) return errc::wrong_passcode;
  bool good = false;
  auto secret = PairingSecret::make(
      [&](auto out) { good = read_base32(out, digits.view().first<secret_digits>()); });
  if (!good) return errc::wrong_passcode;
  return PairingCode{std::string{line.substr(0, at)}, *server, std::move(secret)};
}

}  // namespace coffret::crypto
