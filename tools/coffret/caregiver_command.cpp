// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/caregiver_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cstdio>

#include "tools/coffret/answers.hpp"
#include "tools/system/system.hpp"
#include "vault/daemon/caregivers.hpp"
#include "vault/daemon/local_client.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;
using redeem::Caregiver;
using redeem::CaregiverEnvironment;

Result<SecretText> caregiver_passphrase(const Invocation& invocation, bool fresh, Told& told) {
  const Words& words = invocation.words;
  if (!invocation.passphrase_file.empty()) {
    auto secret = daemon::read_secret_file(invocation.passphrase_file);
    if (secret.has_error()) told.detail = invocation.passphrase_file;
    return secret;
  }
  const auto prompt =
      words("Phrase secrète de votre clé de soignant : ", "Passphrase of your caregiver's key: ");
  auto secret = fresh ? ask_twice(words, prompt, told) : daemon::ask_secret(std::string{prompt});
  if (secret.has_error() && secret.error() == errc::not_found) {
    told.detail = words("Sans terminal, donnez --passphrase-file.",
                        "Without a terminal, give --passphrase-file.");
    return errc::usage;
  }
  return secret;
}

// The caregiver of the folder; made where there is none yet, under the name given.
Result<Caregiver> obtain(const Invocation& invocation, const CaregiverEnvironment& environment,
                         Told& told) {
  const auto& directory = invocation.caregiver_dir;
  if (Caregiver::exists(directory, environment.disk))
    return open_caregiver(invocation, environment, told);
  const Words& words = invocation.words;
  if (invocation.caregiver_name.empty()) {
    told.detail = words("--name : votre nom, tel que vos patients le connaissent.",
                        "--name: your name, as your patients know it.");
    return errc::usage;
  }
  COFFRET_TRY(const auto passphrase, caregiver_passphrase(invocation, true, told));
  COFFRET_CHECK(judge_passphrase(words, passphrase, !invocation.json, told));
  return Caregiver::make(directory, invocation.caregiver_name, invocation.organisation, passphrase,
                         environment);
}

Result<void> write_new_file(const std::string& path, ByteView bytes) {
  const daemon::Descriptor file{
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!file) return errno == EEXIST ? errc::file_exists : errc::io;
  while (!bytes.empty()) {
    const ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
    if (n <= 0) return errno == ENOSPC ? errc::disk_full : errc::io;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> write_code(const Invocation& invocation, const SecretText& code, Told& told) {
  if (!invocation.qr.empty()) {
    told.detail = invocation.qr;
    COFFRET_CHECK(daemon::with_code_picture(
        code, invocation.qr.ends_with(".svg"),
        [&](ByteView picture) { return write_new_file(invocation.qr, picture); }));
  }
  if (!invocation.out.empty()) {
    told.detail = invocation.out;
    COFFRET_TRY(const auto file, daemon::create_secret_file(invocation.out));
    COFFRET_CHECK(daemon::write_secret_file(file, code));
  }
  told.detail.clear();
  return {};
}

void say_card(const Invocation& invocation, const Caregiver& caregiver, const SecretText& code) {
  const bool shown = invocation.out.empty();
  if (invocation.json) {
    auto json = boost::json::serialize(object{{"name", caregiver.name()},
                                              {"organisation", caregiver.organisation()},
                                              {"fingerprint", caregiver.fingerprint()}});
    json.pop_back();
    fmt::print("{}", json);
    if (shown) {
      fmt::print(",\"code\":\"");
      (void)std::fflush(stdout);
      (void)daemon::write_secret_to(STDOUT_FILENO, code);
      fmt::print("\"");
    }
    fmt::print("}}\n");
    return;
  }
  const Words& words = invocation.words;
  fmt::print("{}{}{}\n\n    {}\n\n", printable(caregiver.name()),
             caregiver.organisation().empty() ? "" : ", ", printable(caregiver.organisation()),
             caregiver.fingerprint());
  fmt::print("{}\n", words("Votre patient doit voir ces huit mots. Cette carte est pour une seule "
                           "personne : donnez-la de la main à la main, et faites-en une autre pour "
                           "chacun.",
                           "Your patient must see these eight words. This card is for one person: "
                           "give it hand to hand, and make another one for each."));
  if (!shown) return;
  (void)std::fflush(stdout);
  (void)daemon::write_secret_to(STDOUT_FILENO, code);
  fmt::print("\n");
}

bool is_code(std::string_view source) {
  return source.starts_with("coffret-caregiver:");
}

}  // namespace

Result<Caregiver> open_caregiver(const Invocation& invocation,
                                 const CaregiverEnvironment& environment, Told& told) {
  const Words& words = invocation.words;
  if (!Caregiver::exists(invocation.caregiver_dir, environment.disk)) {
    told.sentence = words(
        "Il n'y a pas de clé de soignant ici. Faites-la avec « coffret caregiver "
        "card ».",
        "There is no caregiver's key here. Make it with \"coffret caregiver "
        "card\".");
    return errc::never_initialised;
  }
  COFFRET_TRY(const auto passphrase, caregiver_passphrase(invocation, false, told));
  return Caregiver::open(invocation.caregiver_dir, passphrase, environment);
}

Result<SecretText> read_caregiver_code(Invocation& invocation, Told& told) {
  if (invocation.link) {
    fmt::print(stderr, "{}\n",
               invocation.words(
                   "Une carte donnée en argument peut se lire dans l'historique du terminal : "
                   "préférez « - » ou un fichier.",
                   "A card given as an argument can be read in the shell's history: prefer \"-\" "
                   "or a file."));
    return std::move(*invocation.link);
  }
  std::string source = invocation.link_source;
  if (source == "-") return daemon::read_secret_file(source);
  if (!source.empty() && !is_code(source)) {
    if (source.front() == '@') source.erase(0, 1);
    told.detail = source;
    COFFRET_TRY(auto code, daemon::read_secret_file(source));
    told.detail.clear();
    return code;
  }
  auto typed = daemon::ask_secret(
      std::string{invocation.words("Carte du soignant : ", "The caregiver's card: ")});
  if (typed.has_error() && typed.error() == errc::not_found) return errc::usage;
  return typed;
}

bool has_word_on_card(const Invocation& invocation) {
  return invocation.yes || invocation.arguments.contains("words");
}

int caregiver_card(Invocation& invocation) {
  SystemClock clock;
  SystemRandom random;
  SystemDisk disk;
  const CaregiverEnvironment environment{clock, random, disk};
  Told told;
  const auto fail = [&](const error_code& error) {
    return print_error(invocation, to_errc(error), told.detail, told.sentence);
  };
  if (const auto judged = judge_arguments(invocation, told); judged.has_error())
    return fail(judged.error());
  auto caregiver = obtain(invocation, environment, told);
  if (caregiver.has_error()) return fail(caregiver.error());
  const auto code = caregiver->issue_card(invocation.caregiver_name, invocation.organisation);
  if (code.has_error()) return fail(code.error());
  if (const auto written = write_code(invocation, *code, told); written.has_error())
    return fail(written.error());
  say_card(invocation, *caregiver, *code);
  return 0;
}

}  // namespace coffret::cli
