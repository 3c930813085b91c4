// SPDX-License-Identifier: EUPL-1.2
//
// Property: an invite, or a server's address, that is accepted is written again as the very text
// that was read.
#include <cstdlib>

#include "sync/protocol/card.hpp"
#include "sync/protocol/url.hpp"

using namespace coffret;
using namespace coffret::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  if (const auto invite = parse_invite(text); invite.has_value())
    if (format_invite(*invite) != text) std::abort();
  if (const auto url = parse_server_url(text); url.has_value()) {
    if (format_server_url(*url) != text) std::abort();
    if (!url->tls && url->host != "::1" && !url->host.starts_with("127.")) std::abort();
  }
  return 0;
}
