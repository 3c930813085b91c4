// SPDX-License-Identifier: EUPL-1.2
//
// Property: a request that is accepted, sent again, is accepted again with the same arguments and
// the same names of secrets; and a head never announces more than the limit.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "vault/daemon/frame.hpp"
#include "vault/daemon/local_socket.hpp"

using namespace coffret;
using namespace coffret::daemon;

namespace {

struct Pair {
  Pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) std::abort();
    here = Descriptor{ends[0]};
    there = Descriptor{ends[1]};
  }
  Descriptor here, there;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 32 * 1024) return 0;  // less than a socket holds, so that nothing blocks
  const ByteView raw{data, size};
  if (size >= request_head_size)
    if (const auto head = parse_request_head(raw.first(request_head_size));
        head.has_value() && *head > max_request)
      std::abort();

  Pair first;
  if (::write(first.here.get(), data, size) != static_cast<ssize_t>(size)) return 0;
  first.here = Descriptor{};
  const auto request = receive_request(first.there.get());
  if (request.has_error()) return 0;

  Pair second;
  if (send_request(second.here.get(), *request).has_error()) std::abort();
  second.here = Descriptor{};
  const auto again = receive_request(second.there.get());
  if (again.has_error() || again->secrets.size() != request->secrets.size()) std::abort();
  auto was = request->arguments;
  auto is = again->arguments;
  was.erase("secrets");
  is.erase("secrets");
  if (was != is) std::abort();
  return 0;
}
