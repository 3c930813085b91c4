// SPDX-License-Identifier: EUPL-1.2
//
// coffretd: the patient's daemon. One vault, its socket, and its page.
#include <fmt/format.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "coffret/document.hpp"
#include "coffret/time.hpp"
#include "sync/http/listener.hpp"
#include "tools/speech/command_line.hpp"
#include "tools/system/system.hpp"
#include "vault/daemon/cards.hpp"
#include "vault/daemon/history_reading.hpp"
#include "vault/daemon/local_server.hpp"
#include "vault/daemon/local_socket.hpp"
#include "vault/daemon/ocr.hpp"
#include "vault/daemon/page.hpp"
#include "vault/daemon/unread.hpp"
#include "vault/daemon/watch_loop.hpp"

namespace coffret {
namespace {

// Nobody but root reads this process's memory, and it leaves no core (security.md §6).
// NOLINTBEGIN(concurrency-mt-unsafe): before the first thread
void harden() {
  const rlimit no_core{0, 0};
  (void)::setrlimit(RLIMIT_CORE, &no_core);
  (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  (void)::umask(0077);
  // What is freed is overwritten at once, ours and the libraries' alike: no word of a document that
  // was open is left when the vault is locked. What it costs cannot be measured in an import.
  (void)::mallopt(M_PERTURB, 1);
  // A document's bytes are given back when it is done with: each from the system, and one heap for
  // all the threads that an import begins.
  (void)::mallopt(M_MMAP_THRESHOLD, 1 << 20);
  (void)::mallopt(M_ARENA_MAX, 1);
}
// NOLINTEND(concurrency-mt-unsafe)

// TERM and INT become readable on a descriptor; PIPE is told by write() itself.
daemon::Descriptor stop_signals() {
  (void)std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  (void)::sigemptyset(&set);
  (void)::sigaddset(&set, SIGTERM);
  (void)::sigaddset(&set, SIGINT);
  (void)::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return daemon::Descriptor{::signalfd(-1, &set, SFD_CLOEXEC)};
}

std::string environment_text(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  return value == nullptr ? std::string{} : std::string{value};
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string{name.data()} : "coffret";
}

std::string beside_us(const char* program) {
  std::error_code ec;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ec);
  return (self.parent_path() / program).string();
}

int fail(errc error, Language language) {
  fmt::print(stderr, "coffretd: {}\n", row(error).sentence(language));
  return row(error).exit_status;
}

// The page's listener. Errors: usage, and those of Listener::start.
Result<std::unique_ptr<http::Listener>> listen_page(const std::string& listen, daemon::Page& page) {
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos || listen.substr(0, colon) != "127.0.0.1") return errc::usage;
  http::ListenerConfig config;
  const auto* first = listen.data() + colon + 1;
  const auto* last = listen.data() + listen.size();
  if (const auto [end, ec] = std::from_chars(first, last, config.port);
      ec != std::errc{} || end != last)
    return errc::usage;
  config.threads = 1;
  config.limits.connections = 32;
  config.limits.body = limits::file_size;
  config.limits.bodies = config.limits.bodies_per_address = 2 * limits::file_size;
  return http::Listener::start(config,
                               [&page](http::Request request, const http::Respond& respond) {
                                 page.answer(std::move(request), respond);
                               });
}

// Beside the socket, in the directory that only its owner enters.
std::string redirect_file(const std::string& socket) {
  return socket.substr(0, socket.rfind(".sock")) + ".open.html";
}

struct Arguments {
  std::string directory;
  std::string listen = "127.0.0.1:0";
  std::string idle_lock = "15m";
};

int run(const Arguments& arguments, Language language) {
  const auto failed = [&](const error_code& error) { return fail(to_errc(error), language); };
  const auto idle = parse_duration(arguments.idle_lock);
  if (idle.has_error()) return fail(errc::usage, language);
  harden();
  const auto stop = stop_signals();
  std::error_code ec;
  std::filesystem::create_directories(arguments.directory, ec);
  // SQLite is told to follow no symbolic link, and a person's home may well be behind one.
  std::string directory = arguments.directory;
  if (const auto real = std::filesystem::canonical(directory, ec); !ec) directory = real.string();
  const auto path = daemon::socket_path(directory, environment_text("XDG_RUNTIME_DIR"));
  if (path.has_error()) return failed(path.error());
  const auto listener = daemon::listen_local(*path);
  if (listener.has_error()) return failed(listener.error());

  SystemRandom random;
  SystemDisk disk;
  SystemClock clock;
  daemon::ServiceConfig config;
  config.directory = std::move(directory);
  config.reader_program = beside_us("coffret-reader");
  config.device_name = host_name();
  daemon::Service service{std::move(config), {clock, random, disk}};

  std::unique_ptr<http::Listener> pages;
  std::unique_ptr<daemon::Page> page;
  const auto listen = [&](const std::string& where) -> Result<std::uint16_t> {
    COFFRET_TRY(pages, listen_page(where, *page));
    return pages->port();
  };
  daemon::PageConfig page_config{.redirect_file = redirect_file(*path), .idle = *idle};
  if (arguments.listen == "asked") page_config.listen = [&] { return listen("127.0.0.1:0"); };
  page = std::make_unique<daemon::Page>(service, std::move(page_config));
  if (arguments.listen != "asked" && arguments.listen != "none") {
    const auto port = listen(arguments.listen);
    if (port.has_error()) return failed(port.error());
    page->listens_on(*port);
  }
  boost::json::object ready{{"socket", *path}, {"page", nullptr}};
  if (pages) ready["page"] = fmt::format("http://127.0.0.1:{}/", pages->port());
  (void)std::puts(boost::json::serialize(ready).c_str());
  (void)std::fflush(stdout);
  {
    const daemon::WatchLoop watching{service.watcher()};
    const daemon::OcrThread ocr{service};
    const daemon::UnreadThread unread{service};
    const daemon::HistoryThread history{service};
    const daemon::CardThread cards{service};
    daemon::serve_local(*listener, stop.get(), service, *idle, page.get());
    service.session().lock();
  }
  pages.reset();  // it calls the page, which waits for what still runs
  page.reset();
  (void)::unlink(path->c_str());
  return 0;
}

void declare(CLI::App& app, Arguments& arguments, const speech::Words& words) {
  app.add_option("--vault", arguments.directory,
                 std::string{words("dossier du coffre", "the vault's folder")})
      ->required()
      ->type_name("DIR");
  app.add_option(
         "--listen", arguments.listen,
         std::string{words("où servir la page : 127.0.0.1:PORT (0 : un port libre), asked "
                           "(seulement quand « coffret open » la demande), ou none (pas de "
                           "page) ; par défaut 127.0.0.1:0",
                           "where to serve the page: 127.0.0.1:PORT (0: any free port), asked "
                           "(only once \"coffret open\" asks), or none (no page); by default "
                           "127.0.0.1:0")})
      ->type_name("ADDRESS");
  app.add_option("--idle-lock", arguments.idle_lock,
                 std::string{words("ferme le coffre après ce temps sans usage ; par défaut 15m",
                                   "lock after this time without use; by default 15m")})
      ->type_name("DURATION");
  app.footer(
      std::string{words(
          "La première ligne sur la sortie standard est du JSON : socket, page. Au signal\n"
          "TERM, ce qui est en cours finit, puis le coffre se ferme. « coffret » le démarre\n"
          "de lui-même.\n\n",
          "The first line on standard output is JSON: socket, page. On TERM, what is in\n"
          "flight finishes, then the vault is locked. \"coffret\" starts it by itself.\n\n")} +
      speech::example(words, "coffretd --vault ~/.local/share/coffret --idle-lock 5m"));
}

}  // namespace
}  // namespace coffret

int main(int argc, char** argv) {
  const auto words = coffret::speech::words_of(argc, argv);
  CLI::App app{std::string{words("garde un coffre ouvert pour la commande et la page",
                                 "keep one vault open for the command and the page")},
               "coffretd"};
  coffret::speech::set_up(app, words);
  coffret::Arguments arguments;
  coffret::declare(app, arguments, words);
  if (const auto ended = coffret::speech::parse(
          app, argc, argv, words,
          {.section = 1, .common_statuses = true, .see_also = "coffret(1), coffret-reader(1)"}))
    return *ended;
  return coffret::run(arguments, words.language);
}
