// SPDX-License-Identifier: EUPL-1.2
//
// Property: whatever JSON an identity signs as its card, what is accepted of it is within the
// limits and, signed again, is accepted again with the same meaning. The bytes themselves are never
// accepted as a JWS unless their own key signed them.
#include <cstdlib>

#include "sync/protocol/card.hpp"
#include "sync/protocol/signature.hpp"
#include "sync/protocol/text.hpp"
#include "tests/support/test_signer.hpp"

using namespace coffret;
using namespace coffret::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::TestSigner identity{1};
  static const Fingerprint pinned = fingerprint(identity.public_key());
  const auto text = as_text({data, size});

  if (const auto jws = verify_jws(text, "coffret-card+jwt", max_card_size); jws.has_value())
    if (jws->key == identity.public_key() &&
        sign_jws("coffret-card+jwt", jws->payload, identity) != text)
      std::abort();

  const auto read = verify_card(sign_jws("coffret-card+jwt", text, identity), pinned);
  if (read.has_error()) return 0;
  if (!is_plain_text(read->card.name) || read->card.spki.empty()) std::abort();
  const auto again = verify_card(sign_card(read->card, identity), pinned);
  if (again.has_error() || again->card != read->card) std::abort();
  return 0;
}
