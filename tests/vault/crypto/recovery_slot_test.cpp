// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/recovery_slot.hpp"

#include <doctest/doctest.h>

#include "tests/support/keys.hpp"

namespace coffret::crypto {
namespace {

using test::counting_id;
using test::counting_key;
using test::shown;

struct Slot {
  RecoverySeed seed = counting_key<RecoverySeed>(64);
  RecoverySlotFacts facts{{counting_id<VaultId>(1), counting_id<DeviceId>(2)},
                          public_key(recovery_agreement_key(seed))};
  test::CountingRandom random{9};
  LocalSecrets secrets = make_local_secrets(random);
  Bytes file = *make_recovery_slot(facts, secrets, random);
};

TEST_SUITE("vault/crypto/recovery_slot") {
  TEST_CASE("the sheet's seed opens the device's own keys, and another seed none") {
    Slot slot;
    const auto opened = open_recovery_slot(slot.file, slot.seed);
    REQUIRE(opened.has_value());
    CHECK(opened->owner == slot.facts.owner);
    CHECK(opened->secrets.epoch == slot.secrets.epoch);
    CHECK(shown(opened->secrets.vault_key) == shown(slot.secrets.vault_key));
    CHECK(shown(opened->secrets.signing_seed) == shown(slot.secrets.signing_seed));
    CHECK(shown(opened->secrets.agreement_key) == shown(slot.secrets.agreement_key));
    CHECK(shown(opened->secrets.store_key) == shown(slot.secrets.store_key));
    CHECK(open_recovery_slot(slot.file, counting_key<RecoverySeed>(65)).error() ==
          errc::wrong_recovery_key);
    CHECK(*recovery_slot_facts(slot.file) == slot.facts);
  }

  TEST_CASE("no byte of it can be changed, none taken away, none added") {
    Slot slot;
    for (std::size_t at = 0; at < slot.file.size(); ++at) {
      CAPTURE(at);
      auto bad = slot.file;
      bad[at] ^= 1;
      CHECK(open_recovery_slot(bad, slot.seed).has_error());
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{8}, slot.file.size() - 1}) {
      const auto cut = open_recovery_slot(ByteView{slot.file}.first(size), slot.seed);
      REQUIRE(cut.has_error());
      CHECK(cut.error() == errc::damaged);
    }
    auto longer = slot.file;
    longer.push_back(0);
    CHECK(open_recovery_slot(longer, slot.seed).has_error());
  }
}

}  // namespace
}  // namespace coffret::crypto
