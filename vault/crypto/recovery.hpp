// SPDX-License-Identifier: EUPL-1.2
//
// recovery.hpp: the recovery seed as people write it (vault/DESIGN.md §6) and the recovery file
// ("name: value" a line).
//
// Errors: wrong_recovery_key (a mistake anywhere in the key or its check words), malformed (the
// file), other_version (the file).
// Threads: pure functions.
#ifndef COFFRET_VAULT_CRYPTO_RECOVERY_HPP
#define COFFRET_VAULT_CRYPTO_RECOVERY_HPP

#include <optional>
#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "vault/crypto/keys.hpp"

namespace coffret::crypto {

// The four check words, separated by spaces. Not secret: 32 bits of a hash of the seed, shown by
// `init` as recovery_key_check.
std::string check_words(const RecoverySeed& seed);

// The printable key: groups, then the check words. The result holds the whole secret.
SecretText recovery_text(const RecoverySeed& seed);

// Groups with or without check words, dashes and white space anywhere, either case. The digits 0, 1
// and 8, which no key contains, are read as the letters they look like: O, I and B.
Result<RecoverySeed> parse_recovery_text(const SecretText& text);

// A server's fingerprint as cards, invitations and sheets show it (base64url), or as sheets of
// before spelled it (Id::text). Errors: malformed.
Result<Fingerprint> parse_fingerprint(std::string_view text);

// What else a recovery file says.
struct RecoveryFacts {
  VaultId vault;
  std::string server_url;  // empty: joined to none; at most 1024 printable ASCII characters
  std::optional<Fingerprint> server_fingerprint;
  std::uint64_t seq = 0;  // the log's head when the sheet was made
  EntryHash head;
  std::string date;  // RFC 3339, as time.hpp writes it
  bool operator==(const RecoveryFacts&) const = default;
};

// The whole file of `--recovery-out`, in the lines' order: coffret-recovery: 1, vault, key, check,
// server, fingerprint (these two only where there is one), seq, head, date. The result holds the
// secret. Precondition: facts keep the limits above.
SecretText recovery_file(const RecoverySeed& seed, const RecoveryFacts& facts);

struct RecoverySheet {
  RecoverySeed seed;
  RecoveryFacts facts;
};
// Unknown names are ignored, a name twice is refused.
Result<RecoverySheet> parse_recovery_file(const SecretText& file);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_RECOVERY_HPP
