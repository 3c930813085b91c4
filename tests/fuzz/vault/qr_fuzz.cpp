// SPDX-License-Identifier: EUPL-1.2
//
// Property: what is decoded keeps its bounds and is, written as PGM, the same picture again; so the
// codes on it are the same; and each certificate is a line that reads back as itself.
#include <cstdlib>

#include "vault/reader/hcert.hpp"
#include "vault/reader/qr.hpp"

using namespace coffret;
using namespace coffret::reader;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto picture = decode_grey({data, size});
  if (picture.has_error()) {
    require(certificates_on({data, size}).empty());
    return 0;
  }
  require(picture->width > 0 && picture->height > 0);
  require(picture->pixels.size() == picture->width * picture->height);
  require(picture->pixels.size() <= pixel_limits::shown);
  const Bytes pgm = to_pgm(*picture);
  require(decode_grey(pgm) == picture);
  // A larger picture takes a second to look at, of which a fuzzer has few.
  if (picture->pixels.size() > 1u << 18) return 0;
  const std::string codes = certificates_on({data, size});
  require(certificates_on(pgm) == codes);
  for (std::size_t at = 0; at < codes.size();) {
    const auto end = codes.find('\n', at);
    require(end != std::string::npos);
    const std::string line = codes.substr(at, end - at);
    require(line.size() <= qr_limits::code && find_hcert(line) == line);
    at = end + 1;
  }
  return 0;
}
