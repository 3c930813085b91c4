// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/answer.hpp"

#include <poll.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "coffret/utf8.hpp"
#include "vault/daemon/frame.hpp"

namespace coffret::daemon {
namespace {

// The other end refuses JSON that is not UTF-8, and one file with a strange name must not end an
// import, nor a reader's claim the reading of the access log.
Result<void> send_object(int fd, FrameType type, const boost::json::object& object) {
  return send_frame(fd, type, as_bytes(well_formed_utf8(boost::json::serialize(object))));
}

}  // namespace

Result<void> SocketAnswer::row(const boost::json::object& row) {
  return send_object(fd_, FrameType::row, row);
}

Result<void> SocketAnswer::progress(const boost::json::object& progress) {
  return send_object(fd_, FrameType::progress, progress);
}

Result<void> SocketAnswer::bytes(ByteView bytes) {
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(bytes.size(), max_frame));
    COFFRET_CHECK(send_frame(fd_, FrameType::bytes, piece));
    bytes = bytes.subspan(piece.size());
  }
  return {};
}

Result<void> SocketAnswer::secret(const SecretText& secret) {
  return send_secret(fd_, secret);
}

bool SocketAnswer::gone() {
  pollfd watched{fd_, POLLRDHUP, 0};
  return ::poll(&watched, 1, 0) > 0 && (watched.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

Result<void> SocketAnswer::done(const boost::json::object& result) {
  return send_object(fd_, FrameType::done, result);
}

Result<void> SocketAnswer::error(errc error, std::string_view detail) {
  const auto code = coffret::row(error).code;
  boost::json::object told{{"code", boost::json::string_view{code.data(), code.size()}}};
  if (!detail.empty()) told["detail"] = boost::json::string_view{detail.data(), detail.size()};
  return send_object(fd_, FrameType::error, told);
}

}  // namespace coffret::daemon
