// SPDX-License-Identifier: EUPL-1.2
//
// link_server.hpp: a server that answers a reader from a table, without a network. It shows a card
// of its own, and remembers what it was asked.
#ifndef COFFRET_TESTS_SUPPORT_LINK_SERVER_HPP
#define COFFRET_TESTS_SUPPORT_LINK_SERVER_HPP

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sync/client/server.hpp"
#include "sync/protocol/card.hpp"
#include "sync/protocol/signature.hpp"
#include "tests/support/keys.hpp"
#include "tests/support/test_signer.hpp"

namespace coffret::test {

class LinkServer {
 public:
  using Handler = std::function<Result<http::Response>(const http::Request&)>;

  LinkServer() {
    protocol::OperatorCard card;
    card.name = "Association Exemple";
    card.country = "FR";
    card.law = "droit français";
    card.host = "Paris";
    card.contact = "contact@coffret.example";
    card.spki = {spki};
    card.issued_at = 1'800'000'000;
    on("GET /v1/card", answer(200, protocol::sign_card(card, identity)));
  }

  static http::Response answer(unsigned status, std::string_view body) {
    http::Response response;
    response.status = status;
    response.body = to_bytes(as_bytes(body));
    return response;
  }
  void on(const std::string& asked, Handler handler) { handlers_[asked] = std::move(handler); }
  void on(const std::string& asked, http::Response response) {
    on(asked, [response](const http::Request&) { return response; });
  }
  void forget(const std::string& asked) { handlers_.erase(asked); }

  Fingerprint fingerprint() const { return protocol::fingerprint(identity.public_key()); }
  client::Environment environment(const Clock& clock, Random& random) {
    return {clock, random, [this](const http::ClientConfig& config) { return connect(config); }};
  }
  bool was_asked(const std::string& asked) const {
    return std::find(log.begin(), log.end(), asked) != log.end();
  }

  const std::string url = "https://coffret.example";
  const TestSigner identity{std::uint8_t{77}};
  const Sha256 spki = counting_id<Sha256>(9);
  std::vector<std::string> log;  // "METHOD path", the card's left out
  std::vector<http::Request> requests;

 private:
  class Connection final : public http::Transport {
   public:
    explicit Connection(LinkServer& server) : server_(server) {}
    Result<http::Response> exchange(const http::Request& request) override {
      return server_.handle(request);
    }
    Sha256 peer_spki() const override { return server_.spki; }

   private:
    LinkServer& server_;
  };

  Result<std::unique_ptr<http::Transport>> connect(const http::ClientConfig& config) {
    if (config.url != url) return errc::server_unreachable;
    // What the real client does with a peer whose key is not a pinned one.
    const bool pinned =
        std::find(config.spki.begin(), config.spki.end(), spki) != config.spki.end();
    if (!config.first_contact && !pinned) return errc::unpinned;
    return std::unique_ptr<http::Transport>{std::make_unique<Connection>(*this)};
  }
  Result<http::Response> handle(const http::Request& request) {
    const std::string asked = request.method + " " + std::string{request.path()};
    if (asked != "GET /v1/card") {
      log.push_back(asked);
      requests.push_back(request);
    }
    const auto handler = handlers_.find(asked);
    if (handler == handlers_.end()) return answer(404, R"({"error":{"code":"link_not_active"}})");
    return handler->second(request);
  }

  std::map<std::string, Handler> handlers_;
};

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_LINK_SERVER_HPP
