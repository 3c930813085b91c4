// SPDX-License-Identifier: EUPL-1.2
//
// message.hpp: HTTP requests and responses as values (RFC 9110, RFC 9112), and the injected
// network.
//
// Units: bytes. Ownership: plain values.
#ifndef COFFRET_SYNC_HTTP_MESSAGE_HPP
#define COFFRET_SYNC_HTTP_MESSAGE_HPP

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"
#include "coffret/ids.hpp"

namespace coffret::http {

struct Field {
  std::string name;
  std::string value;
};

struct Fields {
  std::vector<Field> list;

  // The value of the only field of this name (ASCII case ignored); null when absent or repeated.
  const std::string* find(std::string_view name) const noexcept;
  void set(std::string name, std::string value);
};

struct Request {
  std::string method;
  std::string target;  // origin-form: path and query
  Fields fields;
  Bytes body;
  std::string peer;  // address of the other side, for limits only; empty in a client

  std::string_view path() const noexcept;
  std::string_view query() const noexcept;  // without '?', may be empty
};

// Bytes of an immutable file sent without holding them in memory.
struct FileBody {
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

using BodyPart = std::variant<Bytes, FileBody>;

struct Response {
  unsigned status = 200;
  Fields fields;
  Bytes body;
  std::shared_ptr<const Bytes> shared_body;  // instead of body: one copy for many answers
  std::optional<FileBody> file;              // instead of body
  std::vector<BodyPart> parts;               // behind body, in this order
};

// The client's side of the network. Blocking; any thread, one exchange at a time per Transport.
class Transport {
 public:
  virtual ~Transport() = default;
  // Errors: server_unreachable, timed_out, unpinned, too_large, malformed (not HTTP).
  virtual Result<Response> exchange(const Request& request) = 0;
  // SHA-256 of the peer's DER SubjectPublicKeyInfo, after the first exchange; zero without TLS.
  virtual Sha256 peer_spki() const = 0;
};

}  // namespace coffret::http

#endif  // COFFRET_SYNC_HTTP_MESSAGE_HPP
