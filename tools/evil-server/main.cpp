// SPDX-License-Identifier: EUPL-1.2
//
// evil-server: an association's server gone bad, by a script, for whoever wants to see what their
// own client does about it (tools/evil/README.md). It is given the data directory of a
// coffret-server, whose TLS key and identity key it uses, and stands in front of it. It has nothing
// that a server has not: no key of a vault, no library that could open one.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <cstdio>

#include "sync/protocol/url.hpp"
#include "sync/server/data_directory.hpp"
#include "sync/server/running.hpp"
#include "tools/evil/door.hpp"
#include "tools/evil/proxy.hpp"
#include "tools/evil/script.hpp"
#include "tools/speech/command_line.hpp"
#include "tools/system/system.hpp"

namespace coffret::evil {
namespace {

struct Arguments {
  std::string directory;
  std::vector<std::string> upstreams;
  std::string script;
  std::string listen = "127.0.0.1:0";
  std::string certificate, key;
  std::string journal;
  std::string lifetime = "1h";
  std::uint64_t most = 4ULL << 30;  // bytes
  bool beyond = false;
};

int fail(errc error, const speech::Words& words, std::string_view about = {}) {
  fmt::print(stderr, "evil-server: {}{}{}{}\n", row(error).sentence(words.language),
             about.empty() ? "" : " (", about, about.empty() ? "" : ")");
  return row(error).exit_status;
}

void say(const boost::json::object& line) {
  (void)std::puts(boost::json::serialize(line).c_str());
  (void)std::fflush(stdout);
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

Result<std::map<std::string, std::string>> upstreams_of(const std::vector<std::string>& given) {
  std::map<std::string, std::string> named;
  for (const auto& one : given) {
    const auto equals = one.find('=');
    const bool has_name = equals != std::string::npos;
    const std::string name = has_name ? one.substr(0, equals) : std::string{first_upstream};
    const std::string url = has_name ? one.substr(equals + 1) : one;
    COFFRET_CHECK(protocol::parse_server_url(url));
    if (!named.emplace(name, url).second) return errc::usage;
  }
  return named;
}

Result<Script> read_script(const std::string& path) {
  if (path.empty()) return Script{};
  const auto text = SystemDisk{}.read(path, max_script);
  if (text.has_error())
    return text.error() == errc::not_found ? errc::file_not_found : to_errc(text.error());
  return parse_script(as_text(*text));
}

sigset_t handled_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, number);
  return set;
}

boost::json::array numbers(const std::vector<std::uint64_t>& list) {
  boost::json::array array;
  for (const auto one : list) array.emplace_back(one);
  return array;
}

// Obeys signals until the time is over: HUP reads the script again, TERM and INT end.
void wait(const Arguments& arguments, Seconds lifetime, Proxy& proxy) {
  const sigset_t signals = handled_signals();
  const auto deadline = std::chrono::steady_clock::now() + lifetime;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    const timespec patience{left.count(), 0};
    if (::sigtimedwait(&signals, nullptr, &patience) != SIGHUP) return;
    auto script = read_script(arguments.script);
    if (script.has_error()) {
      const auto code = row(to_errc(script.error())).code;
      say({{"error", {{"code", boost::json::string_view{code.data(), code.size()}}}}});
      continue;
    }
    const auto rules = script->rules.size();
    const auto done = proxy.obey(std::move(*script));
    say({{"rules", rules}, {"done", numbers(done)}});
  }
}

int run(const Arguments& arguments, const speech::Words& words) {
  const auto failed = [&](const error_code& error, std::string_view about = {}) {
    return fail(to_errc(error), words, about);
  };
  const auto lifetime = parse_duration(arguments.lifetime);
  const auto endpoint = server::parse_endpoint(arguments.listen);
  auto upstreams = upstreams_of(arguments.upstreams);
  if (lifetime.has_error() || endpoint.has_error() || upstreams.has_error())
    return fail(errc::usage, words);
  if (!is_loopback(endpoint->address)) {
    if (!arguments.beyond) return fail(errc::denied, words, "--beyond-loopback");
    fmt::print(
        stderr, "{}\n",
        words("ATTENTION : ce serveur est hostile, et d'autres machines peuvent l'atteindre.",
              "WARNING: this server is hostile, and other machines can reach it."));
  }
  const sigset_t signals = handled_signals();
  (void)::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  (void)std::signal(SIGPIPE, SIG_IGN);
  SystemDisk disk;
  SystemClock clock;
  const auto identity = server::Identity::load(arguments.directory + "/identity.key", disk);
  if (identity.has_error()) return failed(identity.error(), arguments.directory);
  auto script = read_script(arguments.script);
  if (script.has_error()) return failed(script.error(), arguments.script);

  ProxyConfig config{std::move(*upstreams), **identity, (*identity)->fingerprint(), clock, {}};
  if (!arguments.journal.empty())
    config.journal = [&](const std::string& line) {
      (void)disk.append(arguments.journal, as_bytes(line + "\n"), false);
    };
  Proxy proxy{std::move(config)};
  const auto rules = script->rules.size();
  (void)proxy.obey(std::move(*script));
  DoorConfig door_config{.address = endpoint->address,
                         .port = endpoint->port,
                         .tls = server::own_tls_files(arguments.directory),
                         .most_written = arguments.most,
                         .spent = [] { (void)::kill(::getpid(), SIGTERM); }};
  if (!arguments.certificate.empty()) door_config.tls.certificate = arguments.certificate;
  if (!arguments.key.empty()) door_config.tls.key = arguments.key;
  const auto door = Door::open(std::move(door_config), [&proxy](http::Request request, Lane& lane) {
    return proxy.answer(std::move(request), lane);
  });
  if (door.has_error()) return failed(door.error(), arguments.listen);
  const std::string url = protocol::format_server_url({true, endpoint->address, (*door)->port()});
  say({{"url", url},
       {"fingerprint", to_base64url((*identity)->fingerprint().bytes)},
       {"rules", rules}});
  wait(arguments, *lifetime, proxy);
  say({{"done", numbers(proxy.obey({}))}});
  return 0;
}

void declare(CLI::App& app, Arguments& arguments, const speech::Words& words) {
  const auto told = [&words](std::string_view french, std::string_view english) {
    return std::string{words(french, english)};
  };
  app.add_option("--data", arguments.directory,
                 told("dossier d'un coffret-server : sa clé d'identité et sa clé TLS",
                      "directory of a coffret-server: its identity key and its TLS key"))
      ->required()
      ->type_name("DIR");
  app.add_option("--upstream", arguments.upstreams,
                 told("serveur honnête derrière celui-ci, en clair sur cette machine ; NOM=ADRESSE "
                      "pour un autre, que « route » choisit",
                      "honest server behind this one, in clear on this machine; NAME=URL for "
                      "another, which \"route\" chooses"))
      ->allow_extra_args(false)
      ->type_name("URL");
  app.add_option("--script", arguments.script,
                 told("règles en JSON ; relues au signal HUP ; sans elles, tout passe",
                      "rules in JSON; read again on HUP; without them, everything passes"))
      ->type_name("FILE");
  app.add_option("--listen", arguments.listen,
                 told("où écouter ; par défaut 127.0.0.1:0 (un port libre)",
                      "where to listen; by default 127.0.0.1:0 (any free port)"))
      ->type_name("ADDRESS");
  app.add_option("--certificate", arguments.certificate,
                 told("certificat PEM, au lieu de celui du dossier",
                      "PEM certificate, instead of the directory's"))
      ->type_name("FILE");
  app.add_option("--key", arguments.key, told("sa clé PEM", "its PEM key"))->type_name("FILE");
  app.add_option(
         "--journal", arguments.journal,
         told("écrit ici une ligne JSON par requête", "write a line of JSON here a request"))
      ->type_name("FILE");
  app.add_option("--for", arguments.lifetime,
                 told("s'arrête de lui-même après ce temps ; par défaut 1h",
                      "end by itself after this time; by default 1h"))
      ->type_name("DURATION");
  app.add_option("--most", arguments.most,
                 told("octets écrits en tout, puis il s'arrête ; par défaut 4 Gio",
                      "bytes written in all, then it ends; by default 4 GiB"))
      ->type_name("N");
  app.add_flag("--beyond-loopback", arguments.beyond,
               told("permet à d'autres machines de l'atteindre", "let other machines reach it"));
  app.footer(std::string{words(
                 "Joue un serveur devenu hostile, pour voir ce que fait votre propre client.\n"
                 "La première ligne sur la sortie standard est du JSON : url, fingerprint,\n"
                 "rules. Après TERM, ou à la fin de son temps, il dit combien de fois chaque\n"
                 "règle a été appliquée.\n\n",
                 "Plays a server gone bad, to see what your own client does about it.\n"
                 "The first line on standard output is JSON: url, fingerprint, rules. On TERM,\n"
                 "or when its time is over, it tells how often each rule was carried out.\n\n")} +
             speech::example(words,
                             "evil-server --data /var/lib/coffret-server \\\n"
                             "    --upstream http://127.0.0.1:8081 --script rollback.json"));
}

}  // namespace
}  // namespace coffret::evil

int main(int argc, char** argv) {
  (void)::umask(0077);
  const auto words = coffret::speech::words_of(argc, argv);
  CLI::App app{std::string{words("un serveur hostile, selon un script, pour éprouver son client",
                                 "a hostile server, by a script, to try one's own client with")},
               "evil-server"};
  coffret::speech::set_up(app, words);
  coffret::evil::Arguments arguments;
  coffret::evil::declare(app, arguments, words);
  if (const auto ended = coffret::speech::parse(
          app, argc, argv, words,
          {.section = 8, .common_statuses = true, .see_also = "coffret-server(8), coffret(1)"}))
    return *ended;
  return coffret::evil::run(arguments, words);
}
