// SPDX-License-Identifier: EUPL-1.2
#include "vault/backup/part.hpp"

#include <algorithm>
#include <utility>

#include "sync/protocol/signature.hpp"
#include "vault/backup/tar.hpp"

namespace coffret::backup {
namespace {

constexpr std::string_view folder = "coffret-backup/";

std::string digits(std::uint64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return std::string(width - std::min(width, text.size()), '0') + text;
}

// The next member's header. None: the end of the archive, whose second block is read too.
Result<std::optional<TarMember>> next_member(AgeFile& file) {
  COFFRET_TRY(const auto block, file.read(tar_block));
  auto member = read_tar_head(block);
  if (member.has_error()) return file.damaged(Fault::altered);
  if (*member) return member;
  COFFRET_TRY(const auto second, file.read(tar_block));
  const bool zero = std::all_of(second.begin(), second.end(), [](auto byte) { return byte == 0; });
  if (!zero) return file.damaged(Fault::altered);
  return member;
}

Result<Bytes> content(AgeFile& file, std::uint64_t size) {
  COFFRET_TRY(auto bytes, file.read(static_cast<std::size_t>(size)));
  COFFRET_TRY(const auto padding, file.read(tar_padding(size).size()));
  const bool zero = std::all_of(padding.begin(), padding.end(), [](auto b) { return b == 0; });
  if (!zero) return file.damaged(Fault::altered);
  return bytes;
}

}  // namespace

std::string manifest_name(std::uint32_t number) {
  return std::string{folder} + "manifest-" + digits(number, 5) + ".jws";
}
std::string read_me_name() {
  return std::string{folder} + "README.txt";
}
std::string page_name(std::uint32_t number, std::size_t page) {
  return std::string{folder} + "log/" + digits(number, 5) + "-" + digits(page, 6);
}
std::string object_name(const ObjectId& object) {
  return std::string{folder} + "objects/" + object.text();
}

std::uint64_t member_size(std::uint64_t size) {
  return tar_block + size + tar_padding(size).size();
}

Result<Part> Part::open(const Disk& disk, const std::string& path, const Opener& opener,
                        Damage& damage) {
  COFFRET_TRY(auto file, AgeFile::open(disk, path, opener, damage));
  COFFRET_TRY(const auto member, next_member(file));
  if (!member || member->size > max_manifest) return file.damaged(Fault::altered);
  COFFRET_TRY(const auto text, content(file, member->size));
  auto manifest = read_manifest(as_text(text));
  if (manifest.has_error())
    return manifest.error() == errc::other_version ? errc::other_version
                                                   : file.damaged(Fault::altered);
  if (member->name != manifest_name(manifest->manifest.number)) return file.damaged(Fault::altered);
  Part part{std::move(file), std::move(*manifest)};
  COFFRET_CHECK(part.judge_size());
  return part;
}

// Without reading on: a file that was cut, or that something was added to.
Result<void> Part::judge_size() {
  const auto& m = manifest_.manifest;
  std::uint64_t size = file_.position() + member_size(m.read_me) + tar_end().size();
  for (const auto& page : m.pages) size += member_size(page.size);
  for (const auto& held : m.objects) size += member_size(held.size);
  if (file_.plaintext_size() == size) return {};
  return file_.damaged(file_.plaintext_size() < size ? Fault::cut : Fault::altered);
}

Result<Bytes> Part::member(const std::string& name, std::uint64_t size) {
  COFFRET_TRY(const auto member, next_member(file_));
  if (!member || member->name != name || member->size != size) return file_.damaged(Fault::altered);
  return content(file_, size);
}

Result<void> Part::read(const Visitor& visitor) {
  const auto& m = manifest_.manifest;
  COFFRET_TRY([[maybe_unused]] const auto read_me, member(read_me_name(), m.read_me));
  std::size_t number = 0;
  for (const auto& page : m.pages) {
    if (page.size > protocol::max_page_size) return file_.damaged(Fault::altered);
    COFFRET_TRY(const auto bytes, member(page_name(m.number, ++number), page.size));
    if (protocol::sha256(bytes) != page.sha256) return file_.damaged(Fault::altered);
    const auto decoded = protocol::decode_entry_page(bytes);
    if (decoded.has_error()) return file_.damaged(Fault::altered);
    if (visitor.page) COFFRET_CHECK(visitor.page(*decoded));
  }
  for (const auto& held : m.objects) {
    if (held.size > max_object) return file_.damaged(Fault::altered);
    COFFRET_TRY(auto bytes, member(object_name(held.object), held.size));
    if (protocol::object_id(bytes) != held.object) return file_.damaged(Fault::altered);
    if (visitor.object) COFFRET_CHECK(visitor.object(held.object, std::move(bytes)));
  }
  COFFRET_TRY(const auto end, next_member(file_));
  if (end) return file_.damaged(Fault::altered);
  return file_.finish();
}

}  // namespace coffret::backup
