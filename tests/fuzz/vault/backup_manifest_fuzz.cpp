// SPDX-License-Identifier: EUPL-1.2
//
// Input: the JSON of a backup's manifest; it is signed here, since only what a key signed is
// parsed. Property: what is read is what its fields say, so that written and read again it is the
// same; and a tar block that is read is the block that would be written.
#include <cstdlib>

#include "sync/protocol/signature.hpp"
#include "tests/support/test_signer.hpp"
#include "vault/backup/manifest.hpp"
#include "vault/backup/tar.hpp"

using namespace coffret;
using namespace coffret::backup;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::TestSigner signer{std::uint8_t{1}};
  const ByteView input{data, size};
  if (size == tar_block) (void)read_tar_head(input);
  (void)read_manifest(as_text(input));
  const auto jws = protocol::sign_jws("coffret-backup+jwt", as_text(input), signer);
  const auto read = read_manifest(jws);
  if (read.has_error()) return 0;
  const auto again = read_manifest(sign_manifest(read->manifest, signer));
  if (again.has_error()) std::abort();
  if (sign_manifest(again->manifest, signer) != sign_manifest(read->manifest, signer)) std::abort();
  return 0;
}
