// SPDX-License-Identifier: EUPL-1.2
//
// IHE XDM, ITI TF-2 §3.32: documents in sub-sets, each with a METADATA.XML in ebXML RIM 3.0.
#include <algorithm>
#include <iterator>

#include "coffret/ascii.hpp"
#include "vault/reader/archive.hpp"
#include "vault/reader/because.hpp"
#include "vault/reader/xml.hpp"

namespace coffret::reader {
namespace {

std::string_view folder_of(std::string_view name) {
  const auto slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : name.substr(0, slash + 1);
}

std::string_view last_of(std::string_view name) {
  return name.substr(folder_of(name).size());
}

// Real archives write METADATA.xml too, and put everything into an outer folder.
bool is_metadata(const ArchiveMember& member) {
  const std::string name = "/" + ascii_lower(member.name);
  return !member.folder && name.ends_with("/metadata.xml") &&
         name.find("/ihe_xdm/") != std::string::npos;
}

}  // namespace

bool is_xdm(const std::vector<ArchiveMember>& members) {
  return std::any_of(members.begin(), members.end(), is_metadata);
}

bool is_packaging(const ArchiveMember& member, bool xdm) {
  const std::string name = ascii_lower(member.name);
  const std::string_view last = last_of(name);
  if (member.folder || last.starts_with('.') || last == "thumbs.db" || last.ends_with('~') ||
      last.ends_with(".swp"))
    return true;
  const std::string framed = "/" + name;
  if (framed.find("/__macosx/") != std::string::npos ||
      framed.find("/.") != std::string::npos)  // .svn and its like
    return true;
  return xdm && (last == "index.htm" || last == "index.html" || last == "readme.txt" ||
                 last == "metadata.xml" || last.ends_with(".xsl") || last.ends_with(".css"));
}

namespace {

// Member by path. Where no member has a record's path to the letter, one that differs only in the
// case of its letters is meant, unless there are two.
void place(const std::vector<ArchiveMember>& members, XdmIndex& index) {
  constexpr std::size_t several = ~std::size_t{0};
  std::map<std::string, std::size_t> exact;
  std::map<std::string, std::size_t> lowered;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i].folder) continue;
    exact.emplace(members[i].name, i);
    const auto [at, fresh] = lowered.emplace(ascii_lower(members[i].name), i);
    if (!fresh) at->second = several;
  }
  for (std::size_t r = 0; r < index.records.size(); ++r) {
    const std::string& path = index.records[r].path;
    if (path.empty()) continue;
    if (const auto same = exact.find(path); same != exact.end()) {
      index.placed.emplace(same->second, r);
    } else if (const auto like = lowered.find(ascii_lower(path));
               like != lowered.end() && like->second != several) {
      index.placed.emplace(like->second, r);
    }
  }
}

}  // namespace

const XdmRecord* XdmIndex::find(std::size_t member, const std::string& sha1) const {
  if (const auto at = placed.find(member); at != placed.end()) return &records[at->second];
  for (std::size_t r = 0; r < records.size(); ++r) {
    if (records[r].sha1.empty() || records[r].sha1 != sha1) continue;
    const bool elsewhere = std::any_of(placed.begin(), placed.end(),
                                       [&](const auto& pair) { return pair.second == r; });
    if (!elsewhere) return &records[r];
  }
  return nullptr;
}

Result<XdmIndex> read_xdm_index(ByteView archive, const std::vector<ArchiveMember>& members) {
  XdmIndex index;
  error_code failed;
  COFFRET_CHECK(visit_archive(archive, [&](std::size_t i, const ReadMember& read) {
    if (i >= members.size()) return false;
    if (!is_metadata(members[i]) || is_packaging(members[i], false)) return true;
    if (members[i].size > archive_limits::metadata) {
      failed = because(Cause::metadata_size);
      return false;
    }
    const auto bytes = read();
    const auto xml = bytes ? XmlDocument::parse(*bytes) : Result<XmlDocument>{bytes.error()};
    if (xml) {
      auto records = read_xdm_metadata(*xml, folder_of(members[i].name),
                                       archive_limits::members - index.records.size());
      std::move(records.begin(), records.end(), std::back_inserter(index.records));
    } else {
      failed = xml.error();
    }
    return !failed;
  }));
  if (failed) return failed;
  place(members, index);
  return index;
}

}  // namespace coffret::reader
