// SPDX-License-Identifier: EUPL-1.2
//
// Property: a note that is accepted is exactly what the identity signs for that checkpoint.
#include <cstdlib>

#include "sync/protocol/merkle.hpp"
#include "tests/support/test_signer.hpp"

using namespace coffret;
using namespace coffret::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::TestSigner identity{1};
  const auto text = as_text({data, size});
  // The note may name any log: the origin asked for is the one it claims.
  const auto origin = text.substr(0, text.find('\n'));
  const auto read = verify_checkpoint(text, origin, identity.public_key());
  if (read.has_value() && sign_checkpoint(*read, identity) != text) std::abort();
  return 0;
}
