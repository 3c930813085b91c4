// SPDX-License-Identifier: EUPL-1.2
//
// sheet.hpp: the recovery sheet and the shares of one, as PDF for a printer: the key in groups, its
// check words, the same as a QR code, what else the way back needs, and plain words: what it is,
// what to do when, and a page for the person's family.
//
// The QR code holds the whole recovery file (or share file), byte for byte: whoever scans it has
// what --recovery-file (--share) takes.
//
// Limits: the file that is written, and the printer's memory, are no longer ours to wipe.
// Errors: malformed (not such a file). Threads: pure functions.
#ifndef COFFRET_VAULT_PAPER_SHEET_HPP
#define COFFRET_VAULT_PAPER_SHEET_HPP

#include <functional>
#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "coffret/secret.hpp"
#include "vault/crypto/wiping.hpp"

namespace coffret::paper {

struct SheetOptions {
  Language language = Language::french;
  std::string owner;  // as typed; empty: a line to fill in by hand
  // A date of ISO 8601 as people read it; empty: as it stands in the file.
  std::function<std::string(std::string_view)> spelled{};
};

Result<crypto::WipingBytes> sheet_pdf(const SecretText& recovery_file, const SheetOptions& options);

// Whose the share is, its file says: the person's, a relative's, the association's.
Result<crypto::WipingBytes> share_pdf(const SecretText& share_file, const SheetOptions& options);

}  // namespace coffret::paper

#endif  // COFFRET_VAULT_PAPER_SHEET_HPP
