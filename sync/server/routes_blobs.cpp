// SPDX-License-Identifier: EUPL-1.2
//
// Objects and parcel files: resumable uploads, ranges (PROTOCOL.md §5, §6).
#include "sync/protocol/header_values.hpp"
#include "sync/protocol/messages.hpp"
#include "sync/protocol/status.hpp"
#include "sync/server/routes.hpp"

namespace coffret::server {
namespace {

constexpr std::uint64_t max_object = std::uint64_t{80} << 20;  // bytes
constexpr std::size_t max_part = 4 * 1024 * 1024;              // bytes of one PATCH

Result<std::uint64_t> number_field(const http::Request& request, std::string_view name) {
  const std::string* value = request.fields.find(name);
  if (value == nullptr) return errc::malformed;
  return protocol::parse_decimal(*value);
}

bool is_object(const protocol::Target& target) {
  return target.endpoint == protocol::Endpoint::upload_object ||
         target.endpoint == protocol::Endpoint::object_status ||
         target.endpoint == protocol::Endpoint::fetch_object;
}

BlobKey key_of(const protocol::Target& target) {
  return is_object(target) ? BlobKey::object(target.vault, target.object)
                           : BlobKey::parcel(target.link, target.file);
}

void tell_upload(http::Response& response, const BlobRow& row) {
  response.fields.set("Upload-Offset", std::to_string(row.offset));
  response.fields.set("Upload-Length", std::to_string(row.total));
  response.fields.set("Upload-Complete", row.complete ? "?1" : "?0");
}

// All bytes are here: an object must bear its own hash as its name.
Result<void> complete(const Ports& ports, const BlobRow& row) {
  COFFRET_TRY(const BlobDigest digest, ports.objects.digest(row.key, row.total));
  const bool named =
      row.key.kind == BlobKind::parcel || std::ranges::equal(row.key.id, digest.object.bytes);
  if (!named) {
    COFFRET_CHECK(ports.objects.remove(row.key));
    COFFRET_CHECK(ports.records.discard(row.key));
    return errc::malformed;
  }
  COFFRET_CHECK(ports.objects.finish(row.key, row.total));
  return ports.records.uploaded(row.key, row.total, digest.sha256);
}

}  // namespace

Reply missing_objects(const Call& call) {
  COFFRET_TRY(const auto asked, protocol::from_json<protocol::ObjectsRequest>(call.request.body));
  COFFRET_TRY(auto missing, call.service.ports.records.missing(call.target.vault, asked.objects));
  return json_answer(200, protocol::to_json(protocol::MissingAnswer{std::move(missing)}));
}

Reply blob_status(const Call& call) {
  COFFRET_TRY(const BlobRow row, call.service.ports.records.blob(key_of(call.target)));
  if (row.vault != call.target.vault) return errc::not_found;
  http::Response response = empty_answer(200);
  tell_upload(response, row);
  return response;
}

Reply upload_blob(const Call& call) {
  const Ports& ports = call.service.ports;
  const BlobKey key = key_of(call.target);
  const ByteView part = call.request.body;
  COFFRET_TRY(const std::uint64_t offset, number_field(call.request, "Upload-Offset"));
  COFFRET_TRY(const std::uint64_t total, number_field(call.request, "Upload-Length"));
  const std::uint64_t limit =
      key.kind == BlobKind::object ? max_object : protocol::max_parcel_file_size;
  if (total > limit || part.size() > max_part) return errc::too_large;
  if (part.empty() || offset > total || part.size() > total - offset) return errc::malformed;

  const auto guard = call.service.uploads.hold(key);
  COFFRET_TRY(BlobRow row, ports.records.begin_upload(key, call.target.vault, total, call.now));
  if (!row.complete && offset != row.offset) {
    auto response =
        json_answer(protocol::http_status(errc::conflict), protocol::error_body(errc::conflict));
    tell_upload(response, row);
    return response;
  }
  if (!row.complete) {
    COFFRET_CHECK(ports.objects.append(key, offset, part));
    row.offset = offset + part.size();
    if (row.offset == row.total) {
      COFFRET_CHECK(complete(ports, row));
      row.complete = true;
    } else {
      COFFRET_CHECK(ports.records.uploaded(key, row.offset, std::nullopt));
    }
  }
  http::Response response = empty_answer(204);
  tell_upload(response, row);
  return response;
}

Reply fetch_object(const Call& call) {
  const Ports& ports = call.service.ports;
  const BlobKey key = key_of(call.target);
  COFFRET_TRY(const BlobRow row, ports.records.blob(key));
  if (!row.complete) return errc::not_found;
  const std::string* range = call.request.fields.find("Range");
  if (range == nullptr)
    return blob_answer(ports.objects, key, "application/octet-stream", 0, row.total);
  COFFRET_TRY(const protocol::Window window, protocol::parse_range(*range, row.total));
  COFFRET_TRY(auto response, blob_answer(ports.objects, key, "application/octet-stream",
                                         window.offset, window.length));
  response.status = 206;
  response.fields.set("Content-Range", protocol::format_content_range({window, row.total}));
  return response;
}

}  // namespace coffret::server
