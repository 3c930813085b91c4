// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/backup_keys.hpp"

#include <doctest/doctest.h>

#include "tests/support/keys.hpp"

namespace coffret::crypto {
namespace {

using test::counting_id;
using test::counting_key;
using test::shown;

TEST_SUITE("vault/crypto/backup_keys") {
  TEST_CASE("the recovery identity is the key that every device knows the public half of") {
    const auto seed = counting_key<RecoverySeed>(64);
    const auto identity = recovery_identity(seed);
    CHECK(age_recipient(identity) == age_recipient(public_key(recovery_agreement_key(seed))));
    CHECK(shown(identity) == shown(recovery_agreement_key(seed)));
  }

  TEST_CASE("the vault's own identity is another for every vault and every epoch") {
    const auto key = counting_key<VaultKey>(1);
    const auto one = age_recipient(export_identity(key, counting_id<VaultId>(1), 1));
    CHECK(one != age_recipient(export_identity(key, counting_id<VaultId>(1), 2)));
    CHECK(one != age_recipient(export_identity(key, counting_id<VaultId>(2), 1)));
    CHECK(one == age_recipient(export_identity(key, counting_id<VaultId>(1), 1)));
  }

  TEST_CASE("an identity's text is read back, and is what the stock program writes") {
    for (unsigned first = 0; first < 256; first += 5) {
      const auto identity = counting_key<AgeIdentity>(static_cast<std::uint8_t>(first));
      const auto read = parse_age_identity(age_identity_text(identity));
      REQUIRE(read.has_value());
      CHECK(shown(*read) == shown(identity));
    }
    // Made with age-keygen 1.1.1.
    const auto* known =
        "AGE-SECRET-KEY-1EFVAY54J6FHZLSJVJHTLM2T7NNH69X8LUX3L3G4W0RXE0WGPLHXQLZNHV2";
    const auto parsed = parse_age_identity(test::secret_text(known));
    REQUIRE(parsed.has_value());
    CHECK(test::shown_text(age_identity_text(*parsed)) == known);
  }
}

}  // namespace
}  // namespace coffret::crypto
