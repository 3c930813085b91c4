// SPDX-License-Identifier: EUPL-1.2
//
// xml.hpp: XML from strangers, as a tree. Nothing outside the bytes is ever read: no DOCTYPE, no
// entity, no XInclude, no style sheet, no network. Any encoding that the declaration names and the
// C library knows, EBCDIC and UTF-32 included.
//
// Ownership: an XmlNode is a view; it lives as long as its XmlDocument.
// Threads: two documents may be used on two threads.
#ifndef COFFRET_VAULT_READER_XML_HPP
#define COFFRET_VAULT_READER_XML_HPP

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"

// libxml2's own names.
struct _xmlDoc;   // NOLINT(clang-diagnostic-reserved-identifier)
struct _xmlNode;  // NOLINT(clang-diagnostic-reserved-identifier)

namespace coffret::reader {

// Bounds on what is built from the bytes. The deepest of 948 sample documents has 31 levels and the
// largest 61,000 elements; libxml2 compares each attribute of an element with all others.
namespace xml_limits {
inline constexpr int depth = 128;  // elements inside elements
// Elements and attributes together: each costs 100 to 250 bytes, so that a file of nothing else is
// refused before 100 MB. Our richest sample has 10,000 in 500 kB.
inline constexpr std::size_t nodes = 320'000;
inline constexpr std::size_t attributes = 256;       // of one element
inline constexpr std::size_t rare_size = 16u << 20;  // bytes of a file in EBCDIC or UTF-32
}  // namespace xml_limits

class XmlNode {
 public:
  XmlNode() = default;  // absent: every question has an empty answer
  explicit XmlNode(const _xmlNode* node) : node_(node) {}
  explicit operator bool() const noexcept { return node_ != nullptr; }
  bool operator==(const XmlNode&) const = default;

  std::string_view name() const;   // local name
  std::string_view space() const;  // namespace URI
  // Elements in this one's own namespace: the first so named, all so named, all.
  XmlNode child(std::string_view name) const;
  std::vector<XmlNode> children(std::string_view name) const;
  // Elements in any namespace.
  std::vector<XmlNode> children() const;
  // Elements and the text between them, in order: what() of a text is empty.
  struct Piece;
  std::vector<Piece> pieces() const;
  // In no namespace, or in `space`; empty when absent.
  std::string attribute(std::string_view name, std::string_view space = {}) const;
  std::string text() const;              // all text below, as it stands
  std::string_view schema_type() const;  // local name of xsi:type; empty when absent

 private:
  const _xmlNode* node_ = nullptr;
};

struct XmlNode::Piece {
  XmlNode element;        // absent for text
  std::string_view text;  // of a text; valid as long as the document
};

class XmlDocument {
 public:
  // Errors: doctype_refused; too_large (a bound above); malformed.
  static Result<XmlDocument> parse(ByteView bytes);

  // Whether it begins as XML does in UTF-32 or in EBCDIC.
  static bool is_in_rare_encoding(ByteView bytes);
  XmlNode root() const;

 private:
  static Result<XmlDocument> parse_as(ByteView bytes, const char* encoding);
  struct Free {
    void operator()(_xmlDoc* document) const noexcept;
  };
  explicit XmlDocument(_xmlDoc* document) : document_(document) {}
  std::unique_ptr<_xmlDoc, Free> document_;
};

// Loads what libxml2 would load at first use. Must run before the process is confined.
void warm_up_xml();

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_XML_HPP
