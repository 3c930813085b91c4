// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/objects.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "sync/client/request.hpp"
#include "sync/protocol/entry.hpp"
#include "sync/protocol/status.hpp"

namespace coffret::client {
namespace {

using protocol::Endpoint;
using protocol::Target;

constexpr unsigned max_corrections = 8;  // of the offset by the server, in one upload

Result<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end) return errc::malformed;
  return value;
}

Result<std::uint64_t> number_in(const http::Response& response, std::string_view field) {
  const auto* text = response.fields.find(field);
  if (text == nullptr) return errc::malformed;
  return parse_number(*text);
}

// Where one content goes: the same steps for an object and for a parcel's file.
struct Upload {
  Server& server;
  const Signer& signer;
  Target status;
  Target part;
  ByteView content;

  // How many bytes the server holds durably; all of them only when it has accepted the whole.
  Result<std::uint64_t> held() {
    COFFRET_TRY(const auto response, server.exchange(request_to(status), &signer));
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

  Result<http::Response> send(std::uint64_t offset) {
    const auto rest = content.subspan(static_cast<std::size_t>(offset));
    auto request =
        request_to(part, record_type, to_bytes(rest.first(std::min(part_size, rest.size()))));
    request.fields.set("Upload-Offset", std::to_string(offset));
    request.fields.set("Upload-Length", std::to_string(content.size()));
    return server.exchange(std::move(request), &signer);
  }

  Result<void> run() {
    if (content.empty()) return errc::malformed;
    if (content.size() > max_object) return errc::too_large;
    // What fits one part is sent at once: asking first would double the requests of a small object,
    // and a server that holds some of it says so.
    std::uint64_t offset = 0;
    if (content.size() > part_size) {
      COFFRET_TRY(offset, held());
    }
    unsigned corrections = 0;
    while (offset < content.size()) {
      const auto end = std::min<std::uint64_t>(content.size(), offset + part_size);
      COFFRET_TRY(const auto response, send(offset));
      if (response.status == 204) {
        COFFRET_TRY(const auto now, number_in(response, "Upload-Offset"));
        if (now != end) return errc::malformed;
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

// "bytes <first>-<last>/<total>" (RFC 9110 §14.4).
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t total = 0;
};

Result<ContentRange> parse_content_range(const http::Response& response) {
  const auto* field = response.fields.find("Content-Range");
  if (field == nullptr || !field->starts_with("bytes ")) return errc::malformed;
  const auto text = std::string_view{*field}.substr(6);
  const auto dash = text.find('-');
  const auto slash = text.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash)
    return errc::malformed;
  ContentRange range;
  COFFRET_TRY(range.first, parse_number(text.substr(0, dash)));
  COFFRET_TRY(range.last, parse_number(text.substr(dash + 1, slash - dash - 1)));
  COFFRET_TRY(range.total, parse_number(text.substr(slash + 1)));
  if (range.first > range.last || range.last >= range.total) return errc::malformed;
  return range;
}

// Appends the next part. Returns the whole size.
Result<std::uint64_t> fetch_part(Server& server, const Signer& signer, const Target& target,
                                 Bytes& bytes) {
  auto request = request_to(target);
  request.fields.set("Range", "bytes=" + std::to_string(bytes.size()) + "-" +
                                  std::to_string(bytes.size() + part_size - 1));
  COFFRET_TRY(auto response, server.ask(std::move(request), &signer));
  if (response.status != 206) {  // the whole, to whoever does not care for ranges
    if (response.status != 200) return errc::malformed;
    bytes = std::move(response.body);
    return bytes.size();
  }
  COFFRET_TRY(const auto range, parse_content_range(response));
  const auto size = range.last - range.first + 1;
  if (range.first != bytes.size() || size != response.body.size() || size > part_size)
    return errc::malformed;
  append(bytes, response.body);
  return range.total;
}

}  // namespace

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
                    const SealedObject& object) {
  const auto id = protocol::object_id(object.view());
  return Upload{
      server, signer, Target{.endpoint = Endpoint::object_status, .vault = vault, .object = id},
      Target{.endpoint = Endpoint::upload_object, .vault = vault, .object = id}, object.view()}
      .run();
}

Result<void> upload_parcel_file(Server& server, const Signer& signer, const VaultId& vault,
                                const LinkId& link, const FileId& file,
                                const SealedParcelFile& content) {
  Target status{.endpoint = Endpoint::parcel_status, .vault = vault, .link = link, .file = file};
  Target part = status;
  part.endpoint = Endpoint::upload_parcel;
  return Upload{server, signer, std::move(status), std::move(part), content.view()}.run();
}

Result<ReceivedObject> download(Server& server, const Signer& signer, const VaultId& vault,
                                const ObjectId& object) {
  const Target target{.endpoint = Endpoint::fetch_object, .vault = vault, .object = object};
  ReceivedObject received;
  std::optional<std::uint64_t> whole;
  while (!whole || received.bytes.size() < *whole) {
    COFFRET_TRY(const auto total, fetch_part(server, signer, target, received.bytes));
    if (total > max_object) return errc::too_large;
    if (whole && total != *whole) return errc::malformed;
    whole = total;
  }
  if (received.bytes.size() != *whole) return errc::malformed;
  if (protocol::object_id(received.bytes) != object) return errc::unauthenticated;
  return received;
}

}  // namespace coffret::client
