// SPDX-License-Identifier: EUPL-1.2
//
// archive.hpp: ZIP archives and IHE XDM (ITI-32), read in memory. No name ever reaches a file
// system.
//
// Refused as a whole: names that are absolute, climb ("..", also behind a backslash), name a drive,
// repeat, or hold control characters; anything that is not a file or folder; more than the bounds.
#ifndef COFFRET_VAULT_READER_ARCHIVE_HPP
#define COFFRET_VAULT_READER_ARCHIVE_HPP

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/document.hpp"
#include "coffret/error.hpp"
#include "vault/reader/xml.hpp"

namespace coffret::reader {

namespace archive_limits {
inline constexpr std::size_t members = 4096;
inline constexpr std::uint64_t ratio = 100;        // unpacked bytes per packed byte, on the whole
inline constexpr std::uint64_t slack = 1u << 20;   // bytes that the ratio does not count
inline constexpr std::uint64_t total = 1u << 30;   // unpacked bytes
inline constexpr std::size_t metadata = 8u << 20;  // bytes of one METADATA.XML
inline constexpr std::size_t nested = 16;          // members "….zip" that are looked into
inline constexpr std::size_t nested_size = 16u << 20;  // bytes of one of them, as it is packed
}  // namespace archive_limits

struct ArchiveMember {
  std::string name;        // path inside the archive, UTF-8
  std::uint64_t size = 0;  // as the archive states
  bool folder = false;
};

// All members. Errors: malformed, too_large (also: more than `most` bytes unpacked).
Result<std::vector<ArchiveMember>> list_archive(ByteView archive,
                                                std::uint64_t most = archive_limits::total);

// Calls visit for each member, in order of list_archive, until it returns false. read() gives the
// member's bytes, at most once: malformed (damaged, or longer than stated), unsupported
// (encrypted), too_large (over limits::file_size).
using ReadMember = std::function<Result<Bytes>()>;
Result<void> visit_archive(ByteView archive,
                           const std::function<bool(std::size_t, const ReadMember&)>& visit);

bool is_xdm(const std::vector<ArchiveMember>& members);
// Neither a document nor a folder of one: what XDM and operating systems wrap around documents.
bool is_packaging(const ArchiveMember& member, bool xdm);

// What METADATA.XML says of one document.
struct XdmRecord {
  std::string object;  // the ExtrinsicObject's id, which associations name
  std::string path;    // inside the archive; empty without URI slot
  std::string sha1;    // lower-case hex; empty when not stated
  std::string size;    // as stated
  DocumentEntry entry;
};

// What the METADATA.XML files of an XDM archive say of its documents.
struct XdmIndex {
  std::vector<XdmRecord> records;             // at most archive_limits::members
  std::map<std::size_t, std::size_t> placed;  // member → record, by the path
  // The record of a member: the one that names it, else the one that states its SHA-1 and names no
  // member that is there.
  const XdmRecord* find(std::size_t member, const std::string& sha1) const;
};
// Errors: as list_archive, and those of XmlDocument::parse.
Result<XdmIndex> read_xdm_index(ByteView archive, const std::vector<ArchiveMember>& members);

// xdm_metadata.cpp: the records of one METADATA.XML (ebXML RIM 3.0, ITI TF-3 §4.2), whose paths
// begin in `folder`; at most `room` of them.
std::vector<XdmRecord> read_xdm_metadata(const XmlDocument& metadata, std::string_view folder,
                                         std::size_t room);

// Opens the locale that names need. Must run before the process is confined.
void warm_up_archive();

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_ARCHIVE_HPP
