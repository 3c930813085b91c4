// SPDX-License-Identifier: EUPL-1.2
//
// Many small objects in one request, up and down (PROTOCOL.md §5).
#include <algorithm>

#include "sync/protocol/messages.hpp"
#include "sync/protocol/pack.hpp"
#include "sync/server/routes.hpp"

namespace coffret::server {
namespace {

using protocol::Packed;

Result<void> check_names(const std::vector<Packed>& packed) {
  for (const auto& one : packed)
    if (protocol::object_id(one.bytes) != one.object) return errc::malformed;
  return {};
}

std::vector<PackedRow> rows_of(const std::vector<Packed>& packed) {
  std::vector<PackedRow> rows;
  std::uint64_t start = 0;
  for (const auto& one : packed) {
    rows.push_back({one.object, one.bytes.size(), start});
    start += one.bytes.size();
  }
  return rows;
}

// Durable bytes first, then their rows, in one commit: a row never names what is not here.
Result<void> take(const Call& call, const std::vector<Packed>& wanted) {
  const Ports& ports = call.service.ports;
  const auto rows = rows_of(wanted);
  const auto size = static_cast<std::size_t>(rows.back().start + rows.back().total);
  const auto pack = ports.random.make<PackId>();
  // Side by side already, when all of the pack is wanted.
  Bytes gathered;
  ByteView bytes{wanted.front().bytes.data(), size};
  if (wanted.back().bytes.data() + wanted.back().bytes.size() != bytes.data() + size) {
    gathered.reserve(size);
    for (const auto& one : wanted) append(gathered, one.bytes);
    bytes = gathered;
  }
  COFFRET_CHECK(ports.objects.keep_pack(pack, bytes));
  auto taken = ports.records.take_pack(call.target.vault, pack, rows, call.now);
  if (taken.has_error() || taken->empty()) {
    COFFRET_CHECK(ports.objects.drop_pack(pack));
    return taken.has_error() ? Result<void>{taken.error()} : Result<void>{};
  }
  std::sort(taken->begin(), taken->end());
  for (const auto& row : rows)  // another request was faster
    if (!std::binary_search(taken->begin(), taken->end(), row.object))
      ports.objects.give_back({pack, row.start}, row.total);
  return {};
}

// Where the bytes of an object that may travel in a pack are; none: not held.
Result<std::optional<http::BodyPart>> part_of(const Call& call, const ObjectId& object,
                                              std::uint64_t& length) {
  const Ports& ports = call.service.ports;
  const auto key = BlobKey::object(call.target.vault, object);
  const auto row = ports.records.blob(key);
  length = 0;
  if (row.has_error() && row.error() != errc::not_found) return row.error();
  if (row.has_error()) return std::optional<http::BodyPart>{};
  if (!row->complete || row->total > protocol::max_packed_object)
    return std::optional<http::BodyPart>{};
  auto part = object_content(ports.objects, *row, 0, row->total);
  // Lost from the disk: the others are still to be had.
  if (part.has_error()) return std::optional<http::BodyPart>{};
  length = row->total;
  return std::optional<http::BodyPart>{std::move(*part)};
}

// Slices of one file that lie side by side are opened once.
void add_part(std::vector<http::BodyPart>& parts, http::BodyPart part) {
  auto* next = std::get_if<http::FileBody>(&part);
  auto* last = parts.empty() ? nullptr : std::get_if<http::FileBody>(&parts.back());
  if (next != nullptr && last != nullptr && last->path == next->path &&
      last->offset + last->length == next->offset)
    last->length += next->length;
  else
    parts.push_back(std::move(part));
}

}  // namespace

Reply pack_objects(const Call& call) {
  Records& records = call.service.ports.records;
  COFFRET_TRY(auto packed, protocol::read_pack(call.request.body, protocol::PackKind::up));
  COFFRET_CHECK(check_names(packed));
  std::vector<ObjectId> asked;
  for (const auto& one : packed) asked.push_back(one.object);

  COFFRET_TRY(auto lacking, records.takeable(call.target.vault, rows_of(packed)));
  std::sort(lacking.begin(), lacking.end());
  std::erase_if(packed, [&](const Packed& one) {
    return !std::binary_search(lacking.begin(), lacking.end(), one.object);
  });
  if (!packed.empty()) COFFRET_CHECK(take(call, packed));
  COFFRET_TRY(auto missing, records.missing(call.target.vault, asked));
  return json_answer(200, protocol::to_json(protocol::MissingAnswer{std::move(missing)}));
}

Reply fetch_objects(const Call& call) {
  COFFRET_TRY(const auto asked, protocol::from_json<protocol::ObjectsRequest>(call.request.body));
  if (asked.objects.empty()) return errc::malformed;
  if (asked.objects.size() > protocol::max_packed_objects) return errc::too_large;
  std::vector<protocol::PackItem> items;
  std::uint64_t size = protocol::pack_head_size(asked.objects.size());
  http::Response response;
  for (const auto& object : asked.objects) {
    std::uint64_t length = 0;
    COFFRET_TRY(auto part, part_of(call, object, length));
    if (size + length > protocol::max_pack) break;
    size += length;
    items.push_back({object, static_cast<std::uint32_t>(length)});
    if (part) add_part(response.parts, std::move(*part));
  }
  response.body = protocol::pack_head(items);
  response.fields.set("Content-Type", "application/octet-stream");
  return response;
}

}  // namespace coffret::server
