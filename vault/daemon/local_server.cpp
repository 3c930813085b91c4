// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/local_server.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <atomic>
#include <list>
#include <thread>

#include "coffret/json.hpp"
#include "vault/crypto/secret_io.hpp"

namespace coffret::daemon {
namespace {

using namespace std::chrono_literals;

struct Connection {
  Descriptor socket;
  std::atomic<bool> over{false};
  std::thread thread;
};

// A client that stops in the middle of its request does not hold its thread for ever.
void bound_waiting(int fd) {
  const timeval limit{.tv_sec = 60, .tv_usec = 0};
  (void)::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  (void)::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

Outcome handle(LocalRequest& request, Answer& answer, Service& service, Page* page) {
  const auto* command = text_member(request.arguments, "command");
  if (page == nullptr || command == nullptr || *command != "open")
    return service.handle(request, answer);
  auto opened = page->open();
  if (opened.has_error()) return {{}, to_errc(opened.error()), {}};
  return {std::move(*opened), errc::ok, {}};
}

// Not inlined: its own locals must be among what is wiped after it.
[[gnu::noinline]] void answer_one(int fd, Service& service, Page* page) {
  bound_waiting(fd);
  SocketAnswer answer{fd};
  if (send_frame(fd, FrameType::ready, {}).has_error()) return;
  auto request = receive_request(fd);
  if (request.has_error()) {
    (void)answer.error(to_errc(request.error()), {});
    return;
  }
  const Outcome outcome = handle(*request, answer, service, page);
  if (outcome.error == errc::ok)
    (void)answer.done(outcome.result);
  else
    (void)answer.error(outcome.error, outcome.detail);
}

void sweep(std::list<Connection>& connections) {
  for (auto it = connections.begin(); it != connections.end();) {
    if (!it->over) {
      ++it;
      continue;
    }
    it->thread.join();
    it = connections.erase(it);
  }
}

}  // namespace

void serve_local(const Descriptor& listener, int stop_fd, Service& service,
                 std::chrono::steady_clock::duration idle, Page* page) {
  std::list<Connection> connections;
  for (;;) {
    // A full house does not look at the door: who waits there would make this loop spin.
    const bool full = connections.size() >= max_connections;
    std::array<pollfd, 2> wait{pollfd{full ? -1 : listener.get(), POLLIN, 0},
                               pollfd{stop_fd, POLLIN, 0}};
    (void)::poll(wait.data(), wait.size(), 500);
    sweep(connections);
    if ((wait[1].revents & POLLIN) != 0 || service.stop_asked()) break;
    if (idle > 0s) service.session().lock_if_idle(idle);
    if (page != nullptr) page->tick();
    if ((wait[0].revents & POLLIN) == 0) continue;
    auto socket = accept_local(listener);
    if (socket.has_error()) continue;
    auto& connection = connections.emplace_back();
    connection.socket = std::move(*socket);
    connection.thread = std::thread{[&connection, &service, page] {
      answer_one(connection.socket.get(), service, page);
      crypto::wipe_stack();
      connection.socket = Descriptor{};
      connection.over = true;
    }};
  }
  service.ask_stop();  // what would go on for ever looks at it
  for (auto& connection : connections) connection.thread.join();
}

}  // namespace coffret::daemon
