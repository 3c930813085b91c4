// SPDX-License-Identifier: EUPL-1.2
//
// Input: a protected link. Property: a link has one spelling: what is read is written back as the
// very text, without the white space around it.
#include <cstdlib>

#include "tests/support/keys.hpp"
#include "vault/crypto/parcel.hpp"

using namespace coffret;
using namespace coffret::crypto;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > SecretText::max_size) return 0;
  std::string_view text = as_text({data, size});
  const auto link = parse_link(test::secret_text(text));
  if (link.has_error()) return 0;

  constexpr std::string_view space = " \t\r\n";
  text.remove_prefix(text.find_first_not_of(space));
  text = text.substr(0, text.find_last_not_of(space) + 1);
  if (test::shown_text(format_link(*link)) != text) std::abort();
  if (link->base_url.find_first_of("@#?\\ ") != std::string::npos) std::abort();
  return 0;
}
