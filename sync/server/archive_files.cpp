// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/archive_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>

#include "coffret/encoding.hpp"
#include "coffret/json.hpp"
#include "sync/protocol/hash.hpp"

namespace coffret::server {
namespace {

constexpr std::int64_t manifest_format = 1;
constexpr std::size_t chunk_size = 1024 * 1024;              // bytes read at a time
constexpr std::uint64_t max_blob = std::uint64_t{80} << 20;  // bytes; PROTOCOL.md §5

std::uint64_t number(const boost::json::object& from, const char* name) {
  const auto* value = from.if_contains(name);
  boost::system::error_code ec;
  const auto read = value == nullptr ? 0 : value->to_number<std::uint64_t>(ec);
  return ec ? 0 : read;
}

template <class IdType>
Result<IdType> identifier(const boost::json::object& from, const char* name) {
  const auto* text = text_member(from, name);
  if (text == nullptr) return errc::malformed;
  COFFRET_TRY(const auto raw, from_base64url({text->data(), text->size()}));
  return IdType::from(raw);
}

// A name that leads out of the backup is nobody's.
bool is_known(std::string_view name) {
  return name == "records.db" || std::ranges::find(small_files, name) != std::end(small_files);
}

}  // namespace

std::string format_archive_manifest(const Manifest& manifest) {
  boost::json::array files;
  for (const auto& file : manifest.files)
    files.push_back(boost::json::object{
        {"name", file.name}, {"size", file.size}, {"sha256", to_base64url(file.sha256.view())}});
  const auto& count = manifest.count;
  return boost::json::serialize(
             boost::json::object{{"coffret_server_backup", manifest_format},
                                 {"server", to_base64url(manifest.server.view())},
                                 {"backup_at", count.backup_at},
                                 {"accounts", count.accounts},
                                 {"entries", count.entries},
                                 {"objects", count.objects},
                                 {"bytes", count.bytes},
                                 {"files", std::move(files)}}) +
         "\n";
}

Result<Manifest> parse_archive_manifest(ByteView text) {
  COFFRET_TRY(const auto value, parse_json(as_text(text)));
  if (!value.is_object()) return errc::malformed;
  const auto& fields = value.get_object();
  const auto format = number(fields, "coffret_server_backup");
  if (format == 0) return errc::malformed;
  if (format != manifest_format) return errc::other_version;
  Manifest manifest;
  COFFRET_TRY(manifest.server, identifier<Fingerprint>(fields, "server"));
  manifest.count = {
      .accounts = number(fields, "accounts"),
      .entries = number(fields, "entries"),
      .objects = number(fields, "objects"),
      .bytes = number(fields, "bytes"),
      .backup_at = static_cast<std::int64_t>(number(fields, "backup_at") & 0x7fffffffffffffff)};
  const auto* files = fields.if_contains("files");
  if (files == nullptr || !files->is_array()) return errc::malformed;
  for (const auto& item : files->get_array()) {
    if (!item.is_object()) return errc::malformed;
    const auto& one = item.get_object();
    const auto* name = text_member(one, "name");
    if (name == nullptr || !is_known({name->data(), name->size()})) return errc::malformed;
    COFFRET_TRY(const auto sha256, identifier<Sha256>(one, "sha256"));
    manifest.files.push_back({{name->data(), name->size()}, number(one, "size"), sha256});
  }
  return manifest;
}

Result<ArchivedFile> hash_file(const std::string& directory, std::string_view name,
                               const Disk& disk) {
  ArchivedFile file{std::string{name}, 0, {}};
  const std::string path = directory + "/" + file.name;
  COFFRET_TRY(file.size, disk.size(path));
  protocol::Sha256Hasher hasher;
  Bytes chunk(chunk_size);
  for (std::uint64_t at = 0; at < file.size;) {
    COFFRET_TRY(const std::size_t got, disk.read_at(path, at, chunk));
    if (got == 0) return errc::io;
    hasher.update(ByteView{chunk}.first(got));
    at += got;
  }
  file.sha256 = hasher.finish();
  return file;
}

Result<void> link_or_copy(const std::string& from, const std::string& to, Disk& disk) {
  if (::link(from.c_str(), to.c_str()) == 0) return {};
  if (errno == ENOENT) return errc::not_found;
  if (errno == EEXIST) {
    // Left by an earlier try; whatever it is, it is made anew.
    COFFRET_CHECK(disk.remove(to));
    if (::link(from.c_str(), to.c_str()) == 0) return {};
  }
  COFFRET_TRY(const Bytes content, disk.read(from, max_blob));
  return disk.replace(to, content);
}

Result<void> sync_directory(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errc::io;
  const bool done = ::fsync(descriptor) == 0;
  (void)::close(descriptor);
  return done ? Result<void>{} : Result<void>{errc::io};
}

}  // namespace coffret::server
