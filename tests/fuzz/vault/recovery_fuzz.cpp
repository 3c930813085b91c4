// SPDX-License-Identifier: EUPL-1.2
//
// Input: a recovery key as typed, and as a recovery file. Properties: what was read, written again
// and read again is the same, and writing is then stable; a key that is read holds its 52 digits.
#include <cstdlib>

#include "tests/support/keys.hpp"
#include "vault/crypto/recovery.hpp"

using namespace coffret;
using namespace coffret::crypto;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > SecretText::max_size) return 0;
  const auto text = test::secret_text(as_text({data, size}));

  if (const auto seed = parse_recovery_text(text); seed.has_value()) {
    if (size < 56) std::abort();
    const auto again = parse_recovery_text(recovery_text(*seed));
    if (again.has_error() || test::shown(*again) != test::shown(*seed)) std::abort();
  } else if (seed.error() != errc::wrong_recovery_key) {
    std::abort();
  }

  if (const auto sheet = parse_recovery_file(text); sheet.has_value()) {
    const auto file = recovery_file(sheet->seed, sheet->facts);
    const auto again = parse_recovery_file(file);
    if (again.has_error() || again->facts != sheet->facts) std::abort();
    if (test::shown(again->seed) != test::shown(sheet->seed)) std::abort();
    if (test::shown(recovery_file(again->seed, again->facts)) != test::shown(file)) std::abort();
  }
  return 0;
}
