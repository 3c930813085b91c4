// SPDX-License-Identifier: EUPL-1.2
//
// reader_words.hpp: what a reader said of themselves, and why they opened a card: unsealed with the
// link's secret, or an SHL's own clear words. What is no plain text says nothing: only the reader
// knew what they sealed. Threads: as the vault.
#ifndef COFFRET_VAULT_DAEMON_READER_WORDS_HPP
#define COFFRET_VAULT_DAEMON_READER_WORDS_HPP

#include <string>

#include "sync/protocol/access_log.hpp"
#include "vault/daemon/commands.hpp"

namespace coffret::daemon {

struct ReaderWords {
  std::string who;  // empty: not said
  std::string why;  // of an emergency card; else empty
};
ReaderWords reader_words(Call& call, const protocol::AccessLine& line,
                         const store::GrantView& grant);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_READER_WORDS_HPP
