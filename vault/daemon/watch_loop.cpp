// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/watch_loop.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstdint>

#include "vault/daemon/forgetting.hpp"

namespace coffret::daemon {
namespace {

constexpr int settling_wait = 500;  // milliseconds between looks at a file that settles
constexpr int idle_wait = 2000;     // milliseconds until unlocking and new folders are noticed
constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_MODIFY;

}  // namespace

WatchLoop::WatchLoop(Watcher& watcher)
    : watcher_(watcher), stop_(::eventfd(0, EFD_CLOEXEC)), thread_([this] { run(); }) {}

WatchLoop::~WatchLoop() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

// A fresh inotify for another set of folders. A folder that cannot be followed is looked at by the
// clock, as all are without inotify.
void WatchLoop::follow(const std::vector<std::string>& directories) {
  if (directories == followed_) return;
  followed_ = directories;
  changes_ = Descriptor{};
  if (directories.empty()) return;
  Descriptor fresh{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  if (!fresh) return;
  for (const auto& directory : directories)
    if (::inotify_add_watch(fresh.get(), directory.c_str(), changes) < 0) return;
  changes_ = std::move(fresh);
}

bool WatchLoop::drain() {
  std::array<char, 4096> events{};
  bool any = false;
  while (changes_ && ::read(changes_.get(), events.data(), events.size()) > 0) any = true;
  return any;
}

void WatchLoop::run() {
  bool look = true;
  for (;;) {
    const auto before = followed_;
    follow(watcher_.directories());
    if (look || followed_ != before || !changes_ || watcher_.waiting())
      forgetting([&] { watcher_.look(Settling::Time::clock::now()); });
    std::array<pollfd, 2> wait{pollfd{stop_.get(), POLLIN, 0},
                               pollfd{changes_ ? changes_.get() : -1, POLLIN, 0}};
    (void)::poll(wait.data(), wait.size(), watcher_.waiting() ? settling_wait : idle_wait);
    if ((wait[0].revents & POLLIN) != 0) return;
    look = drain();
    // Events come by the hundred while a file grows: it is not looked at for each.
    if (look) {
      pollfd stop{stop_.get(), POLLIN, 0};
      (void)::poll(&stop, 1, settling_wait);
    }
  }
}

}  // namespace coffret::daemon
