// SPDX-License-Identifier: EUPL-1.2
#include "vault/backup/writer.hpp"

#include <algorithm>
#include <utility>

#include "coffret/time.hpp"
#include "sync/protocol/signature.hpp"
#include "vault/backup/tar.hpp"

namespace coffret::backup {
namespace {

constexpr std::size_t page_entries = 500;
constexpr std::size_t page_bytes = 4u << 20;
constexpr std::size_t written_at_once = 1u << 20;  // bytes

// "/a/b.age" → "/a/.b.age.partial". Always the same: what a stop left behind is taken up by the
// next try, not piled up.
std::string staged_path(const std::string& path) {
  const auto slash = path.rfind('/');
  const auto name = slash == std::string::npos ? 0 : slash + 1;
  return path.substr(0, name) + "." + path.substr(name) + ".partial";
}

// The log from `after` to the head, cut into pages in the one way both passes share.
Result<void> each_page(const Manifest& manifest, const Source& source,
                       const std::function<Result<void>(const Bytes&)>& use) {
  protocol::EntryPage page{manifest.head, {}};
  std::size_t bytes = 0;
  const auto flush = [&]() -> Result<void> {
    if (page.entries.empty()) return {};
    COFFRET_CHECK(use(wire::encode(page)));
    page.entries.clear();
    bytes = 0;
    return {};
  };
  for (std::uint64_t at = manifest.after.seq; at < manifest.head.seq;) {
    const auto wanted = std::min<std::uint64_t>(page_entries, manifest.head.seq - at);
    COFFRET_TRY(auto entries, source.entries(at, static_cast<std::size_t>(wanted)));
    if (entries.empty()) return errc::conflict;
    at += entries.size();
    for (auto& entry : entries) {
      bytes += entry.body.size() + entry.operation.size();
      page.entries.push_back(std::move(entry));
      if (bytes >= page_bytes || page.entries.size() == page_entries) COFFRET_CHECK(flush());
    }
  }
  return flush();
}

// An age file in the making, removed again unless it was given its name.
class Staged {
 public:
  Staged(Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  Staged(const Staged&) = delete;
  Staged& operator=(const Staged&) = delete;
  ~Staged() {
    if (!path_.empty()) (void)disk_.remove(path_);
  }

  Result<void> start(const Target& target) {
    COFFRET_CHECK(disk_.remove(path_));
    auto writer = crypto::AgeWriter::to_recipients(target.recipients, *target.random, held_);
    if (writer.has_error()) return writer.error();
    writer_.emplace(std::move(*writer));
    return {};
  }
  Result<void> member(const std::string& name, ByteView content, Timestamp time) {
    COFFRET_CHECK(write(tar_head(name, content.size(), time)));
    COFFRET_CHECK(write(content));
    return write(tar_padding(content.size()));
  }
  Result<void> finish() {
    COFFRET_CHECK(write(tar_end()));
    writer_->finish(held_);
    return disk_.append(path_, held_, true);
  }
  Result<void> give_name(const std::string& path) {
    if (disk_.size(path).has_value()) return errc::file_exists;
    COFFRET_CHECK(disk_.move(path_, path));
    path_.clear();
    return {};
  }
  const std::string& path() const noexcept { return path_; }

 private:
  Result<void> write(ByteView plain) {
    while (!plain.empty()) {
      const auto piece = plain.first(std::min(plain.size(), written_at_once));
      writer_->write(piece, held_);
      plain = plain.subspan(piece.size());
      if (held_.size() < written_at_once) continue;
      COFFRET_CHECK(disk_.append(path_, held_, false));
      held_.clear();
    }
    return {};
  }

  Disk& disk_;
  std::string path_;
  std::optional<crypto::AgeWriter> writer_;
  Bytes held_;
};

Result<void> write_members(Staged& file, const Manifest& manifest, const Source& source,
                           const Target& target) {
  COFFRET_TRY(const auto time, from_rfc3339(manifest.made_at));
  const auto signed_text = sign_manifest(manifest, *source.signer);
  COFFRET_CHECK(file.member(manifest_name(manifest.number), as_bytes(signed_text), time));
  COFFRET_CHECK(file.member(read_me_name(), as_bytes(target.read_me), time));
  std::size_t number = 0;
  COFFRET_CHECK(each_page(manifest, source, [&](const Bytes& page) -> Result<void> {
    if (number >= manifest.pages.size() || protocol::sha256(page) != manifest.pages[number].sha256)
      return errc::conflict;
    ++number;
    return file.member(page_name(manifest.number, number), page, time);
  }));
  std::uint64_t done = 0;
  for (const auto& held : manifest.objects) {
    if (source.go_on) COFFRET_CHECK(source.go_on(done++, manifest.objects.size()));
    const auto sealed = source.object(held.object);
    if (sealed.has_error() &&
        (sealed.error() == errc::body_missing || sealed.error() == errc::not_found))
      return errc::conflict;
    if (sealed.has_error()) return sealed.error();
    if (sealed->view().size() != held.size) return errc::damaged;
    COFFRET_CHECK(file.member(object_name(held.object), sealed->view(), time));
  }
  return file.finish();
}

Result<void> read_back(const std::string& path, const Target& target) {
  Damage damage;
  auto part = Part::open(*target.disk, path, target.opener, damage);
  auto read = part.has_value() ? part->read({}) : Result<void>{part.error()};
  if (read.has_error() && to_errc(read.error()) == errc::wrong_recovery_key)
    return errc::backup_damaged;
  return read;
}

}  // namespace

Result<std::uint64_t> write_part(Manifest manifest, const Source& source, const Target& target) {
  manifest.read_me = target.read_me.size();
  manifest.pages.clear();
  COFFRET_CHECK(each_page(manifest, source, [&](const Bytes& page) -> Result<void> {
    manifest.pages.push_back({page.size(), protocol::sha256(page)});
    return {};
  }));
  Staged file{*target.disk, staged_path(target.path)};
  COFFRET_CHECK(file.start(target));
  COFFRET_CHECK(write_members(file, manifest, source, target));
  COFFRET_CHECK(read_back(file.path(), target));
  COFFRET_CHECK(file.give_name(target.path));
  return target.disk->size(target.path);
}

}  // namespace coffret::backup
