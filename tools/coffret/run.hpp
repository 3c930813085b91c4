// SPDX-License-Identifier: EUPL-1.2
//
// run.hpp: one run of the command: gathers what it needs (secrets, files), asks the vault's daemon,
// prints the answer.
#ifndef COFFRET_TOOLS_COFFRET_RUN_HPP
#define COFFRET_TOOLS_COFFRET_RUN_HPP

#include <string>
#include <vector>

#include "tools/coffret/invocation.hpp"
#include "tools/coffret/typed.hpp"
#include "vault/daemon/local_client.hpp"

namespace coffret::cli {

// One run of the program: the invocation, where its daemon is, and what it has in hand.
class Run {
 public:
  explicit Run(Invocation invocation);

  // Returns the exit status of cli.md.
  int execute();

 private:
  int attempt();
  Result<void> prepare();
  void choose_content();
  Result<void> gather_secrets();
  Result<SecretText> passphrase(bool twice);
  Result<SecretText> secret_in(const std::string& path);
  daemon::LocalFailure confirm_card();
  daemon::LocalAnswer ask_daemon();
  const std::string& out_path() const;
  Result<void> keep_bytes(ByteView bytes);
  void end_text();
  int finish(const daemon::LocalAnswer& answer);
  void wait_until_gone() const;
  int fail(const error_code& error, const std::string& detail);

  Invocation invocation_;
  daemon::DaemonPlace place_;
  daemon::LocalRequest request_;
  daemon::Descriptor recovery_out_;  // opened before anything is made, so that the key is not lost
  daemon::Descriptor out_;
  std::vector<SecretText> secrets_;
  Told told_;               // with the error that is about to be told
  bool line_open_ = false;  // what was written last to standard output ended no line
};

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_RUN_HPP
