// SPDX-License-Identifier: EUPL-1.2
#include <filesystem>

#include "vault/daemon/commands.hpp"
#include "vault/daemon/files_under.hpp"
#include "vault/daemon/persons.hpp"

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;

// Errors: usage, file_not_found, own_folder; call.detail names the path.
Result<std::string> existing_folder(Call& call) {
  const auto directory = call.text("directory");
  const char* folder = call.language == Language::french ? "DOSSIER" : "FOLDER";
  call.detail = directory.empty() ? folder : directory;
  if (directory.empty() || !fs::path{directory}.is_absolute()) return errc::usage;
  std::error_code ec;
  if (!fs::is_directory(directory, ec)) return errc::file_not_found;
  if (is_within(directory, call.service.config().directory)) return errc::own_folder;
  call.detail.clear();
  return directory;
}

}  // namespace

Result<Object> watch(Call& call) {
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto wanted, wanted_person(call, persons));
  COFFRET_TRY(const auto directory, existing_folder(call));
  WatchedFolder folder{.directory = directory,
                       .move_to = call.text("move_to"),
                       .person = wanted ? wanted->id : PersonId{}};
  // Into itself, a file would come again for ever.
  if (folder.move_to == directory || (call.flag("leave") && !folder.move_to.empty())) {
    call.detail = "--move";
    return errc::usage;
  }
  if (!folder.move_to.empty() && is_within(folder.move_to, call.service.config().directory)) {
    call.detail = folder.move_to;
    return errc::own_folder;
  }
  COFFRET_CHECK(call.service.watcher().watch(folder));
  Object result{{"directory", directory}, {"move_to", folder.move_to}};
  add_person(result, folder.person, persons);
  return result;
}

Result<Object> watch_list(Call& call) {
  COFFRET_TRY(const auto rows, call.service.watcher().list());
  for (const auto& row : rows) COFFRET_CHECK(call.answer.row(row));
  return Object{{"count", rows.size()}};
}

Result<Object> watch_stop(Call& call) {
  const auto directory = call.text("directory");
  call.detail =
      directory + (call.language == Language::french
                       ? " : ce dossier n'est pas suivi. « coffret watch list » montre "
                         "ceux qui le sont."
                       : ": this folder is not watched. \"coffret watch list\" shows those "
                         "that are.");
  COFFRET_CHECK(call.service.watcher().stop(directory));
  call.detail.clear();
  return Object{{"directory", directory}};
}

}  // namespace coffret::daemon
