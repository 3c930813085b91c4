// SPDX-License-Identifier: EUPL-1.2
//
// frame.hpp: how the commands and the daemon talk over the Unix socket.
//
//   request  := "CFR1" header:u32le json:u8[header] count:u8 (size:u16le secret:u8[size])[count]
//   answer   := (type:u8 size:u32le payload:u8[size])*, ended by one `done` or `error` frame
//
// The daemon speaks first: an empty `ready` frame. A command that does not hear it has sent nothing
// yet, neither a secret nor an act, and may try again.
// Secrets travel beside the JSON, never in it, and are read straight into guarded memory. Their
// order is named by the JSON's "secrets" member.
// Errors: malformed, too_large; server_unreachable (the other side hung up).
// Threads: a connection belongs to one thread at a time.
#ifndef COFFRET_VAULT_DAEMON_FRAME_HPP
#define COFFRET_VAULT_DAEMON_FRAME_HPP

#include <boost/json/object.hpp>
#include <map>
#include <string>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"
#include "coffret/secret.hpp"

namespace coffret::daemon {

inline constexpr std::size_t max_request = 1024 * 1024;  // bytes of JSON
inline constexpr std::size_t max_secrets = 4;
inline constexpr std::size_t max_frame = 1024 * 1024;  // bytes of one answer frame

enum class FrameType : std::uint8_t {
  row = 1,       // one JSON object of a list
  progress = 2,  // JSON, for people
  bytes = 3,     // a piece of a document
  secret = 4,    // a recovery file, a link: JSON names nothing of it
  done = 5,      // JSON: the result
  error = 6,     // JSON: {"code":…, "detail"?:…}
  ready = 7,     // empty, once, before the request
};

struct LocalRequest {
  boost::json::object arguments;  // "command" and its arguments
  std::map<std::string, SecretText, std::less<>> secrets;
};

// Both ends of the socket. `fd` stays the caller's.
Result<void> send_request(int fd, const LocalRequest& request);
Result<LocalRequest> receive_request(int fd);
Result<void> send_frame(int fd, FrameType type, ByteView payload);
Result<void> send_secret(int fd, const SecretText& secret);

struct FrameHead {
  FrameType type;
  std::uint32_t size;
};
Result<FrameHead> receive_frame_head(int fd);
Result<Bytes> receive_payload(int fd, std::uint32_t size);
Result<SecretText> receive_secret(int fd, std::uint32_t size);  // of a `secret` frame

// The pure part, for tests and fuzzing: how many bytes of JSON a request header announces.
inline constexpr std::size_t request_head_size = 8;
Result<std::uint32_t> parse_request_head(ByteView head);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_FRAME_HPP
