// SPDX-License-Identifier: EUPL-1.2
//
// local_socket.hpp: where a vault's socket is, and both ways to it.
//
// The socket is 0600 in a 0700 directory; the daemon checks the peer's uid (SO_PEERCRED) and the
// client checks the daemon's, before a secret is sent (attacks 72, 75).
// Errors: unsafe_location, in_use (another daemon listens), server_unreachable (none listens), io.
#ifndef COFFRET_VAULT_DAEMON_LOCAL_SOCKET_HPP
#define COFFRET_VAULT_DAEMON_LOCAL_SOCKET_HPP

#include <string>
#include <utility>

#include "coffret/error.hpp"

namespace coffret::daemon {

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) noexcept : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

// `$XDG_RUNTIME_DIR/coffret/<16 hex digits of BLAKE2b of the real path>.sock` when `runtime_dir` is
// not empty, else `DIR/socket`. The vault directory must exist.
Result<std::string> socket_path(const std::string& vault_dir, const std::string& runtime_dir);

// Makes the socket's directory when missing.
Result<Descriptor> listen_local(const std::string& path);
Result<Descriptor> accept_local(
    const Descriptor& listener);  // a peer of another uid: unsafe_location
Result<Descriptor> connect_local(const std::string& path);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_LOCAL_SOCKET_HPP
