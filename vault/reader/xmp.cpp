// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/xmp.hpp"

#include <string_view>

#include "vault/reader/clean.hpp"
#include "vault/reader/iso_time.hpp"
#include "vault/reader/xml.hpp"

namespace coffret::reader {
namespace {

constexpr std::string_view packet_start = "<x:xmpmeta", packet_end = "</x:xmpmeta>";
constexpr std::string_view rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
constexpr std::string_view basic = "http://ns.adobe.com/xap/1.0/";
constexpr std::string_view dublin_core = "http://purl.org/dc/elements/1.1/";

std::string_view only_packet(std::string_view file) {
  const auto start = file.find(packet_start);
  if (start == std::string_view::npos) return {};
  const auto end = file.find(packet_end, start);
  if (end == std::string_view::npos || end - start > xmp_size) return {};
  if (file.find(packet_start, start + 1) != std::string_view::npos) return {};
  return file.substr(start, end + packet_end.size() - start);
}

// A simple property, as an element or in short as an attribute; of an array (rdf:Alt, rdf:Seq) the
// first item: the default of several languages stands first.
std::string property(XmlNode description, std::string_view space, std::string_view name) {
  if (std::string said = description.attribute(name, space); !said.empty()) return said;
  for (const XmlNode element : description.children()) {
    if (element.name() != name || element.space() != space) continue;
    for (const XmlNode array : element.children())
      for (const XmlNode item : array.children())
        if (item.name() == "li" && item.space() == rdf) return item.text();
    return element.text();
  }
  return {};
}

}  // namespace

Xmp read_xmp(ByteView file) {
  Xmp said;
  const auto packet = only_packet(as_text(file));
  if (packet.empty()) return said;
  const auto xml = XmlDocument::parse(as_bytes(packet));
  if (xml.has_error()) return said;
  for (const XmlNode graph : xml->root().children()) {
    if (graph.name() != "RDF" || graph.space() != rdf) continue;
    for (const XmlNode description : graph.children()) {
      const auto take = [&](std::string& into, std::string_view space, std::string_view name) {
        if (into.empty()) into = clean_line(property(description, space, name));
      };
      take(said.title, dublin_core, "title");
      take(said.author, dublin_core, "creator");
      take(said.date, basic, "CreateDate");
    }
  }
  said.date = from_iso(said.date);
  return said;
}

}  // namespace coffret::reader
