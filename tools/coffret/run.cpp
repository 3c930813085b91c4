// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include "coffret/json.hpp"
#include "tools/coffret/answers.hpp"
#include "tools/coffret/doctor_command.hpp"
#include "tools/coffret/export_command.hpp"
#include "tools/coffret/redeem_command.hpp"
#include "tools/coffret/typed.hpp"

namespace coffret::cli {
namespace {

daemon::DaemonPlace place_of(const Invocation& invocation) {
  daemon::DaemonPlace place;
  place.vault_dir = invocation.vault_dir;
  const char* runtime =
      std::getenv("XDG_RUNTIME_DIR");  // NOLINT(concurrency-mt-unsafe): one thread
  if (runtime != nullptr) place.runtime_dir = runtime;
  std::error_code ec;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ec);
  if (!ec) place.program = (self.parent_path() / "coffretd").string();
  return place;
}

// Or what is left of one: the daemon tells a vault that lost its keyslot from a place without any.
bool holds_a_vault(const std::filesystem::path& directory) {
  std::error_code ec;
  return std::filesystem::exists(std::filesystem::symlink_status(directory / "keyslot", ec)) ||
         std::filesystem::exists(std::filesystem::symlink_status(directory / "store.db", ec));
}

bool makes_a_vault(const std::string& command) {
  return command == "init" || command == "rebuild";
}

}  // namespace

Run::Run(Invocation invocation)
    : invocation_(std::move(invocation)), place_(place_of(invocation_)) {}

Result<SecretText> Run::secret_in(const std::string& path) {
  auto secret = daemon::read_secret_file(path);
  if (secret.has_error()) told_.detail = path;
  return secret;
}

Result<SecretText> Run::passphrase(bool twice) {
  const Words& words = invocation_.words;
  if (!invocation_.passphrase_file.empty()) return secret_in(invocation_.passphrase_file);
  const auto prompt = words("Phrase secrète : ", "Passphrase: ");
  auto secret = twice ? ask_twice(words, prompt, told_) : daemon::ask_secret(std::string{prompt});
  if (secret.has_error() && secret.error() == errc::not_found) {
    told_.detail = words("Sans terminal, donnez --passphrase-file.",
                         "Without a terminal, give --passphrase-file.");
    return twice ? errc::usage : errc::locked;
  }
  return secret;
}

Result<void> Run::prepare() {
  const std::string& command = invocation_.command;
  std::error_code ec;
  if (makes_a_vault(command)) {
    const mode_t before = ::umask(0077);
    std::filesystem::create_directories(invocation_.vault_dir, ec);
    (void)::umask(before);
    if (ec) return errc::io;
  } else if (!holds_a_vault(invocation_.vault_dir)) {
    return errc::never_initialised;
  }
  if (command == "status" || command == "stop" || command == "lock") {
    // These ask a daemon; they do not start one merely to hear that it is locked.
    if (command != "status" && !daemon::daemon_runs(place_)) place_.program.clear();
  }
  COFFRET_CHECK(judge_arguments(invocation_, told_));
  if (!invocation_.recovery_out.empty()) {
    auto made = daemon::create_secret_file(invocation_.recovery_out);
    if (made.has_error()) {
      told_.detail = invocation_.recovery_out;
      return made.error();
    }
    recovery_out_ = std::move(*made);
  }
  return gather_secrets();
}

// What `show` is to send: with --json without --out nothing, for a person what can be read.
void Run::choose_content() {
  const bool to_person =
      !invocation_.json && invocation_.out.empty() && ::isatty(STDOUT_FILENO) != 0;
  const bool described = invocation_.json && invocation_.out.empty();
  std::string_view content = to_person ? "text" : "original";
  if (invocation_.arguments.contains("attachment"))
    content = "attachment";
  else if (invocation_.html)
    content = "html";
  else if (invocation_.text)
    content = "text";
  if (described && !invocation_.html && !invocation_.text) content = "none";
  request_.arguments["content"] = boost::json::string_view{content.data(), content.size()};
  request_.arguments["readable"] = to_person || (invocation_.text && invocation_.out.empty());
}

Result<void> Run::gather_secrets() {
  request_.arguments = invocation_.arguments;
  request_.arguments["lang"] = invocation_.words.language == Language::french ? "fr" : "en";
  if (!invocation_.qr.empty())
    request_.arguments["qr"] = invocation_.qr.ends_with(".svg") ? "svg" : "png";
  if (invocation_.command == "show") choose_content();
  const auto from_file = [&](const char* name, const std::string& path) -> Result<void> {
    if (path.empty()) return {};
    COFFRET_TRY(auto secret, secret_in(path));
    request_.secrets.emplace(name, std::move(secret));
    return {};
  };
  COFFRET_CHECK(from_file("recovery", invocation_.recovery_file));
  COFFRET_CHECK(from_file("passcode", invocation_.passcode_file));
  COFFRET_CHECK(from_file("invite", invocation_.invite_file));
  if (invocation_.command == "export") return prepare_export(invocation_, request_, told_);
  if (makes_a_vault(invocation_.command) || invocation_.command == "unlock") {
    COFFRET_TRY(auto secret, passphrase(makes_a_vault(invocation_.command)));
    if (makes_a_vault(invocation_.command) && secret.empty()) {
      told_ = {invocation_.passphrase_file,
               invocation_.words("La phrase secrète est vide.", "The passphrase is empty.")};
      return errc::usage;
    }
    request_.secrets.emplace("passphrase", std::move(secret));
  }
  return {};
}

const std::string& Run::out_path() const {
  return invocation_.qr.empty() ? invocation_.out : invocation_.qr;
}

Result<void> Run::keep_bytes(ByteView bytes) {
  const std::string& path = out_path();
  if (!path.empty() && !out_) {
    out_ = daemon::Descriptor{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (!out_) return errc::io;
  }
  const int fd = out_ ? out_.get() : STDOUT_FILENO;
  if (!out_ && !bytes.empty()) line_open_ = bytes.back() != '\n';
  if (!out_ && (invocation_.json || ::isatty(STDOUT_FILENO) != 0)) {
    // A document's text on a terminal: line by line, nothing that could act on it.
    std::string_view rest = as_text(bytes);
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      fmt::print("{}{}", printable(rest.substr(0, end)), end == std::string_view::npos ? "" : "\n");
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return {};
  }
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0) return errno == ENOSPC ? errc::disk_full : errc::io;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

// What is read ends its last line; an original that is piped on stays as it is.
void Run::end_text() {
  if (line_open_ && (invocation_.text || ::isatty(STDOUT_FILENO) != 0)) {
    fmt::print("\n");
    line_open_ = false;
  }
}

daemon::LocalAnswer Run::ask_daemon() {
  daemon::AnswerSink sink;
  sink.row = [this](const boost::json::object& row) { print_row(invocation_, row); };
  sink.progress = [this](const boost::json::object& p) { print_progress(invocation_, p); };
  sink.bytes = [this](ByteView bytes) { return keep_bytes(bytes); };
  sink.secret = [this](SecretText secret) -> Result<void> {
    if (invocation_.command == "grant create") {
      secrets_.push_back(std::move(secret));
      return {};
    }
    if (recovery_out_) {
      COFFRET_CHECK(daemon::write_secret_file(recovery_out_, secret));
      recovery_out_ = daemon::Descriptor{};  // written: no longer a place that is merely kept
      return {};
    }
    const Words& words = invocation_.words;
    fmt::print(stderr, "{}\n",
               words("Votre fiche de secours. Recopiez-la ou imprimez-la : elle ne sera plus "
                     "montrée. Qui la tient et atteint le serveur ouvre tout.",
                     "Your recovery sheet. Copy it or print it: it is not shown again. Whoever "
                     "holds it and reaches the server opens everything."));
    return daemon::write_secret_to(STDERR_FILENO, secret);
  };

  auto answer = daemon::ask(place_, request_, sink);
  if (answer.failure.error != errc::locked || invocation_.command == "unlock") return answer;
  // Locked: ask for the passphrase where there is a way to, unlock, and once more.
  auto secret = passphrase(false);
  if (secret.has_error()) {
    if (!invocation_.passphrase_file.empty()) answer.failure.error = to_errc(secret.error());
    return answer;
  }
  daemon::LocalRequest unlock;
  unlock.arguments["command"] = "unlock";
  unlock.secrets.emplace("passphrase", std::move(*secret));
  auto unlocked = daemon::ask(place_, unlock, {});
  if (unlocked.failure.error != errc::ok) return unlocked;
  return daemon::ask(place_, request_, sink);
}

// Shows the operator's card before anything is pinned, and asks.
daemon::LocalFailure Run::confirm_card() {
  const auto command = std::exchange(request_.arguments["command"], "server preview");
  const auto answer = daemon::ask(place_, request_, {});
  request_.arguments["command"] = command;
  if (answer.failure.error == errc::locked) {
    // The ordinary way unlocks; then look again.
    daemon::LocalRequest status;
    std::swap(status, request_);
    request_.arguments["command"] = "unlocked";
    const auto opened = ask_daemon();
    std::swap(status, request_);
    if (opened.failure.error != errc::ok) return opened.failure;
    return confirm_card();
  }
  if (answer.failure.error != errc::ok) return answer.failure;
  Invocation shown;
  shown.words = invocation_.words;
  shown.command = "server card";
  if (!invocation_.json) print_result(shown, answer.result, {});
  daemon::LocalFailure agreed{errc::ok, {}};
  daemon::LocalFailure not_agreed{errc::not_confirmed, {}};
  if (invocation_.yes) return agreed;
  if (::isatty(STDIN_FILENO) == 0) return not_agreed;
  fmt::print(stderr, "{}",
             invocation_.words("Faire confiance à cette association ? (oui/non) ",
                               "Trust this association? (yes/no) "));
  char reply[16] = {};
  if (std::fgets(reply, sizeof reply, stdin) == nullptr) return not_agreed;
  return std::string_view{"oOyY"}.find(reply[0]) != std::string_view::npos ? agreed : not_agreed;
}

void Run::wait_until_gone() const {
  using namespace std::chrono_literals;
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (daemon::daemon_runs(place_) && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(10ms);
}

int Run::fail(const error_code& error, const std::string& detail) {
  // A key file that was opened for a vault that was not made is not left behind empty.
  if (recovery_out_) (void)::unlink(invocation_.recovery_out.c_str());
  // Nor a part of a file.
  if (out_ && is_regular_file(out_path())) (void)::unlink(out_path().c_str());
  if (error == errc::io && reader_left()) return 0;
  return print_error(invocation_, to_errc(error), detail, told_.sentence);
}

int Run::finish(const daemon::LocalAnswer& answer) {
  if (answer.failure.error == errc::stopping)
    told_.detail = invocation_.words(
        "Le programme local du coffre s'est arrêté ; recommencer est sans risque.",
        "The vault's local program has stopped; doing this again is safe.");
  if (answer.failure.error != errc::ok)
    return fail(answer.failure.error,
                answer.failure.detail.empty() ? told_.detail : answer.failure.detail);
  // Stopped means gone: what is started next finds the vault free.
  if (invocation_.command == "stop") wait_until_gone();
  end_text();
  print_result(invocation_, answer.result, secrets_);
  if (invocation_.command == "check") {
    const auto* ok = answer.result.if_contains("ok");
    if (ok == nullptr || !ok->is_bool() || !ok->get_bool()) return row(errc::damaged).exit_status;
  }
  if (const auto* status = answer.result.if_contains("exit_status"))
    if (status->is_int64()) return static_cast<int>(status->get_int64());
  return 0;
}

int Run::execute() {
  int status = 1;
  try {
    status = attempt();
  } catch (const std::system_error&) {  // fmt could not write
    if (std::ferror(stdout) != 0) status = 0;
  }
  const bool lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  // A reader that left had what it wanted; elsewhere an answer that is lost is a failure.
  if (!lost || reader_left()) return status;
  return print_error(invocation_, errc::disk_full);
}

int Run::attempt() {
  if (invocation_.command == "redeem") return redeem(invocation_);
  if (invocation_.command == "doctor") return doctor(invocation_);
  if (const auto prepared = prepare(); prepared.has_error())
    return fail(prepared.error(), told_.detail);
  if (invocation_.command == "server join")
    if (const auto agreed = confirm_card(); agreed.error != errc::ok)
      return fail(agreed.error, agreed.detail);
  return finish(ask_daemon());
}

}  // namespace coffret::cli
