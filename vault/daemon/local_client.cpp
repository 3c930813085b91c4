// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/local_client.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

#include "coffret/json.hpp"
#include "vault/crypto/secret_io.hpp"
#include "vault/daemon/new_passphrase.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX asks for it

namespace coffret::daemon {
namespace {

// Starts coffretd in a session of its own and waits until it said its first line: then the socket
// listens. The daemon outlives us.
Result<void> start_daemon(const DaemonPlace& place) {
  std::array<int, 2> ready{};
  if (::pipe2(ready.data(), O_CLOEXEC) != 0) return errc::io;
  const Descriptor read_end{ready[0]};
  Descriptor write_end{ready[1]};

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  (void)::posix_spawn_file_actions_init(&actions);
  (void)::posix_spawnattr_init(&attributes);
  (void)::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  (void)::posix_spawn_file_actions_adddup2(&actions, write_end.get(), 1);
  (void)::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  (void)::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  std::string program = place.program;
  std::string flag = "--vault";
  std::string directory = place.vault_dir;
  std::string listen_flag = "--listen";
  std::string listen = "asked";  // no port before a person wants the page
  std::array<char*, 6> argv{program.data(),     flag.data(),   directory.data(),
                            listen_flag.data(), listen.data(), nullptr};
  pid_t child = 0;
  const int failed =
      ::posix_spawn(&child, program.c_str(), &actions, &attributes, argv.data(), environ);
  (void)::posix_spawn_file_actions_destroy(&actions);
  (void)::posix_spawnattr_destroy(&attributes);
  if (failed != 0) return errc::server_unreachable;

  write_end = Descriptor{};
  char first = 0;
  ssize_t n = 0;
  while ((n = ::read(read_end.get(), &first, 1)) < 0 && errno == EINTR) {
  }
  if (n == 1) return {};
  int status = 0;
  (void)::waitpid(child, &status, 0);
  // The daemon's exit status is that of the error it met (error.def).
  if (WIFEXITED(status) && WEXITSTATUS(status) == row(errc::in_use).exit_status)
    return errc::in_use;
  return errc::server_unreachable;
}

// Connected to a daemon that is there to listen: a dying one still takes connections.
Result<Descriptor> greeted(const std::string& path) {
  COFFRET_TRY(auto connection, connect_local(path));
  const auto head = receive_frame_head(connection.get());
  if (head.has_error() || head->type != FrameType::ready || head->size != 0)
    return errc::server_unreachable;
  return connection;
}

Result<Descriptor> reach(const DaemonPlace& place) {
  using namespace std::chrono_literals;
  COFFRET_TRY(const auto path, socket_path(place.vault_dir, place.runtime_dir));
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  for (;;) {
    auto connection = greeted(path);
    if (connection.has_value() || connection.error() != errc::server_unreachable ||
        place.program.empty() || std::chrono::steady_clock::now() >= deadline)
      return connection;
    // in_use: another command started one at the same moment, or one is just dying.
    const auto started = start_daemon(place);
    if (started.has_error() && started.error() != errc::in_use) return started.error();
    if (started.has_error()) std::this_thread::sleep_for(20ms);
  }
}

Result<boost::json::object> receive_object(int fd, std::uint32_t size) {
  COFFRET_TRY(const auto payload, receive_payload(fd, size));
  COFFRET_TRY(auto value, parse_json(as_text(payload), {.bytes = max_frame, .depth = 16}));
  if (!value.is_object()) return errc::malformed;
  return std::move(value.get_object());
}

LocalFailure failure_of(const boost::json::object& told) {
  LocalFailure failure;
  if (const auto* code = text_member(told, "code"))
    if (const auto* known = row_of({code->data(), code->size()})) failure.error = known->value;
  if (const auto* detail = text_member(told, "detail")) failure.detail = std::string{*detail};
  return failure;
}

Result<void> pass_on(int fd, const FrameHead& head, const AnswerSink& sink) {
  if (head.type == FrameType::secret) {
    COFFRET_TRY(auto secret, receive_secret(fd, head.size));
    return sink.secret ? sink.secret(std::move(secret)) : Result<void>{};
  }
  if (head.type == FrameType::bytes) {
    COFFRET_TRY(const auto bytes, receive_payload(fd, head.size));
    return sink.bytes ? sink.bytes(bytes) : Result<void>{};
  }
  COFFRET_TRY(const auto object, receive_object(fd, head.size));
  const auto& to = head.type == FrameType::row ? sink.row : sink.progress;
  if (to) to(object);
  return {};
}

constexpr off_t secret_room = 4096;  // bytes: more than any recovery file has

errc creation_failure(int number) noexcept {
  if (number == EEXIST) return errc::file_exists;
  return number == ENOSPC || number == EDQUOT ? errc::disk_full : errc::io;
}

LocalAnswer failed(const error_code& error, std::string detail = {}) {
  LocalAnswer answer;
  answer.failure = {to_errc(error), std::move(detail)};
  return answer;
}

// The daemon took the connection and then left: it is no server that is far away.
LocalAnswer cut(const error_code& error) {
  return failed(error == errc::server_unreachable ? errc::stopping : error);
}

}  // namespace

bool daemon_runs(const DaemonPlace& place) {
  const auto path = socket_path(place.vault_dir, place.runtime_dir);
  return path.has_value() && connect_local(*path).has_value();
}

LocalAnswer ask(const DaemonPlace& place, const LocalRequest& request, const AnswerSink& sink) {
  const auto connection = reach(place);
  if (connection.has_error()) return failed(connection.error());
  const int fd = connection->get();
  if (const auto sent = send_request(fd, request); sent.has_error()) return cut(sent.error());

  for (;;) {
    const auto head = receive_frame_head(fd);
    if (head.has_error()) return cut(head.error());
    if (head->type == FrameType::done || head->type == FrameType::error) {
      auto object = receive_object(fd, head->size);
      if (object.has_error()) return failed(object.error());
      LocalAnswer answer;
      answer.failure.error = errc::ok;
      if (head->type == FrameType::error) answer.failure = failure_of(*object);
      answer.result = std::move(*object);
      return answer;
    }
    if (const auto passed = pass_on(fd, *head, sink); passed.has_error())
      return failed(passed.error());
  }
}

Result<SecretText> read_secret_file(const std::string& path) {
  if (path == "-") return crypto::read_secret_to_end(STDIN_FILENO);
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file) return errno == ENOENT ? errc::file_not_found : errc::io;
  return crypto::read_secret_to_end(file.get());
}

Result<SecretText> ask_secret(const std::string& prompt) {
  const Descriptor terminal{::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)};
  if (!terminal) return errc::not_found;
  termios shown{};
  if (::tcgetattr(terminal.get(), &shown) != 0) return errc::not_found;
  termios hidden = shown;
  hidden.c_lflag &= static_cast<tcflag_t>(~static_cast<tcflag_t>(ECHO));
  (void)::tcsetattr(terminal.get(), TCSAFLUSH, &hidden);
  (void)::dprintf(terminal.get(), "%s", prompt.c_str());
  auto secret = crypto::read_secret_line(terminal.get());
  (void)::tcsetattr(terminal.get(), TCSAFLUSH, &shown);
  (void)::dprintf(terminal.get(), "\n");
  return secret;
}

bool same_secret(const SecretText& a, const SecretText& b) noexcept {
  return crypto::same(a, b);
}

PassphraseStrength passphrase_strength(const SecretText& passphrase) {
  return crypto::strength_of(passphrase);
}

SecretText suggested_passphrase(Random& random) {
  return crypto::suggested_passphrase(random);
}

Result<Descriptor> create_secret_file(const std::string& path) {
  Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file) return creation_failure(errno);
  // The room is taken now: the secret that does not fit later is lost for good.
  const int full = ::posix_fallocate(file.get(), 0, secret_room);
  if (full != 0 && full != EOPNOTSUPP && full != EINVAL) {
    (void)::unlink(path.c_str());
    return creation_failure(full);
  }
  return file;
}

Result<void> write_secret_file(const Descriptor& file, const SecretText& secret) {
  COFFRET_CHECK(crypto::write_secret(file.get(), secret));
  const off_t end = ::lseek(file.get(), 0, SEEK_CUR);
  if (end < 0 || ::ftruncate(file.get(), end) != 0) return errc::io;
  if (::fsync(file.get()) != 0 && errno != EINVAL && errno != EROFS) return errc::io;
  return {};
}

Result<void> write_secret_to(int fd, const SecretText& secret) {
  return crypto::write_secret(fd, secret);
}

SecretText take_argument(char* argument) {
  return crypto::take_secret(argument);
}

}  // namespace coffret::daemon
