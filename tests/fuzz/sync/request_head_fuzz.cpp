// SPDX-License-Identifier: EUPL-1.2
//
// A head is found at the same place however the stream was cut; and what is accepted says the same
// thing once it is written again in the plainest way.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sync/http/head.hpp"

namespace {

using namespace coffret;
using namespace coffret::http;

void require(bool holds) {
  if (!holds) std::abort();
}

HeadScan scan_in_steps(ByteView bytes) {
  std::size_t scanned = 0;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const auto scan = scan_head(bytes.first(size), scanned);
    if (scan.state != HeadState::more) return scan;
    scanned = size;
  }
  return {};
}

std::string rewritten(const RequestHead& head) {
  std::string text = head.request.method + " " + head.request.target + " HTTP/1.1\r\n";
  for (const auto& field : head.request.fields.list)
    text += field.name + ": " + field.value + "\r\n";
  return text + "\r\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  const auto scan = scan_head(bytes, 0);
  const auto stepped = scan_in_steps(bytes.first(std::min<std::size_t>(size, 16 * 1024)));
  if (size <= 16 * 1024) require(scan.state == stepped.state && scan.size == stepped.size);
  if (scan.state != HeadState::complete || scan.size > 8 * 1024) return 0;

  const auto head = parse_request_head(bytes.first(scan.size));
  if (head.refusal != 0) return 0;
  // An HTTP/1.0 request may lack a Host, which its HTTP/1.1 form must have.
  if (head.request.fields.find("Host") == nullptr) return 0;
  const auto text = rewritten(head);
  const auto again_scan = scan_head(as_bytes(text), 0);
  require(again_scan.state == HeadState::complete && again_scan.size == text.size());
  const auto again = parse_request_head(as_bytes(text));
  require(again.refusal == 0);
  require(again.content_length == head.content_length);
  require(rewritten(again) == text);
  return 0;
}
