// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace coffret::crypto {
namespace {

constexpr int raw_window = -15;           // no zlib header, 32 KiB window
constexpr std::size_t piece = 64 * 1024;  // bytes

class Inflater {
 public:
  Inflater() {
    if (::inflateInit2(&stream, raw_window) != Z_OK) throw std::bad_alloc{};
  }
  ~Inflater() { (void)::inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream stream{};
};

}  // namespace

Result<Bytes> inflate_raw(ByteView deflated, std::size_t limit) {
  if (deflated.size() > std::numeric_limits<uInt>::max()) return errc::too_large;
  Inflater inflater;
  auto& stream = inflater.stream;
  stream.next_in = const_cast<Bytef*>(deflated.data());  // zlib's old signature; it only reads
  stream.avail_in = static_cast<uInt>(deflated.size());

  Bytes out;
  for (int state = Z_OK; state != Z_STREAM_END;) {
    // One byte more than the limit may be asked for, to tell "full" from "too large".
    const std::size_t room = std::min(piece, limit + 1 - out.size());
    const std::size_t begin = out.size();
    out.resize(begin + room);
    stream.next_out = out.data() + begin;
    stream.avail_out = static_cast<uInt>(room);
    state = ::inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (out.size() > limit) return errc::too_large;
    if (state != Z_OK && state != Z_STREAM_END) return errc::malformed;
  }
  if (stream.avail_in != 0) return errc::malformed;
  return out;
}

}  // namespace coffret::crypto
