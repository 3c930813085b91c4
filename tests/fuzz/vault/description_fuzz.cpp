// SPDX-License-Identifier: EUPL-1.2
//
// What a reader, perhaps taken over, answers to the daemon, and what the daemon asks of a reader:
// a record that decodes has exactly one encoding, the bytes it came from.
#include <algorithm>
#include <cstdlib>

#include "coffret/document.hpp"
#include "coffret/reading.hpp"
#include "coffret/wire.hpp"

namespace {

template <class T>
void check(coffret::ByteView bytes) {
  const auto value = coffret::wire::decode<T>(bytes);
  if (value.has_error()) return;
  const auto again = coffret::wire::encode(*value);
  if (!std::equal(again.begin(), again.end(), bytes.begin(), bytes.end())) std::abort();
  (void)within_limits(*value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const coffret::ByteView bytes{data, size};
  check<coffret::DocumentDescription>(bytes);
  check<coffret::reading::Unpacked>(bytes);
  check<coffret::reading::Request>(bytes);
  return 0;
}
