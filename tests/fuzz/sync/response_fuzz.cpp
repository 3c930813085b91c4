// SPDX-License-Identifier: EUPL-1.2
//
// A response reads the same whole and cut anywhere, and never exceeds its limits. The first byte of
// the input chooses the cuts.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "sync/http/head.hpp"

namespace {

using namespace coffret;
using namespace coffret::http;

constexpr ResponseReader::Limits limits{1024, 8192};

struct Outcome {
  errc error = errc::ok;
  bool complete = false;
  Response response;
};

Outcome read(ByteView bytes, std::size_t step) {
  ResponseReader reader{limits, false};
  Outcome outcome;
  while (!bytes.empty() && !outcome.complete) {
    const auto part = bytes.first(std::min(step, bytes.size()));
    bytes = bytes.subspan(part.size());
    const auto progress = reader.feed(part);
    if (progress.has_error()) {
      outcome.error = to_errc(progress.error());
      return outcome;
    }
    outcome.complete = *progress == Progress::complete;
  }
  // Bytes after a response are refused when they come with its end; here they come later.
  if (!bytes.empty()) outcome.error = errc::malformed;
  if (outcome.complete && outcome.error == errc::ok) outcome.response = reader.take();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView bytes{data + 1, size - 1};
  const auto whole = read(bytes, bytes.size());
  const auto cut = read(bytes, 1U + data[0] % 16U);
  // Which limit or rule is met first may depend on the cut; whether it is good may not.
  if ((whole.error == errc::ok) != (cut.error == errc::ok)) std::abort();
  if (whole.error != errc::ok) return 0;
  if (whole.complete != cut.complete) std::abort();
  if (whole.response.status != cut.response.status || whole.response.body != cut.response.body)
    std::abort();
  if (whole.response.body.size() > limits.body) std::abort();
  return 0;
}
