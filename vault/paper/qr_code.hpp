// SPDX-License-Identifier: EUPL-1.2
//
// qr_code.hpp: the modules of a QR code (ISO/IEC 18004), error correction M.
//
// Errors: too_large. Limits: what the library makes on the way is wiped where it gives it to us.
#ifndef COFFRET_VAULT_PAPER_QR_CODE_HPP
#define COFFRET_VAULT_PAPER_QR_CODE_HPP

#include "coffret/error.hpp"
#include "vault/crypto/wiping.hpp"

namespace coffret::paper {

struct QrCode {
  unsigned width = 0;          // modules, without the quiet zone
  crypto::WipingBytes dark{};  // width * width, 1: dark

  bool is_dark(unsigned row, unsigned column) const { return dark[row * width + column] != 0; }
};
Result<QrCode> qr_code(ByteView content);

}  // namespace coffret::paper

#endif  // COFFRET_VAULT_PAPER_QR_CODE_HPP
