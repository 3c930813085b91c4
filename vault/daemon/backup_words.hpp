// SPDX-License-Identifier: EUPL-1.2
//
// backup_words.hpp: what stands in a backup for whoever opens it without Coffret at hand.
#ifndef COFFRET_VAULT_DAEMON_BACKUP_WORDS_HPP
#define COFFRET_VAULT_DAEMON_BACKUP_WORDS_HPP

#include <string>

namespace coffret::daemon {

// README.txt, in French and English.
std::string backup_read_me();

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_BACKUP_WORDS_HPP
