// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/status.hpp"
#include "sync/server/routes.hpp"

namespace coffret::server {

bool says_again(const http::Request& request) {
  const auto* again = request.fields.find("Coffret-Again");
  return again != nullptr && *again == "?1";
}

http::Response empty_answer(unsigned status) {
  http::Response response;
  response.status = status;
  return response;
}

http::Response text_answer(unsigned status, std::string_view media_type, std::string_view text) {
  http::Response response;
  response.status = status;
  response.fields.set("Content-Type", std::string{media_type});
  response.body = to_bytes(as_bytes(text));
  return response;
}

http::Response json_answer(unsigned status, std::string_view json) {
  return text_answer(status, "application/json", json);
}

http::Response record_answer(Bytes record) {
  http::Response response;
  response.fields.set("Content-Type", "application/octet-stream");
  response.body = std::move(record);
  return response;
}

http::Response passcode_answer(unsigned attempts_left) {
  return json_answer(protocol::http_status(errc::wrong_passcode),
                     protocol::error_body(errc::wrong_passcode, attempts_left));
}

Result<http::BodyPart> object_content(Objects& objects, const BlobRow& row, std::uint64_t offset,
                                      std::uint64_t length) {
  if (row.place) return objects.packed(row.place->pack, row.place->start + offset, length);
  return objects.content(row.key, offset, length);
}

Reply blob_answer(Objects& objects, const BlobKey& key, std::string_view media_type,
                  std::uint64_t offset, std::uint64_t length) {
  COFFRET_TRY(auto content, objects.content(key, offset, length));
  http::Response response;
  response.fields.set("Content-Type", std::string{media_type});
  if (auto* file = std::get_if<http::FileBody>(&content))
    response.file = std::move(*file);
  else
    response.body = std::move(std::get<Bytes>(content));
  return response;
}

}  // namespace coffret::server
