// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/passphrase.hpp"

#include <sodium.h>
#include <utf8proc.h>

#include <algorithm>

#include "coffret/utf8.hpp"
#include "vault/crypto/passphrase_strength.hpp"
#include "vault/crypto/words.hpp"

namespace coffret::crypto {
namespace {

constexpr auto compose = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);  // NFC

utf8proc_ssize_t decompose(ByteView text, std::int32_t* into, std::size_t count) {
  return ::utf8proc_decompose(text.data(), static_cast<utf8proc_ssize_t>(text.size()), into,
                              static_cast<utf8proc_ssize_t>(count), compose);
}

// Room for every code point and the zero that utf8proc ends its text with; or for the bytes.
std::size_t room(ByteView text) {
  const auto points = decompose(text, nullptr, 0);
  return std::max(text.size() / sizeof(std::int32_t),
                  static_cast<std::size_t>(std::max<utf8proc_ssize_t>(points, 0))) +
         1;
}

}  // namespace

NfcText::NfcText(ByteView text) : space_(room(text)) {
  const auto points = decompose(text, space_.data(), space_.size());
  if (points >= 0) {
    const auto size = ::utf8proc_reencode(space_.data(), points, compose);
    size_ = static_cast<std::size_t>(std::max<utf8proc_ssize_t>(size, 0));
  } else {
    std::copy(text.begin(), text.end(), reinterpret_cast<std::uint8_t*>(space_.data()));
    size_ = text.size();
  }
}

bool argon2id(std::span<std::uint8_t, 64> out, ByteView text, Salt salt, const Argon2Cost& cost) {
  static_assert(crypto_pwhash_argon2id_SALTBYTES == Salt::extent);
  return ::crypto_pwhash_argon2id(out.data(), out.size(),
                                  reinterpret_cast<const char*>(text.data()), text.size(),
                                  salt.data(), cost.passes, std::size_t{cost.memory_kib} * 1024,
                                  crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0;
}

std::vector<Argon2Cost> cost_ladder(const CostPolicy& policy) {
  std::vector<Argon2Cost> ladder{policy.stated};
  while (ladder.back().memory_kib > policy.floor.memory_kib) {
    const Argon2Cost& above = ladder.back();
    ladder.push_back({std::max(above.memory_kib / 2, policy.floor.memory_kib),
                      std::min(above.passes * 2, policy.ceiling.passes)});
  }
  return ladder;
}

bool accepts(const CostPolicy& policy, const Argon2Cost& cost) noexcept {
  return cost.memory_kib >= policy.floor.memory_kib && cost.passes >= policy.floor.passes &&
         cost.memory_kib <= policy.ceiling.memory_kib && cost.passes <= policy.ceiling.passes;
}

namespace {

constexpr std::size_t most_judged = 256;  // characters; more add nothing to the judgement
constexpr std::size_t suggested_words = 6;

// The characters of a passphrase in NFC; its bytes where it is no UTF-8.
class Characters {
 public:
  explicit Characters(ByteView text) : points_(std::min(text.size(), most_judged) + 1) {
    auto rest = as_text(text);
    for (; !rest.empty(); ++count_) {
      const auto next = next_character(rest);
      if (count_ < most_judged)
        points_.data()[count_] =
            next.length == 0 ? static_cast<std::uint8_t>(rest.front()) : next.value;
      rest.remove_prefix(std::max<std::size_t>(next.length, 1));
    }
  }
  std::size_t count() const noexcept { return count_; }

  // Those that tell something new: no pair of neighbours again, no further step of a run.
  unsigned telling() const noexcept {
    const auto judged = std::min(count_, most_judged);
    unsigned telling = judged == 0 ? 0 : 1;
    for (std::size_t i = 1; i < judged; ++i)
      if (!repeats(i) && !runs(i)) ++telling;
    return telling;
  }
  bool letters_alone() const noexcept {
    for (std::size_t i = 0; i < std::min(count_, most_judged); ++i)
      if (!is_letter(at(i))) return false;
    return true;
  }

 private:
  char32_t at(std::size_t i) const noexcept { return points_.data()[i]; }
  // Beyond ASCII all count as letters: most are, and the judgement stays from below.
  static bool is_letter(char32_t c) noexcept {
    return c == ' ' || c > 0x7f || ((c | 0x20U) >= 'a' && (c | 0x20U) <= 'z');
  }
  bool repeats(std::size_t i) const noexcept {
    for (std::size_t j = 1; j < i; ++j)
      if (at(j - 1) == at(i - 1) && at(j) == at(i)) return true;
    return false;
  }
  bool runs(std::size_t i) const noexcept {
    if (i < 2) return false;
    const auto step = at(i) - at(i - 1);  // wraps below zero, on both sides alike
    return step == at(i - 1) - at(i - 2) && (step + 1) <= 2;
  }

  WipedVector<char32_t> points_;
  std::size_t count_ = 0;
};

}  // namespace

PassphraseStrength strength_of(const SecretText& passphrase) {
  const NfcText text{passphrase.expose()};
  const Characters characters{text.view()};
  if (characters.count() < shortest_passphrase) return PassphraseStrength::too_short;
  const unsigned each = characters.letters_alone() ? 2 : 3;  // bits
  return characters.telling() * each < good_passphrase_bits ? PassphraseStrength::weak
                                                            : PassphraseStrength::good;
}

SecretText suggested_passphrase(Random& random) {
  Wiped<suggested_words> drawn;
  random.fill(drawn.space());
  return make_secret_text([&](SecretWriter& writer) {
    for (std::size_t i = 0; i < suggested_words; ++i) {
      if (i > 0) writer << " ";
      writer << words.at(drawn.view()[i]);
    }
  });
}

}  // namespace coffret::crypto
