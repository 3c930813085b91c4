// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/invocation.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "coffret/encoding.hpp"
#include "coffret/utf8.hpp"
#include "vault/daemon/local_client.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

// CLI11's own words, in French too.
class FrenchFormatter final : public CLI::Formatter {
 public:
  FrenchFormatter() {
    label("Usage", "Utilisation");
    label("Options", "Options");
    label("OPTIONS", "OPTIONS");
    label("SUBCOMMAND", "COMMANDE");
    label("SUBCOMMANDS", "COMMANDES");
    label("Subcommands", "Commandes");
    label("Positionals", "Arguments");
    label("REQUIRED", "OBLIGATOIRE");
    label("TEXT", "TEXTE");
    label("Env", "Env");
    label("Needs", "Avec");
    label("Excludes", "Sans");
  }
};

std::string default_vault() {
  const char* data = std::getenv("XDG_DATA_HOME");  // NOLINT(concurrency-mt-unsafe): at start
  if (data != nullptr && *data != '\0') return std::string{data} + "/coffret";
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): at start
  return std::string{home != nullptr ? home : "."} + "/.local/share/coffret";
}

// The language must be known before the help is written.
Language language_of(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    std::string_view value;
    if (argument.starts_with("--lang="))
      value = argument.substr(7);
    else if (argument == "--lang" && i + 1 < argc)
      value = argv[i + 1];
    if (value == "fr") return Language::french;
    if (value == "en") return Language::english;
  }
  return language_of_locale();
}

// Options of one command land in the daemon's arguments under the option's name.
class Command {
 public:
  Command(CLI::App& parent, const Words& words, Invocation& into, std::string name,
          std::string_view french, std::string_view english)
      : words_(words), into_(into) {
    app_ = parent.add_subcommand(name.substr(name.rfind(' ') + 1),
                                 std::string{words(french, english)});
    app_->fallthrough();
    app_->callback([&into, name] { into.command = name; });
  }

  Command& text(const std::string& flag, const char* key, std::string_view french,
                std::string_view english) {
    app_->add_option_function<std::string>(
        flag, [this, key](const std::string& value) { into_.arguments[key] = value; },
        std::string{words_(french, english)});
    return *this;
  }
  Command& texts(const std::string& flag, const char* key, std::string_view french,
                 std::string_view english) {
    app_->add_option_function<std::vector<std::string>>(
        flag,
        [this, key](const std::vector<std::string>& values) {
          auto& list = into_.arguments[key].emplace_array();
          for (const auto& value : values) list.emplace_back(value);
        },
        std::string{words_(french, english)});
    return *this;
  }
  Command& number(const std::string& flag, const char* key, std::string_view french,
                  std::string_view english) {
    app_->add_option_function<std::uint32_t>(
            flag, [this, key](std::uint32_t value) { into_.arguments[key] = value; },
            std::string{words_(french, english)})
        ->check(CLI::Range(1U, 1000000U));
    return *this;
  }
  Command& flag(const std::string& flag, const char* key, std::string_view french,
                std::string_view english) {
    app_->add_flag_function(
        flag, [this, key](std::int64_t) { into_.arguments[key] = true; },
        std::string{words_(french, english)});
    return *this;
  }
  Command& local(const std::string& flag, std::string& value, std::string_view french,
                 std::string_view english) {
    app_->add_option(flag, value, std::string{words_(french, english)});
    return *this;
  }
  Command& local_flag(const std::string& flag, bool& value, std::string_view french,
                      std::string_view english) {
    app_->add_flag(flag, value, std::string{words_(french, english)});
    return *this;
  }
  Command& required(const std::string& name) {
    app_->get_option(name)->required();
    return *this;
  }
  CLI::App& app() { return *app_; }

 private:
  CLI::App* app_ = nullptr;
  const Words& words_;
  Invocation& into_;
};

using Commands = std::vector<std::unique_ptr<Command>>;

class Grammar {
 public:
  Grammar(CLI::App& app, Invocation& into) : app_(app), into_(into) {}

  Command& add(CLI::App& parent, std::string name, std::string_view french,
               std::string_view english) {
    commands_.push_back(
        std::make_unique<Command>(parent, into_.words, into_, std::move(name), french, english));
    return *commands_.back();
  }
  CLI::App& group(const char* name, std::string_view french, std::string_view english) {
    auto* app = app_.add_subcommand(name, std::string{into_.words(french, english)});
    app->require_subcommand(1);
    app->fallthrough();
    return *app;
  }

  void vault();
  void documents();
  void server();
  void grants();
  void redeem(std::string& link);

 private:
  CLI::App& app_;
  Invocation& into_;
  Commands commands_;
};

void Grammar::vault() {
  add(app_, "init", "créer le coffre", "create the vault")
      .text("--owner", "owner", "nom de la personne", "the person's name")
      .local("--recovery-out", into_.recovery_out,
             "écrire la clé de secours dans ce fichier neuf (mode 0600)",
             "write the recovery key to this new file (mode 0600)");
  add(app_, "unlock", "ouvrir le coffre", "unlock the vault");
  add(app_, "lock", "fermer le coffre", "lock the vault");
  add(app_, "status", "l'état du coffre", "the vault's state");
  add(app_, "stop", "arrêter le démon du coffre", "stop the vault's daemon");
  add(app_, "check", "vérifier le coffre", "verify the vault")
      .flag("--read-data", "read_data", "relire aussi chaque document", "read every document too")
      .flag("--against-server", "against_server", "comparer avec le serveur",
            "compare with the server");
  add(app_, "rebuild", "reconstruire le coffre sur cette machine",
      "rebuild the vault on this machine")
      .text("--from-server", "url", "adresse du serveur", "the server's address")
      .text("--pin", "pin", "empreinte attendue du serveur", "the server's expected fingerprint")
      .local("--recovery-file", into_.recovery_file, "fiche de secours", "recovery file")
      .required("--from-server")
      .required("--recovery-file");
}

void Grammar::documents() {
  add(app_, "import", "mettre des fichiers dans le coffre", "put files into the vault")
      .texts("paths", "paths", "fichiers et dossiers", "files and folders")
      .flag("--any-patient", "any_patient", "quel que soit le patient nommé",
            "whichever patient they name")
      .text("--person", "person", "le dossier de cette personne", "this person's record")
      .required("paths");
  add(app_, "list", "la liste des documents", "the list of documents")
      .text("--kind", "kind", "code du type", "code of the kind")
      .text("--category", "category", "catégorie", "category")
      .text("--since", "since", "depuis (AAAA-MM-JJ)", "since (YYYY-MM-DD)")
      .text("--until", "until", "jusqu'à (AAAA-MM-JJ)", "until (YYYY-MM-DD)")
      .text("--author", "author", "auteur", "author");
  add(app_, "search", "chercher dans les titres, auteurs et textes",
      "search titles, authors and the text inside")
      .texts("words", "words", "mots ; \"phrase\" ; préfixe*", "words; \"phrase\"; prefix*")
      .required("words");
  add(app_, "show", "un document", "one document")
      .text("id", "id", "identifiant, ou son début", "identifier, or its beginning")
      .local("--out", into_.out, "écrire l'original dans ce fichier",
             "write the original to this file")
      .local_flag("--text", into_.text, "le texte lisible", "the readable text")
      .required("id");
  add(app_, "remove", "retirer un document (30 jours pour revenir)",
      "remove a document (30 days to undo)")
      .text("id", "id", "identifiant", "identifier")
      .required("id");
  add(app_, "restore", "reprendre un document retiré", "restore a removed document")
      .text("id", "id", "identifiant", "identifier")
      .required("id");
}

void Grammar::server() {
  auto& group_app = group("server", "le serveur de l'association", "the association's server");
  add(group_app, "server join", "relier le coffre à un serveur", "join the vault to a server")
      .text("url", "url", "adresse", "address")
      .local("--invite-file", into_.invite_file, "fichier de l'invitation", "the invite's file")
      .text("--pin", "pin", "empreinte attendue", "expected fingerprint")
      .text("--accept-country", "accept_country", "accepter ce pays hors de l'EEE",
            "accept this country outside the EEA")
      .local_flag("--yes", into_.yes, "ne rien demander", "ask nothing")
      .required("url")
      .required("--invite-file");
  add(group_app, "server card", "la carte de l'association", "the association's card");
  add(app_, "sync", "envoyer et recevoir ce qui a changé", "send and receive what has changed");
}

void Grammar::grants() {
  auto& group_app = group("grant", "les partages", "grants");
  add(group_app, "grant create", "partager des documents", "share documents")
      .text("--to", "to", "nom du soignant", "the caregiver's name")
      .text("--role", "role", "rôle", "role")
      .text("--organisation", "organisation", "établissement", "organisation")
      .texts("--document", "documents", "identifiant (répétable)", "identifier (repeatable)")
      .text("--category", "category", "toute une catégorie", "a whole category")
      .flag("--all", "all", "tous les documents", "all documents")
      .text("--for", "for", "durée : 90s, 15m, 48h, 7d", "duration: 90s, 15m, 48h, 7d")
      .text("--from", "from", "à partir de (RFC 3339)", "from (RFC 3339)")
      .number("--openings", "openings", "nombre d'ouvertures", "number of openings")
      .flag("--passcode", "passcode", "avec un code à dire", "with a spoken code")
      .local("--passcode-file", into_.passcode_file, "code choisi, dans ce fichier",
             "chosen code, in this file")
      .text("--delivery", "delivery", "link ou shl", "link or shl")
      .text("--purpose", "purpose", "motif", "purpose")
      .text("--allow", "allow", "download", "download")
      .local("--qr", into_.qr, "image du lien (.png ou .svg)", "picture of the link (.png or .svg)")
      .required("--to")
      .required("--for");
  add(group_app, "grant list", "les partages et leur état", "grants and their state");
  add(group_app, "grant show", "un partage", "one grant")
      .text("id", "id", "identifiant", "identifier")
      .required("id");
  add(group_app, "grant revoke", "mettre fin à un partage", "end a grant")
      .text("id", "id", "identifiant", "identifier")
      .required("id");
  add(app_, "access-log", "qui a ouvert quoi, et quand", "who opened what, and when")
      .text("--grant", "grant", "ce partage seulement", "this grant only");
}

void Grammar::redeem(std::string& link) {
  add(app_, "redeem", "ouvrir un lien reçu", "open a link you were given")
      .local("link", link, "- (entrée standard), @FICHIER ; demandé sinon",
             "- (standard input), @FILE; asked for otherwise")
      .local("--as", into_.recipient, "qui vous êtes : \"NOM, ORGANISATION\"",
             "who you are: \"NAME, ORGANISATION\"")
      .local("--passcode-file", into_.passcode_file, "fichier du code", "the passcode's file")
      .local("--pin", into_.pin, "empreinte attendue du serveur",
             "the server's expected fingerprint")
      .local("--out", into_.out, "dossier où écrire", "folder to write to")
      .required("--out");
}

// A link among the arguments is a secret: taken over and wiped before CLI11 copies it.
std::optional<SecretText> take_link(int argc, char** argv) {
  bool redeeming = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "redeem") redeeming = true;
    const bool is_link = argument.find("#c1.") != std::string_view::npos ||
                         argument.find("shlink:/") != std::string_view::npos;
    if (redeeming && is_link) {
      auto secret = daemon::take_argument(argv[i]);
      argv[i][0] = '-';  // the wiped argument reads as "standard input" to the parser
      return secret;
    }
  }
  return std::nullopt;
}

// The daemon stands in another folder. A name that is not UTF-8 has no place in JSON: it goes as
// the hexadecimal of its bytes. An empty path names nothing and stays as it is: it will not be
// found.
void make_absolute(object& arguments) {
  auto* paths = arguments.if_contains("paths");
  if (paths == nullptr) return;
  boost::json::array plain;
  boost::json::array hex;
  for (const auto& given : paths->get_array()) {
    std::string path{given.get_string()};
    if (!path.empty()) path = std::filesystem::absolute(path).lexically_normal().string();
    if (well_formed_utf8(path) == path)
      plain.emplace_back(path);
    else
      hex.emplace_back(to_hex(as_bytes(path)));
  }
  arguments["paths"] = std::move(plain);
  if (!hex.empty()) arguments["paths_hex"] = std::move(hex);
}

}  // namespace

std::optional<Invocation> understand(int argc, char** argv, int& exit_status) {
  Invocation invocation;
  invocation.words.language = language_of(argc, argv);
  const Words& words = invocation.words;
  invocation.vault_dir = default_vault();
  invocation.link = take_link(argc, argv);

  CLI::App app{std::string{words("Coffret : le coffre de vos documents de santé.",
                                 "Coffret: the vault of your health documents.")},
               "coffret"};
  if (words.language == Language::french) app.formatter(std::make_shared<FrenchFormatter>());
  app.set_help_flag("-h,--help", std::string{words("cette aide", "this help")});
  app.set_version_flag("--version", std::string{"coffret " COFFRET_VERSION},
                       std::string{words("la version", "the version")});
  app.require_subcommand(1);
  std::string language;
  app.add_option("--vault", invocation.vault_dir,
                 std::string{words("dossier du coffre", "the vault's folder")});
  app.add_flag("--json", invocation.json, std::string{words("répondre en JSON", "answer in JSON")});
  app.add_option("--lang", language, "fr, en")->check(CLI::IsMember({"fr", "en"}));
  app.add_option("--passphrase-file", invocation.passphrase_file,
                 std::string{words("fichier de la phrase secrète (- : entrée standard)",
                                   "the passphrase's file (-: standard input)")});

  Grammar grammar{app, invocation};
  std::string link;
  grammar.vault();
  grammar.documents();
  grammar.server();
  grammar.grants();
  grammar.redeem(link);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const auto code = static_cast<CLI::ExitCodes>(e.get_exit_code());
    if (code == CLI::ExitCodes::Success) {
      (void)app.exit(e);
      exit_status = 0;
    } else {
      exit_status = row(errc::usage).exit_status;
      if (invocation.json) (void)std::puts(R"({"error":{"code":"usage","message":"see --help"}})");
      fmt::print(stderr, "{}\n{}\n", row(errc::usage).sentence(words.language), e.what());
    }
    return std::nullopt;
  }
  invocation.arguments["command"] = invocation.command;
  invocation.link_source = link;
  make_absolute(invocation.arguments);
  return invocation;
}

}  // namespace coffret::cli
