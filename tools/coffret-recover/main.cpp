// SPDX-License-Identifier: EUPL-1.2
//
// coffret-recover: the way back for whoever has the recovery key, or two of its three shares, and a
// backup, and nothing else: one static program, no vault, no network.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <vector>

#include "tools/coffret-recover/opening.hpp"
#include "tools/speech/command_line.hpp"
#include "tools/system/system.hpp"
#include "vault/crypto/backup_keys.hpp"
#include "vault/crypto/recovery_slip.hpp"
#include "vault/crypto/secret_io.hpp"
#include "vault/crypto/shares.hpp"

namespace coffret::recover {
namespace {

using speech::Words;

struct Arguments {
  std::string recovery_file;
  std::vector<std::string> shares;
  std::string from;
  std::string out;
};

struct Told {
  std::string detail;
};

Result<SecretText> secret_in(const std::string& path, Told& told) {
  told.detail = path;
  if (path == "-") return crypto::read_secret_to_end(STDIN_FILENO);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errc::file_not_found;
  auto secret = crypto::read_secret_to_end(fd);
  (void)::close(fd);
  return secret;
}

Result<crypto::CombinedKey> key_of(const Arguments& arguments, const Words& words, Told& told) {
  if (arguments.shares.size() == 2 && arguments.recovery_file.empty()) {
    COFFRET_TRY(const auto one, secret_in(arguments.shares[0], told));
    COFFRET_TRY(const auto other, secret_in(arguments.shares[1], told));
    auto combined = crypto::combine_shares(one, other);
    told.detail.clear();
    if (combined.has_error() && combined.error() == errc::conflict) {
      told.detail = words("deux fois la même part", "the same share twice");
      return errc::wrong_recovery_key;
    }
    return combined;
  }
  if (!arguments.shares.empty() || arguments.recovery_file.empty()) {
    told.detail = words("Donnez --recovery-file, ou deux fois --share.",
                        "Give --recovery-file, or --share twice.");
    return errc::usage;
  }
  COFFRET_TRY(const auto text, secret_in(arguments.recovery_file, told));
  told.detail.clear();
  if (auto sheet = crypto::parse_recovery_file(text); sheet.has_value())
    return crypto::CombinedKey{std::move(sheet->seed), std::move(sheet->facts)};
  auto seed = crypto::parse_recovery_text(text);
  if (seed.has_value()) return crypto::CombinedKey{std::move(*seed), std::nullopt};
  if (const auto slip = crypto::find_slip(text); slip.group > 0)
    told.detail = fmt::format("{} {}", words("à vérifier : groupe", "look at group"), slip.group);
  return seed.error();
}

// To a new file of the person's alone, or to standard output.
Result<void> give(const SecretText& secret, const std::string& out) {
  if (out.empty()) {
    COFFRET_CHECK(crypto::write_secret(STDOUT_FILENO, secret));
    return ::write(STDOUT_FILENO, "\n", 1) == 1 ? Result<void>{} : Result<void>{errc::io};
  }
  const int fd = ::open(out.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return errno == EEXIST ? errc::file_exists : errc::io;
  auto written = crypto::write_secret(fd, secret);
  (void)::close(fd);
  return written;
}

int fail(const error_code& error, const Told& told, const Words& words) {
  const errc code = to_errc(error);
  fmt::print(stderr, "coffret-recover: {}{}{}\n", row(code).sentence(words.language),
             told.detail.empty() ? "" : "\n  ", told.detail);
  return row(code).exit_status;
}

int open(const Arguments& arguments, const Words& words) {
  Told told;
  const auto key = key_of(arguments, words, told);
  if (key.has_error()) return fail(key.error(), told, words);
  SystemDisk disk;
  backup::Damage damage;
  const auto taken = open_backup(disk, arguments.from, arguments.out, key->seed, damage);
  if (taken.has_error()) return fail(taken.error(), {damage.file}, words);
  fmt::print("{} {} ({} {}).\n", taken->documents,
             words("documents sortis et vérifiés", "documents taken out and verified"),
             words("sauvegarde du", "backup of"), taken->date);
  if (taken->missing > 0)
    fmt::print(
        "{} {}\n", taken->missing,
        words("documents n'étaient pas dans la sauvegarde.", "documents were not in the backup."));
  return 0;
}

int tell_key(const Arguments& arguments, const Words& words, bool for_age) {
  Told told;
  const auto key = key_of(arguments, words, told);
  if (key.has_error()) return fail(key.error(), told, words);
  if (for_age) {
    const auto text = crypto::age_identity_text(crypto::recovery_identity(key->seed));
    const auto given = give(text, arguments.out);
    return given.has_error() ? fail(given.error(), {arguments.out}, words) : 0;
  }
  const auto text =
      key->facts ? crypto::recovery_file(key->seed, *key->facts) : crypto::recovery_text(key->seed);
  const auto given = give(text, arguments.out);
  if (given.has_error()) return fail(given.error(), {arguments.out}, words);
  fmt::print(stderr, "{} {}\n", words("Mots de contrôle :", "Check words:"),
             crypto::check_words(key->seed));
  return 0;
}

CLI::App* command(CLI::App& app, const char* name, Arguments& arguments, const Words& words,
                  std::string_view french, std::string_view english) {
  auto* sub = app.add_subcommand(name, std::string{words(french, english)});
  sub->fallthrough();
  sub->add_option("--recovery-file", arguments.recovery_file,
                  std::string{words("fiche de secours, ou la clé seule (- : entrée standard)",
                                    "recovery sheet, or the key alone (-: standard input)")})
      ->type_name("FILE");
  sub->add_option(
         "--share", arguments.shares,
         std::string{words("deux fois : deux des trois parts", "twice: two of the three shares")})
      ->type_name("FILE")
      ->expected(1)
      ->take_all();
  return sub;
}

}  // namespace
}  // namespace coffret::recover

int main(int argc, char** argv) {
  using namespace coffret;
  using namespace coffret::recover;
  const rlimit no_core{0, 0};
  (void)::setrlimit(RLIMIT_CORE, &no_core);
  (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  (void)::umask(0077);
  const auto words = speech::words_of(argc, argv);
  CLI::App app{std::string{words("ouvre une sauvegarde de coffre avec la clé de secours",
                                 "opens a vault's backup with the recovery key")},
               "coffret-recover"};
  speech::set_up(app, words);
  app.require_subcommand(1);
  Arguments arguments;
  auto* opening = command(app, "open", arguments, words, "sort les documents d'une sauvegarde",
                          "take the documents out of a backup");
  opening
      ->add_option("--from", arguments.from,
                   std::string{words("un fichier de la sauvegarde", "a file of the backup")})
      ->required()
      ->type_name("FILE");
  opening
      ->add_option("--out", arguments.out, std::string{words("dossier à créer", "folder to make")})
      ->required()
      ->type_name("DIR");
  opening->footer(speech::example(
      words, words("coffret-recover open --from coffret.age --share part-1.txt \\\n"
                   "    --share part-3.txt --out documents",
                   "coffret-recover open --from coffret.age --share share-1.txt \\\n"
                   "    --share share-3.txt --out documents")));
  auto* key = command(app, "key", arguments, words, "refait la clé de secours de deux parts",
                      "make the recovery key from two shares");
  auto* identity =
      command(app, "identity", arguments, words, "donne la clé au programme age, tel qu'il est",
              "give the key to the stock program age");
  for (auto* sub : {key, identity})
    sub->add_option("--out", arguments.out,
                    std::string{words("fichier à créer, lisible par vous seul ; par défaut, "
                                      "affiche",
                                      "file to make, readable by you alone; by default, show")})
        ->type_name("FILE");
  key->footer(
      speech::example(words, words("coffret-recover key --share part-1.txt --share part-3.txt",
                                   "coffret-recover key --share share-1.txt --share share-3.txt")));
  identity->footer(speech::example(
      words, words("coffret-recover identity --recovery-file fiche.txt --out cle-age\n"
                   "  age -d -i cle-age coffret.age | tar -x",
                   "coffret-recover identity --recovery-file sheet.txt --out age-key\n"
                   "  age -d -i age-key coffret.age | tar -x")));
  if (const auto ended =
          speech::parse(app, argc, argv, words,
                        {.section = 1, .common_statuses = true, .see_also = "coffret(1), age(1)"}))
    return *ended;
  if (opening->parsed()) return recover::open(arguments, words);
  return tell_key(arguments, words, identity->parsed());
}
