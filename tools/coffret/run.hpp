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
#include "tools/coffret/vault_place.hpp"
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
  Result<void> gather_passphrases();
  Result<SecretText> passphrase(bool twice);
  Result<void> ask_recovery();
  Result<void> judge_recovery_file();
  Result<void> judge(const SecretText& fresh, const std::string& file);
  Result<SecretText> secret_in(const std::string& path);
  daemon::LocalFailure confirm_card();
  void name_owner();
  bool keep_sheet(const SecretText& secret);
  daemon::LocalFailure confirm_heal();
  daemon::LocalFailure confirm_merge();
  daemon::LocalFailure confirm_grant(std::string_view preview);
  daemon::LocalFailure confirm_caregiver();
  void retell(errc error);
  // Asks what stands as `command` would, unlocking where that is needed.
  daemon::LocalAnswer look_first(std::string_view command);
  daemon::LocalFailure agreed(std::string_view french, std::string_view english);
  daemon::LocalAnswer ask_daemon();
  const std::string& out_path() const;
  Result<void> keep_bytes(ByteView bytes);
  void end_text();
  int finish(const daemon::LocalAnswer& answer);
  void wait_until_gone() const;
  void take_back_place();
  int fail(const error_code& error, const std::string& detail);

  Invocation invocation_;
  daemon::DaemonPlace place_;
  VaultPlace vault_place_;
  daemon::LocalRequest request_;
  daemon::Descriptor recovery_out_;  // opened before anything is made, so that the key is not lost
  daemon::Descriptor sheet_;         // the same, as PDF
  daemon::Descriptor out_;
  std::vector<SecretText> secrets_;
  Told told_;               // with the error that is about to be told
  bool started_ = false;    // no daemon waited for the vault that is to be made
  bool line_open_ = false;  // what was written last to standard output ended no line
};

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_RUN_HPP
