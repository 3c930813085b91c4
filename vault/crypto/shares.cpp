// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/shares.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "vault/crypto/kdf.hpp"
#include "vault/crypto/recovery_key.hpp"
#include "vault/crypto/recovery_lines.hpp"
#include "vault/crypto/secret_encoding.hpp"

namespace coffret::crypto {

namespace gf256 {

// Without tables: which line of a cache is touched would tell.
std::uint8_t multiply(std::uint8_t a, std::uint8_t b) noexcept {
  unsigned x = a;
  unsigned product = 0;
  for (unsigned bit = 0; bit < 8; ++bit) {
    product ^= x & (0U - ((static_cast<unsigned>(b) >> bit) & 1U));
    x = (x << 1) ^ (0x11bU & (0U - (x >> 7)));  // modulo x^8 + x^4 + x^3 + x + 1
  }
  return static_cast<std::uint8_t>(product);
}

// a^254: the group has 255 elements.
std::uint8_t inverse(std::uint8_t a) noexcept {
  std::uint8_t power = a;
  std::uint8_t result = 1;
  for (unsigned exponent = 254; exponent > 0; exponent >>= 1) {
    if ((exponent & 1U) != 0) result = multiply(result, power);
    power = multiply(power, power);
  }
  return result;
}

}  // namespace gf256

namespace {

constexpr std::string_view form = "1";
constexpr std::size_t head_size = 3;  // bytes: split id, number
constexpr std::size_t share_size = head_size + 32;
constexpr std::size_t share_digits = share_size * 8 / 5;
static_assert(share_size * 8 % 5 == 0);

using SplitId = std::array<std::uint8_t, 2>;

struct Share {
  SplitId split{};
  std::uint8_t number = 0;
  Wiped<32> value;
};

KeyCheck check_of(ByteView share) {
  KeyCheck check{};
  derive(check, KeyView{share.subspan(head_size)}, "coffret.share..1", {share.first(head_size)});
  return check;
}

void write_share(SecretWriter& out, ByteView share) {
  Wiped<share_digits + check_digits> digits;
  write_base32(digits.space(), share);
  write_check_group(digits.space().last<check_digits>(), check_of(share));
  for (std::size_t at = 0; at < share_digits + check_digits; at += group_digits) {
    if (at > 0) out << "-";
    out << as_text(digits.view().subspan(at, group_digits));
  }
}

Result<void> read_share(ByteView text, Share& share) {
  Wiped<share_digits + check_digits> digits;
  std::size_t count = 0;
  while (!text.empty() && count < share_digits + check_digits) {
    if (!is_separator(text[0])) digits.space()[count++] = repaired(text[0]);
    text = text.subspan(1);
  }
  Wiped<share_size> bytes;
  if (count < share_digits + check_digits ||
      !read_base32(bytes.space(), digits.view().first<share_digits>()))
    return errc::wrong_recovery_key;
  const auto check = check_of(bytes.view());
  std::array<std::uint8_t, check_digits> expected{};
  write_check_group(expected, check);
  const auto typed = digits.view().last<check_digits>();
  if (!std::equal(typed.begin(), typed.end(), expected.begin())) return errc::wrong_recovery_key;
  const bool bare = std::all_of(text.begin(), text.end(), is_separator);
  if (!bare && !same_words(text, words_of(check))) return errc::wrong_recovery_key;
  std::copy_n(bytes.data(), 2, share.split.begin());
  share.number = bytes.data()[2];
  if (share.number < 1 || share.number > share_count) return errc::wrong_recovery_key;
  std::copy_n(bytes.data() + head_size, 32, share.value.data());
  return {};
}

// The facts, where it is a file.
Result<std::optional<RecoveryFacts>> read_any(const SecretText& text, Share& share) {
  const auto whole = as_text(text.expose());
  if (!whole.starts_with("coffret-share:")) {
    COFFRET_CHECK(read_share(text.expose(), share));
    return std::optional<RecoveryFacts>{};
  }
  COFFRET_TRY(const auto lines, read_lines(whole));
  if (value_of(lines, "coffret-share") != form) return errc::other_version;
  COFFRET_TRY(auto facts, read_facts(lines));
  COFFRET_CHECK(read_share(as_bytes(value_of(lines, "key")), share));
  const auto words = value_of(lines, "check");
  Wiped<share_size> bytes;
  std::copy_n(share.split.begin(), 2, bytes.data());
  bytes.data()[2] = share.number;
  std::copy_n(share.value.data(), 32, bytes.data() + head_size);
  if (!words.empty() && !same_words(as_bytes(words), words_of(check_of(bytes.view()))))
    return errc::wrong_recovery_key;
  return std::optional{std::move(facts)};
}

SecretText share_file(ByteView share, const RecoveryFacts& facts) {
  return make_secret_text([&](SecretWriter& out) {
    out << "coffret-share: " << form << "\npart: " << std::to_string(share[2])
        << "\nvault: " << facts.vault.text() << "\nkey: ";
    write_share(out, share);
    out << "\ncheck: " << words_of(check_of(share));
    write_facts(out, facts);
  });
}

}  // namespace

std::array<SecretText, share_count> split_recovery(const RecoverySeed& seed,
                                                   const RecoveryFacts& facts, Random& random) {
  SplitId split{};
  random.fill(split);
  Wiped<32> slope;
  random.fill(slope.space());
  const auto share = [&](std::uint8_t number) {
    Wiped<share_size> bytes;
    std::copy(split.begin(), split.end(), bytes.data());
    bytes.data()[2] = number;
    const auto secret = seed.expose();
    for (std::size_t i = 0; i < 32; ++i)
      bytes.data()[head_size + i] =
          static_cast<std::uint8_t>(secret[i] ^ gf256::multiply(slope.data()[i], number));
    return share_file(bytes.view(), facts);
  };
  return {share(1), share(2), share(3)};
}

Result<CombinedKey> combine_shares(const SecretText& one, const SecretText& other) {
  Share a;
  Share b;
  COFFRET_TRY(auto facts, read_any(one, a));
  COFFRET_TRY(auto more, read_any(other, b));
  if (a.split != b.split) return errc::wrong_recovery_key;
  if (facts && more && facts->vault != more->vault) return errc::wrong_recovery_key;
  if (a.number == b.number) return errc::conflict;
  // The line through both points, at 0 (Lagrange).
  const auto under = gf256::inverse(static_cast<std::uint8_t>(a.number ^ b.number));
  auto seed = RecoverySeed::make([&](auto out) {
    for (std::size_t i = 0; i < 32; ++i)
      out[i] = gf256::multiply(
          under, static_cast<std::uint8_t>(gf256::multiply(a.value.data()[i], b.number) ^
                                           gf256::multiply(b.value.data()[i], a.number)));
  });
  if (!facts) facts = std::move(more);
  return CombinedKey{std::move(seed), std::move(facts)};
}

}  // namespace coffret::crypto
