// SPDX-License-Identifier: EUPL-1.2
//
// daemon_rig.hpp: a machine with its daemon's commands, called as the socket calls them, and the
// server of member_server.hpp as its only network.
#ifndef COFFRET_TESTS_SUPPORT_DAEMON_RIG_HPP
#define COFFRET_TESTS_SUPPORT_DAEMON_RIG_HPP

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/member_server.hpp"
#include "tests/support/vault_machine.hpp"
#include "vault/crypto/recovery.hpp"
#include "vault/daemon/service.hpp"

namespace coffret::test {

class HeardAnswer final : public daemon::Answer {
 public:
  std::vector<boost::json::object> rows;
  Bytes content;
  std::vector<SecretText> secrets;
  std::function<void()> on_row;  // called before each row is kept

  Result<void> row(const boost::json::object& row) override {
    if (on_row) on_row();
    rows.push_back(row);
    return {};
  }
  Result<void> progress(const boost::json::object&) override { return {}; }
  Result<void> bytes(ByteView bytes) override {
    append(content, bytes);
    return {};
  }
  Result<void> secret(const SecretText& secret) override {
    secrets.push_back(secret_text(as_text(secret.expose())));
    return {};
  }
};

class DaemonRig {
 public:
  using Object = boost::json::object;

  explicit DaemonRig(MemberServer& server, std::uint64_t seed = 1)
      : machine(seed),
        owned_(new daemon::Service({.directory = machine.directory(),
                                    .reader_program = COFFRET_BIN_DIR "/coffret-reader",
                                    .device_name = "ordinateur",
                                    .cost = cheap_cost,
                                    .connect = server.connect()},
                                   machine.environment())),
        server_(server) {}

  // The outcome of one command; what came before it stays in `heard`.
  daemon::Outcome ask(std::string_view command, Object arguments = {},
                      std::vector<std::pair<std::string, std::string>> secrets = {}) {
    daemon::LocalRequest request{std::move(arguments), {}};
    request.arguments["command"] = boost::json::string_view{command.data(), command.size()};
    for (const auto& [name, secret] : secrets) request.secrets.emplace(name, secret_text(secret));
    auto before = std::move(heard.on_row);
    heard = {};
    heard.on_row = std::move(before);
    return service.handle(request, heard);
  }
  errc error_of(std::string_view command, Object arguments = {}) {
    return ask(command, std::move(arguments)).error;
  }
  errc init() {
    const auto made = ask("init", {{"owner", "Camille Exemple"}}, {{"passphrase", passphrase}});
    if (made.error == errc::ok) recovery = shown_text(heard.secrets.front());
    return made.error;
  }
  errc unlock() { return ask("unlock", {}, {{"passphrase", passphrase}}).error; }
  errc join() {
    return ask("server join", {{"url", server_.url}}, {{"invite", server_.invite()}}).error;
  }
  // From `sheet`, with the server's fingerprint typed.
  errc rebuild(const std::string& sheet) {
    const auto pin = to_base64url(server_.fingerprint().view());
    return ask("rebuild", {{"url", server_.url}, {"pin", pin}},
               {{"recovery", sheet}, {"passphrase", passphrase}})
        .error;
  }
  DocumentId put_text(const std::string& title) {
    DocumentId id;
    (void)service.session().with([&](store::Vault& vault) -> Result<void> {
      id = put(vault, prepared(title, "texte de " + title));
      return {};
    });
    return id;
  }
  std::uint64_t number_in_status(const char* name) {
    return ask("status").result.at(name).to_number<std::uint64_t>();
  }

  Machine machine;

 private:
  // On the heap: of a mutex on the stack ThreadSanitizer never hears that it is gone, and takes the
  // next one there for the same.
  std::unique_ptr<daemon::Service> owned_;

 public:
  daemon::Service& service = *owned_;
  HeardAnswer heard;
  std::string recovery;  // the recovery file's text, after init
  const std::string passphrase = "une phrase de test";

 private:
  MemberServer& server_;
};

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_DAEMON_RIG_HPP
