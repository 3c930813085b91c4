// SPDX-License-Identifier: EUPL-1.2
//
// IHE XDM, ITI TF-2 §3.32: documents in sub-sets, each with a METADATA.XML in ebXML RIM 3.0.
#include <algorithm>

#include "vault/reader/archive.hpp"
#include "vault/reader/sha1.hpp"
#include "vault/reader/xml.hpp"

namespace coffret::reader {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view folder_of(std::string_view name) {
  const auto slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : name.substr(0, slash + 1);
}

std::string_view last_of(std::string_view name) {
  return name.substr(folder_of(name).size());
}

// Real archives write METADATA.xml too, and put everything into an outer folder.
bool is_metadata(const ArchiveMember& member) {
  const std::string name = "/" + lower(member.name);
  return !member.folder && name.ends_with("/metadata.xml") &&
         name.find("/ihe_xdm/") != std::string::npos;
}

std::string slot(XmlNode object, std::string_view name) {
  for (const XmlNode item : object.children("Slot"))
    if (item.attribute("name") == name) return item.child("ValueList").child("Value").text();
  return {};
}

void index_objects(XmlNode at, std::string_view folder, XdmIndex& index,
                   std::vector<std::string>& loose) {
  for (const XmlNode item : at.children()) {
    if (item.name() != "ExtrinsicObject") {
      index_objects(item, folder, index, loose);
      continue;
    }
    const std::string hash = lower(slot(item, "hash"));
    if (hash.empty()) continue;
    const std::string uri = slot(item, "URI");
    if (uri.empty())
      loose.push_back(hash);
    else
      index.sha1[std::string{folder} + uri] = hash;
  }
}

}  // namespace

bool is_xdm(const std::vector<ArchiveMember>& members) {
  return std::any_of(members.begin(), members.end(), is_metadata);
}

bool is_packaging(const ArchiveMember& member, bool xdm) {
  const std::string name = lower(member.name);
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

Result<XdmIndex> read_xdm_index(ByteView archive, const std::vector<ArchiveMember>& members) {
  XdmIndex index;
  std::vector<std::string> loose;  // hashes of documents that are named by nothing else
  error_code failed;
  COFFRET_CHECK(visit_archive(archive, [&](std::size_t i, const ReadMember& read) {
    if (i >= members.size()) return false;
    if (!is_metadata(members[i]) || is_packaging(members[i], false)) return true;
    if (members[i].size > archive_limits::metadata) {
      failed = errc::too_large;
      return false;
    }
    const auto bytes = read();
    const auto xml = bytes ? XmlDocument::parse(*bytes) : Result<XmlDocument>{bytes.error()};
    if (xml)
      index_objects(xml->root(), folder_of(members[i].name), index, loose);
    else
      failed = xml.error();
    return !failed;
  }));
  if (failed) return failed;
  return index;
}

}  // namespace coffret::reader
