// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include "sync/client/grants.hpp"
#include "tests/sync/client/association.hpp"

namespace coffret::client {
namespace {

using protocol::AccessLine;

// A server's access log, served in pages of `page` lines.
struct Log {
  std::vector<Bytes> leaves;
  std::size_t page = 1000;

  void add(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      AccessLine line;
      line.link = LinkId{{4, 5, 6}};
      line.index = leaves.size();
      line.time = static_cast<std::int64_t>(1000 + leaves.size());
      leaves.push_back(wire::encode(line));
    }
  }
  protocol::CompactRange range(std::size_t size) const {
    protocol::CompactRange made;
    for (std::size_t i = 0; i < size; ++i) made.append(protocol::leaf_hash(leaves[i]));
    return made;
  }
  std::string checkpoint(const Association& a, const Signer& who) const {
    const auto origin =
        protocol::checkpoint_origin(protocol::fingerprint(a.identity.public_key()), a.vault);
    return protocol::sign_checkpoint({origin, leaves.size(), range(leaves.size()).root()}, who);
  }
  void serve(Association& a) {
    a.serve([this, &a](const http::Request& request) -> Result<http::Response> {
      const auto target = protocol::parse_target("GET", request.target);
      REQUIRE(target.has_value());
      protocol::AccessPage answer;
      for (auto i = target->after; i < leaves.size() && answer.lines.size() < page; ++i)
        answer.lines.push_back(leaves[i]);
      answer.checkpoint = checkpoint(a, a.identity);
      answer.size = leaves.size();
      return test::response(200, wire::encode(answer));
    });
  }
};

errc outcome(Association& a, const protocol::CompactRange& kept) {
  auto server = a.server();
  const auto news = access_log(server, a.device, a.vault, kept);
  return news.has_value() ? errc::ok : to_errc(news.error());
}

}  // namespace

TEST_SUITE("sync/client/access_log") {
  TEST_CASE("new lines are read in pages and proved to follow the kept ones") {
    struct {
      std::size_t kept, all, page;
    } const cases[] = {{0, 0, 10}, {0, 1, 10}, {0, 25, 10}, {7, 7, 10}, {7, 8, 10}, {7, 40, 3}};
    for (const auto& c : cases) {
      CAPTURE(c.kept);
      CAPTURE(c.all);
      Association a;
      Log log;
      log.page = c.page;
      log.add(c.all);
      log.serve(a);
      auto server = a.server();
      const auto news = access_log(server, a.device, a.vault, log.range(c.kept));
      REQUIRE(news.has_value());
      REQUIRE(news->lines.size() == c.all - c.kept);
      for (std::size_t i = 0; i < news->lines.size(); ++i)
        CHECK(news->lines[i].index == c.kept + i);
      CHECK(news->range == log.range(c.all));
      CHECK(news->checkpoint == log.checkpoint(a, a.identity));
    }
  }

  TEST_CASE("a log that was rewritten, shortened or forged is told apart from news") {
    Log log;
    log.add(20);
    const auto kept = log.range(12);
    SUBCASE("a line that was seen is another") {
      Association a;
      log.leaves[3].back() ^= 1;
      log.serve(a);
      CHECK(outcome(a, kept) == errc::fork_detected);
    }
    SUBCASE("as long as the kept one, and another") {
      Association a;
      log.leaves.resize(12);
      log.leaves[3].back() ^= 1;
      log.serve(a);
      CHECK(outcome(a, kept) == errc::fork_detected);
    }
    SUBCASE("shorter than the kept one") {
      Association a;
      log.leaves.resize(11);
      log.serve(a);
      CHECK(outcome(a, kept) == errc::server_rolled_back);
    }
    SUBCASE("signed by someone else") {
      Association a;
      a.serve([&](const http::Request&) {
        const protocol::AccessPage page{{}, log.checkpoint(a, a.device), 20};
        return test::response(200, wire::encode(page));
      });
      CHECK(outcome(a, log.range(20)) == errc::unauthenticated);
    }
    SUBCASE("lines out of their order") {
      Association a;
      std::swap(log.leaves[14], log.leaves[15]);
      log.serve(a);
      CHECK(outcome(a, kept) == errc::malformed);
    }
    SUBCASE("pages that never come to an end") {
      Association a;
      log.page = 0;
      log.serve(a);
      CHECK(outcome(a, kept) == errc::malformed);
    }
    SUBCASE("a line of no kind that there is") {
      Association a;
      log.leaves[14][0] = 9;
      log.serve(a);
      CHECK(outcome(a, kept) == errc::other_version);
    }
    SUBCASE("the range kept here is none") {
      Association a;
      log.serve(a);
      auto broken = kept;
      broken.peaks.pop_back();
      CHECK(outcome(a, broken) == errc::local_state_tampered);
      CHECK(a.network.requests.empty());
    }
  }

  TEST_CASE("more than a log of openings can hold is not taken in") {
    Log log;
    log.add(20);
    std::size_t bytes = 0;
    for (const auto& leaf : log.leaves) bytes += leaf.size();
    struct {
      const char* name;
      std::size_t kept;
      AccessBounds bounds;
      errc error;
      std::size_t requests;
    } const cases[] = {
        {"all of it, just", 0, {20, bytes}, errc::ok, 4},
        {"the news of it, just", 15, {5, bytes}, errc::ok, 1},
        {"a line too many is told by the first page", 0, {19, bytes}, errc::too_large, 1},
        {"a byte too many", 0, {20, bytes - 1}, errc::too_large, 4},
    };
    log.page = 5;
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Association a;
      log.serve(a);
      auto server = a.server();
      const auto news = access_log(server, a.device, a.vault, log.range(c.kept), c.bounds);
      CHECK((news.has_value() ? errc::ok : to_errc(news.error())) == c.error);
      CHECK(a.asked().size() == c.requests);
    }
  }

  TEST_CASE("a log that claims to be endless is left at its first page") {
    Association a;
    Log log;
    log.add(1);
    a.serve([&](const http::Request&) {
      const auto origin =
          protocol::checkpoint_origin(protocol::fingerprint(a.identity.public_key()), a.vault);
      const auto size = std::uint64_t{1} << 50;
      const protocol::AccessPage page{
          log.leaves, protocol::sign_checkpoint({origin, size, Sha256{{1}}}, a.identity), size};
      return test::response(200, wire::encode(page));
    });
    CHECK(outcome(a, {}) == errc::too_large);
    CHECK(a.asked().size() == 1);
  }
}

}  // namespace coffret::client
