// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/link_messages.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "sync/protocol/caregiver.hpp"
#include "sync/protocol/json_fields.hpp"
#include "sync/protocol/text.hpp"

namespace coffret::protocol {
namespace {

using boost::json::object;
using boost::json::serialize;

bool is_token(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

std::string read_token(json::Reader& in) {
  std::string token = in.text("reader", max_reader_token);
  if (!is_token(token)) in.fail(errc::malformed);
  return token;
}

// A compact JWE is base64url and dots; the server keeps it without being able to read it.
std::string sealed_words(json::Reader& in, std::string_view name, std::size_t limit) {
  std::string words = in.text(name, limit);
  std::string parts = words;
  parts.erase(std::remove(parts.begin(), parts.end(), '.'), parts.end());
  if (!is_token(parts)) in.fail(errc::malformed);
  return words;
}

// What it says is judged where the link is known (caregiver.hpp).
std::string optional_statement(json::Reader& in) {
  return in.has("statement") ? in.text("statement", max_statement) : std::string{};
}

Result<OpenFile> read_open_file(const boost::json::value& value) {
  json::Reader in{value};
  OpenFile file;
  file.id = in.id<FileId>("id");
  file.size = in.number("size");
  if (file.size > max_parcel_file_size) in.fail(errc::too_large);
  COFFRET_CHECK(in.result());
  return file;
}

std::string optional_text(json::Reader& in, std::string_view name) {
  constexpr std::size_t longest = 256;  // bytes
  return in.has(name) ? in.text(name, longest) : std::string{};
}

Result<ShlFile> read_shl_file(const boost::json::value& value) {
  constexpr std::size_t longest_location = 2048;  // bytes
  json::Reader in{value};
  ShlFile file;
  file.content_type = in.text("contentType", 256);
  if (in.has("location")) file.location = in.text("location", longest_location);
  if (in.has("embedded")) file.embedded = in.text("embedded", max_shl_manifest);
  file.last_updated = optional_text(in, "lastUpdated");
  file.status = optional_text(in, "status");
  file.fhir_version = optional_text(in, "fhirVersion");
  if (!file.location && !file.embedded) in.fail(errc::malformed);
  COFFRET_CHECK(in.result());
  return file;
}

object shl_file_object(const ShlFile& file) {
  object out{{"contentType", file.content_type}};
  if (file.location) out["location"] = *file.location;
  if (file.embedded) out["embedded"] = *file.embedded;
  if (!file.last_updated.empty()) out["lastUpdated"] = file.last_updated;
  if (!file.status.empty()) out["status"] = file.status;
  if (!file.fhir_version.empty()) out["fhirVersion"] = file.fhir_version;
  return out;
}

}  // namespace

std::string to_json(const LinkInfo& message) {
  const auto delivery = name(message.delivery);
  object out{{"delivery", boost::json::string_view{delivery.data(), delivery.size()}},
             {"passcode", message.passcode},
             {"expires_at", message.expires_at}};
  if (message.reason) out["reason"] = true;
  return serialize(out);
}

template <>
Result<LinkInfo> from_json<LinkInfo>(ByteView text) {
  COFFRET_TRY(const auto value, parse_json(as_text(text), {.bytes = max_message}));
  json::Reader in{value};
  LinkInfo message;
  const std::string delivery = in.text("delivery", 16);
  // A SMART Health Link says what it is in itself, and is not asked about.
  if (delivery == name(Delivery::key))
    message.delivery = Delivery::key;
  else if (delivery != name(Delivery::link))
    in.fail(errc::malformed);
  message.passcode = in.boolean("passcode");
  message.expires_at = in.time("expires_at");
  if (in.has("reason")) message.reason = in.boolean("reason");
  COFFRET_CHECK(in.result());
  return message;
}

std::string to_json(const OpenRequest& message) {
  object out{{"recipient", message.recipient}};
  if (message.passcode_proof) out["passcode_proof"] = to_base64url(message.passcode_proof->bytes);
  if (!message.reader.empty()) out["reader"] = message.reader;
  if (!message.statement.empty()) out["statement"] = message.statement;
  if (!message.reason.empty()) out["reason"] = message.reason;
  return serialize(out);
}

template <>
Result<OpenRequest> from_json<OpenRequest>(ByteView text) {
  COFFRET_TRY(const auto value, parse_json(as_text(text), {.bytes = max_message}));
  json::Reader in{value};
  OpenRequest message;
  message.recipient = sealed_words(in, "recipient", max_recipient);
  message.passcode_proof = in.optional_raw<Sha256>("passcode_proof");
  if (in.has("reader")) message.reader = read_token(in);
  message.statement = optional_statement(in);
  if (in.has("reason")) message.reason = sealed_words(in, "reason", max_reason);
  COFFRET_CHECK(in.result());
  return message;
}

std::string to_json(const OpenAnswer& message) {
  boost::json::array files;
  for (const auto& file : message.files)
    files.emplace_back(object{{"id", file.id.text()}, {"size", file.size}});
  object out;
  if (!message.server_half.is_zero()) out["server_half"] = to_base64url(message.server_half.bytes);
  out["version"] = message.version;
  out["files"] = std::move(files);
  out["reader"] = message.reader;
  out["reader_until"] = message.reader_until;
  out["server_time"] = message.server_time;
  return serialize(out);
}

template <>
Result<OpenAnswer> from_json<OpenAnswer>(ByteView text) {
  COFFRET_TRY(const auto value, parse_json(as_text(text), {.bytes = max_open_answer}));
  json::Reader in{value};
  OpenAnswer message;
  if (in.has("server_half")) message.server_half = in.raw<ServerHalf>("server_half");
  message.version = in.small_number("version");
  message.files = in.list<OpenFile>("files", max_parcel_files, read_open_file);
  message.reader = read_token(in);
  message.reader_until = in.time("reader_until");
  message.server_time = in.time("server_time");
  COFFRET_CHECK(in.result());
  if (message.files.empty() || message.reader.empty()) return errc::malformed;
  return message;
}

std::string to_json(const WaitAnswer& message) {
  return serialize(object{{"reader", message.reader},
                          {"opens_at", message.opens_at},
                          {"server_time", message.server_time}});
}

template <>
Result<WaitAnswer> from_json<WaitAnswer>(ByteView text) {
  COFFRET_TRY(const auto value, parse_json(as_text(text), {.bytes = max_message}));
  json::Reader in{value};
  WaitAnswer message;
  message.reader = read_token(in);
  if (message.reader.empty()) in.fail(errc::malformed);
  message.opens_at = in.time("opens_at");
  message.server_time = in.time("server_time");
  COFFRET_CHECK(in.result());
  return message;
}

std::string to_json(const ReadProof& message) {
  object out{{"proof", to_base64url(message.proof.bytes)}};
  if (!message.statement.empty()) out["statement"] = message.statement;
  return serialize(out);
}

template <>
Result<ReadProof> from_json<ReadProof>(ByteView text) {
  COFFRET_TRY(const auto value, parse_json(as_text(text), {.bytes = max_message}));
  json::Reader in{value};
  ReadProof message{in.raw<Sha256>("proof"), optional_statement(in)};
  COFFRET_CHECK(in.result());
  return message;
}

template <>
Result<ShlManifestRequest> from_json<ShlManifestRequest>(ByteView text) {
  COFFRET_TRY(const auto value, parse_json(as_text(text), {.bytes = max_message}));
  json::Reader in{value};
  ShlManifestRequest message;
  message.recipient = in.text("recipient", max_recipient);
  if (message.recipient.empty() || !is_plain_text(message.recipient)) in.fail(errc::malformed);
  if (in.has("passcode")) message.passcode = in.text("passcode", max_shl_passcode);
  if (in.has("embeddedLengthMax")) message.embedded_length_max = in.number("embeddedLengthMax");
  COFFRET_CHECK(in.result());
  return message;
}

std::string to_json(const ShlManifest& message) {
  boost::json::array files;
  for (const auto& file : message.files) files.emplace_back(shl_file_object(file));
  return serialize(object{{"files", std::move(files)}});
}

template <>
Result<ShlManifest> from_json<ShlManifest>(ByteView text) {
  COFFRET_TRY(const auto value, parse_json(as_text(text), {.bytes = max_shl_manifest}));
  json::Reader in{value};
  ShlManifest message;
  message.files = in.list<ShlFile>("files", max_shl_files, read_shl_file);
  COFFRET_CHECK(in.result());
  return message;
}

}  // namespace coffret::protocol
