// SPDX-License-Identifier: EUPL-1.2
//
// Property: what is accepted as a checkpoint's announcement, or as one of its parts, encodes to the
// very bytes it was read from and keeps its bounds; a part's entries ascend to its place at most.
#include <algorithm>
#include <cstdlib>

#include "vault/store/checkpoint.hpp"

using namespace coffret;
using namespace coffret::store;

namespace {

void announcement(ByteView input) {
  const auto written = decode_checkpoint(input);
  if (written.has_error()) return;
  if (!std::ranges::equal(wire::encode(*written), input)) std::abort();
  if (written->parts.empty() || written->parts.size() > max_checkpoint_parts ||
      written->entries > max_checkpoint_entries || written->entries > written->at.seq)
    std::abort();
}

void part(ByteView input) {
  const auto read = decode_checkpoint_part(input);
  if (read.has_error()) return;
  if (!std::ranges::equal(wire::encode(*read), input)) std::abort();
  if (read->number == 0 || read->number > read->parts || read->entries.empty()) std::abort();
  std::uint64_t last = 0;
  for (const auto& entry : read->entries) {
    const auto body = protocol::decode_entry(entry.body);
    if (body.has_error() || body->seq <= last || body->seq > read->at.seq) std::abort();
    last = body->seq;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  announcement({data, size});
  part({data, size});
  return 0;
}
