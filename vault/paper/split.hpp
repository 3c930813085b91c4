// SPDX-License-Identifier: EUPL-1.2
//
// split.hpp: the three share files of a recovery key, from what the person holds.
//
// Errors: wrong_recovery_key, malformed, other_version.
#ifndef COFFRET_VAULT_PAPER_SPLIT_HPP
#define COFFRET_VAULT_PAPER_SPLIT_HPP

#include <array>
#include <optional>
#include <string>

#include "coffret/random.hpp"
#include "coffret/time.hpp"
#include "vault/crypto/shares.hpp"

namespace coffret::paper {

// Where the vault is, as the vault itself says it: newer than what an old recovery file does.
struct VaultPlace {
  VaultId vault;
  std::string server_url;  // empty: joined to none
  std::optional<Fingerprint> server_fingerprint;
};

// `recovery`: a recovery file, or the bare key; then `now` is the date that the shares bear. The
// head stays the file's: every backup that the file takes, its shares take too.
Result<std::array<SecretText, crypto::share_count>> share_files(
    const SecretText& recovery, Timestamp now, Random& random,
    const std::optional<VaultPlace>& place = std::nullopt);

}  // namespace coffret::paper

#endif  // COFFRET_VAULT_PAPER_SPLIT_HPP
