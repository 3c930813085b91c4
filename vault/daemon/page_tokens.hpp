// SPDX-License-Identifier: EUPL-1.2
//
// page_tokens.hpp: who may speak to the page's API: a one-time code, changed for a bearer token.
//
// Flow: issue() -> (redirect file, fragment of an address) -> exchange() -> check() with each
// request, until the token is idle for too long, or the vault is locked: then all are forgotten.
// Only hashes are kept. Codes and tokens are 256 random bits, base64url.
//
// Units: seconds. Errors: denied, whatever is wrong with a code or a token.
// Ownership: borrows the clock and the randomness. Threads: any.
#ifndef COFFRET_VAULT_DAEMON_PAGE_TOKENS_HPP
#define COFFRET_VAULT_DAEMON_PAGE_TOKENS_HPP

#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/random.hpp"
#include "coffret/time.hpp"

namespace coffret::daemon {

inline constexpr Seconds code_lifetime{30};
inline constexpr std::size_t max_page_tokens = 8;  // the one unused longest goes first

class PageTokens {
 public:
  // `idle`: how long a token lives without use; zero: until the vault is locked.
  PageTokens(const Clock& clock, Random& random, Seconds idle)
      : clock_(clock), random_(random), idle_(idle) {}

  // A code that works once, within code_lifetime. Those before it no longer work.
  std::string issue();
  // Whether a code that was issued still works.
  bool awaits_exchange() const;
  Result<std::string> exchange(std::string_view code);

  // `use`: this request is a person's, and keeps the token alive.
  Result<void> check(std::string_view token, bool use);
  // Seconds until the token is idle for too long; null when it never is.
  std::optional<Seconds> left(std::string_view token) const;

  // Told whether the vault is locked: the moment it becomes so, every token and code ends.
  void see(bool locked);

 private:
  using Hash = std::array<std::uint8_t, 32>;
  struct Token {
    Hash hash;
    Timestamp used;
  };

  std::string fresh(Hash& hash);
  bool over(const Token& token) const;
  const Token* find(std::string_view text) const;

  const Clock& clock_;
  Random& random_;
  const Seconds idle_;
  mutable std::mutex mutex_;
  std::optional<Token> code_;
  std::vector<Token> tokens_;
  bool open_ = false;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_PAGE_TOKENS_HPP
