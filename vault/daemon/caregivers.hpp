// SPDX-License-Identifier: EUPL-1.2
//
// caregivers.hpp: the caregivers whose keys this vault took in person: found by name, and made the
// holder of a grant (vault/DESIGN.md §18).
//
// Errors of find_caregiver: not_found (none of that name is paired), ambiguous_name; call.detail
// says what to do.
#ifndef COFFRET_VAULT_DAEMON_CAREGIVERS_HPP
#define COFFRET_VAULT_DAEMON_CAREGIVERS_HPP

#include <functional>
#include <string>

#include "vault/daemon/commands.hpp"
#include "vault/grants/grants.hpp"
#include "vault/store/operation.hpp"

namespace coffret::daemon {

// By name (as written, else whatever its accents and case), by a beginning of the identifier of at
// least 4 characters, or by the eight words of the key.
Result<store::CaregiverPaired> find_caregiver(Call& call, const std::string& wanted);

// The eight words of their key, by which two of one name are told apart.
std::string fingerprint_of(const store::CaregiverPaired& caregiver);

// The grant goes to the key of the caregiver that request.caregiver names.
Result<void> address_to_key(Call& call, grants::GrantRequest& request);

// The picture of a caregiver's code, PNG or SVG, is as secret as the code: it is wiped when `use`
// returns. Errors: too_large, and those of `use`.
Result<void> with_code_picture(const SecretText& code, bool svg,
                               const std::function<Result<void>(ByteView)>& use);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_CAREGIVERS_HPP
