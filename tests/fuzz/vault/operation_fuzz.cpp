// SPDX-License-Identifier: EUPL-1.2
//
// Property: what is accepted as an operation, and as its payload, encodes to the very bytes it was
// read from: one encoding, nothing skipped.
#include <cstdlib>

#include "vault/store/operation.hpp"

using namespace coffret;
using namespace coffret::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input{data, size};
  const auto operation = decode_operation(input);
  if (operation.has_error()) return 0;
  if (wire::encode(*operation) != to_bytes(input)) std::abort();

  if (const auto same = same_document_of(*operation);
      same && wire::encode(*same) != operation->extension)
    std::abort();

  const auto payload = decode_payload(*operation);
  if (payload.has_error()) return 0;
  const auto again = std::visit(
      [&](const auto& known) {
        if constexpr (std::is_same_v<std::decay_t<decltype(known)>, std::monostate>)
          return operation->payload;
        else
          return wire::encode(known);
      },
      *payload);
  if (again != operation->payload) std::abort();
  return 0;
}
