// SPDX-License-Identifier: EUPL-1.2
//
// coffret: the patient's (and the caregiver's) command. Understands the command line, talks to the
// vault's daemon, prints. cli.md is the contract.
#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>

#include "tools/coffret/invocation.hpp"
#include "tools/coffret/run.hpp"

int main(int argc, char** argv) {
  (void)std::signal(SIGPIPE, SIG_IGN);
  const rlimit no_core{0, 0};
  (void)::setrlimit(RLIMIT_CORE, &no_core);
  (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  int exit_status = 0;
  auto invocation = coffret::cli::understand(argc, argv, exit_status);
  if (!invocation) return exit_status;
  return coffret::cli::Run{std::move(*invocation)}.execute();
}
