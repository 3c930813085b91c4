// SPDX-License-Identifier: EUPL-1.2
#include "sync/http/channel.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "sync/http/tls.hpp"

namespace coffret::http {
namespace {

using namespace std::chrono;

constexpr milliseconds look_up{100};  // between two questions whether to give up

// OpenSSL's own socket BIO writes with write(2), which kills the process with SIGPIPE when the peer
// has gone; send(2) can be told not to.
int fd_of(BIO* bio) noexcept {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto n = ::send(fd_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(n);
}

int bio_read(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const auto n = ::recv(fd_of(bio), into, static_cast<std::size_t>(size), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(n);
}

long bio_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO* socket_bio(int fd) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "coffret socket");
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  BIO* bio = BIO_new(method);
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  BIO_set_init(bio, 1);
  return bio;
}

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list) != 0) return nullptr;
  return Addresses{list};
}

bool is_address(const std::string& host) noexcept {
  return host.find(':') != std::string::npos || std::all_of(host.begin(), host.end(), [](char c) {
           return c == '.' || (c >= '0' && c <= '9');
         });
}

int clamp_size(std::size_t size) noexcept {
  return static_cast<int>(
      std::min<std::size_t>(size, static_cast<std::size_t>(std::numeric_limits<int>::max())));
}

}  // namespace

Channel::~Channel() {
  if (tls_ != nullptr) {
    SSL_shutdown(tls_);  // says goodbye, waits for nothing
    SSL_free(tls_);
    ERR_clear_error();
  }
  ::close(fd_);
}

bool Channel::given_up() const {
  const auto now = steady_clock::now();
  if (!give_up_ || now - asked_ < look_up) return false;
  asked_ = now;
  return give_up_();
}

Result<void> Channel::wait(short events, Deadline deadline) const {
  for (;;) {
    const auto left = ceil<milliseconds>(deadline - steady_clock::now()).count();
    if (left <= 0) return errc::timed_out;
    if (given_up()) return errc::stopping;
    const std::int64_t at_most = give_up_ ? look_up.count() : 60'000;
    pollfd watched{fd_, events, 0};
    const int rc = ::poll(&watched, 1, static_cast<int>(std::min<std::int64_t>(left, at_most)));
    if (rc > 0) return {};
    if (rc < 0 && errno != EINTR) return errc::server_unreachable;
  }
}

Result<void> Channel::wait_tls(int rc, Deadline deadline) const {
  switch (SSL_get_error(tls_, rc)) {
    case SSL_ERROR_WANT_READ:
      return wait(POLLIN, deadline);
    case SSL_ERROR_WANT_WRITE:
      return wait(POLLOUT, deadline);
    default:
      return errc::server_unreachable;
  }
}

Result<std::unique_ptr<Channel>> Channel::connect(const std::string& host, std::uint16_t port,
                                                  ssl_ctx_st* tls, Deadline deadline,
                                                  GiveUp give_up) {
  const auto addresses = resolve(host, port);
  errc failure = errc::server_unreachable;
  std::ptrdiff_t left = 0;
  for (const auto* a = addresses.get(); a != nullptr; a = a->ai_next) ++left;
  for (const auto* a = addresses.get(); a != nullptr; a = a->ai_next, --left) {
    // Each address gets its share of what is left, so that a silent one does not eat it all.
    const auto now = steady_clock::now();
    const Deadline share = now + (deadline - now) / left;
    const int fd = ::socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    std::unique_ptr<Channel> channel{new Channel{fd, give_up}};
    const int on = 1;
    (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd, a->ai_addr, a->ai_addrlen) != 0 && errno != EINPROGRESS) continue;
    auto outcome = channel->wait(POLLOUT, share);
    int refused = 0;
    socklen_t size = sizeof refused;
    if (outcome.has_value() &&
        (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &refused, &size) != 0 || refused != 0))
      continue;
    if (outcome.has_value() && tls != nullptr) outcome = channel->start_tls(host, tls, share);
    if (outcome.has_value()) return channel;
    failure = to_errc(outcome.error());
  }
  return failure;
}

Result<void> Channel::start_tls(const std::string& host, ssl_ctx_st* context, Deadline deadline) {
  tls_ = SSL_new(context);
  BIO* bio = tls_ == nullptr ? nullptr : socket_bio(fd_);
  if (bio == nullptr) return errc::internal;
  SSL_set_bio(tls_, bio, bio);
  SSL_set_mode(tls_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // SSL_set_tlsext_host_name, without its C cast.
  if (!is_address(host))
    SSL_ctrl(tls_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
  for (;;) {
    ERR_clear_error();
    const int rc = SSL_connect(tls_);
    if (rc == 1) return {};
    COFFRET_CHECK(wait_tls(rc, deadline));
  }
}

Result<std::size_t> Channel::read(MutableByteView into, Deadline deadline) {
  for (;;) {
    if (tls_ != nullptr) {
      ERR_clear_error();
      const int n = SSL_read(tls_, into.data(), clamp_size(into.size()));
      if (n > 0) return static_cast<std::size_t>(n);
      COFFRET_CHECK(wait_tls(n, deadline));
    } else {
      const auto n = ::recv(fd_, into.data(), into.size(), 0);
      if (n > 0) return static_cast<std::size_t>(n);
      if (n == 0 || (errno != EAGAIN && errno != EINTR)) return errc::server_unreachable;
      COFFRET_CHECK(wait(POLLIN, deadline));
    }
  }
}

Result<std::size_t> Channel::write(ByteView bytes, Deadline deadline) {
  for (;;) {
    if (tls_ != nullptr) {
      ERR_clear_error();
      const int n = SSL_write(tls_, bytes.data(), clamp_size(bytes.size()));
      if (n > 0) return static_cast<std::size_t>(n);
      COFFRET_CHECK(wait_tls(n, deadline));
    } else {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n > 0) return static_cast<std::size_t>(n);
      if (errno != EAGAIN && errno != EINTR) return errc::server_unreachable;
      COFFRET_CHECK(wait(POLLOUT, deadline));
    }
  }
}

bool Channel::has_input() const {
  pollfd watched{fd_, POLLIN, 0};
  return (tls_ != nullptr && SSL_pending(tls_) > 0) || ::poll(&watched, 1, 0) != 0;
}

Sha256 Channel::peer_spki() const {
  return tls_ == nullptr ? Sha256{} : http::peer_spki(tls_);
}

}  // namespace coffret::http
