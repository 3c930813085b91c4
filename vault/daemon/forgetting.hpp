// SPDX-License-Identifier: EUPL-1.2
//
// forgetting.hpp: work on documents that leaves no word of them in the daemon's memory.
//
// What a thread frees stays readable in glibc's cache of that thread (M_PERTURB overwrites what
// leaves it) and on its stack. A thread that ends gives both back, so a loop that lives as long as
// the daemon does its work on threads that do not. Threads: runs `work` on another one and waits.
#ifndef COFFRET_VAULT_DAEMON_FORGETTING_HPP
#define COFFRET_VAULT_DAEMON_FORGETTING_HPP

#include <thread>

#include "vault/crypto/secret_io.hpp"

namespace coffret::daemon {

template <class Work>
void forgetting(Work&& work) {
  std::thread{[&work] {
    work();
    crypto::wipe_stack();
  }}.join();
}

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_FORGETTING_HPP
