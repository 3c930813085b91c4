// SPDX-License-Identifier: EUPL-1.2
//
// Property: a caregiver's code that is read, written again and read again is the same; bytes that
// nobody sealed open as no key; a state that is read is encoded again to the same bytes.
#include <algorithm>
#include <cstdlib>

#include "tests/support/keys.hpp"
#include "vault/crypto/caregiver.hpp"
#include "vault/redeem/caregiver.hpp"

using namespace coffret;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  const auto key = test::counting_key<crypto::AgreementKey>(1);
  const auto link = test::counting_id<LinkId>(40);
  if (crypto::open_key_jwe(key, link, {to_bytes(bytes)}).has_value()) std::abort();
  if (const auto state = redeem::decode_caregiver_state(bytes); state.has_value())
    if (!std::ranges::equal(wire::encode(*state), bytes)) std::abort();
  if (size > SecretText::max_size) return 0;
  const auto code = crypto::parse_caregiver_code(test::secret_text(as_text(bytes)));
  if (code.has_error()) return 0;
  const auto again = crypto::parse_caregiver_code(crypto::caregiver_code(*code));
  if (again.has_error() || again->card != code->card ||
      test::shown(again->secret) != test::shown(code->secret))
    std::abort();
  return 0;
}
