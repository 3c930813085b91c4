// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/xml.hpp"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "coffret/document.hpp"
#include "vault/reader/because.hpp"
#include "vault/reader/charset.hpp"

namespace coffret::reader {
namespace {

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

// What the handlers below learn; hung on the parser's _private.
struct Watch {
  Cause refused = Cause::none;
  std::size_t nodes = 0;
};

void refuse(xmlParserCtxt* parser, Cause why) {
  auto* watch = static_cast<Watch*>(parser->_private);
  if (watch->refused == Cause::none) watch->refused = why;
  ::xmlStopParser(parser);
}

void on_doctype(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  refuse(static_cast<xmlParserCtxt*>(context), Cause::xml_doctype);
}

void on_element(void* context, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri,
                int spaces, const xmlChar** space, int attributes, int defaulted,
                const xmlChar** values) {
  auto* parser = static_cast<xmlParserCtxt*>(context);
  auto* watch = static_cast<Watch*>(parser->_private);
  watch->nodes += 1 + static_cast<std::size_t>(attributes);
  if (watch->nodes > xml_limits::nodes) return refuse(parser, Cause::xml_elements);
  if (parser->nodeNr >= xml_limits::depth) return refuse(parser, Cause::xml_depth);
  ::xmlSAX2StartElementNs(context, name, prefix, uri, spaces, space, attributes, defaulted, values);
}

void swallow(void*, const char*, ...) {}
void swallow_structured(void*, xmlErrorPtr) {}

xmlParserInputPtr load_nothing(const char*, const char*, xmlParserCtxtPtr) {
  return nullptr;
}

bool prepare() {
  ::xmlInitParser();
  ::xmlSetExternalEntityLoader(&load_nothing);
  return true;
}

// libxml2 compares every attribute of an element with every other before it calls us, so a tag with
// a million of them costs hours. This walk counts them first. It reads ASCII and, passing over zero
// bytes, UTF-16; in other encodings the process's time limit is the bound.
class AttributeCount {
 public:
  // False as soon as one tag has more than the limit.
  bool feed(std::uint8_t b) {
    const char c = static_cast<char>(b);
    switch (state_) {
      case State::text:
        if (c == '<') state_ = State::opened;
        break;
      case State::opened:
        state_ = c == '!' ? State::declaration : c == '?' ? State::instruction : State::tag;
        count_ = 0;
        last_ = {};
        break;
      case State::tag:
        if (c == '"') state_ = State::quoted;
        if (c == '\'') state_ = State::quoted_singly;
        if (c == '=' && ++count_ > xml_limits::attributes) return false;
        if (c == '>') state_ = State::text;
        break;
      case State::quoted:
        if (c == '"') state_ = State::tag;
        break;
      case State::quoted_singly:
        if (c == '\'') state_ = State::tag;
        break;
      default:
        feed_markup(c);
    }
    return true;
  }

 private:
  enum class State {
    text,
    opened,
    tag,
    quoted,
    quoted_singly,
    declaration,
    comment,
    cdata,
    instruction
  };

  void feed_markup(char c) {
    const bool first = state_ == State::declaration && count_++ == 0;
    if (first && c == '-')
      state_ = State::comment;
    else if (first && c == '[')
      state_ = State::cdata;
    else if (c == '>' && ends())
      state_ = State::text;
    // The dashes that open a comment do not close it: "<!-->" is not a comment.
    last_ = {last_[1], state_ == State::comment && count_++ < 2 ? ' ' : c};
  }

  bool ends() const {
    switch (state_) {
      case State::comment:
        return last_[0] == '-' && last_[1] == '-';
      case State::cdata:
        return last_[0] == ']' && last_[1] == ']';
      case State::instruction:
        return last_[1] == '?';
      default:
        return true;
    }
  }

  State state_ = State::text;
  std::size_t count_ = 0;
  std::array<char, 2> last_{};
};

bool attributes_within_limit(ByteView bytes) {
  AttributeCount count;
  for (const std::uint8_t b : bytes)
    if (b != 0 && !count.feed(b)) return false;
  return true;
}

// HUGE lifts libxml2's own 10 MB bound on one text, which a PDF in an ISO-8859-1 document passes.
// It also lifts its guards on entities and depth: there are none without a DOCTYPE, and ours
// stands.
constexpr int parse_options =
    XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;

bool is_of_encoding(int error) {
  return error == XML_ERR_INVALID_CHAR || error == XML_ERR_UNKNOWN_ENCODING ||
         error == XML_ERR_UNSUPPORTED_ENCODING || error == XML_ERR_INVALID_ENCODING ||
         error == XML_ERR_ENCODING_NAME || error == XML_I18N_CONV_FAILED ||
         error == XML_I18N_NO_OUTPUT;
}

struct FreeParser {
  void operator()(xmlParserCtxt* parser) const noexcept {
    // Only left when the document was not taken out.
    if (parser->myDoc != nullptr) ::xmlFreeDoc(parser->myDoc);
    parser->myDoc = nullptr;
    ::xmlFreeParserCtxt(parser);
  }
};

}  // namespace

void XmlDocument::Free::operator()(_xmlDoc* document) const noexcept {
  ::xmlFreeDoc(document);
}

namespace {

// IANA's name of an EBCDIC with the euro, as iconv has it.
std::string known_as(const std::string& name) {
  constexpr std::string_view prefix = "IBM0";
  return name.starts_with(prefix) && name.size() == 8 ? "IBM" + name.substr(4) : name;
}

using namespace std::string_view_literals;
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> utf32 = {
    {{"\xFF\xFE\0\0"sv, "UTF-32"},
     {"\0\0\xFE\xFF"sv, "UTF-32"},
     {"<\0\0\0"sv, "UTF-32LE"},
     {"\0\0\0<"sv, "UTF-32BE"}}};
constexpr std::string_view ebcdic = "\x4C\x6F\xA7\x94";  // "<?xm"

// XML in an encoding whose first bytes libxml2 does not know: UTF-32, and EBCDIC, whose declaration
// has to be read before it can be read (XML 1.0, appendix F). As UTF-8; empty for any other.
std::optional<std::string> in_utf8(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  if (bytes.size() > xml_limits::rare_size) return std::nullopt;
  for (const auto& [start, name] : utf32)
    if (text.starts_with(start)) return to_utf8(name, text);
  if (!text.starts_with(ebcdic)) return std::nullopt;
  // The letters, digits and signs of a declaration are where IBM037 has them in every EBCDIC.
  constexpr std::size_t declaration = 256;  // bytes
  const auto head = to_utf8("IBM037", text.substr(0, declaration)).value_or("");
  constexpr std::string_view word = "encoding=";
  const auto at = head.find(word);
  if (at == std::string::npos || at + word.size() + 1 >= head.size())
    return to_utf8("IBM037", text);
  const auto first = at + word.size() + 1;
  const auto name = head.substr(first, head.find(head[first - 1], first) - first);
  const bool is_name =
      !name.empty() && name.size() < 24 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '-' || c == '_' || c == '.';
      });
  return is_name ? to_utf8(known_as(name), text) : std::nullopt;
}

}  // namespace

bool XmlDocument::is_in_rare_encoding(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  return text.starts_with(ebcdic) || std::any_of(utf32.begin(), utf32.end(), [&](const auto& one) {
           return text.starts_with(one.first);
         });
}

Result<XmlDocument> XmlDocument::parse(ByteView bytes) {
  if (const auto converted = in_utf8(bytes)) return parse_as(as_bytes(*converted), "UTF-8");
  return parse_as(bytes, nullptr);
}

Result<XmlDocument> XmlDocument::parse_as(ByteView bytes, const char* encoding) {
  static const bool ready = prepare();
  (void)ready;
  if (bytes.size() > limits::file_size) return because(Cause::file_size);
  if (!attributes_within_limit(bytes)) return because(Cause::xml_attributes);
  const std::unique_ptr<xmlParserCtxt, FreeParser> parser{::xmlNewParserCtxt()};
  if (parser == nullptr) return errc::internal;
  Watch watch;
  parser->_private = &watch;
  parser->sax->internalSubset = &on_doctype;
  parser->sax->startElementNs = &on_element;
  parser->sax->error = &swallow;
  parser->sax->warning = &swallow;
  parser->sax->serror = &swallow_structured;
  XmlDocument document{::xmlCtxtReadMemory(
      parser.get(), reinterpret_cast<const char*>(bytes.data()), static_cast<int>(bytes.size()),
      nullptr, encoding,
      encoding == nullptr ? parse_options : parse_options | XML_PARSE_IGNORE_ENC)};
  if (watch.refused != Cause::none) return because(watch.refused);
  if (document.document_ == nullptr || parser->wellFormed == 0 || !document.root())
    return because(is_of_encoding(parser->errNo) ? Cause::xml_encoding
                                                 : Cause::xml_not_well_formed);
  return document;
}

XmlNode XmlDocument::root() const {
  return XmlNode{::xmlDocGetRootElement(document_.get())};
}

std::string_view XmlNode::name() const {
  return node_ == nullptr ? std::string_view{} : view(node_->name);
}

std::string_view XmlNode::space() const {
  return node_ == nullptr || node_->ns == nullptr ? std::string_view{} : view(node_->ns->href);
}

std::vector<XmlNode> XmlNode::children() const {
  std::vector<XmlNode> found;
  if (node_ == nullptr) return found;
  for (const xmlNode* item = node_->children; item != nullptr; item = item->next)
    if (item->type == XML_ELEMENT_NODE) found.emplace_back(item);
  return found;
}

std::vector<XmlNode> XmlNode::children(std::string_view name) const {
  std::vector<XmlNode> found;
  for (const XmlNode item : children())
    if (item.name() == name && item.space() == space()) found.push_back(item);
  return found;
}

XmlNode XmlNode::child(std::string_view name) const {
  if (node_ == nullptr) return {};
  for (const xmlNode* item = node_->children; item != nullptr; item = item->next) {
    if (item->type != XML_ELEMENT_NODE) continue;
    const XmlNode element{item};
    if (element.name() == name && element.space() == space()) return element;
  }
  return {};
}

std::vector<XmlNode::Piece> XmlNode::pieces() const {
  std::vector<Piece> found;
  if (node_ == nullptr) return found;
  for (const xmlNode* item = node_->children; item != nullptr; item = item->next) {
    if (item->type == XML_ELEMENT_NODE)
      found.push_back({XmlNode{item}, {}});
    else if (item->type == XML_TEXT_NODE || item->type == XML_CDATA_SECTION_NODE)
      found.push_back({{}, view(item->content)});
  }
  return found;
}

std::string XmlNode::attribute(std::string_view name, std::string_view space) const {
  if (node_ == nullptr) return {};
  for (const xmlAttr* item = node_->properties; item != nullptr; item = item->next) {
    const auto where = item->ns == nullptr ? std::string_view{} : view(item->ns->href);
    if (where != space || view(item->name) != name) continue;
    std::string value;
    // Without a DTD an attribute's content is text nodes only.
    for (const xmlNode* text = item->children; text != nullptr; text = text->next)
      value += view(text->content);
    return value;
  }
  return {};
}

std::string_view XmlNode::schema_type() const {
  constexpr std::string_view instance = "http://www.w3.org/2001/XMLSchema-instance";
  if (node_ == nullptr) return {};
  for (const xmlAttr* item = node_->properties; item != nullptr; item = item->next) {
    if (item->ns == nullptr || view(item->ns->href) != instance || view(item->name) != "type" ||
        item->children == nullptr)
      continue;
    const std::string_view type = view(item->children->content);
    return type.substr(type.find(':') + 1);  // npos + 1 is 0: no prefix
  }
  return {};
}

std::string XmlNode::text() const {
  std::string all;
  for (const Piece& piece : pieces()) {
    all += piece.text;
    if (piece.element) all += piece.element.text();  // depth is bounded: xml_limits
  }
  return all;
}

void warm_up_xml() {
  // One parse per family of converters: what is read on demand is read here, before the filter.
  for (const std::string encoding : {"UTF-8", "ISO-8859-1", "ISO-8859-15", "windows-1252"}) {
    const std::string text = "<?xml version=\"1.0\" encoding=\"" + encoding + "\"?><a b=\"c\"/>";
    (void)XmlDocument::parse(as_bytes(text)).has_value();
  }
}

}  // namespace coffret::reader
