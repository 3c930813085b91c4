// SPDX-License-Identifier: EUPL-1.2
//
// invocation.hpp: one command line, understood. The contract is cli.md: names, flags, exit
// statuses.
#ifndef COFFRET_TOOLS_COFFRET_INVOCATION_HPP
#define COFFRET_TOOLS_COFFRET_INVOCATION_HPP

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "coffret/secret.hpp"
#include "tools/coffret/words.hpp"

namespace coffret::cli {

struct Invocation {
  Words words;
  bool json = false;
  std::string vault_dir;
  std::string passphrase_file;  // empty: ask on a terminal when needed

  std::string command;            // "import", "grant create", …
  boost::json::object arguments;  // as the daemon takes them (vault/daemon/service.hpp)

  // What stays on this side of the socket.
  std::string recovery_out;
  std::string recovery_file;
  std::vector<std::string> shares;  // instead of a recovery file
  std::string sheet;                // PDF
  std::string passcode_file;
  std::string new_passphrase_file;  // passphrase change
  std::string age_passphrase_file;  // export: of the file that is written
  std::string invite_file;
  std::string out;
  std::string from;  // a backup
  bool from_server = false;
  std::string qr;
  bool html = false;
  bool text = false;
  bool yes = false;
  bool print = false;              // open: only says where the file is
  std::string recipient;           // redeem, deposit: --as
  std::string reason;              // redeem, of an emergency card
  std::string note;                // deposit
  std::string pin;                 // redeem --pin
  std::string caregiver_dir;       // of a caregiver's own key: caregiver card, redeem
  std::string caregiver_name;      // caregiver card
  std::string organisation;        // caregiver card
  std::optional<SecretText> link;  // redeem, device join: when it was given as an argument
  std::string link_source;         // "-", "@FILE", or empty: ask
};

// Understands argv. When the program is to end at once (help, version, misuse) the result is empty
// and `exit_status` says how; what had to be said was said. Secrets given as arguments are wiped
// from argv.
std::optional<Invocation> understand(int argc, char** argv, int& exit_status);

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_INVOCATION_HPP
