// SPDX-License-Identifier: EUPL-1.2
//
// The daemon's commands that speak with a server, cut short at every durable call and between any
// two requests: joining, a sync, a grant made and revoked. The server is another machine and keeps
// what it was given.
#include <doctest/doctest.h>

#include "tests/support/crash_play.hpp"
#include "tests/support/daemon_rig.hpp"

namespace coffret::test {
namespace {

// A daemon on a CrashMachine. Whatever it asks of the server is a moment at which it may die.
class Daemon {
 public:
  using Object = boost::json::object;

  Daemon(CrashMachine& machine, MemberServer& server, std::function<void()> after_request = {})
      : after_request_(std::move(after_request)),
        service_({.directory = machine.directory(),
                  .reader_program = COFFRET_BIN_DIR "/coffret-reader",
                  .device_name = "ordinateur",
                  .cost = cheap_cost,
                  .connect = watched(server)},
                 machine.environment()),
        server_(server) {}

  errc ask(std::string_view command, Object arguments = {},
           std::vector<std::pair<std::string, std::string>> secrets = {}) {
    daemon::LocalRequest request{std::move(arguments), {}};
    request.arguments["command"] = boost::json::string_view{command.data(), command.size()};
    for (const auto& [name, secret] : secrets) request.secrets.emplace(name, secret_text(secret));
    heard = {};
    auto outcome = service_.handle(request, heard);
    result = std::move(outcome.result);
    return outcome.error;
  }
  errc init() { return ask("init", {{"owner", "Camille Exemple"}}, {{"passphrase", passphrase}}); }
  errc unlock() { return ask("unlock", {}, {{"passphrase", passphrase}}); }
  errc join() { return ask("server join", {{"url", server_.url}}, {{"invite", server_.invite()}}); }
  errc with(const std::function<Result<void>(store::Vault&)>& act) {
    const auto done = service_.session().with(act);
    return done.has_error() ? to_errc(done.error()) : errc::ok;
  }
  errc put_one(const std::string& title) {
    return with([&](store::Vault& vault) -> Result<void> {
      return put(vault, prepared(title, "texte")).is_zero() ? Result<void>{errc::io}
                                                            : Result<void>{};
    });
  }
  std::string state() {
    std::string text;
    (void)with([&](store::Vault& vault) -> Result<void> {
      text = told(vault);
      return {};
    });
    return text;
  }

  HeardAnswer heard;
  Object result;

 private:
  class Watched final : public http::Transport {
   public:
    Watched(std::unique_ptr<http::Transport> real, const std::function<void()>& after)
        : real_(std::move(real)), after_(after) {}
    Result<http::Response> exchange(const http::Request& request) override {
      auto answer = real_->exchange(request);
      if (after_) after_();
      return answer;
    }
    Sha256 peer_spki() const override { return real_->peer_spki(); }

   private:
    std::unique_ptr<http::Transport> real_;
    const std::function<void()>& after_;
  };
  client::Connect watched(MemberServer& server) {
    return [this, connect = server.connect()](
               const http::ClientConfig& config) -> Result<std::unique_ptr<http::Transport>> {
      COFFRET_TRY(auto real, connect(config));
      return std::unique_ptr<http::Transport>{
          std::make_unique<Watched>(std::move(real), after_request_)};
    };
  }

  static constexpr const char* passphrase = "une phrase de test";
  std::function<void()> after_request_;
  daemon::Service service_;
  MemberServer& server_;
};

// What had been acknowledged to the person, and what the server had, at each moment.
struct Moment {
  std::size_t commands = 0;  // that ended well
  MemberServer server;
};

struct Command {
  const char* name;
  std::function<errc(Daemon&)> run;
  std::function<bool(Daemon&)> shows;  // that it was done
};

errc grant(Daemon& daemon) {
  return daemon.ask("grant create", {{"to", "Dr Alice Martin"}, {"all", true}, {"for", "1d"}});
}

bool has(Daemon& daemon, const char* words) {
  return daemon.state().find(words) != std::string::npos;
}

errc revoke(Daemon& daemon) {
  std::string id;
  (void)daemon.with([&](store::Vault& vault) -> Result<void> {
    const auto grants = vault.grants();
    if (!grants.empty()) id = grants.front().decision.grant.text();
    return {};
  });
  return daemon.ask("grant revoke", {{"id", id}});
}

const std::vector<Command> day{
    {"server join", [](Daemon& d) { return d.join(); },
     [](Daemon& d) { return has(d, "server "); }},
    {"import", [](Daemon& d) { return d.put_one("Bilan"); },
     [](Daemon& d) { return has(d, "listed Bilan"); }},
    {"sync", [](Daemon& d) { return d.ask("sync"); },
     [](Daemon& d) { return has(d, "listed Bilan"); }},
    {"grant create", grant, [](Daemon& d) { return has(d, "grant Dr Alice Martin"); }},
    {"grant revoke", revoke,
     [](Daemon& d) { return has(d, "grant Dr Alice Martin revoked acknowledged"); }},
};

// Opens, shows all that was acknowledged, is in order, and brings the day to its end.
void judge_day(CrashMachine& machine, MemberServer& server, std::size_t commands) {
  Daemon daemon{machine, server};
  const auto opened = daemon.unlock();
  CHECK_MESSAGE(opened == errc::ok, "does not open: " << row(opened).code);
  if (opened != errc::ok) return;
  for (std::size_t i = 0; i < commands; ++i)
    CHECK_MESSAGE(day[i].shows(daemon), day[i].name << " was acknowledged and is not there");
  CHECK(daemon.with([](store::Vault& vault) -> Result<void> {
    COFFRET_TRY(const auto problems, vault.check(true));
    return problems.empty() ? Result<void>{} : Result<void>{errc::damaged};
  }) == errc::ok);
  CHECK(machine.strays().empty());
  for (std::size_t i = commands; i < day.size(); ++i) {
    if (day[i].shows(daemon) && i != 2) continue;
    const auto done = day[i].run(daemon);
    CHECK_MESSAGE(done == errc::ok, day[i].name << " again: " << row(done).code);
  }
  const auto synced = daemon.ask("sync");
  CHECK_MESSAGE(synced == errc::ok, "sync at last: " << row(synced).code);
  CHECK(daemon.ask("status") == errc::ok);
  CHECK(daemon.result.at("pending").to_number<std::uint64_t>() == 0);
  // No place of the log was signed twice, no entry names what the server lacks.
  for (std::size_t i = 0; i < server.log.size(); ++i) {
    const auto entry = protocol::decode_entry(server.log[i].body);
    CHECK((entry.has_value() && entry->seq == i + 1));
    if (entry.has_error()) continue;
    for (const auto& object : entry->puts) CHECK(server.objects.contains(object));
  }
}

TEST_SUITE("vault/crash/daemon") {
  TEST_CASE("a day with a server, cut short anywhere, goes on where it was") {
    CrashMachine machine;
    MemberServer server;
    {
      Daemon daemon{machine, server};
      REQUIRE(daemon.init() == errc::ok);
    }
    Recording recording{machine.medium};
    std::vector<Moment> moments{{0, server}};
    std::size_t done = 0;
    const auto note = [&] {
      moments.push_back({done, server});
      recording.mark();
    };
    {
      Daemon daemon{machine, server, note};
      REQUIRE(daemon.unlock() == errc::ok);
      for (const auto& command : day) {
        const auto outcome = command.run(daemon);
        REQUIRE_MESSAGE(outcome == errc::ok, command.name << ": " << row(outcome).code);
        REQUIRE(command.shows(daemon));
        ++done;
        note();
      }
    }
    recording.stop();
    const auto count = walk(recording, [&](const Crash& crash) {
      machine.medium = crash.left;
      MemberServer then = moments[crash.marks].server;
      judge_day(machine, then, moments[crash.marks].commands);
    });
    MESSAGE("a day with a server: walked " << count.steps << " durable calls, " << count.crashes
                                           << " crashes");
    CHECK(count.crashes > 50);
  }

  TEST_CASE("a day with a server, whose disk fails anywhere, goes on when it is well") {
    CrashMachine machine;
    std::optional<MemberServer> server;
    server.emplace();
    {
      Daemon daemon{machine, *server};
      REQUIRE(daemon.init() == errc::ok);
    }
    const Medium start = machine.medium;
    const MemberServer before = *server;
    const auto run = [&](std::size_t& commands) {
      Daemon daemon{machine, *server};
      if (daemon.unlock() != errc::ok) return;
      for (const auto& command : day) {
        if (command.run(daemon) != errc::ok) return;
        ++commands;
      }
    };
    std::size_t commands = 0;
    machine.medium = start;  // counts from here
    run(commands);
    REQUIRE(commands == day.size());
    const auto steps = machine.medium.steps();
    std::size_t met = 0;
    Dice dice{number_in_environment("COFFRET_CRASH_SEED", 20261128)};
    for (std::uint64_t step = 0; step < steps; ++step)
      for (const auto& fault : faults_at(step, dice)) {
        const int kind = static_cast<int>(fault.kind);
        CAPTURE(step);
        CAPTURE(kind);
        machine.medium = start;
        machine.random.begin(5000 + step);
        server.emplace(before);
        machine.medium.break_at(fault);
        commands = 0;
        run(commands);
        if (machine.medium.broken() > 0) ++met;
        machine.medium.break_at(std::nullopt);
        if (dice.below(2) == 0)
          machine.medium = machine.medium.after_power_cut(Kept::everything, Kept::nothing, step);
        judge_day(machine, *server, commands);
      }
    MESSAGE("a day with a server: " << steps << " durable calls, " << met << " faults met");
    CHECK(met > 50);
  }
}

}  // namespace
}  // namespace coffret::test
