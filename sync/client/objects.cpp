// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/objects.hpp"

#include <algorithm>
#include <optional>

#include "sync/client/parts.hpp"
#include "sync/client/request.hpp"
#include "sync/protocol/entry.hpp"
#include "sync/protocol/header_values.hpp"
#include "sync/protocol/status.hpp"

namespace coffret::client {
namespace {

using protocol::Endpoint;
using protocol::Target;

constexpr unsigned max_corrections = 8;  // of the offset by the server, in one upload

Result<std::uint64_t> number_in(const http::Response& response, std::string_view field) {
  const auto* text = response.fields.find(field);
  if (text == nullptr) return errc::malformed;
  return protocol::parse_decimal(*text);
}

// Where one content goes: the same steps for an object and for a parcel's file.
struct Upload {
  Server& server;
  const Signer* signer;
  Target status;
  Target part;
  ByteView content;
  Parts parts{};
  bool doubted = false;

  std::size_t part_of(std::size_t rest) const {
    return std::min({rest, std::max<std::size_t>(parts.size(), 1), part_size});
  }

  // How many bytes the server holds durably; all of them only when it has accepted the whole.
  Result<std::uint64_t> held() {
    COFFRET_TRY(const auto response, server.exchange(request_to(status), signer));
    if (response.status == 404) return std::uint64_t{0};
    if (response.status != 200) return protocol::error_of(response.status, response.body);
    COFFRET_TRY(const auto offset, number_in(response, "Upload-Offset"));
    COFFRET_TRY(const auto length, number_in(response, "Upload-Length"));
    const auto* complete = response.fields.find("Upload-Complete");
    const bool whole = complete != nullptr && *complete == "?1";
    if (length != content.size() || offset > length || whole != (offset == length))
      return errc::malformed;
    return offset;
  }

  Result<http::Response> send(std::uint64_t offset, std::size_t size) {
    const auto rest = content.subspan(static_cast<std::size_t>(offset));
    auto request = request_to(part, record_type, to_bytes(rest.first(size)));
    request.fields.set("Upload-Offset", std::to_string(offset));
    request.fields.set("Upload-Length", std::to_string(content.size()));
    if (doubted && offset == 0) request.fields.set("Coffret-Again", "?1");
    return server.exchange(std::move(request), signer);
  }

  Result<void> run() {
    if (content.empty()) return errc::malformed;
    if (content.size() > max_object) return errc::too_large;
    // What fits one part is sent at once: asking first would double the requests of a small object,
    // and a server that holds some of it says so.
    std::uint64_t offset = 0;
    if (!doubted && content.size() > part_of(content.size())) {
      COFFRET_TRY(offset, held());
      COFFRET_CHECK(parts.moved(static_cast<std::size_t>(offset)));
    }
    unsigned corrections = 0;
    while (offset < content.size()) {
      const std::size_t size = part_of(static_cast<std::size_t>(content.size() - offset));
      COFFRET_TRY(const auto response, send(offset, size));
      if (response.status == 204) {
        COFFRET_TRY(const auto now, number_in(response, "Upload-Offset"));
        // All of it: another had sent it, in a pack for instance.
        if (now != offset + size && now != content.size()) return errc::malformed;
        COFFRET_CHECK(parts.moved(static_cast<std::size_t>(now - offset)));
        offset = now;
        continue;
      }
      // Another try of the same part arrived after all: go on from where the server is.
      if (response.status != 409) return protocol::error_of(response.status, response.body);
      if (++corrections > max_corrections) return errc::conflict;
      COFFRET_TRY(offset, held());
    }
    return {};
  }
};

// Appends the next part. Returns the whole size, at most `limit`.
Result<std::uint64_t> fetch_part(Server& server, const Signer& signer, const Target& target,
                                 std::uint64_t limit, std::size_t part, Bytes& bytes) {
  auto request = request_to(target);
  request.fields.set("Range", protocol::format_range({bytes.size(), part}));
  COFFRET_TRY(auto response, server.ask(std::move(request), &signer));
  if (response.status != 206) {  // the whole, to whoever does not care for ranges
    if (response.status != 200) return errc::malformed;
    if (response.body.size() > limit) return errc::too_large;
    bytes = std::move(response.body);
    return bytes.size();
  }
  const auto* told = response.fields.find("Content-Range");
  if (told == nullptr) return errc::malformed;
  COFFRET_TRY(const auto range, protocol::parse_content_range(*told));
  if (range.size > limit) return errc::too_large;
  // A server that hands out byte by byte would keep us for ever.
  const protocol::Window due{bytes.size(),
                             std::min<std::uint64_t>(part, range.size - range.window.offset)};
  if (range.window != due || response.body.size() != due.length) return errc::malformed;
  append(bytes, response.body);
  return range.size;
}

}  // namespace

Result<void> upload_parts(Server& server, const Signer* signer, const Target& status,
                          const Target& part, ByteView content, const Parts& parts) {
  return Upload{server, signer, status, part, content, parts}.run();
}

Result<Bytes> fetch_parts(Server& server, const Signer& signer, const Target& target,
                          std::uint64_t limit) {
  Bytes bytes;
  std::optional<std::uint64_t> whole;
  while (!whole || bytes.size() < *whole) {
    COFFRET_TRY(const auto total, fetch_part(server, signer, target, limit, part_size, bytes));
    if ((whole && total != *whole) || total == 0) return errc::malformed;
    whole = total;
  }
  return bytes.size() == *whole ? Result<Bytes>{std::move(bytes)} : Result<Bytes>{errc::malformed};
}

Result<std::vector<ObjectId>> missing(Server& server, const Signer& signer, const VaultId& vault,
                                      std::span<const ObjectId> objects) {
  const Target target{.endpoint = Endpoint::missing_objects, .vault = vault};
  std::vector<ObjectId> lacking;
  while (!objects.empty()) {
    const auto part = objects.first(std::min(objects.size(), protocol::max_listed_objects));
    objects = objects.subspan(part.size());
    const auto body = protocol::to_json(protocol::ObjectsRequest{{part.begin(), part.end()}});
    COFFRET_TRY(auto answer,
                ask_json<protocol::MissingAnswer>(server, request_to(target, body), &signer));
    auto& named = answer.missing;
    std::sort(named.begin(), named.end());
    for (const auto& object : part)
      if (std::binary_search(named.begin(), named.end(), object)) lacking.push_back(object);
  }
  return lacking;
}

Result<void> upload(Server& server, const Signer& signer, const VaultId& vault,
                    const SealedObject& object, const Parts& parts, Held held) {
  const auto id = protocol::object_id(object.view());
  return Upload{server,
                &signer,
                Target{.endpoint = Endpoint::object_status, .vault = vault, .object = id},
                Target{.endpoint = Endpoint::upload_object, .vault = vault, .object = id},
                object.view(),
                parts,
                held == Held::doubted}
      .run();
}

Result<void> upload_parcel_file(Server& server, const Signer& signer, const VaultId& vault,
                                const LinkId& link, const FileId& file,
                                const SealedParcelFile& content) {
  Target status{.endpoint = Endpoint::parcel_status, .vault = vault, .link = link, .file = file};
  Target part = status;
  part.endpoint = Endpoint::upload_parcel;
  return upload_parts(server, &signer, status, part, content.view(), {});
}

Result<ReceivedObject> go_on_downloading(Server& server, const Signer& signer, const VaultId& vault,
                                         const ObjectId& object, std::uint64_t at_most, Bytes begun,
                                         const KeepPart& keep, const Parts& parts) {
  const auto limit = std::min<std::uint64_t>(at_most, max_object);
  const Target target{.endpoint = Endpoint::fetch_object, .vault = vault, .object = object};
  ReceivedObject received{std::move(begun)};
  std::optional<std::uint64_t> whole;
  while (!whole || received.bytes.size() < *whole) {
    const std::size_t before = received.bytes.size();
    const auto part = std::clamp<std::size_t>(parts.size(), 1, part_size);
    COFFRET_TRY(const auto total, fetch_part(server, signer, target, limit, part, received.bytes));
    if (whole && total != *whole) return errc::malformed;
    whole = total;
    // A server that does not care for ranges gave all of it at once.
    const std::size_t from = received.bytes.size() > before ? before : 0;
    COFFRET_CHECK(keep(from, ByteView{received.bytes}.subspan(from)));
  }
  if (received.bytes.size() != *whole) return errc::malformed;
  if (protocol::object_id(received.bytes) != object) return errc::unauthenticated;
  return received;
}

Result<ReceivedObject> download(Server& server, const Signer& signer, const VaultId& vault,
                                const ObjectId& object, std::uint64_t at_most) {
  return go_on_downloading(server, signer, vault, object, at_most, {},
                           [](std::uint64_t, ByteView) { return Result<void>{}; });
}

}  // namespace coffret::client
