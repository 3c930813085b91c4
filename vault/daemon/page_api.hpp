// SPDX-License-Identifier: EUPL-1.2
//
// page_api.hpp: the vault's commands over loopback HTTP, for the page and for other programs.
//
// POST /api/v1/commands/<name, "-" for a space>, a JSON object of the arguments that the table
// names and no other; secrets in its member "secrets". The answer is NDJSON, as the socket's
// frames: {"row":…}*, {"secret":…}*, {"bytes":base64}?, then {"done":…} or
// {"error":{code, fr, en, detail}}. With `Accept: application/octet-stream` a command that went
// well answers its bytes alone. No command of the table reads or writes a path of the machine: a
// file comes as the body of POST /api/v1/import, its name and the rest in the header
// Coffret-Arguments (base64url of a JSON object).
//
// Units: bytes. Errors of understand(): usage (unknown command or argument, or another type),
// malformed, too_large. Threads: any.
#ifndef COFFRET_VAULT_DAEMON_PAGE_API_HPP
#define COFFRET_VAULT_DAEMON_PAGE_API_HPP

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <string_view>

#include "sync/http/message.hpp"
#include "vault/daemon/answer.hpp"
#include "vault/daemon/service.hpp"

namespace coffret::daemon {

inline constexpr std::size_t max_page_answer = std::size_t{96} << 20;  // bytes
inline constexpr std::size_t max_page_request = std::size_t{1} << 20;  // bytes of JSON

struct PageCommand {
  std::string_view name;       // of the socket: "grant create"
  std::string_view arguments;  // "id:text all:flag openings:number documents:texts"
  std::string_view secret;     // the name of the one that it takes, or empty
  std::string_view summary;    // what it does, in English, for whoever writes a program
};

std::span<const PageCommand> page_commands() noexcept;

// A file's own, beside its bytes: not among the commands.
inline constexpr PageCommand page_import{"import", "name:text person:text any_patient:flag", "",
                                         "take in one file, sent as the body"};

// The request that the socket would have brought.
Result<LocalRequest> understand(std::string_view name, ByteView body);

// What a handler says, kept until it ends. Errors: too_large (more than max_page_answer).
class PageAnswer final : public Answer {
 public:
  Result<void> row(const boost::json::object& row) override;
  Result<void> progress(const boost::json::object&) override { return {}; }
  Result<void> bytes(ByteView bytes) override;
  Result<void> secret(const SecretText& secret) override;
  http::Response response(const Outcome& outcome, bool bytes_alone);

 private:
  Bytes lines_;
  Bytes bytes_;
};

http::Response run_command(Service& service, std::string_view name, const http::Request& request);
http::Response run_import(Service& service, const http::Request& request);

// OpenAPI 3.1, from the table.
boost::json::object page_description();

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_PAGE_API_HPP
