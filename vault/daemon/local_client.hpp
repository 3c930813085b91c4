// SPDX-License-Identifier: EUPL-1.2
//
// local_client.hpp: a command's side of the socket: find the vault's daemon, start one when none
// runs, ask, and read the answer frame by frame.
//
// Errors: server_unreachable (no daemon, and none could be started), stopping (it left in the
// middle), unsafe_location, and whatever
// the daemon answers.
// Threads: one exchange at a time.
#ifndef COFFRET_VAULT_DAEMON_LOCAL_CLIENT_HPP
#define COFFRET_VAULT_DAEMON_LOCAL_CLIENT_HPP

#include <boost/json/object.hpp>
#include <functional>
#include <string>

#include "coffret/error.hpp"
#include "coffret/secret.hpp"
#include "vault/daemon/frame.hpp"
#include "vault/daemon/local_socket.hpp"

namespace coffret::daemon {

struct DaemonPlace {
  std::string vault_dir;
  std::string runtime_dir;  // $XDG_RUNTIME_DIR, may be empty
  std::string program;      // path of coffretd; empty: never start one
};

// What arrives before the result. Unset members are ignored.
struct AnswerSink {
  std::function<void(const boost::json::object&)> row;
  std::function<void(const boost::json::object&)> progress;
  std::function<Result<void>(ByteView)> bytes;
  std::function<Result<void>(SecretText)> secret;
};

struct LocalFailure {
  errc error = errc::internal;
  std::string detail;  // what, where: for people; may be empty
};

// The result object, or the failure the daemon told.
struct LocalAnswer {
  boost::json::object result;
  LocalFailure failure;  // error == ok when it went well
};

// Whether a daemon listens for this vault.
bool daemon_runs(const DaemonPlace& place);

// Connects (starting a daemon if needed), sends, and reads to the end.
LocalAnswer ask(const DaemonPlace& place, const LocalRequest& request, const AnswerSink& sink);

// A passphrase, passcode or recovery file: from the file at `path` ("-": standard input). Errors:
// file_not_found, io, too_large.
Result<SecretText> read_secret_file(const std::string& path);

// Asked on the terminal without echo. Errors: not_found (no terminal).
Result<SecretText> ask_secret(const std::string& prompt);

// Whether two typed secrets are the same.
bool same_secret(const SecretText& a, const SecretText& b) noexcept;

// Writes a secret file: made 0600, refused (file_exists) when it exists.
Result<Descriptor> create_secret_file(const std::string& path);
Result<void> write_secret_file(const Descriptor& file, const SecretText& secret);

// To a terminal, pipe or file that the user named.
Result<void> write_secret_to(int fd, const SecretText& secret);

// Takes over an argument that holds a secret and wipes it from argv.
SecretText take_argument(char* argument);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_LOCAL_CLIENT_HPP
