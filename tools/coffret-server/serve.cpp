// SPDX-License-Identifier: EUPL-1.2
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <csignal>

#include "sync/server/running.hpp"
#include "tools/coffret-server/commands.hpp"

namespace coffret::server_program {
namespace {

constexpr std::chrono::seconds grace{20};  // for requests in flight at a stop

sigset_t handled_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, number);
  return set;
}

void write_line(std::string_view line) {
  // A log that cannot be written must not stop the server.
  const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  static_cast<void>(written);
}

}  // namespace

Result<void> serve_command(const Context& context) {
  // Blocked before the first thread starts, so that only sigwait sees them.
  const sigset_t signals = handled_signals();
  (void)::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  (void)std::signal(SIGPIPE, SIG_IGN);

  COFFRET_TRY(auto config, running_config(context.settings, context.directory));
  config.journal = write_line;
  std::string addresses = server::format_endpoint(config.listen);
  if (config.admin.port != 0) addresses += ", " + server::format_endpoint(config.admin);
  auto started = server::Running::start(std::move(config), context.machine);
  if (started.has_error()) {
    if (started.error() == errc::address_in_use) context.output.about(std::move(addresses));
    return started.error();
  }
  const auto running = std::move(*started);
  const boost::json::object first{{"url", running->url()},
                                  {"admin_url", running->admin_url()},
                                  {"certificate", running->certificate()},
                                  {"fingerprint", running->fingerprint()}};
  const std::string line = boost::json::serialize(first);
  // For `invite` beside this process, which cannot know a port that was free.
  COFFRET_CHECK(context.machine.disk.replace(context.directory + "/serving.json", as_bytes(line)));
  Output{true, context.output.words()}.result(first, {});

  for (;;) {
    int number = 0;
    if (::sigwait(&signals, &number) != 0) return errc::internal;
    if (number != SIGHUP) break;
    if (const auto reloaded = running->reload(); reloaded.has_error())
      (void)context.output.fail(to_errc(reloaded.error()));
  }
  running->stop(grace);
  return context.machine.disk.remove(context.directory + "/serving.json");
}

}  // namespace coffret::server_program
