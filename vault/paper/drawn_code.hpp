// SPDX-License-Identifier: EUPL-1.2
//
// drawn_code.hpp: a QR code on a page. The quiet zone of four modules is the caller's to leave.
// Units: points. Errors: those of qr_code.
#ifndef COFFRET_VAULT_PAPER_DRAWN_CODE_HPP
#define COFFRET_VAULT_PAPER_DRAWN_CODE_HPP

#include "vault/paper/pdf.hpp"
#include "vault/paper/qr_code.hpp"

namespace coffret::paper {

Result<void> draw_code(Pdf& pdf, ByteView content, double x, double y, double side);

}  // namespace coffret::paper

#endif  // COFFRET_VAULT_PAPER_DRAWN_CODE_HPP
