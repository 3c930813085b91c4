// SPDX-License-Identifier: EUPL-1.2
//
// scripted_peer.hpp: the other end of a loopback socket, which says what the test tells it to.
#ifndef COFFRET_TESTS_SUPPORT_SCRIPTED_PEER_HPP
#define COFFRET_TESTS_SUPPORT_SCRIPTED_PEER_HPP

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace coffret::test {

class ScriptedPeer {
 public:
  ScriptedPeer() : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (listening_ < 0 || ::bind(listening_, generic, size) != 0 || ::listen(listening_, 8) != 0 ||
        ::getsockname(listening_, generic, &size) != 0)
      throw std::runtime_error("loopback socket");
    port_ = ntohs(address.sin_port);
  }
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;
  ~ScriptedPeer() {
    hang_up();
    ::close(listening_);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  bool accept() {
    hang_up();
    connected_ = ::accept(listening_, nullptr, nullptr);
    return connected_ >= 0;
  }
  // Reads up to the end of a head; the scripts use requests without a body.
  bool read_request() {
    std::string head;
    char c = 0;
    while (!head.ends_with("\r\n\r\n") && ::recv(connected_, &c, 1, 0) == 1) head.push_back(c);
    return head.ends_with("\r\n\r\n");
  }
  bool say(std::string_view text) {
    return ::send(connected_, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }
  void hang_up() {
    if (connected_ >= 0) ::close(connected_);
    connected_ = -1;
  }
  // Nobody listens any more; a waiting accept() returns false.
  void close() { ::shutdown(listening_, SHUT_RDWR); }

 private:
  int listening_;
  int connected_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_SCRIPTED_PEER_HPP
