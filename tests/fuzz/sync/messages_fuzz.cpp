// SPDX-License-Identifier: EUPL-1.2
//
// Property: a message that is accepted, written and read again, means the same, and is then written
// the same: the written form is a fixed point.
#include <cstdlib>

#include "sync/protocol/deposit.hpp"
#include "sync/protocol/link_messages.hpp"
#include "sync/protocol/status.hpp"
#include "sync/protocol/text.hpp"

using namespace coffret;
using namespace coffret::protocol;

namespace {

template <class Message>
void check(ByteView text) {
  const auto read = from_json<Message>(text);
  if (read.has_error()) return;
  const std::string written = to_json(*read);
  const auto again = from_json<Message>(as_bytes(written));
  // Escapes may make a written text longer than the limit of what is read; nothing else may fail.
  if (again.has_error()) {
    if (again.error() != errc::too_large) std::abort();
    return;
  }
  if (!(*again == *read) || to_json(*again) != written) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView text{data, size};
  check<AccountRequest>(text);
  check<AccountAnswer>(text);
  check<DeviceRequest>(text);
  check<VaultAnswer>(text);
  check<VaultStatus>(text);
  check<HeadAnswer>(text);
  check<ObjectsRequest>(text);
  check<MissingAnswer>(text);
  check<GrantStatus>(text);
  check<LinkInfo>(text);
  check<OpenRequest>(text);
  check<WaitAnswer>(text);
  check<OpenAnswer>(text);
  check<ReadProof>(text);
  check<ShlManifest>(text);
  check<BoxTerms>(text);
  check<BoxInfo>(text);
  check<DepositList>(text);
  if (const auto shl = from_json<ShlManifestRequest>(text); shl.has_value())
    if (shl->recipient.empty() || !is_plain_text(shl->recipient)) std::abort();
  const errc error = error_of(404, text);
  if (error != errc::server_error && http_status(error) != 404) std::abort();
  return 0;
}
