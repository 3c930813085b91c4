// SPDX-License-Identifier: EUPL-1.2
//
// Objects and parcel files: resumable uploads, ranges (PROTOCOL.md §5, §6).
#include <set>

#include "sync/protocol/header_values.hpp"
#include "sync/protocol/messages.hpp"
#include "sync/protocol/status.hpp"
#include "sync/server/routes.hpp"

namespace coffret::server {
namespace {

constexpr std::uint64_t max_object = std::uint64_t{80} << 20;  // bytes
constexpr std::size_t max_part = 4 * 1024 * 1024;              // bytes of one PATCH

bool is_object(const protocol::Target& target) {
  return target.endpoint == protocol::Endpoint::upload_object ||
         target.endpoint == protocol::Endpoint::object_status ||
         target.endpoint == protocol::Endpoint::fetch_object;
}

BlobKey key_of(const protocol::Target& target) {
  return is_object(target) ? BlobKey::object(target.vault, target.object)
                           : BlobKey::parcel(target.link, target.file);
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

// A device found that the server does not give back what it once took. Whoever reads it here
// agrees, or has it sent anew: a complete row alone would refuse it for ever.
Result<BlobRow> judged_anew(const Ports& ports, BlobRow row) {
  const auto held = ports.objects.verify(row);
  if (held.has_value()) return row;
  if (held.error() != errc::damaged) return held.error();
  COFFRET_CHECK(ports.objects.remove(row.key));
  return ports.records.give_up(row.key);
}

// What the records say is here, and the disk has no more.
Result<void> add_lost(const Call& call, const std::vector<ObjectId>& asked,
                      std::vector<ObjectId>& missing) {
  const Ports& ports = call.service.ports;
  const std::set<ObjectId> known{missing.begin(), missing.end()};
  for (const auto& id : asked) {
    if (known.contains(id)) continue;
    const auto row = ports.records.blob(BlobKey::object(call.target.vault, id));
    if (row.has_error() && row.error() != errc::not_found) return row.error();
    if (row.has_error() || !ports.objects.present(*row)) missing.push_back(id);
  }
  return {};
}

}  // namespace

Result<std::uint64_t> upload_field(const http::Request& request, std::string_view name) {
  const std::string* value = request.fields.find(name);
  if (value == nullptr) return errc::malformed;
  return protocol::parse_decimal(*value);
}

void tell_upload(http::Response& response, const BlobRow& row) {
  response.fields.set("Upload-Offset", std::to_string(row.offset));
  response.fields.set("Upload-Length", std::to_string(row.total));
  response.fields.set("Upload-Complete", row.complete ? "?1" : "?0");
}

Result<void> check_part(ByteView part, std::uint64_t offset, std::uint64_t total,
                        std::uint64_t limit) {
  if (total > limit || part.size() > max_part) return errc::too_large;
  if (part.empty() || offset > total || part.size() > total - offset) return errc::malformed;
  return {};
}

http::Response wrong_offset(const BlobRow& row) {
  auto response =
      json_answer(protocol::http_status(errc::conflict), protocol::error_body(errc::conflict));
  tell_upload(response, row);
  return response;
}

Reply missing_objects(const Call& call) {
  COFFRET_TRY(const auto asked, protocol::from_json<protocol::ObjectsRequest>(call.request.body));
  COFFRET_TRY(auto missing, call.service.ports.records.missing(call.target.vault, asked.objects));
  COFFRET_CHECK(add_lost(call, asked.objects, missing));
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
  COFFRET_TRY(const std::uint64_t offset, upload_field(call.request, "Upload-Offset"));
  COFFRET_TRY(const std::uint64_t total, upload_field(call.request, "Upload-Length"));
  const std::uint64_t limit =
      key.kind == BlobKind::object ? max_object : protocol::max_parcel_file_size;
  COFFRET_CHECK(check_part(part, offset, total, limit));

  const auto guard = call.service.uploads.hold(key);
  COFFRET_TRY(BlobRow row, ports.records.begin_upload(key, call.target.vault, total, call.now));
  if (row.complete && offset == 0 && key.kind == BlobKind::object && says_again(call.request)) {
    COFFRET_TRY(row, judged_anew(ports, std::move(row)));
  }
  if (!row.complete && offset != row.offset) return wrong_offset(row);
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
  COFFRET_TRY(const BlobRow row, call.service.ports.records.blob(key_of(call.target)));
  if (!row.complete) return errc::not_found;
  return ranged_answer(call, row);
}

Reply ranged_answer(const Call& call, const BlobRow& row) {
  protocol::Window window{0, row.total};
  const std::string* range = call.request.fields.find("Range");
  if (range != nullptr) {
    COFFRET_TRY(window, protocol::parse_range(*range, row.total));
  }
  COFFRET_TRY(auto content,
              object_content(call.service.ports.objects, row, window.offset, window.length));
  http::Response response;
  response.fields.set("Content-Type", "application/octet-stream");
  if (auto* file = std::get_if<http::FileBody>(&content))
    response.file = std::move(*file);
  else
    response.body = std::move(std::get<Bytes>(content));
  if (range == nullptr) return response;
  response.status = 206;
  response.fields.set("Content-Range", protocol::format_content_range({window, row.total}));
  return response;
}

}  // namespace coffret::server
