// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/watcher.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "vault/daemon/import.hpp"
#include "vault/daemon/local_socket.hpp"

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kept_results = 20;  // of each folder

// What the import of one file said.
class KeptAnswer final : public Answer {
 public:
  std::vector<boost::json::object> rows;

  Result<void> row(const boost::json::object& row) override {
    rows.push_back(row);
    return {};
  }
  Result<void> progress(const boost::json::object&) override { return {}; }
  Result<void> bytes(ByteView) override { return {}; }
  Result<void> secret(const SecretText&) override { return {}; }
};

// A read lease is refused while anyone has the file open for writing. Where the file system knows
// no leases, that the file is still has to do.
bool is_being_written(int fd) {
  // Someone may open it in the moment the lease is held; that signal is ignored, SIGIO would not
  // be.
  if (::fcntl(fd, F_SETSIG, SIGURG) != 0) return false;
  if (::fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN;
  (void)::fcntl(fd, F_SETLEASE, F_UNLCK);
  return false;
}

std::optional<SeenFile> seen(const fs::path& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return SeenFile{
      .name = path.filename().string(),
      .size = static_cast<std::uint64_t>(info.st_size),
      .modified = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec,
      .being_written = is_being_written(file.get()),
      .inode = static_cast<std::uint64_t>(info.st_ino)};
}

// The files of the folder itself; folders in it are not entered.
std::vector<SeenFile> files_in(const std::string& directory) {
  std::vector<SeenFile> files;
  std::error_code ec;
  for (fs::directory_iterator it{directory, ec}, end; !ec && it != end; it.increment(ec))
    if (const auto file = seen(it->path())) files.push_back(*file);
  std::sort(files.begin(), files.end(),
            [](const SeenFile& a, const SeenFile& b) { return a.name < b.name; });
  return files;
}

// Under its name, or one with a number where that is taken. Never over another file.
bool move_into(const fs::path& file, const fs::path& folder) {
  std::error_code ec;
  fs::create_directories(folder, ec);
  for (int number = 1; number < 1000; ++number) {
    const auto name = number == 1 ? file.filename().string()
                                  : file.stem().string() + " (" + std::to_string(number) + ")" +
                                        file.extension().string();
    if (::renameat2(AT_FDCWD, file.c_str(), AT_FDCWD, (folder / name).c_str(), RENAME_NOREPLACE) ==
        0)
      return true;
    if (errno != EEXIST) break;
  }
  return false;
}

}  // namespace

Result<void> Watcher::load() {
  if (loaded_ && !service_.session().locked()) return {};
  folders_.clear();
  const auto read = [&](store::Vault& vault) -> Result<std::vector<WatchedFolder>> {
    return read_watched(vault, service_.config().directory, service_.environment().disk);
  };
  COFFRET_TRY(const auto settings, service_.session().with(read));
  for (const auto& folder : settings) folders_[folder.directory].settings = folder;
  loaded_ = true;
  return {};
}

Result<void> Watcher::keep() {
  std::vector<WatchedFolder> settings;
  settings.reserve(folders_.size());
  for (const auto& [directory, folder] : folders_) settings.push_back(folder.settings);
  return service_.session().with([&](store::Vault& vault) {
    return keep_watched(vault, service_.config().directory, service_.environment(), settings);
  });
}

void Watcher::forget() {
  loaded_ = false;
  folders_.clear();
}

Result<void> Watcher::watch(const WatchedFolder& folder) {
  const std::lock_guard guard{mutex_};
  COFFRET_CHECK(load());
  folders_[folder.directory].settings = folder;
  const auto kept = keep();
  if (kept.has_error()) loaded_ = false;  // as the disk has it
  return kept;
}

Result<void> Watcher::stop(const std::string& directory) {
  const std::lock_guard guard{mutex_};
  COFFRET_CHECK(load());
  if (folders_.erase(directory) == 0) return errc::not_found;
  const auto kept = keep();
  if (kept.has_error()) loaded_ = false;
  return kept;
}

Result<std::vector<boost::json::object>> Watcher::list() {
  const std::lock_guard guard{mutex_};
  COFFRET_CHECK(load());
  std::vector<boost::json::object> rows;
  for (const auto& [directory, folder] : folders_) {
    boost::json::object row{{"directory", directory}, {"move_to", folder.settings.move_to}};
    row["person_id"] = folder.settings.person.is_zero() ? "owner" : folder.settings.person.text();
    for (const auto* outcome : {"imported", "duplicate", "quarantined", "refused"}) {
      const auto at = folder.counts.find(outcome);
      row[outcome] = at == folder.counts.end() ? 0 : at->second;
    }
    row["last"] = folder.last;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> Watcher::directories() {
  const std::lock_guard guard{mutex_};
  std::vector<std::string> names;
  if (service_.session().locked())
    forget();
  else if (load().has_value())
    for (const auto& [directory, folder] : folders_) names.push_back(directory);
  return names;
}

bool Watcher::waiting() {
  const std::lock_guard guard{mutex_};
  return std::any_of(folders_.begin(), folders_.end(),
                     [](const auto& folder) { return folder.second.settling.waiting(); });
}

void Watcher::look(Time now) {
  for (const auto& directory : directories()) look_at(directory, now);
}

void Watcher::look_at(const std::string& directory, Time now) {
  const auto files = files_in(directory);
  WatchedFolder settings;
  std::vector<std::string> whole;
  {
    const std::lock_guard guard{mutex_};
    const auto at = folders_.find(directory);
    if (at == folders_.end()) return;
    settings = at->second.settings;
    whole = at->second.settling.look(files, now);
  }
  // Not under the mutex: an import may take long, and people ask meanwhile.
  for (const auto& name : whole) {
    const auto taken = take(settings, name);
    if (taken == Taken::not_now) return;
    if (taken == Taken::changed) continue;
    const std::lock_guard guard{mutex_};
    if (const auto at = folders_.find(directory); at != folders_.end())
      at->second.settling.done(name);
  }
}

Watcher::Taken Watcher::take(const WatchedFolder& folder, const std::string& name) {
  auto hold = service_.session().hold();
  if (hold.has_error()) return Taken::not_now;
  LocalRequest request;
  KeptAnswer answer;
  Call call{service_, request, answer, Language::french, {}};
  auto persons = persons_of(call);
  if (persons.has_error()) return Taken::not_now;
  // Its record may have been merged into another one since.
  const auto record = call.with(
      [&](store::Vault& vault) -> Result<PersonId> { return vault.record_of(folder.person); });
  if (record.has_error()) return Taken::not_now;
  Importer importer{call,
                    *hold,
                    std::move(*persons),
                    {.any_patient = false, .person = *record, .source = "watch"}};
  const auto path = fs::path{folder.directory} / name;
  const auto before = seen(path);
  if (importer.take(path).has_error() || importer.last().has_error()) return Taken::not_now;
  // Written meanwhile, it is not what was imported: it settles anew.
  const bool same = before && before == seen(path);
  const bool moves = same && importer.counts().refused == 0 && !folder.move_to.empty();
  const bool moved = moves && move_into(path, folder.move_to);
  for (auto& row : answer.rows) {
    row["moved"] = moved;
    row["time"] = to_rfc3339(service_.environment().clock.now());
    remember(folder.directory, std::move(row));
  }
  return same ? Taken::done : Taken::changed;
}

void Watcher::remember(const std::string& directory, boost::json::object row) {
  const std::lock_guard guard{mutex_};
  const auto at = folders_.find(directory);
  if (at == folders_.end()) return;
  auto& folder = at->second;
  // A file that was refused half-written, and came whole later, was not refused.
  for (auto* before = folder.last.begin(); before != folder.last.end();) {
    const auto& known = before->as_object();
    const bool refused = known.at("outcome") == "refused" && known.at("path") == row.at("path");
    before = refused ? folder.last.erase(before) : before + 1;
  }
  ++folder.counts[std::string{row.at("outcome").as_string().c_str()}];
  folder.last.push_back(std::move(row));
  if (folder.last.size() > kept_results) folder.last.erase(folder.last.begin());
}

}  // namespace coffret::daemon
