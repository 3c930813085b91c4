// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
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
#include "tools/coffret/caregiver_command.hpp"
#include "tools/coffret/deposit_command.hpp"
#include "tools/coffret/device_command.hpp"
#include "tools/coffret/doctor_command.hpp"
#include "tools/coffret/export_command.hpp"
#include "tools/coffret/open_command.hpp"
#include "tools/coffret/receipt_command.hpp"
#include "tools/coffret/recovery_command.hpp"
#include "tools/coffret/redeem_command.hpp"
#include "tools/coffret/typed.hpp"
#include "vault/daemon/recovery_typed.hpp"

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

constexpr int most_key_askings = 3;

bool makes_a_vault(const std::string& command) {
  return command == "init" || command == "rebuild" || command == "device join";
}

// A backup is verified with the sheet where there is no vault.
bool needs_no_vault(const Invocation& invocation) {
  return makes_a_vault(invocation.command) ||
         (invocation.command == "backup verify" && !invocation.recovery_file.empty());
}

bool asks_for_recovery(const std::string& command) {
  return command == "rebuild" || command == "rehearse" || command == "passphrase reset";
}

bool asks_for_new_passphrase(const std::string& command) {
  return makes_a_vault(command) || command == "passphrase reset";
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
  const bool another =
      invocation_.command == "passphrase reset" || invocation_.command == "rebuild";
  const auto prompt = twice && another ? words("Nouvelle phrase secrète : ", "New passphrase: ")
                                       : words("Phrase secrète : ", "Passphrase: ");
  if (twice) advise_passphrase(words);
  auto secret = twice ? ask_twice(words, prompt, told_) : daemon::ask_secret(std::string{prompt});
  if (secret.has_error() && secret.error() == errc::not_found) {
    told_.detail = words("Sans terminal, donnez --passphrase-file.",
                         "Without a terminal, give --passphrase-file.");
    return twice ? errc::usage : errc::locked;
  }
  return secret;
}

// On the terminal; a typing slip is told at once, before anything else is asked for.
Result<void> Run::ask_recovery() {
  const Words& words = invocation_.words;
  for (int asked = 1;; ++asked) {
    auto typed = daemon::ask_secret(std::string{
        words("Clé de secours (les quatorze groupes) : ", "Recovery key (the fourteen groups): ")});
    if (typed.has_error() && typed.error() == errc::not_found) {
      told_.detail = words("Sans terminal, donnez --recovery-file.",
                           "Without a terminal, give --recovery-file.");
      return errc::usage;
    }
    if (typed.has_error()) return typed.error();
    std::string why;
    const auto judged = daemon::judge_typed_recovery(*typed, words.language, why);
    if (judged.has_value()) {
      request_.secrets.emplace("recovery", std::move(*typed));
      return {};
    }
    if (asked == most_key_askings || to_errc(judged.error()) != errc::wrong_recovery_key) {
      told_.detail = why;
      return judged.error();
    }
    fmt::print(stderr, "{}{}{}\n",
               words("Cette clé n'est pas bien tapée", "This key was not typed well"),
               why.empty() ? words(". Recommencez.", ". Once again.") : " (" + why,
               why.empty() ? std::string_view{} : words("). Recommencez.", "). Once again."));
  }
}

// A file that cannot be the recovery sheet is told before a passphrase is typed.
Result<void> Run::judge_recovery_file() {
  const auto given = request_.secrets.find("recovery");
  if (invocation_.recovery_file.empty() || given == request_.secrets.end()) return {};
  return daemon::judge_typed_recovery(given->second, invocation_.words.language, told_.detail);
}

Result<void> Run::prepare() {
  const std::string& command = invocation_.command;
  started_ = makes_a_vault(command) && !daemon::daemon_runs(place_);
  if (needs_no_vault(invocation_)) {
    COFFRET_CHECK(vault_place_.make(invocation_.vault_dir));
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
  if (!invocation_.sheet.empty()) {
    auto made = daemon::create_secret_file(invocation_.sheet);
    if (made.has_error()) {
      told_.detail = invocation_.sheet;
      return made.error();
    }
    sheet_ = std::move(*made);
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
  if (invocation_.command == "access-log") request_.arguments["export"] = !invocation_.out.empty();
  const auto from_file = [&](const char* name, const std::string& path) -> Result<void> {
    if (path.empty()) return {};
    COFFRET_TRY(auto secret, secret_in(path));
    request_.secrets.emplace(name, std::move(secret));
    return {};
  };
  const auto sheet = from_file("recovery", invocation_.recovery_file);
  if (sheet.has_error() && sheet.error() == errc::too_large)
    told_.sentence = invocation_.words(
        "Ce fichier n'est pas la fiche de secours en texte. Avec une fiche de papier ou en PDF, "
        "refaites la commande sans --recovery-file : la clé imprimée sera demandée.",
        "This file is not the recovery sheet as text. With a sheet on paper or as PDF, do the "
        "command again without --recovery-file: the printed key is asked for.");
  COFFRET_CHECK(sheet);
  if (!invocation_.shares.empty() && invocation_.shares.size() != 2) {
    told_.detail = invocation_.words("--share : deux fois.", "--share: twice.");
    return errc::usage;
  }
  if (!invocation_.shares.empty()) {
    COFFRET_CHECK(from_file("share1", invocation_.shares[0]));
    COFFRET_CHECK(from_file("share2", invocation_.shares[1]));
  } else if (asks_for_recovery(invocation_.command) && invocation_.recovery_file.empty()) {
    COFFRET_CHECK(ask_recovery());
  }
  COFFRET_CHECK(from_file("passcode", invocation_.passcode_file));
  COFFRET_CHECK(from_file("invite", invocation_.invite_file));
  // On paper or not, it is one command of the daemon's.
  if (invocation_.command == "recovery sheet") request_.arguments["command"] = "recovery renew";
  if (!invocation_.from.empty()) send_path(request_.arguments, "from", invocation_.from);
  if (invocation_.command == "backup") send_path(request_.arguments, "out", invocation_.out);
  if (invocation_.command == "export") return prepare_export(invocation_, request_, told_);
  if (invocation_.command == "passphrase change") return gather_passphrases();
  if (invocation_.command == "device remove") COFFRET_CHECK(confirm_removal(invocation_));
  if (invocation_.command == "caregiver pair") {
    COFFRET_TRY(auto code, read_caregiver_code(invocation_, told_));
    request_.secrets.emplace("code", std::move(code));
    if (invocation_.yes) request_.arguments["agreed"] = true;
  }
  if (invocation_.command == "device join") {
    COFFRET_TRY(auto code, read_code(invocation_, told_));
    request_.secrets.emplace("code", std::move(code));
  }
  const bool fresh = asks_for_new_passphrase(invocation_.command);
  if (fresh) COFFRET_CHECK(judge_recovery_file());
  if (fresh || invocation_.command == "unlock") {
    COFFRET_TRY(auto secret, passphrase(fresh));
    if (fresh) COFFRET_CHECK(judge(secret, invocation_.passphrase_file));
    request_.secrets.emplace("passphrase", std::move(secret));
  }
  return {};
}

Result<void> Run::judge(const SecretText& fresh, const std::string& file) {
  const auto judged = judge_passphrase(invocation_.words, fresh, !invocation_.json, told_);
  if (judged.has_error()) told_.detail = file;
  return judged;
}

// The present one, and a new one twice.
Result<void> Run::gather_passphrases() {
  COFFRET_TRY(auto current, passphrase(false));
  request_.secrets.emplace("passphrase", std::move(current));
  const Words& words = invocation_.words;
  if (invocation_.new_passphrase_file.empty()) advise_passphrase(words);
  auto fresh =
      invocation_.new_passphrase_file.empty()
          ? ask_twice(words, words("Nouvelle phrase secrète : ", "New passphrase: "), told_)
          : secret_in(invocation_.new_passphrase_file);
  if (fresh.has_error() && fresh.error() == errc::not_found) {
    told_.detail = words("Sans terminal, donnez --new-passphrase-file.",
                         "Without a terminal, give --new-passphrase-file.");
    return errc::usage;
  }
  if (fresh.has_error()) return fresh.error();
  COFFRET_CHECK(judge(*fresh, invocation_.new_passphrase_file));
  request_.secrets.emplace("new_passphrase", std::move(*fresh));
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

// The vault is made by now and its key is told once: where a file cannot be written after all, it
// is shown instead. Returns whether one file at least holds it.
bool Run::keep_sheet(const SecretText& secret) {
  bool kept = false;
  if (recovery_out_ && daemon::write_secret_file(recovery_out_, secret).has_value()) {
    recovery_out_ = daemon::Descriptor{};  // written: no longer a place that is merely kept
    kept = true;
  }
  if (sheet_ && write_sheet(invocation_, secret, sheet_).has_value()) {
    sheet_ = daemon::Descriptor{};
    kept = true;
  }
  return kept;
}

daemon::LocalAnswer Run::ask_daemon() {
  daemon::AnswerSink sink;
  sink.row = [this](const boost::json::object& row) {
    print_row(invocation_, row);
    if (invocation_.command == "device invite") ask_whether_same(invocation_, place_);
    // Somebody waits for what these say while they go on.
    if (invocation_.command == "device join" || invocation_.command == "sync")
      (void)std::fflush(stdout);
  };
  sink.progress = [this](const boost::json::object& p) { print_progress(invocation_, p); };
  sink.bytes = [this](ByteView bytes) { return keep_bytes(bytes); };
  sink.secret = [this](SecretText secret) -> Result<void> {
    if (invocation_.command == "grant create" || invocation_.command == "grant extend" ||
        invocation_.command == "inbox link") {
      secrets_.push_back(std::move(secret));
      return {};
    }
    if (invocation_.command == "device invite") return show_code(invocation_, secret);
    if (keep_sheet(secret)) return {};
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
  if (unlocked.failure.error != errc::ok) {
    invocation_.command = "unlock";  // what failed, and whose way out is told
    return unlocked;
  }
  return daemon::ask(place_, request_, sink);
}

void Run::wait_until_gone() const {
  using namespace std::chrono_literals;
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (daemon::daemon_runs(place_) && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(10ms);
}

// A vault that was not made leaves neither its folder nor a daemon that waits there.
void Run::take_back_place() {
  if (holds_a_vault(invocation_.vault_dir) || (!vault_place_.made() && !started_)) return;
  if (daemon::daemon_runs(place_)) {
    daemon::LocalRequest stop;
    stop.arguments["command"] = "stop";
    (void)daemon::ask(place_, stop, {});
    wait_until_gone();
  }
  if (vault_place_.made()) vault_place_.take_back();
}

int Run::fail(const error_code& error, const std::string& detail) {
  take_back_place();
  // A key file that was opened for a vault that was not made is not left behind empty.
  if (recovery_out_) (void)::unlink(invocation_.recovery_out.c_str());
  if (sheet_) (void)::unlink(invocation_.sheet.c_str());
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
  retell(answer.failure.error);
  if (answer.failure.error != errc::ok)
    return fail(answer.failure.error,
                answer.failure.detail.empty() ? told_.detail : answer.failure.detail);
  // Stopped means gone: what is started next finds the vault free.
  if (invocation_.command == "stop") wait_until_gone();
  end_text();
  if (invocation_.command == "open") return show_page(invocation_, answer.result);
  if (invocation_.command == "grant receipt" && !invocation_.out.empty()) {
    const auto written = write_receipt(invocation_.out, answer.result, told_);
    if (written.has_error()) return fail(written.error(), told_.detail);
  }
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
  if (invocation_.command == "deposit") return deposit(invocation_);
  if (invocation_.command == "caregiver card") return caregiver_card(invocation_);
  if (invocation_.command == "doctor") return doctor(invocation_);
  if (invocation_.command == "recovery split") return recovery_split(invocation_, place_);
  if (invocation_.command == "recovery ways") return recovery_ways(invocation_);
  if (const auto prepared = prepare(); prepared.has_error())
    return fail(prepared.error(), told_.detail);
  if (invocation_.command == "server join")
    if (const auto agreed = confirm_card(); agreed.error != errc::ok)
      return fail(agreed.error, agreed.detail);
  if (invocation_.command == "recovery sheet") name_owner();
  if (invocation_.command == "grant create" && asks_consent(invocation_))
    if (const auto agreed = confirm_grant(); agreed.error != errc::ok)
      return fail(agreed.error, agreed.detail);
  if (invocation_.command == "caregiver pair" && !has_word_on_card(invocation_))
    if (const auto word = confirm_caregiver(); word.error != errc::ok)
      return fail(word.error, word.detail);
  if (invocation_.command == "fork merge" && !invocation_.yes)
    if (const auto word = confirm_merge(); word.error != errc::ok)
      return fail(word.error, word.detail);
  if (invocation_.command == "sync" && invocation_.arguments.contains("heal"))
    if (const auto word = confirm_heal(); word.error != errc::ok)
      return fail(word.error, word.detail);
  return finish(ask_daemon());
}

}  // namespace coffret::cli
