// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/page_tokens.hpp"

#include <algorithm>

#include "coffret/encoding.hpp"
#include "vault/crypto/digest.hpp"

namespace coffret::daemon {
namespace {

std::array<std::uint8_t, 32> hash_of(std::string_view text) {
  return crypto::blake2b_256(as_bytes(text));
}

}  // namespace

std::string PageTokens::fresh(Hash& hash) {
  std::array<std::uint8_t, 32> bytes{};
  random_.fill(bytes);
  auto text = to_base64url(bytes);
  hash = hash_of(text);
  return text;
}

// A clock that was put back makes nothing live longer than its time.
bool PageTokens::over(const Token& token) const {
  const auto now = clock_.now();
  return idle_ > Seconds{0} && (now >= token.used + idle_ || now < token.used);
}

// Only hashes of unguessable texts are compared: how long it takes tells nothing.
const PageTokens::Token* PageTokens::find(std::string_view text) const {
  const auto hash = hash_of(text);
  const auto found = std::find_if(tokens_.begin(), tokens_.end(),
                                  [&](const Token& token) { return token.hash == hash; });
  return found == tokens_.end() || over(*found) ? nullptr : &*found;
}

std::string PageTokens::issue() {
  const std::lock_guard guard{mutex_};
  Token code{};
  auto text = fresh(code.hash);
  code.used = clock_.now();
  code_ = code;
  return text;
}

bool PageTokens::awaits_exchange() const {
  const std::lock_guard guard{mutex_};
  const auto now = clock_.now();
  return code_ && now >= code_->used && now < code_->used + code_lifetime;
}

Result<std::string> PageTokens::exchange(std::string_view code) {
  const bool in_time = awaits_exchange();
  const std::lock_guard guard{mutex_};
  if (!in_time || !code_ || code_->hash != hash_of(code)) return errc::denied;
  code_.reset();
  if (tokens_.size() == max_page_tokens)
    tokens_.erase(std::min_element(tokens_.begin(), tokens_.end(),
                                   [](const Token& a, const Token& b) { return a.used < b.used; }));
  Token token{};
  auto text = fresh(token.hash);
  token.used = clock_.now();
  tokens_.push_back(token);
  return text;
}

Result<void> PageTokens::check(std::string_view token, bool use) {
  const std::lock_guard guard{mutex_};
  const auto* found = find(token);
  if (found == nullptr) return errc::denied;
  if (use) tokens_[static_cast<std::size_t>(found - tokens_.data())].used = clock_.now();
  return {};
}

std::optional<Seconds> PageTokens::left(std::string_view token) const {
  const std::lock_guard guard{mutex_};
  const auto* found = find(token);
  if (found == nullptr || idle_ == Seconds{0}) return std::nullopt;
  return found->used + idle_ - clock_.now();
}

void PageTokens::see(bool locked) {
  const std::lock_guard guard{mutex_};
  if (open_ && locked) {
    tokens_.clear();
    code_.reset();
  }
  open_ = !locked;
}

}  // namespace coffret::daemon
