// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/recovery.hpp"

#include <sodium.h>

#include <algorithm>

#include "vault/crypto/kdf.hpp"
#include "vault/crypto/recovery_key.hpp"
#include "vault/crypto/secret_encoding.hpp"
#include "vault/crypto/words.hpp"

namespace coffret::crypto {
namespace {

constexpr std::size_t seed_digits = 52;  // base32 of 32 bytes
constexpr std::size_t group = group_digits;

using Check = KeyCheck;

// Says nothing of the seed that a guesser of 256 bits could use.
Check check_of(KeyView seed) {
  Check check{};
  derive(check, seed, "coffret.check..1", {});
  return check;
}

std::uint8_t upper(std::uint8_t c) {
  return c >= 'a' && c <= 'z' ? static_cast<std::uint8_t>(c - 'a' + 'A') : c;
}

}  // namespace

std::string words_of(const Check& check) {
  std::string text;
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) text += ' ';
    text += words[check[i]];
  }
  return text;
}

void write_check_group(MutableByteView out, const Check& check) {
  std::array<std::uint8_t, 5> digits{};  // 24 bits give five; the fifth is not used
  write_base32(digits, ByteView{check}.subspan(4, 3));
  std::copy_n(digits.begin(), check_digits, out.begin());
}

bool is_separator(std::uint8_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '-';
}

std::uint8_t repaired(std::uint8_t c) {
  switch (c) {
    case '0':
      return 'O';
    case '1':
      return 'I';
    case '8':
      return 'B';
    default:
      return upper(c);
  }
}

bool same_words(ByteView typed, std::string_view expected) {
  const auto* next = expected.begin();
  for (const std::uint8_t c : typed) {
    if (is_separator(c)) continue;
    while (next != expected.end() && *next == ' ') ++next;
    if (next == expected.end() || upper(c) != upper(static_cast<std::uint8_t>(*next++)))
      return false;
  }
  return next == expected.end();
}

void write_key_groups(SecretWriter& out, const RecoverySeed& seed) {
  Wiped<seed_digits + check_digits> digits;
  write_base32(digits.space(), seed.expose());
  write_check_group(digits.space().last<check_digits>(), check_of(seed.expose()));
  for (std::size_t at = 0; at < seed_digits + check_digits; at += group) {
    if (at > 0) out << "-";
    out << as_text(digits.view().subspan(at, group));
  }
}

Result<RecoverySeed> read_key(ByteView text) {
  Wiped<seed_digits + check_digits> digits;
  std::size_t count = 0;
  while (!text.empty() && count < seed_digits + check_digits) {
    if (!is_separator(text[0])) digits.space()[count++] = repaired(text[0]);
    text = text.subspan(1);
  }
  Wiped<32> seed;
  if (count < seed_digits + check_digits) return errc::wrong_recovery_key;
  if (!read_base32(seed.space(), digits.view().first<seed_digits>()))
    return errc::wrong_recovery_key;

  const Check check = check_of(seed.view());
  std::array<std::uint8_t, check_digits> expected{};
  write_check_group(expected, check);
  const auto typed = digits.view().last<check_digits>();
  if (!std::equal(typed.begin(), typed.end(), expected.begin())) return errc::wrong_recovery_key;
  const bool bare = std::all_of(text.begin(), text.end(), is_separator);
  if (!bare && !same_words(text, words_of(check))) return errc::wrong_recovery_key;
  return RecoverySeed::make([&](auto out) { std::copy_n(seed.data(), out.size(), out.begin()); });
}

std::string check_words(const RecoverySeed& seed) {
  return words_of(check_of(seed.expose()));
}

SecretText recovery_text(const RecoverySeed& seed) {
  return make_secret_text([&](SecretWriter& out) {
    write_key_groups(out, seed);
    out << " " << check_words(seed);
  });
}

Result<RecoverySeed> parse_recovery_text(const SecretText& text) {
  return read_key(text.expose());
}

}  // namespace coffret::crypto
