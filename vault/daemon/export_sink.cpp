// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/export_sink.hpp"

#include <filesystem>
#include <utility>

#include "vault/backup/tar.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t written_at_once = 1u << 20;  // bytes

// A link that leads nowhere exists, too.
bool exists(const std::string& path) {
  std::error_code ec;
  return std::filesystem::symlink_status(path, ec).type() != std::filesystem::file_type::not_found;
}

// A place that cannot be written says "not found" of itself, which is not about a document.
Result<void> written(Result<void> outcome) {
  if (outcome.has_error() && to_errc(outcome.error()) == errc::not_found) return errc::io;
  return outcome;
}

}  // namespace

Result<Staging> Staging::beside(const std::string& path, store::Environment environment) {
  const std::filesystem::path wanted{path};
  if (wanted.filename().empty()) return errc::usage;
  if (exists(path)) return errc::file_exists;
  std::error_code ec;
  if (!std::filesystem::is_directory(wanted.parent_path(), ec)) return errc::file_not_found;
  const std::string word = environment.random.make<Id<8, struct StagingTag>>().text();
  auto staged = wanted.parent_path() / ("." + wanted.filename().string() + "." + word);
  return Staging{environment.disk, path, staged.string()};
}

Staging::Staging(Staging&& other) noexcept
    : disk_(std::exchange(other.disk_, nullptr)),
      path_(std::move(other.path_)),
      staged_(std::move(other.staged_)) {}

Staging::~Staging() {
  std::error_code ignored;
  if (disk_ != nullptr) std::filesystem::remove_all(staged_, ignored);
}

Result<void> Staging::move_into_place() {
  if (exists(path_)) return errc::file_exists;
  COFFRET_CHECK(disk_->move(staged_, path_));
  disk_ = nullptr;
  return {};
}

Result<FolderSink> FolderSink::start(const std::string& path, store::Environment environment) {
  COFFRET_TRY(auto staging, Staging::beside(path, environment));
  COFFRET_CHECK(written(environment.disk.make_directory(staging.path())));
  return FolderSink{environment.disk, std::move(staging)};
}

Result<void> FolderSink::file(const std::string& name, ByteView content) {
  const auto slash = name.rfind('/');
  if (slash != std::string::npos && directories_.insert(name.substr(0, slash)).second)
    COFFRET_CHECK(disk_.make_directory(staging_.path() + "/" + name.substr(0, slash)));
  // Makes the name durable together with the content.
  return written(disk_.write_at(staging_.path() + "/" + name, 0, content));
}

Result<void> FolderSink::finish() {
  return staging_.move_into_place();
}

Result<StreamedFile> StreamedFile::start(const std::string& path, store::Environment environment) {
  COFFRET_TRY(auto staging, Staging::beside(path, environment));
  return StreamedFile{environment.disk, std::move(staging)};
}

Result<void> StreamedFile::write(ByteView bytes) {
  append(held_, bytes);
  if (held_.size() < written_at_once) return {};
  COFFRET_CHECK(written(disk_.append(staging_.path(), held_, false)));
  held_.clear();
  return {};
}

Result<void> StreamedFile::finish() {
  COFFRET_CHECK(written(disk_.append(staging_.path(), held_, true)));
  return staging_.move_into_place();
}

Result<AgeSink> AgeSink::start(const std::string& path, std::string folder,
                               crypto::AgeWriter writer, Bytes head,
                               store::Environment environment) {
  COFFRET_TRY(auto file, StreamedFile::start(path, environment));
  COFFRET_CHECK(file.write(head));
  return AgeSink{std::move(file), std::move(folder), std::move(writer), environment.clock.now()};
}

Result<void> AgeSink::write(ByteView plaintext) {
  // In steps, so that a large document is not held a third time.
  while (!plaintext.empty()) {
    const auto piece = plaintext.first(std::min(plaintext.size(), written_at_once));
    Bytes sealed;
    writer_.write(piece, sealed);
    COFFRET_CHECK(file_.write(sealed));
    plaintext = plaintext.subspan(piece.size());
  }
  return {};
}

Result<void> AgeSink::file(const std::string& name, ByteView content) {
  COFFRET_CHECK(write(backup::tar_head(folder_ + "/" + name, content.size(), time_)));
  COFFRET_CHECK(write(content));
  return write(backup::tar_padding(content.size()));
}

Result<void> AgeSink::finish() {
  COFFRET_CHECK(write(backup::tar_end()));
  Bytes end;
  writer_.finish(end);
  COFFRET_CHECK(file_.write(end));
  return file_.finish();
}

}  // namespace coffret::daemon
