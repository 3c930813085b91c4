// SPDX-License-Identifier: EUPL-1.2
//
// Input: one byte that chooses, then bytes. Properties: as content, they come back from a sealed
// file, and the file opens no more when any character of it is another; as a header, with a tag
// that is right, they never give more than the limit; as a whole JWE, they do not open.
#include <cstdlib>

#include "coffret/encoding.hpp"
#include "tests/support/keys.hpp"
#include "vault/crypto/gcm.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/sealer.hpp"

using namespace coffret;
using namespace coffret::crypto;

namespace {

constexpr std::size_t limit = 4096;

const ContentKey& key() {
  static const auto instance = test::counting_key<ContentKey>(0);
  return instance;
}

void as_content(std::uint8_t where, ByteView content) {
  test::CountingRandom random;
  Bytes jwe = Sealer::seal(key(), "text/plain", content, random).take();
  const auto opened = open_jwe(key(), {jwe}, content.size());
  if (opened.has_error() || opened->content != to_bytes(content)) std::abort();
  jwe[where * jwe.size() / 256] ^= 0x01;
  if (open_jwe(key(), {jwe}, content.size()).has_value()) std::abort();
}

// A stranger who has the key writes any header over any deflated or plain content.
void as_header(ByteView bytes) {
  const std::size_t half = bytes.size() / 2;
  const std::string header = to_base64url(bytes.first(half));
  const auto content = bytes.subspan(half);
  const std::array<std::uint8_t, gcm_nonce_size> iv{};
  Bytes sealed(content.size() + gcm_tag_size);
  gcm_encrypt(sealed, key().expose(), iv, as_bytes(header), content);
  const auto view = ByteView{sealed};
  const std::string jwe = header + ".." + to_base64url(iv) + "." +
                          to_base64url(view.first(content.size())) + "." +
                          to_base64url(view.last(gcm_tag_size));
  const auto opened = open_jwe(key(), {to_bytes(as_bytes(jwe))}, limit);
  if (opened.has_value() && opened->content.size() > limit) std::abort();
  if (opened.has_error() && opened.error() == errc::unauthenticated) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest{data + 1, size - 1};
  switch (data[0] % 3) {
    case 0:
      as_content(data[0], rest);
      break;
    case 1:
      as_header(rest);
      break;
    default:
      if (open_jwe(key(), {to_bytes(rest)}, limit).has_value()) std::abort();
  }
  return 0;
}
