// SPDX-License-Identifier: EUPL-1.2
#include "vault/paper/split.hpp"

#include "vault/crypto/handover.hpp"

namespace coffret::paper {

namespace {

void fill(crypto::RecoveryFacts& facts, const std::optional<VaultPlace>& place) {
  if (!place) return;
  facts.vault = place->vault;
  if (place->server_url.empty()) return;
  facts.server_url = place->server_url;
  facts.server_fingerprint = place->server_fingerprint;
}

}  // namespace

Result<std::array<SecretText, crypto::share_count>> share_files(
    const SecretText& recovery, Timestamp now, Random& random,
    const std::optional<VaultPlace>& place) {
  const bool is_file = crypto::hand_over(
      recovery, [](ByteView text) { return as_text(text).starts_with("coffret-recovery:"); });
  if (is_file) {
    COFFRET_TRY(auto sheet, crypto::parse_recovery_file(recovery));
    fill(sheet.facts, place);
    return crypto::split_recovery(sheet.seed, sheet.facts, random);
  }
  COFFRET_TRY(const auto seed, crypto::parse_recovery_text(recovery));
  crypto::RecoveryFacts facts;
  facts.date = to_rfc3339(now);
  fill(facts, place);
  return crypto::split_recovery(seed, facts, random);
}

}  // namespace coffret::paper
