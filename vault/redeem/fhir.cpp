// SPDX-License-Identifier: EUPL-1.2
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "coffret/json.hpp"
#include "vault/redeem/door.hpp"

namespace coffret::redeem {
namespace {

using boost::json::object;

constexpr JsonLimits fhir_limits{.bytes = 64u << 20, .depth = 64};

std::string text_at(const object& from, std::string_view name) {
  const auto* text = text_member(from, name);
  return text == nullptr ? std::string{} : std::string{text->data(), text->size()};
}

const object* object_at(const object& from, std::string_view name) {
  const auto* value = from.if_contains({name.data(), name.size()});
  return value == nullptr ? nullptr : value->if_object();
}

// The objects of a list; others in it are passed over.
std::vector<const object*> objects_at(const object& from, std::string_view name) {
  std::vector<const object*> found;
  const auto* value = from.if_contains({name.data(), name.size()});
  const auto* list = value == nullptr ? nullptr : value->if_array();
  if (list == nullptr) return found;
  for (const auto& element : *list)
    if (const auto* one = element.if_object()) found.push_back(one);
  return found;
}

std::string name_of(const object& patient) {
  const auto names = objects_at(patient, "name");
  if (names.empty()) return {};
  const object& name = *names.front();
  if (auto text = text_at(name, "text"); !text.empty()) return text;
  std::string whole;
  if (const auto* given = name.if_contains("given"); given != nullptr && given->is_array())
    for (const auto& one : given->get_array())
      if (one.is_string()) whole += std::string{one.get_string()} + " ";
  whole += text_at(name, "family");
  if (whole.ends_with(' ')) whole.pop_back();
  return whole;
}

std::string title_of(const object& reference, const object& attachment) {
  if (auto title = text_at(attachment, "title"); !title.empty()) return title;
  if (auto title = text_at(reference, "description"); !title.empty()) return title;
  const auto* type = object_at(reference, "type");
  return type == nullptr ? std::string{} : text_at(*type, "text");
}

// One text: what was taken out of it, and whether that was everything.
class Reading {
 public:
  Reading(Collector& files, Patient& patient) : files_(files), patient_(patient) {}

  Result<void> resource(const object& resource);
  // Whether the attachments say everything that the text says.
  bool complete() const { return complete_ && taken_; }
  const std::string& title() const { return title_; }

 private:
  Result<void> document(const object& reference);
  Result<bool> attachment(const object& reference, const object* attachment);

  Collector& files_;
  Patient& patient_;
  std::string title_;
  bool complete_ = true;
  bool taken_ = false;  // one attachment at least
};

// false: nothing here that could be written out.
Result<bool> Reading::attachment(const object& reference, const object* attachment) {
  if (attachment == nullptr) return false;
  const auto* data = text_member(*attachment, "data");
  if (data == nullptr) return false;
  auto bytes = from_base64({data->data(), data->size()});
  if (bytes.has_error()) return false;
  auto title = title_of(reference, *attachment);
  const auto wanted = title;
  COFFRET_CHECK(
      files_.add(wanted, std::move(title), text_at(*attachment, "contentType"), std::move(*bytes)));
  return true;
}

Result<void> Reading::document(const object& reference) {
  const auto contents = objects_at(reference, "content");
  complete_ = complete_ && !contents.empty();
  for (const auto* content : contents) {
    COFFRET_TRY(const bool taken, attachment(reference, object_at(*content, "attachment")));
    complete_ = complete_ && taken;
    taken_ = taken_ || taken;
  }
  return {};
}

Result<void> Reading::resource(const object& resource) {
  const std::string type = text_at(resource, "resourceType");
  if (type == "Patient") {
    if (patient_.name.empty()) patient_ = {name_of(resource), text_at(resource, "birthDate")};
    return {};
  }
  if (type == "DocumentReference") return document(resource);
  if (type == "Composition" && title_.empty()) title_ = text_at(resource, "title");
  complete_ = false;
  return {};
}

// Without the spaces that hide its length.
ByteView trimmed(ByteView json) {
  while (!json.empty() && json.back() == ' ') json = json.first(json.size() - 1);
  return json;
}

}  // namespace

Result<void> collect_fhir(ByteView json, Collector& files, Patient& patient) {
  COFFRET_TRY(const auto value, parse_json(as_text(json), fhir_limits));
  const auto* root = value.if_object();
  if (root == nullptr) return errc::malformed;
  Reading reading{files, patient};
  if (text_at(*root, "resourceType") == "Bundle") {
    for (const auto* entry : objects_at(*root, "entry"))
      if (const auto* resource = object_at(*entry, "resource"))
        COFFRET_CHECK(reading.resource(*resource));
  } else {
    COFFRET_CHECK(reading.resource(*root));
  }
  if (reading.complete()) return {};
  const std::string& title = reading.title();
  return files.add(title.empty() ? "FHIR" : title, title, "application/fhir+json",
                   to_bytes(trimmed(json)));
}

}  // namespace coffret::redeem
