// SPDX-License-Identifier: EUPL-1.2
//
// Input: a pairing code as typed, and the messages of a conversation. Properties: a code that is
// read, written again and read again is the same; no message is believed without the secret's MAC;
// a record that is accepted is encoded again to the same bytes.
#include <algorithm>
#include <cstdlib>

#include "tests/support/keys.hpp"
#include "vault/daemon/pairing.hpp"

using namespace coffret;
using namespace coffret::daemon;

namespace {

void judge(const auto& record, ByteView bytes) {
  if (record.has_value() && !std::ranges::equal(wire::encode(*record), bytes)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  judge(decode_hello(bytes), bytes);
  judge(decode_state(bytes), bytes);
  judge(decode_result(bytes), bytes);

  Conversation talk{test::counting_key<crypto::PairingSecret>(1)};
  for (const auto step : {protocol::PairingStep::hello, protocol::PairingStep::state})
    if (talk.hear(step, bytes).has_value()) std::abort();

  if (size > SecretText::max_size) return 0;
  const auto code = crypto::parse_pairing_code(test::secret_text(as_text(bytes)));
  if (code.has_error()) return 0;
  const auto again = crypto::parse_pairing_code(crypto::pairing_code(*code));
  if (again.has_error() || again->url != code->url || again->server != code->server ||
      test::shown(again->secret) != test::shown(code->secret))
    std::abort();
  return 0;
}
