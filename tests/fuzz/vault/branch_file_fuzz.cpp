// SPDX-License-Identifier: EUPL-1.2
//
// Property: a history that is accepted from a file chains from its base, within its limits, and is
// written the same again.
#include <cstdlib>

#include "vault/daemon/branch_file.hpp"

using namespace coffret;
using namespace coffret::daemon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  (void)decode_branch_prefix(bytes);
  const auto branch = decode_branch(bytes);
  if (branch.has_error()) return 0;
  if (wire::encode(*branch) != to_bytes(bytes)) std::abort();
  protocol::Head at = branch->base;
  for (const auto& entry : branch->entries) {
    const auto read = protocol::decode_entry(entry.body);
    if (read.has_error() || read->seq != at.seq + 1 || read->previous != at.hash) std::abort();
    at = {read->seq, protocol::entry_hash(entry.body)};
  }
  const auto start = branch_file_start(VaultId{}, *branch);
  if (decode_branch_prefix(ByteView{start}.first(branch_prefix)).has_error()) std::abort();
  return 0;
}
