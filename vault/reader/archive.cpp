// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>  // newlocale, uselocale: POSIX's, which <clocale> does not name

#include <algorithm>
#include <memory>
#include <set>

#include "coffret/document.hpp"
#include "vault/reader/because.hpp"
#include "vault/reader/charset.hpp"
#include "vault/reader/clean.hpp"

namespace coffret::reader {
namespace {

// libarchive hands out names only in the current locale's characters. This makes them UTF-8 for the
// calling thread, whatever the program's locale is.
class Utf8Names {
 public:
  Utf8Names() : before_(::uselocale(utf8())) {}
  ~Utf8Names() { ::uselocale(before_); }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

  static locale_t utf8() {
    static const locale_t made = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
    return made;  // null where the system has none: uselocale then changes nothing
  }

 private:
  locale_t before_;
};

struct Close {
  void operator()(archive* handle) const noexcept { (void)::archive_read_free(handle); }
};
using Handle = std::unique_ptr<archive, Close>;

Result<Handle> open(ByteView bytes) {
  Handle handle{::archive_read_new()};
  if (handle == nullptr) return errc::internal;
  // ZIP by its directory and nothing else: every other format is code that need not meet strangers.
  if (::archive_read_support_format_zip_seekable(handle.get()) != ARCHIVE_OK) return errc::internal;
  if (::archive_read_open_memory(handle.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
    return because(Cause::archive_damaged);
  return handle;
}

// Next header; null at the end. A warning is about a name's encoding, which we judge ourselves.
Result<archive_entry*> next(archive* handle) {
  archive_entry* entry = nullptr;
  const int status = ::archive_read_next_header(handle, &entry);
  if (status == ARCHIVE_EOF) return static_cast<archive_entry*>(nullptr);
  if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return because(Cause::archive_damaged);
  return entry;
}

// How much a text looks like Western European words: accented letters that such names have.
std::size_t accents(std::string_view text) {
  constexpr std::string_view usual = "éèêëàâçùûüîïôöœÉÈÊÀÂÇÎÔŒñÑäÄÖÜßåÅøØæÆáíóú";
  std::size_t found = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < 0xC0) continue;
    if (usual.find(text.substr(i, 2)) != std::string_view::npos) ++found;
  }
  return found;
}

// A name without the UTF-8 flag is in the code page of the system that wrote it, which the archive
// does not tell: Western DOS and Windows (CP850, which agrees with CP437 on letters), or Latin-1.
std::string decode_name(const char* raw) {
  const std::string windows = decode_text(as_bytes(raw)).value_or("");
  const std::string dos = to_utf8("CP850", raw).value_or("");
  return accents(dos) > accents(windows) ? dos : windows;
}

std::string name_of(archive_entry* entry) {
  if (const char* utf8 = ::archive_entry_pathname_utf8(entry)) return utf8;
  const char* raw = ::archive_entry_pathname(entry);
  return raw == nullptr ? std::string{} : decode_name(raw);
}

bool is_harmless(const std::string& name) {
  if (name.empty() || name.size() > limits::short_text || name.front() == '/') return false;
  if (name.size() > 1 && name[1] == ':') return false;
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\') return false;
  const std::string framed = "/" + name + "/";
  return framed.find("/../") == std::string::npos && framed.find("/./") == std::string::npos;
}

Result<Bytes> read_data(archive* handle, std::uint64_t stated) {
  if (stated > limits::file_size) return because(Cause::file_size);
  Bytes bytes;
  while (true) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = ::archive_read_data_block(handle, &block, &size, &offset);
    if (status == ARCHIVE_EOF) break;
    if (status != ARCHIVE_OK) return because(Cause::archive_sizes);
    if (size > stated - bytes.size() || static_cast<std::uint64_t>(offset) != bytes.size())
      return because(Cause::archive_sizes);
    append(bytes, {static_cast<const std::uint8_t*>(block), size});
  }
  if (bytes.size() != stated) return because(Cause::archive_sizes);
  return bytes;
}

}  // namespace

Result<std::vector<ArchiveMember>> list_archive(ByteView bytes, std::uint64_t most) {
  const Utf8Names names_are_utf8;
  COFFRET_TRY(const auto handle, open(bytes));
  std::vector<ArchiveMember> members;
  std::set<std::string> names;
  std::uint64_t total = 0;
  while (true) {
    COFFRET_TRY(auto* const entry, next(handle.get()));
    if (entry == nullptr) break;
    if (members.size() == archive_limits::members) return because(Cause::archive_members);
    const auto type = ::archive_entry_filetype(entry);
    ArchiveMember member{name_of(entry), 0, type == AE_IFDIR};
    if (member.folder && member.name.ends_with('/')) member.name.pop_back();
    if (type != AE_IFREG && type != AE_IFDIR) return because(Cause::archive_special_member);
    if (::archive_entry_symlink(entry) != nullptr || ::archive_entry_hardlink(entry) != nullptr)
      return because(Cause::archive_special_member);
    if (!is_harmless(member.name)) return because(Cause::archive_unsafe_name);
    if (!names.insert(member.name).second) return because(Cause::archive_repeated_name);
    const auto size = ::archive_entry_size(entry);
    if (size < 0) return because(Cause::archive_sizes);
    member.size = static_cast<std::uint64_t>(size);
    total += std::min(member.size, archive_limits::total + 1);
    if (total > archive_limits::total || total > most ||
        total > archive_limits::slack + archive_limits::ratio * bytes.size())
      return because(Cause::archive_unpacks_to_too_much);
    members.push_back(std::move(member));
  }
  return members;
}

Result<void> visit_archive(ByteView bytes,
                           const std::function<bool(std::size_t, const ReadMember&)>& visit) {
  const Utf8Names names_are_utf8;
  COFFRET_TRY(const auto handle, open(bytes));
  for (std::size_t i = 0; i < archive_limits::members; ++i) {
    COFFRET_TRY(auto* const entry, next(handle.get()));
    if (entry == nullptr) break;
    const ReadMember read = [&handle, entry]() -> Result<Bytes> {
      if (::archive_entry_is_encrypted(entry) != 0) return because(Cause::archive_encrypted);
      return read_data(handle.get(), static_cast<std::uint64_t>(::archive_entry_size(entry)));
    };
    if (!visit(i, read)) break;
  }
  return {};
}

void warm_up_archive() {
  (void)Utf8Names::utf8();
}

}  // namespace coffret::reader
