// SPDX-License-Identifier: EUPL-1.2
//
// Property: a note that is accepted is exactly what the identity signs for what it says; and
// whatever bytes the identity signs as a note, what is accepted of them is written the same again.
#include <cstdlib>

#include "sync/protocol/epoch_note.hpp"
#include "sync/protocol/signature.hpp"
#include "tests/support/test_signer.hpp"

using namespace coffret;
using namespace coffret::protocol;

namespace {

void check(ByteView record, const test::TestSigner& identity) {
  const auto server = fingerprint(identity.public_key());
  // The note may be about any vault: the one asked for is the one it claims.
  VaultId vault;
  constexpr std::size_t at = 4 + 1 + Fingerprint::size;  // record, format, server
  if (record.size() >= at + VaultId::size)
    std::copy_n(record.begin() + at, VaultId::size, vault.bytes.begin());
  const auto read = verify_epoch_note(record, server, vault, identity.public_key());
  if (read.has_error()) return;
  if (read->epoch == 0 || read->server != server || read->restored_at < read->backup_at)
    std::abort();
  const auto again = wire::encode(sign_epoch_note(*read, identity));
  if (!std::equal(again.begin(), again.end(), record.begin(), record.end())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::TestSigner identity{1};
  const ByteView bytes{data, size};
  check(bytes, identity);
  const SignedEpochNote made{to_bytes(bytes), identity.sign(SignatureLabel::epoch_note, bytes)};
  check(wire::encode(made), identity);
  const auto confirmation = decode_confirmation(bytes);
  if (confirmation.has_value() && wire::encode(*confirmation) != to_bytes(bytes)) std::abort();
  return 0;
}
