// SPDX-License-Identifier: EUPL-1.2
#include <filesystem>

#include "vault/daemon/commands.hpp"
#include "vault/daemon/persons.hpp"

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;

// Errors: usage, file_not_found; call.detail names the path.
Result<std::string> existing_folder(Call& call) {
  const auto directory = call.text("directory");
  call.detail = directory.empty() ? "DIR" : directory;
  if (directory.empty() || !fs::path{directory}.is_absolute()) return errc::usage;
  std::error_code ec;
  if (!fs::is_directory(directory, ec)) return errc::file_not_found;
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
  call.detail = directory;
  COFFRET_CHECK(call.service.watcher().stop(directory));
  call.detail.clear();
  return Object{{"directory", directory}};
}

}  // namespace coffret::daemon
