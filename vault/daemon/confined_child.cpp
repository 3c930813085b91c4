// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/confined_child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace coffret::daemon {
namespace {

constexpr std::size_t step = 256 * 1024;  // bytes received before more room is made
constexpr int look_up = 100;              // milliseconds, at most, until `wanted` is asked again

// The child's start: its socket as standard input and output, and nothing else.
class SpawnPlan {
 public:
  explicit SpawnPlan(int socket) {
    sigset_t all;
    sigset_t none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    good_ = ::posix_spawn_file_actions_init(&actions_) == 0 &&
            ::posix_spawnattr_init(&attributes_) == 0 &&
            ::posix_spawn_file_actions_adddup2(&actions_, socket, STDIN_FILENO) == 0 &&
            ::posix_spawn_file_actions_adddup2(&actions_, socket, STDOUT_FILENO) == 0 &&
            ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY,
                                               0) == 0 &&
            ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1) == 0 &&
            ::posix_spawnattr_setsigdefault(&attributes_, &all) == 0 &&
            ::posix_spawnattr_setsigmask(&attributes_, &none) == 0 &&
            ::posix_spawnattr_setflags(&attributes_,
                                       POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) == 0;
  }
  ~SpawnPlan() {
    (void)::posix_spawn_file_actions_destroy(&actions_);
    (void)::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // The process, or 0.
  pid_t spawn(std::string program, std::string argument) const {
    const std::array<char*, 3> arguments = {program.data(), argument.data(), nullptr};
    const std::array<char*, 1> environment = {nullptr};
    pid_t process = 0;
    if (!good_ || ::posix_spawn(&process, program.c_str(), &actions_, &attributes_,
                                arguments.data(), environment.data()) != 0)
      return 0;
    return process;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
  bool good_ = false;
};

// Milliseconds for poll: never negative, which would mean forever.
int remaining(ConfinedChild::Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

}  // namespace

Result<ConfinedChild> ConfinedChild::start(const std::string& program,
                                           const std::string& argument) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return errc::reader_failed;
  const pid_t process = SpawnPlan{ends[1]}.spawn(program, argument);
  (void)::close(ends[1]);
  if (process == 0) {
    (void)::close(ends[0]);
    return errc::reader_failed;
  }
  return ConfinedChild{process, ends[0]};
}

ConfinedChild::ConfinedChild(ConfinedChild&& other) noexcept
    : process_(std::exchange(other.process_, 0)),
      socket_(std::exchange(other.socket_, -1)),
      sending_(other.sending_) {}

ConfinedChild::~ConfinedChild() {
  if (socket_ >= 0) (void)::close(socket_);
  if (process_ == 0) return;
  (void)::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// Sends what the socket takes now. MSG_NOSIGNAL: a dead child is an answer, not a signal to us.
Result<void> ConfinedChild::send_some(std::vector<ByteView>& parts, bool hang_up) {
  while (sending_) {
    while (!parts.empty() && parts.front().empty()) parts.erase(parts.begin());
    if (parts.empty()) {
      if (hang_up) (void)::shutdown(socket_, SHUT_WR);
      sending_ = false;
      break;
    }
    auto& part = parts.front();
    const ssize_t n = ::send(socket_, part.data(), part.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      part = part.subspan(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      break;
    } else if (errno == EPIPE || errno == ECONNRESET) {
      sending_ = false;
    } else if (errno != EINTR) {
      return errc::reader_failed;
    }
  }
  return {};
}

// False when the child ended its answer.
Result<bool> ConfinedChild::receive_some(Bytes& into, std::size_t most) {
  const std::size_t before = into.size();
  into.resize(before + std::min(most, step));
  const ssize_t n = ::recv(socket_, into.data() + before, into.size() - before, MSG_DONTWAIT);
  const int failure = errno;
  into.resize(before + (n > 0 ? static_cast<std::size_t>(n) : 0));
  if (n > 0) return true;
  if (n == 0 || failure == ECONNRESET) return false;
  if (failure == EAGAIN || failure == EINTR) return true;
  return errc::reader_failed;
}

Result<Bytes> ConfinedChild::talk(std::vector<ByteView> parts, bool hang_up, const Wanted& wanted,
                                  Deadline deadline) {
  Bytes answer;
  sending_ = true;
  while (true) {
    COFFRET_TRY(const std::size_t more, wanted(answer));
    if (more == 0) return answer;
    pollfd watched{socket_, static_cast<short>(sending_ ? POLLIN | POLLOUT : POLLIN), 0};
    const int ready = ::poll(&watched, 1, std::min(remaining(deadline), look_up));
    if (ready < 0 && errno != EINTR) return errc::reader_failed;
    if (ready == 0 && remaining(deadline) == 0) return errc::timed_out;
    if (ready <= 0) continue;
    if (sending_) COFFRET_CHECK(send_some(parts, hang_up));
    if ((watched.revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
    COFFRET_TRY(const bool goes_on, receive_some(answer, more));
    if (!goes_on) return answer;
  }
}

int ConfinedChild::finish(Deadline deadline) {
  if (process_ == 0) return -1;
  // A child that has closed its end is ending; give it the moment that takes, then end it.
  int status = 0;
  pid_t ended = 0;
  while ((ended = ::waitpid(process_, &status, WNOHANG)) == 0 && remaining(deadline) > 0)
    (void)::poll(nullptr, 0, 1);
  if (ended == 0) {
    (void)::kill(process_, SIGKILL);
    while ((ended = ::waitpid(process_, &status, 0)) < 0 && errno == EINTR) {
    }
  }
  process_ = 0;
  return ended > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace coffret::daemon
