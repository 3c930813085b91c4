// SPDX-License-Identifier: EUPL-1.2
//
// Input: the JSON of a SMART Health Link when it begins with '{', else the whole link. Property:
// what is read keeps the standard's limits, and written and read again is the same.
#include <cstdlib>

#include "coffret/encoding.hpp"
#include "tests/support/keys.hpp"
#include "vault/crypto/parcel.hpp"

using namespace coffret;
using namespace coffret::crypto;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text = to_text({data, size});
  if (text.starts_with('{')) text = "shlink:/" + to_base64url(as_bytes(text));
  if (text.size() > SecretText::max_size) return 0;
  const auto link = parse_shl(test::secret_text(text));
  if (link.has_error()) return 0;

  if (link->url.size() > 128 || link->version != 1) std::abort();
  if (link->flag.find_first_not_of("LPU") != std::string::npos) std::abort();
  const auto again = parse_shl(format_shl(*link, "https://viewer.example/#"));
  if (again.has_error()) std::abort();
  if (again->url != link->url || again->expires_at != link->expires_at ||
      again->flag != link->flag || again->label != link->label)
    std::abort();
  if (test::shown(again->key) != test::shown(link->key)) std::abort();
  return 0;
}
