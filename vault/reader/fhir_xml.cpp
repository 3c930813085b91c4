// SPDX-License-Identifier: EUPL-1.2
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include "vault/reader/clean.hpp"
#include "vault/reader/fhir.hpp"

namespace coffret::reader {
namespace {

namespace json = boost::json;

constexpr std::string_view xhtml = "http://www.w3.org/1999/xhtml";

// The markup is gone, so what is text must not be taken for markup when it is stripped later.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else
      out.push_back(c);
  }
  return out;
}

void write_div(XmlNode at, std::string& out) {
  out.append("<").append(at.name()).append(">");
  for (const auto& piece : at.pieces()) {
    out += escaped(piece.text);
    if (piece.element) write_div(piece.element, out);
  }
  out.append("</").append(at.name()).append(">");
}

json::value convert(XmlNode element);

json::object convert_members(XmlNode element) {
  json::object object;
  if (std::string id = element.attribute("id"); !id.empty()) object["id"] = id;
  for (const XmlNode item : element.children()) {
    json::value value;
    if (item.space() == xhtml) {
      std::string html;
      write_div(item, html);
      value = html;
    } else if (item.space() == fhir_space) {
      value = convert(item);
    } else {
      continue;
    }
    auto [place, fresh] =
        object.emplace(json::string_view{item.name().data(), item.name().size()}, json::value{});
    if (fresh) {
      place->value() = std::move(value);
    } else {
      if (!place->value().is_array()) place->value() = json::array{std::move(place->value())};
      place->value().as_array().push_back(std::move(value));
    }
  }
  return object;
}

// FHIR names resources with a capital letter and everything else without.
bool is_resource(XmlNode element) {
  const auto name = element.name();
  return !name.empty() && name.front() >= 'A' && name.front() <= 'Z' &&
         element.space() == fhir_space;
}

json::value convert(XmlNode element) {
  if (is_resource(element)) return from_fhir_xml(element);
  const auto inner = element.children();
  // <resource><Patient>…</Patient></resource> and <contained>…: the resource itself.
  if (inner.size() == 1 && is_resource(inner.front())) return convert(inner.front());
  // A primitive may carry extensions below its value; only the value is of use here.
  const std::string value = element.attribute("value");
  if (inner.empty() || !value.empty()) return json::value(json::string(value));
  return convert_members(element);
}

}  // namespace

json::value from_fhir_xml(XmlNode resource) {
  json::object object = convert_members(resource);
  object["resourceType"] = json::string_view{resource.name().data(), resource.name().size()};
  return object;
}

}  // namespace coffret::reader
