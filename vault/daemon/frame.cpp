// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/frame.hpp"

#include <unistd.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <cerrno>

#include "coffret/json.hpp"
#include "vault/crypto/secret_io.hpp"

namespace coffret::daemon {
namespace {

constexpr std::string_view magic = "CFR1";

Result<void> write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errc::server_unreachable;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> read_all(int fd, MutableByteView into) {
  while (!into.empty()) {
    const ssize_t n = ::read(fd, into.data(), into.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return errc::server_unreachable;
    into = into.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

}  // namespace

Result<std::uint32_t> parse_request_head(ByteView head) {
  if (head.size() != request_head_size || as_text(head.first(4)) != magic) return errc::malformed;
  const auto size = load_le<std::uint32_t>(head.subspan(4, 4));
  if (size > max_request) return errc::too_large;
  return size;
}

Result<void> send_request(int fd, const LocalRequest& request) {
  auto arguments = request.arguments;
  auto& names = arguments["secrets"].emplace_array();
  for (const auto& [name, secret] : request.secrets) names.emplace_back(name);

  const std::string json = boost::json::serialize(arguments);
  if (json.size() > max_request || request.secrets.size() > max_secrets) return errc::too_large;
  Bytes head = to_bytes(as_bytes(magic));
  append_le(head, static_cast<std::uint32_t>(json.size()));
  append(head, as_bytes(json));
  head.push_back(static_cast<std::uint8_t>(request.secrets.size()));
  COFFRET_CHECK(write_all(fd, head));
  for (const auto& [name, secret] : request.secrets) {
    Bytes size;
    append_le(size, static_cast<std::uint16_t>(secret.size()));
    COFFRET_CHECK(write_all(fd, size));
    COFFRET_CHECK(crypto::write_secret(fd, secret));
  }
  return {};
}

Result<LocalRequest> receive_request(int fd) {
  std::array<std::uint8_t, request_head_size> head{};
  COFFRET_CHECK(read_all(fd, head));
  COFFRET_TRY(const auto size, parse_request_head(head));
  Bytes json(size);
  COFFRET_CHECK(read_all(fd, json));
  COFFRET_TRY(auto value, parse_json(as_text(json), {.bytes = max_request, .depth = 8}));
  if (!value.is_object()) return errc::malformed;

  LocalRequest request;
  request.arguments = std::move(value.get_object());
  const auto* names = request.arguments.if_contains("secrets");
  std::uint8_t count = 0;
  COFFRET_CHECK(read_all(fd, {&count, 1}));
  if (count > max_secrets || names == nullptr || !names->is_array() ||
      names->get_array().size() != count)
    return errc::malformed;
  for (const auto& name : names->get_array()) {
    std::array<std::uint8_t, 2> length{};
    COFFRET_CHECK(read_all(fd, length));
    COFFRET_TRY(auto secret, crypto::read_secret(fd, load_le<std::uint16_t>(length)));
    if (!name.is_string()) return errc::malformed;
    const auto& text = name.get_string();
    if (!request.secrets.emplace(std::string{text.data(), text.size()}, std::move(secret)).second)
      return errc::malformed;
  }
  return request;
}

Result<void> send_frame(int fd, FrameType type, ByteView payload) {
  if (payload.size() > max_frame) return errc::too_large;
  Bytes head{static_cast<std::uint8_t>(type)};
  append_le(head, static_cast<std::uint32_t>(payload.size()));
  COFFRET_CHECK(write_all(fd, head));
  return write_all(fd, payload);  // as it lies: a document, or a link's picture, is not copied
}

Result<void> send_secret(int fd, const SecretText& secret) {
  Bytes head{static_cast<std::uint8_t>(FrameType::secret)};
  append_le(head, static_cast<std::uint32_t>(secret.size()));
  COFFRET_CHECK(write_all(fd, head));
  return crypto::write_secret(fd, secret);
}

Result<FrameHead> receive_frame_head(int fd) {
  std::array<std::uint8_t, 5> head{};
  COFFRET_CHECK(read_all(fd, head));
  const auto size = load_le<std::uint32_t>(ByteView{head}.subspan(1));
  if (head[0] < 1 || head[0] > 7) return errc::malformed;
  if (size > max_frame) return errc::too_large;
  return FrameHead{static_cast<FrameType>(head[0]), size};
}

Result<Bytes> receive_payload(int fd, std::uint32_t size) {
  Bytes payload(size);
  COFFRET_CHECK(read_all(fd, payload));
  return payload;
}

Result<SecretText> receive_secret(int fd, std::uint32_t size) {
  return crypto::read_secret(fd, size);
}

}  // namespace coffret::daemon
