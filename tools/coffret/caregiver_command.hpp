// SPDX-License-Identifier: EUPL-1.2
//
// caregiver_command.hpp: a caregiver's own side (`caregiver card`, and the key that `redeem` opens
// with), which needs no vault; and the code that `caregiver pair` takes.
#ifndef COFFRET_TOOLS_COFFRET_CAREGIVER_COMMAND_HPP
#define COFFRET_TOOLS_COFFRET_CAREGIVER_COMMAND_HPP

#include "coffret/error.hpp"
#include "coffret/secret.hpp"
#include "tools/coffret/invocation.hpp"
#include "tools/coffret/typed.hpp"
#include "vault/redeem/caregiver.hpp"

namespace coffret::cli {

// `caregiver card`. Returns the exit status.
int caregiver_card(Invocation& invocation);

// The keys in invocation.caregiver_dir, opened with the caregiver's passphrase.
// Errors: never_initialised; usage (nobody to ask); those of redeem::Caregiver::open.
Result<redeem::Caregiver> open_caregiver(const Invocation& invocation,
                                         const redeem::CaregiverEnvironment& environment,
                                         Told& told);

// FILE or CODE: "-", "@FILE", a file's name, the code itself, or asked for.
Result<SecretText> read_caregiver_code(Invocation& invocation, Told& told);

// What the daemon is to be told of the person's word (`--words`, `--yes`), or that they must be
// asked: false.
bool has_word_on_card(const Invocation& invocation);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_CAREGIVER_COMMAND_HPP
