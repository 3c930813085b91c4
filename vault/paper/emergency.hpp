// SPDX-License-Identifier: EUPL-1.2
//
// emergency.hpp: the papers of an emergency card, one PDF of two A4 pages: the wallet card (85.6 ×
// 54 mm, front and back, to cut out and fold) and the fridge sheet, both with the link as a QR code
// and in words, in French and English, the person's language first.
//
// What stands on it in clear is what a stranger may read anyway: whose it is, whom to call, until
// when. Nothing medical: that is behind the code.
// Limits: the file that is written, and the printer's memory, are no longer ours to wipe.
// Errors: too_large (a link longer than a QR code). Threads: pure functions.
#ifndef COFFRET_VAULT_PAPER_EMERGENCY_HPP
#define COFFRET_VAULT_PAPER_EMERGENCY_HPP

#include <string>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/secret.hpp"
#include "vault/crypto/wiping.hpp"

namespace coffret::paper {

struct EmergencyPaper {
  Language language = Language::french;  // that comes first
  std::string name;                      // of the person; empty: a line to fill in by hand
  std::string birth_date;                // as people read it, or empty
  std::vector<std::string> contacts;     // whom to call, one a line; empty: lines to fill in
  std::string until;                     // as people read it in French
  std::string until_english;             // and in English
};

Result<crypto::WipingBytes> emergency_pdf(const SecretText& link, const EmergencyPaper& paper);

}  // namespace coffret::paper

#endif  // COFFRET_VAULT_PAPER_EMERGENCY_HPP
