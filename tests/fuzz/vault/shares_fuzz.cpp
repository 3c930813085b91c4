// SPDX-License-Identifier: EUPL-1.2
//
// Input: a share's text or file. Property: what combines with a known share of the same split is a
// share whose every character is fixed by its check, so the key is the one that was split; nothing
// else combines. A mistyped key's slip is found without harm.
#include <algorithm>
#include <cstdlib>

#include "tests/support/keys.hpp"
#include "vault/crypto/recovery_slip.hpp"
#include "vault/crypto/shares.hpp"

using namespace coffret;
using namespace coffret::crypto;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto seed = test::counting_key<RecoverySeed>(64);
  static const auto shares = [] {
    RecoveryFacts facts;
    facts.date = "2026-11-28T16:00:00Z";
    test::CountingRandom random{11};
    return split_recovery(seed, facts, random);
  }();
  const auto text = test::secret_text(as_text({data, size}));
  if (size < 200) (void)find_slip(text);
  const auto combined = combine_shares(shares[0], text);
  if (combined.has_error()) return 0;
  // A share of its own the fuzzer could make only by finding its check.
  const auto a = test::shown(combined->seed);
  const auto b = test::shown(seed);
  if (!std::equal(a.begin(), a.end(), b.begin(), b.end())) std::abort();
  return 0;
}
