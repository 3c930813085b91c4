// SPDX-License-Identifier: EUPL-1.2
//
// Accounts, logs and grants: one request each, whose answer must hold what it claims.
#include <doctest/doctest.h>

#include "sync/client/account.hpp"
#include "sync/client/grants.hpp"
#include "sync/client/log.hpp"
#include "tests/sync/client/association.hpp"

namespace coffret::client {
namespace {

protocol::SignedEntry entry(std::uint64_t seq) {
  protocol::Entry body;
  body.seq = seq;
  return protocol::sign_entry(body, Bytes{1, 2, 3}, test::TestSigner{std::uint8_t{2}});
}

// A log in pages of ten that chains, as a hostile server could make one too.
struct ChainedLog {
  VaultId vault;
  std::vector<protocol::SignedEntry> entries;
  std::uint64_t head_seq = 0;  // claimed, unless zero
  std::optional<EntryHash> head_hash;
  bool endless = false;  // grows with every page, and claims just one more

  ChainedLog(const VaultId& id, std::size_t count) : vault(id) { grow(count); }

  void grow(std::size_t count) {
    while (count-- > 0) {
      protocol::Entry next;
      next.vault = vault;
      next.seq = entries.size() + 1;
      if (!entries.empty()) next.previous = protocol::entry_hash(entries.back().body);
      entries.push_back(
          protocol::sign_entry(next, Bytes(1024, 7), test::TestSigner{std::uint8_t{2}}));
    }
  }
  Result<http::Response> operator()(const http::Request& request) {
    const auto target = protocol::parse_target("GET", request.target);
    REQUIRE(target.has_value());
    const auto after = static_cast<std::size_t>(target->after);
    if (endless && entries.size() < after + 11) grow(11);
    protocol::EntryPage page;
    for (std::size_t i = after; i < entries.size() && i < after + 10; ++i)
      page.entries.push_back(entries[i]);
    page.head.seq = head_seq != 0 ? head_seq : entries.size();
    if (endless) page.head.seq = after + page.entries.size() + 1;
    if (!entries.empty()) page.head.hash = protocol::entry_hash(entries.back().body);
    if (head_hash) page.head.hash = *head_hash;
    return test::response(200, wire::encode(page));
  }
};

}  // namespace

TEST_SUITE("sync/client/vault") {
  TEST_CASE("joining sends the token, the root and the certificate, signed by the device") {
    Association a;
    const test::TestSigner root{std::uint8_t{3}};
    const protocol::InviteToken token{{1, 2, 3}};
    const protocol::SignedCertificate certificate{Bytes{1, 2, 3}, Signature{{4}}};
    auto account = protocol::account_id(root.public_key());
    a.serve([&](const http::Request& request) -> Result<http::Response> {
      const auto sent = protocol::from_json<protocol::AccountRequest>(request.body);
      REQUIRE(sent.has_value());
      CHECK(*sent == protocol::AccountRequest{token, root.public_key(), certificate});
      CHECK(request.fields.find("Signature") != nullptr);
      return test::response(201, protocol::to_json(protocol::AccountAnswer{account, 1000}));
    });
    auto server = a.server();
    const auto joined = join(server, a.device, token, root.public_key(), certificate);
    REQUIRE(joined.has_value());
    CHECK(joined->quota == 1000);
    account = {};
    CHECK(join(server, a.device, token, root.public_key(), certificate).error() == errc::malformed);
  }

  TEST_CASE("refusals keep their names, and nonsense is the server's fault") {
    struct {
      http::Response response;
      errc error;
    } const cases[] = {
        {refusal(errc::invite_expired), errc::invite_expired},
        {refusal(errc::not_found), errc::not_found},
        {refusal(errc::rate_limited), errc::rate_limited},
        {refusal(errc::wrong_passphrase), errc::server_error},
        {test::response(403, std::string{"<html>"}), errc::server_error},
        {test::response(302), errc::server_error},
        {test::response(200, std::string{"{"}), errc::malformed},
        {test::response(200, std::string(70000, ' ')), errc::too_large},
    };
    for (const auto& c : cases) {
      CAPTURE(c.response.status);
      Association a;
      a.serve([&](const http::Request&) { return c.response; });
      auto server = a.server();
      CHECK(find_vault(server, a.device).error() == c.error);
    }
  }

  TEST_CASE("a page of the log is bounded and moves on") {
    protocol::EntryPage page{{9, EntryHash{{1}}}, {entry(5), entry(6)}};
    Association a;
    a.serve([&](const http::Request& request) {
      CHECK(request.target == "/v1/vaults/" + a.vault.text() + "/log?after=4&limit=2");
      return test::response(200, wire::encode(page));
    });
    auto server = a.server();
    const auto pulled = pull(server, a.device, a.vault, 4, 2);
    REQUIRE(pulled.has_value());
    CHECK(pulled->entries == page.entries);
    CHECK(pulled->head == page.head);
    page.entries.push_back(entry(7));
    CHECK(pull(server, a.device, a.vault, 4, 2).error() == errc::malformed);
    page.entries.clear();
    CHECK(pull(server, a.device, a.vault, 4, 2).error() == errc::malformed);
    page.head.seq = 4;
    CHECK(pull(server, a.device, a.vault, 4, 2).has_value());
  }

  TEST_CASE("a whole log comes in pages, and each must go on where the last one ended") {
    struct {
      const char* name;
      LogBounds bounds;
      void (*spoil)(ChainedLog&);
      errc error;
      std::size_t requests;
    } const cases[] = {
        {"honest", {}, [](ChainedLog&) {}, errc::ok, 3},
        {"empty", {}, [](ChainedLog& l) { l.entries.clear(); }, errc::ok, 1},
        {"just within the bounds", {25, 25 * 1200}, [](ChainedLog&) {}, errc::ok, 3},
        {"one entry too many", {24, 1u << 20}, [](ChainedLog&) {}, errc::too_large, 1},
        {"too many bytes", {1000, 15'000}, [](ChainedLog&) {}, errc::too_large, 2},
        {"claims what no vault has",
         {},
         [](ChainedLog& l) { l.head_seq = 1ull << 50; },
         errc::too_large,
         1},
        {"hides that it has no end",
         {1000, 1u << 20},
         [](ChainedLog& l) { l.endless = true; },
         errc::too_large,
         92},
        {"does not chain",
         {},
         [](ChainedLog& l) { l.entries.erase(l.entries.begin() + 4); },
         errc::fork_detected,
         1},
        {"ends in another head",
         {},
         [](ChainedLog& l) { l.head_hash = EntryHash{{1}}; },
         errc::fork_detected,
         3},
        {"goes on behind its head", {}, [](ChainedLog& l) { l.head_seq = 5; }, errc::malformed, 1},
        {"another vault's",
         {},
         [](ChainedLog& l) { l.entries[0].body[1] ^= 1; },
         errc::unauthenticated,
         1},
        {"another operation",
         {},
         [](ChainedLog& l) { l.entries[0].operation[0] ^= 1; },
         errc::unauthenticated,
         1},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Association a;
      ChainedLog log{a.vault, 25};
      c.spoil(log);
      a.serve([&](const http::Request& request) { return log(request); });
      auto server = a.server();
      const auto whole = pull_whole(server, a.device, a.vault, c.bounds);
      CHECK((whole.has_value() ? errc::ok : to_errc(whole.error())) == c.error);
      if (whole.has_value()) CHECK(*whole == log.entries);
      CHECK(a.asked().size() == c.requests);
    }
  }

  TEST_CASE("an append is accepted, or tells the head that was in its way") {
    const std::vector<protocol::SignedEntry> entries{entry(1), entry(2)};
    const protocol::Head new_head{2, protocol::entry_hash(entries.back().body)};
    const protocol::Head other{7, EntryHash{{7}}};
    Association a;
    http::Response answer;
    a.serve([&](const http::Request& request) {
      if (request.method == "GET")
        return test::response(200, protocol::to_json(protocol::VaultStatus{other, 1, 1, 1}));
      const auto sent = wire::decode<protocol::Append>(request.body);
      REQUIRE(sent.has_value());
      CHECK(sent->entries == entries);
      CHECK(sent->expected == EntryHash{{5}});
      return answer;
    });
    auto server = a.server();
    const auto send = [&] { return append(server, a.device, a.vault, EntryHash{{5}}, entries); };
    answer = test::response(200, protocol::to_json(protocol::HeadAnswer{new_head}));
    const auto accepted = send();
    REQUIRE(accepted.has_value());
    CHECK(accepted->accepted);
    CHECK(accepted->head == new_head);
    answer = refusal(errc::conflict);
    const auto refused = send();
    REQUIRE(refused.has_value());
    CHECK_FALSE(refused->accepted);
    CHECK(refused->head == other);
    answer = refusal(errc::incomplete_upload);  // a 409 of another kind
    CHECK(send().error() == errc::incomplete_upload);
    answer = test::response(200, protocol::to_json(protocol::HeadAnswer{other}));
    CHECK(send().error() == errc::malformed);
  }

  TEST_CASE("an append over its limits is not sent") {
    Association a;
    a.serve([](const http::Request&) { return test::response(200); });
    auto server = a.server();
    const std::vector<protocol::SignedEntry> many(101, entry(1));
    CHECK(append(server, a.device, a.vault, {}, many).error() == errc::too_large);
    auto large = entry(1);
    large.operation.resize(max_page);
    CHECK(append(server, a.device, a.vault, {}, {&large, 1}).error() == errc::too_large);
    CHECK(a.asked().empty());
  }

  TEST_CASE("a publication counts when the pinned identity signed the very policy") {
    const test::TestSigner stranger{std::uint8_t{9}};
    protocol::Publication publication;
    publication.policy.body = {1, 2, 3};
    Association a;
    const auto signed_by = [&](const Signer& who, SignatureLabel label, const Bytes& body) {
      a.serve([&, signature = who.sign(label, body)](const http::Request& request) {
        CHECK(request.method == "PUT");
        return test::response(200, wire::encode(protocol::Applied{signature}));
      });
      auto server = a.server();
      const auto done = publish(server, a.device, a.vault, a.link, publication);
      return done.has_value() ? errc::ok : to_errc(done.error());
    };
    const Bytes& body = publication.policy.body;
    CHECK(signed_by(a.identity, SignatureLabel::applied, body) == errc::ok);
    CHECK(signed_by(a.identity, SignatureLabel::applied, {1, 2, 4}) == errc::unauthenticated);
    CHECK(signed_by(a.identity, SignatureLabel::policy, body) == errc::unauthenticated);
    CHECK(signed_by(stranger, SignatureLabel::applied, body) == errc::unauthenticated);
  }

  TEST_CASE("a revocation is done when the pinned identity says so of this very link") {
    Association a;
    const test::TestSigner stranger{std::uint8_t{9}};
    const auto acknowledged = [&](const LinkId& link, const Signer& who) {
      a.serve([&](const http::Request&) {
        return test::response(
            200, wire::encode(protocol::sign_acknowledgement(link, a.clock.time, who)));
      });
      auto server = a.server();
      const auto done = revoke(server, a.device, a.vault, a.link);
      return done.has_value() ? errc::ok : to_errc(done.error());
    };
    CHECK(acknowledged(a.link, a.identity) == errc::ok);
    CHECK(acknowledged(LinkId{{1}}, a.identity) == errc::unauthenticated);
    CHECK(acknowledged(a.link, stranger) == errc::unauthenticated);
  }
}

}  // namespace coffret::client
