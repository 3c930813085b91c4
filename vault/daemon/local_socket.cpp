// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/local_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "coffret/encoding.hpp"
#include "vault/crypto/digest.hpp"

namespace coffret::daemon {
namespace {

std::string parent(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Result<Descriptor> make_socket() {
  Descriptor fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!fd) return errc::io;
  return fd;
}

bool peer_is_us(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

// A directory that only we can enter.
bool private_directory(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::geteuid() &&
         (info.st_mode & 077) == 0;
}

Result<Descriptor> connect_to(const sockaddr_un& address) {
  COFFRET_TRY(auto fd, make_socket());
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return errc::server_unreachable;
  if (!peer_is_us(fd.get())) return errc::unsafe_location;
  return fd;
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) (void)::close(fd_);
}

Result<std::string> socket_path(const std::string& vault_dir, const std::string& runtime_dir) {
  std::array<char, PATH_MAX> real{};
  if (::realpath(vault_dir.c_str(), real.data()) == nullptr)
    return errno == ENOENT ? errc::never_initialised : errc::io;
  if (runtime_dir.empty()) return std::string{real.data()} + "/socket";
  const auto hash = crypto::blake2b_256(as_bytes(real.data()));
  return runtime_dir + "/coffret/" + to_hex(ByteView{hash}.first(8)) + ".sock";
}

Result<Descriptor> listen_local(const std::string& path) {
  const std::string directory = parent(path);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return errc::io;
  if (!private_directory(directory)) return errc::unsafe_location;
  const auto address = address_of(path);
  if (!address) return errc::unsafe_location;

  // A socket file that nobody listens on is what a killed daemon leaves behind.
  auto living = connect_to(*address);
  if (living.has_value()) return errc::in_use;
  if (living.error() != errc::server_unreachable) return living.error();
  (void)::unlink(path.c_str());

  COFFRET_TRY(auto fd, make_socket());
  const mode_t before = ::umask(0177);
  const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
  (void)::umask(before);
  if (bound != 0 || ::listen(fd.get(), 16) != 0) return errc::io;
  return fd;
}

Result<Descriptor> accept_local(const Descriptor& listener) {
  Descriptor fd{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  if (!fd) return errc::io;
  if (!peer_is_us(fd.get())) return errc::unsafe_location;
  return fd;
}

Result<Descriptor> connect_local(const std::string& path) {
  if (!private_directory(parent(path))) {
    struct stat info {};
    if (::lstat(parent(path).c_str(), &info) != 0) return errc::server_unreachable;
    return errc::unsafe_location;
  }
  const auto address = address_of(path);
  if (!address) return errc::unsafe_location;
  return connect_to(*address);
}

}  // namespace coffret::daemon
