// SPDX-License-Identifier: EUPL-1.2
//
// member_server.hpp: what a vault sees of its server, in memory and without a network: it keeps
// whatever it is given, in order, and does what the test tells it to.
//
// Signatures are not judged here: that is the real server's, and tested there.
// Ownership: transports borrow the MemberServer.
#ifndef COFFRET_TESTS_SUPPORT_MEMBER_SERVER_HPP
#define COFFRET_TESTS_SUPPORT_MEMBER_SERVER_HPP

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sync/client/server.hpp"
#include "sync/protocol/access_log.hpp"
#include "sync/protocol/card.hpp"
#include "sync/protocol/entry.hpp"
#include "sync/protocol/merkle.hpp"
#include "sync/protocol/messages.hpp"
#include "sync/protocol/paths.hpp"
#include "sync/protocol/policy.hpp"
#include "sync/protocol/signature.hpp"
#include "sync/protocol/status.hpp"
#include "tests/support/keys.hpp"
#include "tests/support/test_signer.hpp"

namespace coffret::test {

class MemberServer {
 public:
  using Endpoint = protocol::Endpoint;

  bool reachable = true;
  // Asked before each request: an error here is the answer.
  std::function<errc(const protocol::Target&)> refuse;
  std::size_t page_size = 1000;      // entries
  std::uint64_t claimed = 0;         // entries that it says it has, when more than it has
  std::optional<std::int64_t> time;  // what its clock says with every answer

  std::vector<Endpoint> asked;  // the card's left out
  std::vector<protocol::SignedEntry> log;
  std::map<ObjectId, Bytes> objects;
  std::map<LinkId, Bytes> policies;
  protocol::GrantStatus counted{GrantState::live, 0, 0};  // what it tells of every grant
  std::set<LinkId> revoked;
  std::vector<protocol::AccessLine> lines;
  VaultId vault;
  unsigned enrolled = 0;
  protocol::OperatorCard card = first_card();
  const std::string url = "https://coffret.example";
  TestSigner identity{std::uint8_t{77}};

  Fingerprint fingerprint() const { return protocol::fingerprint(identity.public_key()); }
  std::string invite() const { return protocol::format_invite({url, fingerprint(), {}}); }
  client::Connect connect() {
    return [this](const http::ClientConfig& config) -> Result<std::unique_ptr<http::Transport>> {
      return std::unique_ptr<http::Transport>{std::make_unique<Connection>(*this, config)};
    };
  }
  protocol::Head head() const {
    if (log.empty()) return {};
    return {.seq = log.size(), .hash = protocol::entry_hash(log.back().body)};
  }
  // Where `endpoint` was asked first and last; asked.size() when it was not.
  std::size_t first(Endpoint endpoint) const {
    return static_cast<std::size_t>(std::find(asked.begin(), asked.end(), endpoint) -
                                    asked.begin());
  }
  bool was_asked(Endpoint endpoint) const { return first(endpoint) != asked.size(); }

 private:
  static protocol::OperatorCard first_card() {
    protocol::OperatorCard card;
    card.name = "Association Exemple";
    card.country = "FR";
    card.law = "droit français";
    card.host = "Paris";
    card.contact = "contact@coffret.example";
    card.spki = {counting_id<Sha256>(9)};
    card.issued_at = 1'800'000'000;
    return card;
  }

  class Connection final : public http::Transport {
   public:
    Connection(MemberServer& server, http::ClientConfig config)
        : server_(server), config_(std::move(config)) {}
    Result<http::Response> exchange(const http::Request& request) override {
      if (!server_.reachable || config_.url != server_.url) return errc::server_unreachable;
      const auto& pins = config_.spki;
      if (!config_.first_contact && std::find(pins.begin(), pins.end(), peer_spki()) == pins.end())
        return errc::unpinned;
      auto answer = server_.answer(request);
      if (answer.has_value() && server_.time)
        answer->fields.set("Coffret-Time", std::to_string(*server_.time));
      if (answer.has_value()) return answer;
      const errc error = to_errc(answer.error());
      return said(protocol::http_status(error), protocol::error_body(error));
    }
    Sha256 peer_spki() const override { return server_.card.spki.front(); }

   private:
    MemberServer& server_;
    http::ClientConfig config_;
  };

  static http::Response said(unsigned status, Bytes body = {}) {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
  }
  static http::Response said(unsigned status, const std::string& body) {
    return said(status, to_bytes(as_bytes(body)));
  }

  Result<http::Response> answer(const http::Request& request) {
    COFFRET_TRY(const auto target, protocol::parse_target(request.method, request.target));
    if (target.endpoint == Endpoint::card) return said(200, protocol::sign_card(card, identity));
    asked.push_back(target.endpoint);
    if (refuse)
      if (const errc refused = refuse(target); refused != errc::ok) return refused;
    switch (target.endpoint) {
      case Endpoint::open_account:
      case Endpoint::vault_by_root:
      case Endpoint::vault_status:
      case Endpoint::enrol_device:
        return about_account(target.endpoint, request.body);
      case Endpoint::read_log:
        return said(200, wire::encode(page(target.after, target.limit)));
      case Endpoint::append_log:
        return append(request.body);
      case Endpoint::publish_grant:
      case Endpoint::grant_status:
      case Endpoint::revoke_grant:
        return about_grant(target, request.body);
      case Endpoint::access_log:
        return said(200, wire::encode(access_page(target.vault)));
      default:
        return about_bytes(target, request);
    }
  }

  Result<http::Response> about_account(Endpoint endpoint, ByteView body) {
    if (endpoint == Endpoint::open_account) {
      COFFRET_TRY(const auto ask, protocol::from_json<protocol::AccountRequest>(body));
      COFFRET_TRY(const auto first,
                  wire::decode<protocol::DeviceCertificate>(ask.certificate.body));
      vault = first.vault;
      return said(201, protocol::to_json(
                           protocol::AccountAnswer{protocol::account_id(ask.root_key), 1u << 30}));
    }
    if (endpoint == Endpoint::vault_by_root)
      return said(200, protocol::to_json(protocol::VaultAnswer{vault}));
    if (endpoint == Endpoint::vault_status)
      return said(200, protocol::to_json(protocol::VaultStatus{head(), 0, 0, 0}));
    ++enrolled;
    return said(201);
  }

  protocol::EntryPage page(std::uint64_t after, std::size_t limit) const {
    protocol::EntryPage page{head(), {}};
    page.head.seq = std::max(page.head.seq, claimed);
    const std::size_t end = std::min<std::size_t>(log.size(), after + std::min(limit, page_size));
    for (std::size_t i = after; i < end; ++i) page.entries.push_back(log[i]);
    return page;
  }

  Result<http::Response> append(ByteView body) {
    COFFRET_TRY(const auto asks, protocol::decode_append(body));
    if (asks.expected != head().hash) return errc::conflict;
    for (const auto& signed_entry : asks.entries) {
      COFFRET_TRY(const auto entry, protocol::decode_entry(signed_entry.body));
      for (const auto& put : entry.puts)
        if (!objects.contains(put)) return errc::incomplete_upload;
    }
    log.insert(log.end(), asks.entries.begin(), asks.entries.end());
    return said(200, protocol::to_json(protocol::HeadAnswer{head()}));
  }

  Result<http::Response> about_grant(const protocol::Target& target, ByteView body) {
    if (target.endpoint == Endpoint::publish_grant) {
      COFFRET_TRY(const auto publication, protocol::decode_publication(body));
      policies[target.link] = publication.policy.body;
      return said(200, wire::encode(protocol::Applied{
                           identity.sign(SignatureLabel::applied, publication.policy.body)}));
    }
    if (target.endpoint == Endpoint::grant_status) {
      if (!policies.contains(target.link)) return errc::not_found;
      return said(200, protocol::to_json(counted));
    }
    revoked.insert(target.link);
    return said(200, wire::encode(protocol::sign_acknowledgement(
                         target.link, from_unix(1'800'000'000), identity)));
  }

  // All lines on one page, and the checkpoint that covers them.
  protocol::AccessPage access_page(const VaultId& of) {
    protocol::AccessPage page;
    protocol::CompactRange range;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      lines[i].index = i;
      page.lines.push_back(wire::encode(lines[i]));
      range.append(protocol::leaf_hash(page.lines.back()));
    }
    page.size = range.size;
    page.checkpoint = protocol::sign_checkpoint(
        {protocol::checkpoint_origin(fingerprint(), of), range.size, range.root()}, identity);
    return page;
  }

  Result<http::Response> about_bytes(const protocol::Target& target, const http::Request& request) {
    switch (target.endpoint) {
      case Endpoint::missing_objects: {
        COFFRET_TRY(const auto ask, protocol::from_json<protocol::ObjectsRequest>(request.body));
        protocol::MissingAnswer lacking;
        for (const auto& id : ask.objects)
          if (!objects.contains(id)) lacking.missing.push_back(id);
        return said(200, protocol::to_json(lacking));
      }
      case Endpoint::object_status:
      case Endpoint::parcel_status:
        return errc::not_found;
      case Endpoint::upload_object:
      case Endpoint::upload_parcel:
        return upload(target, request);
      case Endpoint::fetch_object: {
        const auto found = objects.find(target.object);
        if (found == objects.end()) return errc::not_found;
        return said(200, found->second);
      }
      default:
        return errc::not_found;
    }
  }

  Result<http::Response> upload(const protocol::Target& target, const http::Request& request) {
    if (target.endpoint == Endpoint::upload_object) objects[target.object] = request.body;
    auto response = said(204);
    response.fields.set("Upload-Offset", std::to_string(request.body.size()));
    return response;
  }
};

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_MEMBER_SERVER_HPP
