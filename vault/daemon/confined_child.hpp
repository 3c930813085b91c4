// SPDX-License-Identifier: EUPL-1.2
//
// confined_child.hpp: a child process with one socket and nothing else of ours: no descriptor, no
// environment, no signal setting; its standard error goes nowhere.
//
// Ownership: ConfinedChild kills and reaps its process when destroyed.
// Threads: not thread-safe.
#ifndef COFFRET_VAULT_DAEMON_CONFINED_CHILD_HPP
#define COFFRET_VAULT_DAEMON_CONFINED_CHILD_HPP

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"

namespace coffret::daemon {

class ConfinedChild {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // Errors: reader_failed (it cannot be started).
  static Result<ConfinedChild> start(const std::string& program, const std::string& argument);
  ConfinedChild(ConfinedChild&& other) noexcept;
  ConfinedChild& operator=(ConfinedChild&&) = delete;
  ~ConfinedChild();

  // How many more bytes of an answer are wanted, given those that came; 0: it is complete. Asked
  // again every 100 ms, so that an error ends the talk soon.
  using Wanted = std::function<Result<std::size_t>(ByteView so_far)>;

  // Sends all parts, then says that no more will come if `hang_up`, and receives the while until
  // the answer is complete or the child ends it. A child that stops listening is no error: its
  // answer and its exit status tell. Errors: timed_out, reader_failed, those of `wanted`.
  Result<Bytes> talk(std::vector<ByteView> parts, bool hang_up, const Wanted& wanted,
                     Deadline deadline);

  // The exit status, once the child ended its answer; negative when a signal or we ended it. Waits
  // no longer than the deadline.
  int finish(Deadline deadline);

 private:
  ConfinedChild(pid_t process, int socket) noexcept : process_(process), socket_(socket) {}
  Result<void> send_some(std::vector<ByteView>& parts, bool hang_up);
  Result<bool> receive_some(Bytes& into, std::size_t most);

  pid_t process_;  // 0: reaped or moved from
  int socket_;
  bool sending_ = true;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_CONFINED_CHILD_HPP
