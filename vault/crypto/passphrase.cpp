// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/passphrase.hpp"

#include <sodium.h>
#include <utf8proc.h>

#include <algorithm>

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

}  // namespace coffret::crypto
