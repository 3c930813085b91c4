// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/deposit_command.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <system_error>

#include "coffret/utf8.hpp"
#include "tools/coffret/answers.hpp"
#include "tools/coffret/redeem_command.hpp"
#include "tools/system/system.hpp"
#include "vault/redeem/deposit.hpp"
#include "vault/redeem/redeem.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

// "Name, organisation", as whoever sends types it.
crypto::Depositor sender_of(const Invocation& invocation) {
  crypto::Depositor from;
  const std::string& typed = invocation.recipient;
  const auto comma = typed.find(',');
  from.name = typed.substr(0, comma);
  if (comma != std::string::npos) {
    const auto rest = typed.find_first_not_of(' ', comma + 1);
    if (rest != std::string::npos) from.organisation = typed.substr(rest);
  }
  from.note = invocation.note;
  return from;
}

std::vector<std::string> paths_of(const Invocation& invocation) {
  std::vector<std::string> paths;
  const auto* list = invocation.arguments.if_contains("files");
  if (list == nullptr || !list->is_array()) return paths;
  for (const auto& one : list->get_array())
    paths.emplace_back(one.get_string().data(), one.get_string().size());
  return paths;
}

// `missing` is the file that could not be read.
Result<std::vector<crypto::DepositedFile>> files_of(const Invocation& invocation, Disk& disk,
                                                    std::string& missing) {
  std::vector<crypto::DepositedFile> files;
  std::uint64_t left = max_deposited;
  const auto paths = paths_of(invocation);
  if (paths.size() > max_deposited_files) return errc::too_large;
  for (const auto& path : paths) {
    missing = path;
    std::error_code ec;
    if (std::filesystem::is_directory(path, ec)) return errc::file_not_found;
    auto bytes = disk.read(path, left);
    if (bytes.has_error())
      return bytes.error() == errc::not_found ? errc::file_not_found : to_errc(bytes.error());
    left -= bytes->size();
    files.push_back(
        {well_formed_utf8(std::filesystem::path{path}.filename().string()), {}, std::move(*bytes)});
  }
  missing.clear();
  return files;
}

void say_deposited(const Invocation& invocation, const redeem::Deposited& done,
                   const std::vector<crypto::DepositedFile>& files) {
  const Words& words = invocation.words;
  if (invocation.json) {
    boost::json::array told;
    for (const auto& file : files)
      told.push_back(object{{"name", file.name}, {"size", file.bytes.size()}});
    fmt::print("{}\n", boost::json::serialize(
                           object{{"deposit", done.deposit.text()},
                                  {"files", std::move(told)},
                                  {"bytes", done.size},
                                  {"expires_at", to_rfc3339(from_unix(done.expires_at))}}));
    return;
  }
  fmt::print("{}\n",
             words("C'est déposé, chiffré pour la personne qui vous a donné ce lien. Elle seule "
                   "peut l'ouvrir, et décide de le prendre ou non.",
                   "It is deposited, sealed for the person who gave you this link. Only they can "
                   "open it, and they decide whether to take it."));
}

int refuse_deposit(const Invocation& invocation, errc error) {
  const Words& words = invocation.words;
  std::string_view sentence;
  if (error == errc::link_not_active)
    sentence = words(
        "Ce lien ne prend plus de documents : il est fini, fermé, ou plein. Rien n'a "
        "été déposé. Demandez-en un autre à la personne.",
        "This link takes no more documents: it is over, closed, or full. Nothing was "
        "deposited. Ask the person for another.");
  else if (error == errc::key_changed)
    sentence = words("Le serveur montre une autre clé que celle du lien : rien n'a été envoyé.",
                     "The server shows another key than the link's: nothing was sent.");
  else if (error == errc::too_large)
    sentence = words(
        "C'est plus que ce que ce lien prend encore, ou qu'un dépôt peut contenir "
        "(29 Mo, 100 fichiers). Rien n'a été déposé.",
        "This is more than the link still takes, or than a deposit may hold (29 MB, "
        "100 files). Nothing was deposited.");
  const bool line = error == errc::server_unreachable || error == errc::timed_out;
  return print_error(
      invocation, error,
      line ? std::string{words("Le dépôt n'a pas abouti : rien n'en sera montré. Recommencez.",
                               "The deposit did not finish: nothing of it will be shown. Do it "
                               "again.")}
           : std::string{},
      sentence);
}

}  // namespace

int deposit(Invocation& invocation) {
  std::string file;
  const auto link = read_link(invocation, file);
  if (link.has_error() && link.error() != errc::malformed)
    return print_error(invocation, to_errc(link.error()),
                       to_errc(link.error()) == errc::file_not_found ? file : "");
  if (link.has_error() || !redeem::is_deposit_link(*link)) return refuse_link(invocation);
  std::optional<Fingerprint> pin;
  if (!invocation.pin.empty()) {
    const auto parsed = redeem::parse_pin(invocation.pin);
    if (parsed.has_error()) return print_error(invocation, errc::usage, "--pin");
    pin = *parsed;
  }
  SystemClock clock;
  SystemRandom random;
  SystemDisk disk;
  const auto files = files_of(invocation, disk, file);
  if (files.has_error()) return print_error(invocation, to_errc(files.error()), file);
  const auto done = redeem::deposit(*link, sender_of(invocation), *files, pin, {clock, random});
  if (done.has_error()) return refuse_deposit(invocation, to_errc(done.error()));
  say_deposited(invocation, *done, *files);
  return 0;
}

}  // namespace coffret::cli
