// SPDX-License-Identifier: EUPL-1.2
//
// Input: a byte that says whether to put the checksum right, then a keyslot file. Properties: the
// owner is readable exactly when a wrong passphrase gets as far as being called wrong, or the cost
// is refused; and nothing that the fuzzer makes opens: a slot opens only when it is, byte for byte,
// one that was made under the passphrase.
#include <sodium.h>

#include <cstdlib>

#include "tests/support/keys.hpp"
#include "vault/crypto/keyslot.hpp"

using namespace coffret;
using namespace coffret::crypto;

namespace {

constexpr CostPolicy cheap{.stated = {8, 1}, .floor = {8, 1}, .ceiling = {64, 3}};

const Bytes& original() {
  static const Bytes file = [] {
    test::CountingRandom random;
    const auto secrets = make_local_secrets(random);
    return make_keyslot({test::counting_id<VaultId>(1), test::counting_id<DeviceId>(2)}, secrets,
                        test::secret_text("right"), cheap, random)
        ->file;
  }();
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes file = to_bytes({data + 1, size - 1});
  if ((data[0] & 1) != 0 && file.size() >= 32) {
    const std::size_t before = file.size() - 32;
    (void)::crypto_generichash_blake2b(file.data() + before, 32, file.data(), before, nullptr, 0);
  }
  const auto owner = keyslot_owner(file);
  for (const char* passphrase : {"right", "wrong"}) {
    const auto opened = open_keyslot(file, test::secret_text(passphrase), cheap);
    if (opened.has_value()) {
      const bool is_original =
          std::equal(file.begin(), file.end(), original().begin(), original().end());
      if (!is_original || passphrase[0] != 'r' || opened->owner != *owner) std::abort();
    } else if (owner.has_error()) {
      if (opened.error() != owner.error()) std::abort();
    } else if (opened.error() != errc::wrong_passphrase &&
               opened.error() != errc::weak_parameters && opened.error() != errc::damaged) {
      std::abort();
    }
  }
  return 0;
}
