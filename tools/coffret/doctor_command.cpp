// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/doctor_command.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "coffret/reading.hpp"
#include "tools/system/system.hpp"
#include "vault/daemon/confined_child.hpp"

namespace coffret::cli {
namespace {

namespace fs = std::filesystem;
using boost::json::object;

constexpr std::uint64_t room_needed = 512u << 20;    // bytes, free on the vault's disk
constexpr std::int64_t built_after = 1'790'000'000;  // UTC: no right clock is before this program
constexpr std::int64_t clock_slack = 86'400;         // seconds

struct Check {
  std::string_view name;  // stable
  bool ok = false;
  bool needed = true;  // else something works less well without it
  std::string message;
};

class Doctor {
 public:
  explicit Doctor(const Invocation& invocation) : invocation_(invocation) {}
  int report();

 private:
  std::string say(std::string_view french, std::string_view english) const {
    return std::string{invocation_.words(french, english)};
  }
  void add(std::string_view name, bool ok, bool needed, std::string message) {
    checks_.push_back({name, ok, needed, ok ? say("en ordre", "in order") : std::move(message)});
  }
  void reader();
  void recognition();
  void fonts();
  void vault();
  void disk_space();
  void clock();

  const Invocation& invocation_;
  std::vector<Check> checks_;
};

std::string program_beside_us(const char* name) {
  std::error_code ec;
  return (fs::read_symlink("/proc/self/exe", ec).parent_path() / name).string();
}

// How the reader's confined converter ends over an empty file; negative: it did not run.
int try_converter() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  auto child = daemon::ConfinedChild::start(program_beside_us("coffret-reader"), "confine");
  if (child.has_error()) return -1;
  const auto wanted = [](ByteView so_far) -> Result<std::size_t> {
    return so_far.size() < 4096 ? 4096 - so_far.size() : 0;
  };
  if (child->talk({}, true, wanted, deadline).has_error()) return -1;
  return child->finish(deadline);
}

bool has_language(const char* name) {
  std::error_code ec;
  for (fs::directory_iterator it{"/usr/share/tesseract-ocr", ec}, end; !ec && it != end;
       it.increment(ec))
    if (fs::exists(it->path() / "tessdata" / (std::string{name} + ".traineddata"), ec)) return true;
  return false;
}

void Doctor::reader() {
  const int status = try_converter();
  add("reader", status != -1, true,
      say("coffret-reader ne démarre pas : rien ne peut être importé. Réinstallez Coffret.",
          "coffret-reader does not start: nothing can be imported. Install Coffret again."));
  add("confinement", status != reading::exit_unconfined, true,
      say("Ce noyau Linux n'a pas Landlock : le texte des PDF n'est pas lu.",
          "This Linux kernel lacks Landlock: the text of PDFs is not read."));
  add("pdftotext", ::access("/usr/bin/pdftotext", X_OK) == 0, true,
      say("pdftotext manque : le texte des PDF n'est pas lu (paquet poppler-utils).",
          "pdftotext is missing: the text of PDFs is not read (package poppler-utils)."));
}

void Doctor::recognition() {
  const bool here = ::access("/usr/bin/tesseract", X_OK) == 0;
  add("tesseract", here, false,
      say("Tesseract manque : les mots des pages scannées ne se cherchent pas (paquet "
          "tesseract-ocr).",
          "Tesseract is missing: words on scanned pages are not found (package tesseract-ocr)."));
  if (!here) return;
  add("tesseract_french", has_language("fra"), false,
      say("Tesseract ne connaît pas le français (paquet tesseract-ocr-fra).",
          "Tesseract does not know French (package tesseract-ocr-fra)."));
}

void Doctor::fonts() {
  std::error_code ec;
  const bool some =
      fs::is_directory("/usr/share/fonts", ec) && !fs::is_empty("/usr/share/fonts", ec);
  add("fonts", some, false,
      say("Aucune police de caractères : certaines pages scannées seront mal lues (paquet "
          "fonts-dejavu-core).",
          "No font is installed: some scanned pages are read badly (package fonts-dejavu-core)."));
}

void Doctor::vault() {
  struct stat info {};
  if (::stat((invocation_.vault_dir + "/keyslot").c_str(), &info) != 0) {
    add("vault", false, false,
        say("Il n'y a pas encore de coffre ici : coffret init",
            "There is no vault here yet: coffret init"));
    return;
  }
  const bool good = ::stat(invocation_.vault_dir.c_str(), &info) == 0 &&
                    info.st_uid == ::geteuid() && (info.st_mode & 077) == 0;
  add("vault", good, true,
      say("Le dossier du coffre n'est pas réservé à son propriétaire : chmod -R go= DOSSIER",
          "The vault's folder is not its owner's alone: chmod -R go= FOLDER"));
}

void Doctor::disk_space() {
  fs::path at{invocation_.vault_dir};
  std::error_code ec;
  while (!at.empty() && at != at.root_path() && !fs::exists(at, ec)) at = at.parent_path();
  struct statvfs info {};
  if (at.empty()) at = ".";
  const bool known = ::statvfs(at.c_str(), &info) == 0;
  const std::uint64_t room = known ? std::uint64_t{info.f_bavail} * info.f_frsize : 0;
  add("disk_space", room >= room_needed, true,
      say("Le disque du coffre est presque plein : ", "The vault's disk is nearly full: ") +
          spelled_size(room, invocation_.words.language));
}

void Doctor::clock() {
  const std::int64_t now = SystemClock{}.now().time_since_epoch().count();
  struct stat info {};
  const bool written = ::stat((invocation_.vault_dir + "/head").c_str(), &info) == 0;
  const bool good = now > built_after && !(written && info.st_mtime > now + clock_slack);
  add("clock", good, true,
      say("L'horloge de cette machine est en retard : réglez-la.",
          "The clock of this machine is behind: set it."));
}

// What a check looked at, for people.
std::string_view shown_name(std::string_view name, const Words& words) {
  struct Name {
    std::string_view name, french, english;
  };
  constexpr Name names[] = {
      {"reader", "lecteur de fichiers", "file reader"},
      {"confinement", "confinement", "confinement"},
      {"pdftotext", "texte des PDF", "text of PDFs"},
      {"tesseract", "pages numérisées", "scanned pages"},
      {"tesseract_french", "… en français", "… in French"},
      {"fonts", "polices", "fonts"},
      {"vault", "dossier du coffre", "vault's folder"},
      {"disk_space", "place sur le disque", "disk space"},
      {"clock", "horloge", "clock"},
  };
  for (const auto& one : names)
    if (one.name == name) return words(one.french, one.english);
  return name;
}

int Doctor::report() {
  reader();
  recognition();
  fonts();
  vault();
  disk_space();
  clock();
  bool ok = true;
  boost::json::array told;
  for (const auto& check : checks_) {
    ok = ok && (check.ok || !check.needed);
    told.push_back(object{{"name", boost::json::string_view{check.name.data(), check.name.size()}},
                          {"ok", check.ok},
                          {"needed", check.needed},
                          {"message", check.message}});
    if (!invocation_.json)
      fmt::print("{} {:<20} {}\n",
                 check.ok       ? "  "
                 : check.needed ? "!!"
                                : " -",
                 shown_name(check.name, invocation_.words), check.message);
  }
  if (invocation_.json)
    fmt::print("{}\n", boost::json::serialize(object{
                           {"ok", ok}, {"version", COFFRET_VERSION}, {"checks", std::move(told)}}));
  else
    fmt::print("   coffret {}\n", COFFRET_VERSION);
  return ok ? 0 : 1;
}

}  // namespace

int doctor(const Invocation& invocation) {
  return Doctor{invocation}.report();
}

}  // namespace coffret::cli
