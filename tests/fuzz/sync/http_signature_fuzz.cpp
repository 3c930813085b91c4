// SPDX-License-Identifier: EUPL-1.2
//
// Input: five lines: target, Content-Digest, Coffret-Server, Signature-Input, Signature.
// Property: only the fields that signing gave are accepted. One seed is the answer of sign_request
// for a key the target knows; whatever differs from it in a byte must be refused.
#include <array>
#include <cstdlib>

#include "sync/protocol/http_signature.hpp"
#include "sync/protocol/signature.hpp"
#include "tests/support/test_signer.hpp"

using namespace coffret;
using namespace coffret::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::TestSigner signer{1};
  static const Timestamp now = from_unix(1'764'000'000);
  std::string_view rest = as_text({data, size});
  std::array<std::string, 5> lines;
  for (auto& line : lines) {
    const auto end = std::min(rest.find('\n'), rest.size());
    line = std::string{rest.substr(0, end)};
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const SignedParts parts{"GET", lines[0], {}, fingerprint(signer.public_key())};
  const SignatureFields fields{lines[1], lines[2], lines[3], lines[4]};
  const auto read = verify_request(parts, fields, now);
  if (read.has_error()) return 0;
  if (read->key != signer.public_key()) return 0;  // signed by a key of the input's own
  const auto again = sign_request(parts, read->created, read->nonce, signer);
  if (again.content_digest != fields.content_digest || again.server != fields.server ||
      again.signature_input != fields.signature_input || again.signature != fields.signature)
    std::abort();
  return 0;
}
