// SPDX-License-Identifier: EUPL-1.2
//
// answer.hpp: what a command handler says back, whoever listens: a socket, a test.
//
// Errors: server_unreachable when the listener hung up; a handler may then stop at a safe point.
#ifndef COFFRET_VAULT_DAEMON_ANSWER_HPP
#define COFFRET_VAULT_DAEMON_ANSWER_HPP

#include <boost/json/object.hpp>
#include <string_view>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"
#include "coffret/secret.hpp"

namespace coffret::daemon {

class Answer {
 public:
  virtual ~Answer() = default;
  virtual Result<void> row(const boost::json::object& row) = 0;
  virtual Result<void> progress(const boost::json::object& progress) = 0;
  virtual Result<void> bytes(ByteView bytes) = 0;  // any size; cut into frames
  virtual Result<void> secret(const SecretText& secret) = 0;
  // Whether nobody listens any more. Asked by what would otherwise go on for ever.
  virtual bool gone() { return false; }
};

// To the other end of a local socket (frame.hpp). `fd` stays the caller's.
class SocketAnswer final : public Answer {
 public:
  explicit SocketAnswer(int fd) noexcept : fd_(fd) {}
  Result<void> row(const boost::json::object& row) override;
  Result<void> progress(const boost::json::object& progress) override;
  Result<void> bytes(ByteView bytes) override;
  Result<void> secret(const SecretText& secret) override;
  bool gone() override;
  Result<void> done(const boost::json::object& result);
  Result<void> error(errc error, std::string_view detail);

 private:
  int fd_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_ANSWER_HPP
