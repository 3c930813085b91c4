// SPDX-License-Identifier: EUPL-1.2
//
// The page's API as OpenAPI 3.1, made from the table that decides (page_api.hpp): it cannot drift.
#include <boost/json/array.hpp>

#include "vault/daemon/page_api.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;
using boost::json::object;

boost::json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

object type_json(std::string_view type) {
  if (type == "flag") return {{"type", "boolean"}};
  if (type == "number") return {{"type", "integer"}, {"minimum", 0}};
  if (type == "texts") return {{"type", "array"}, {"items", {{"type", "string"}}}};
  return {{"type", "string"}};
}

object arguments_schema(const PageCommand& command) {
  object properties{{"lang", {{"type", "string"}, {"enum", array{"fr", "en"}}}}};
  auto list = command.arguments;
  while (!list.empty()) {
    const auto one = list.substr(0, list.find(' '));
    const auto colon = one.find(':');
    properties[view(one.substr(0, colon))] = type_json(one.substr(colon + 1));
    list.remove_prefix(std::min(one.size() + 1, list.size()));
  }
  if (!command.secret.empty())
    properties["secrets"] = object{{"type", "object"},
                                   {"properties", {{view(command.secret), {{"type", "string"}}}}},
                                   {"additionalProperties", false}};
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

object answer_of(const char* type, object schema) {
  return {{"description", "NDJSON: rows, then done or error; bytes alone where they are accepted"},
          {"content", {{type, {{"schema", std::move(schema)}}}}}};
}

object refused() {
  return {{"description", "not from this page's holder; the same answer whatever is wrong"}};
}

object responses() {
  return {{"200", answer_of("application/x-ndjson", {{"$ref", "#/components/schemas/Line"}})},
          {"403", refused()},
          {"503", {{"description", "too much at once; again in a moment"}}}};
}

object command_path(const PageCommand& command) {
  return {{"post",
           {{"summary", view(command.summary)},
            {"requestBody",
             {{"required", true},
              {"content", {{"application/json", {{"schema", arguments_schema(command)}}}}}}},
            {"responses", responses()}}}};
}

object session_path() {
  const object token{{"type", "object"}, {"properties", {{"token", {{"type", "string"}}}}}};
  const object state{{"type", "object"},
                     {"properties",
                      {{"locked", {{"type", "boolean"}}},
                       {"seconds_left", {{"type", array{"integer", "null"}}}}}}};
  const object code{{"type", "object"},
                    {"properties", {{"code", {{"type", "string"}}}}},
                    {"required", array{"code"}}};
  return {{"post",
           {{"summary", "change a one-time code (coffret open) for a token"},
            {"security", array{}},
            {"requestBody", {{"content", {{"application/json", {{"schema", code}}}}}}},
            {"responses", {{"200", answer_of("application/json", token)}, {"403", refused()}}}}},
          {"get",
           {{"summary", "whether the vault is locked, and how long the token lives without use"},
            {"responses", {{"200", answer_of("application/json", state)}, {"403", refused()}}}}}};
}

object import_path() {
  return {{"post",
           {{"summary", view(page_import.summary)},
            {"parameters",
             array{object{{"name", "Coffret-Arguments"},
                          {"in", "header"},
                          {"required", true},
                          {"description",
                           "base64url of a JSON object: name, and if wanted person, any_patient, "
                           "lang"},
                          {"schema", {{"type", "string"}}}}}},
            {"requestBody", {{"content", {{"application/octet-stream", object{}}}}}},
            {"responses", responses()}}}};
}

object line_schema() {
  const object error{{"type", "object"},
                     {"properties",
                      {{"code", {{"type", "string"}}},
                       {"fr", {{"type", "string"}}},
                       {"en", {{"type", "string"}}},
                       {"detail", {{"type", "string"}}}}},
                     {"required", array{"code", "fr", "en"}}};
  return {{"type", "object"},
          {"description", "one line; the last one is done or error"},
          {"properties",
           {{"row", {{"type", "object"}}},
            {"secret", {{"type", "string"}}},
            {"bytes", {{"type", "string"}, {"contentEncoding", "base64"}}},
            {"done", {{"type", "object"}}},
            {"error", error}}}};
}

}  // namespace

object page_description() {
  object paths{{"/api/v1/session", session_path()}, {"/api/v1/import", import_path()}};
  for (const auto& command : page_commands()) {
    std::string path = "/api/v1/commands/" + std::string{command.name};
    for (auto& c : path)
      if (c == ' ') c = '-';
    paths[path] = command_path(command);
  }
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "Coffret: a vault's own API, on this machine only"},
            {"version", "1"},
            {"license", {{"name", "EUPL-1.2"}, {"identifier", "EUPL-1.2"}}}}},
          {"paths", std::move(paths)},
          {"security", array{object{{"token", array{}}}}},
          {"components",
           {{"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}},
            {"schemas", {{"Line", line_schema()}}}}}};
}

}  // namespace coffret::daemon
