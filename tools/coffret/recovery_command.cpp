// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/recovery_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include "coffret/json.hpp"
#include "tools/coffret/answers.hpp"
#include "tools/coffret/sayers.hpp"
#include "tools/system/system.hpp"
#include "vault/daemon/spelled.hpp"
#include "vault/paper/sheet.hpp"
#include "vault/paper/split.hpp"

namespace coffret::cli {
namespace {

Result<void> write_all(const daemon::Descriptor& file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == ENOSPC ? errc::disk_full : errc::io;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return ::fsync(file.get()) == 0 || errno == EINVAL || errno == EROFS ? Result<void>{}
                                                                       : Result<void>{errc::io};
}

paper::SheetOptions options_of(const Invocation& invocation) {
  const auto language = invocation.words.language;
  paper::SheetOptions options{.language = language, .owner = {}, .spelled = [language](auto date) {
                                return daemon::spelled_date(date, language);
                              }};
  if (const auto* owner = text_member(invocation.arguments, "owner"); owner != nullptr)
    options.owner.assign(owner->data(), owner->size());
  return options;
}

Result<SecretText> recovery_of(const Invocation& invocation) {
  if (!invocation.recovery_file.empty()) return daemon::read_secret_file(invocation.recovery_file);
  return daemon::ask_secret(std::string{invocation.words("Clé de secours (les quatorze groupes) : ",
                                                         "Recovery key (the fourteen groups): ")});
}

// One share: its text and its page, or neither.
Result<void> write_share(const paper::SheetOptions& options, const SecretText& share,
                         const std::string& stem, std::vector<std::string>& made) {
  COFFRET_TRY(const auto page, paper::share_pdf(share, options));
  COFFRET_TRY(const auto text_file, daemon::create_secret_file(stem + ".txt"));
  made.push_back(stem + ".txt");
  COFFRET_CHECK(daemon::write_secret_file(text_file, share));
  COFFRET_TRY(const auto page_file, daemon::create_secret_file(stem + ".pdf"));
  made.push_back(stem + ".pdf");
  return write_all(page_file, page);
}

// What the open vault says of the key that is to be split; nothing where none is open, or where the
// key is another vault's.
struct Said {
  std::optional<paper::VaultPlace> place;
  std::string owner;
};
Result<Said> said_of(SecretText& recovery, const daemon::DaemonPlace& place) {
  auto here = place;
  here.program.clear();  // a vault whose daemon does not run is not open
  if (!daemon::daemon_runs(here)) return Said{};
  daemon::LocalRequest request;
  request.arguments["command"] = "recovery compare";
  const auto lent = request.secrets.emplace("recovery", std::move(recovery)).first;
  const auto answer = daemon::ask(here, request, {});
  recovery = std::move(lent->second);
  const errc error = answer.failure.error;
  if (error == errc::recovery_replaced) return error;
  if (error != errc::ok) return Said{};
  Said said;
  const auto& told = answer.result;
  COFFRET_TRY(const auto vault, VaultId::parse(text_of(told, "vault")));
  said.place.emplace(paper::VaultPlace{vault, text_of(told, "server"), std::nullopt});
  if (const auto text = text_of(told, "fingerprint"); !text.empty()) {
    COFFRET_TRY(said.place->server_fingerprint, crypto::parse_fingerprint(text));
  }
  said.owner = text_of(told, "owner");
  return said;
}

Result<void> write_shares(const Invocation& invocation, const daemon::DaemonPlace& place,
                          std::vector<std::string>& made, bool& compared) {
  COFFRET_TRY(auto recovery, recovery_of(invocation));
  COFFRET_TRY(const auto said, said_of(recovery, place));
  compared = said.place.has_value();
  SystemRandom random;
  COFFRET_TRY(const auto shares,
              paper::share_files(recovery, SystemClock{}.now(), random, said.place));
  auto options = options_of(invocation);
  if (options.owner.empty()) options.owner = said.owner;
  if (::mkdir(invocation.out.c_str(), 0700) != 0 && errno != EEXIST) return errc::io;
  unsigned number = 0;
  for (const auto& share : shares) {
    const auto stem = invocation.out + "/" + std::string{invocation.words("part", "share")} + "-" +
                      std::to_string(++number);
    COFFRET_CHECK(write_share(options, share, stem, made));
  }
  return {};
}

struct Way {
  std::string_view name;
  std::string_view french;
  std::string_view english;
  std::string_view french_command;
  std::string_view english_command;
};
constexpr Way ways[] = {
    {"passphrase_forgotten", "Phrase secrète oubliée : la fiche de secours en donne une neuve.",
     "Passphrase forgotten: the recovery sheet sets a new one.", "coffret passphrase reset",
     "coffret passphrase reset"},
    {"computer_lost", "Ordinateur perdu : la fiche, et une sauvegarde ou le serveur.",
     "Computer lost: the sheet, and a backup or the server.",
     "coffret rebuild --from SAUVEGARDE, ou coffret rebuild --from-server URL --pin EMPREINTE",
     "coffret rebuild --from BACKUP, or coffret rebuild --from-server URL --pin FINGERPRINT"},
    {"sheet_lost", "Fiche perdue ou vue : une neuve, qui remplace l'ancienne partout.",
     "Sheet lost or seen: a new one, which replaces the old one everywhere.",
     "coffret recovery sheet --out FICHE.pdf", "coffret recovery sheet --out FILE.pdf"},
    {"both_lost",
     "Phrase et fiche perdues : personne ne peut plus ouvrir. L'association efface le compte et "
     "donne une invitation ; recommencez un coffre.",
     "Passphrase and sheet lost: nobody can open it any more. The association erases the account "
     "and gives an invitation; begin a new vault.",
     "coffret init", "coffret init"},
    {"owner_unable",
     "Personne morte ou empêchée : la fiche, chez la personne de confiance ; sa dernière page "
     "s'adresse à elle. Ou deux des trois parts.",
     "Owner dead or unable: the sheet, in the hands of the trusted person; its last page is for "
     "them. Or two of the three shares.",
     "coffret-recover open --from SAUVEGARDE --share PART --share PART --out DOSSIER",
     "coffret-recover open --from BACKUP --share FILE --share FILE --out FOLDER"},
};

}  // namespace

Result<void> write_sheet(const Invocation& invocation, const SecretText& recovery_file,
                         const daemon::Descriptor& file) {
  COFFRET_TRY(const auto page, paper::sheet_pdf(recovery_file, options_of(invocation)));
  return write_all(file, page);
}

int recovery_split(const Invocation& invocation, const daemon::DaemonPlace& place) {
  const Words& words = invocation.words;
  if (invocation.out.empty())
    return print_error(invocation, errc::usage,
                       std::string{words("--out : où ?", "--out: where?")});
  std::vector<std::string> made;
  bool compared = false;
  const auto done = write_shares(invocation, place, made, compared);
  if (done.has_error()) {
    // Two of three in one place would be the key.
    std::error_code ignored;
    for (const auto& path : made) std::filesystem::remove(path, ignored);
    return print_error(invocation, to_errc(done.error()), invocation.recovery_file);
  }
  boost::json::array files;
  for (const auto& path : made) files.emplace_back(path);
  if (invocation.json) {
    fmt::print("{}\n",
               boost::json::serialize(boost::json::object{
                   {"shares", 3}, {"needed", 2}, {"compared", compared}, {"files", files}}));
    return 0;
  }
  for (const auto& path : made) say(printable(path));
  say(std::string{
      words("Trois parts : une chez vous, une chez un proche, une à l'association. Deux "
            "suffisent, une seule ne donne\nrien. Imprimez-les, effacez ces fichiers, et ne les "
            "gardez jamais ensemble.",
            "Three shares: one with you, one with a relative, one with the association. Two are "
            "enough, one alone\ngives nothing. Print them, delete these files, and never keep "
            "them together.")});
  if (!compared)
    say(std::string{
        words("Le coffre n'est pas ouvert ici : rien n'a dit si cette clé est bien la dernière.",
              "The vault is not open here: nothing told whether this key is the newest one.")});
  return 0;
}

int recovery_ways(const Invocation& invocation) {
  const Words& words = invocation.words;
  boost::json::array told;
  for (const auto& way : ways) {
    const auto sentence = words(way.french, way.english);
    const auto command = words(way.french_command, way.english_command);
    if (invocation.json) {
      const auto text = [](std::string_view from) {
        return boost::json::string_view{from.data(), from.size()};
      };
      told.push_back(boost::json::object{
          {"case", text(way.name)}, {"sentence", text(sentence)}, {"command", text(command)}});
      continue;
    }
    say(std::string{sentence});
    say(fmt::format("    {}\n", command));
  }
  if (invocation.json)
    fmt::print("{}\n", boost::json::serialize(boost::json::object{{"ways", std::move(told)}}));
  return 0;
}

}  // namespace coffret::cli
