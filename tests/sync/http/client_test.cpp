// SPDX-License-Identifier: EUPL-1.2
#include "sync/http/client.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "sync/http/channel.hpp"
#include "sync/http/listener.hpp"
#include "sync/http/tls.hpp"
#include "tests/support/scripted_peer.hpp"
#include "tests/support/test_certificate.hpp"

namespace coffret::http {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

struct SecureServer {
  explicit SecureServer(ListenerLimits limits = {}) {
    ListenerConfig config;
    config.tls = TlsFiles{certificate.certificate, certificate.key};
    config.limits = limits;
    auto started = Listener::start(config, [this](Request request, const Respond& respond) {
      ++handled;
      Response response;
      response.body = std::move(request.body);
      response.fields.set("X-Target", request.target);
      respond(std::move(response));
    });
    REQUIRE(started.has_value());
    listener = std::move(*started);
  }
  ClientConfig config(std::vector<Sha256> spki) const {
    ClientConfig made;
    made.url = "https://127.0.0.1:" + std::to_string(listener->port());
    made.spki = std::move(spki);
    return made;
  }

  test::Folder folder;
  test::TestCertificate certificate{folder};
  std::atomic<int> handled{0};
  std::unique_ptr<Listener> listener;
};

Request request(std::string method, std::string target, Bytes body = {}) {
  Request made;
  made.method = std::move(method);
  made.target = std::move(target);
  made.body = std::move(body);
  return made;
}

std::unique_ptr<Transport> transport(const ClientConfig& config) {
  auto made = make_client(config);
  REQUIRE(made.has_value());
  return std::move(*made);
}

// What becomes of an exchange with a peer that sends a byte of its answer now and then.
error_code asked_of_a_dripping_peer(const ClientLimits& limits) {
  test::ScriptedPeer peer;
  ClientConfig config;
  config.url = peer.url();
  config.limits = limits;
  std::atomic<bool> done{false};
  std::thread server{[&] {
    peer.accept();
    peer.read_request();
    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (!done && peer.say("a")) ::poll(nullptr, 0, 20);
  }};
  const auto outcome = transport(config)->exchange(request("GET", "/"));
  done = true;
  server.join();
  return outcome.has_error() ? outcome.error() : error_code{errc::ok};
}

}  // namespace

TEST_SUITE("sync/http/client") {
  TEST_CASE("a pinned server is spoken to over one connection, large bodies included") {
    SecureServer server;
    const auto client = transport(server.config({Sha256{}, server.certificate.spki}));
    Bytes body(3'000'001);
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<std::uint8_t>(i * 13);
    for (int i = 0; i < 3; ++i) {
      const auto response = client->exchange(request("PATCH", "/a?b", body));
      REQUIRE(response.has_value());
      CHECK(response->status == 200);
      CHECK(response->body == body);
    }
    CHECK(client->peer_spki() == server.certificate.spki);
  }

  TEST_CASE("a key that is not pinned gets no request") {
    SecureServer server;
    const auto client = transport(server.config({Sha256{}}));
    CHECK(client->exchange(request("GET", "/")).error() == errc::unpinned);
    const auto none = transport(server.config({}));
    CHECK(none->exchange(request("GET", "/")).error() == errc::unpinned);
    CHECK(server.handled == 0);
  }

  TEST_CASE("at first contact any key is spoken to, and told") {
    SecureServer server;
    auto config = server.config({});
    config.first_contact = true;
    const auto client = transport(config);
    CHECK(client->peer_spki().is_zero());
    REQUIRE(client->exchange(request("GET", "/card")).has_value());
    CHECK(client->peer_spki() == server.certificate.spki);
  }

  TEST_CASE("a reloaded certificate is for new connections; the old ones go on") {
    SecureServer server;
    const auto old_pin = server.certificate.spki;
    const auto client = transport(server.config({old_pin}));
    REQUIRE(client->exchange(request("GET", "/")).has_value());
    const test::TestCertificate renewed{server.folder};
    REQUIRE(server.listener->reload_certificate().has_value());
    CHECK(client->exchange(request("GET", "/")).has_value());
    const auto late = transport(server.config({old_pin}));
    CHECK(late->exchange(request("GET", "/")).error() == errc::unpinned);
    const auto informed = transport(server.config({renewed.spki}));
    CHECK(informed->exchange(request("GET", "/")).has_value());
  }

  TEST_CASE("a certificate that cannot be read leaves the old one in place") {
    SecureServer server;
    REQUIRE(std::filesystem::remove(server.certificate.key));
    CHECK(server.listener->reload_certificate().error() == errc::malformed);
    const auto client = transport(server.config({server.certificate.spki}));
    CHECK(client->exchange(request("GET", "/")).has_value());
  }

  TEST_CASE("nothing older than TLS 1.3 is spoken") {
    SecureServer server;
    const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> old{SSL_CTX_new(TLS_client_method()),
                                                           SSL_CTX_free};
    SSL_CTX_set_max_proto_version(old.get(), TLS1_2_VERSION);
    const auto port = server.listener->port();
    const auto deadline = steady_clock::now() + seconds{10};
    CHECK(Channel::connect("127.0.0.1", port, old.get(), deadline).has_error());
    const unsigned char h2[] = "\x02h2";
    SSL_CTX_set_max_proto_version(old.get(), TLS1_3_VERSION);
    SSL_CTX_set_alpn_protos(old.get(), h2, sizeof h2 - 1);
    CHECK(Channel::connect("127.0.0.1", port, old.get(), deadline).has_error());
  }

  TEST_CASE("a handshake that does not come is not waited for") {
    ListenerLimits limits;
    limits.head_time = seconds{1};
    SecureServer server{limits};
    auto mute = Channel::connect("127.0.0.1", server.listener->port(), nullptr,
                                 steady_clock::now() + seconds{10});
    REQUIRE(mute.has_value());
    Bytes buffer(16);
    CHECK((*mute)->read(buffer, steady_clock::now() + seconds{5}).error() ==
          errc::server_unreachable);
  }

  TEST_CASE("only https, and http to this very machine, are addresses") {
    struct {
      std::string_view url;
      bool good;
    } const cases[] = {
        {"https://coffret.test", true},
        {"https://coffret.test:8443", true},
        {"https://[::1]:8443", true},
        {"http://127.0.0.1:80", true},
        {"http://[::1]:80", true},
        {"http://coffret.test", false},
        {"http://localhost:80", false},
        {"http://127.0.0.2:80", false},
        {"https://", false},
        {"https://:80", false},
        {"https://a:0", false},
        {"https://a:65536", false},
        {"https://a:08", false},
        {"https://a:", false},
        {"https://a/", false},
        {"https://a/b", false},
        {"https://u@a", false},
        {"https://a b", false},
        {"https://a?b", false},
        {"https://[::1", false},
        {"https://[::1]x", false},
        {"ftp://a", false},
        {"//a", false},
        {"https://a\r\nB: c", false},
    };
    for (const auto& c : cases) {
      CAPTURE(c.url);
      ClientConfig config;
      config.url = c.url;
      CHECK(make_client(config).has_value() == c.good);
    }
  }

  TEST_CASE("nobody there is said soon") {
    test::ScriptedPeer peer;
    const auto url = peer.url();
    peer.close();
    ClientConfig config;
    config.url = url;
    CHECK(transport(config)->exchange(request("GET", "/")).error() == errc::server_unreachable);
  }

  TEST_CASE("answers are bounded in size and in time") {
    struct {
      std::string_view what;
      std::string answer;
      errc error;
    } const cases[] = {
        {"a large body", "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", errc::too_large},
        {"an endless head", "HTTP/1.1 200 OK\r\nA: " + std::string(4000, 'a'), errc::too_large},
        {"not HTTP", "220 mail.test ESMTP\r\n\r\n", errc::malformed},
        {"silence", "", errc::timed_out},
        {"half an answer", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", errc::timed_out},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      test::ScriptedPeer peer;
      ClientConfig config;
      config.url = peer.url();
      config.limits.body = 1000;
      config.limits.head = 1024;
      config.limits.progress = seconds{1};
      std::thread server{[&] {
        peer.accept();
        peer.read_request();
        peer.say(c.answer);
      }};
      const auto response = transport(config)->exchange(request("GET", "/"));
      server.join();
      REQUIRE(response.has_error());
      CHECK(response.error() == c.error);
    }
  }

  TEST_CASE("a peer that drips is left when the whole exchange takes too long") {
    CHECK(asked_of_a_dripping_peer({.whole = seconds{1}}) == errc::timed_out);
  }

  TEST_CASE("attack 46: a peer that drips is left when it keeps below the pace") {
    CHECK(asked_of_a_dripping_peer({.progress = seconds{1}}) == errc::timed_out);
  }

  TEST_CASE("no redirect is followed") {
    test::ScriptedPeer peer;
    ClientConfig config;
    config.url = peer.url();
    std::thread server{[&] {
      peer.accept();
      peer.read_request();
      peer.say("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    }};
    const auto response = transport(config)->exchange(request("GET", "/"));
    server.join();
    REQUIRE(response.has_value());
    CHECK(response->status == 302);
  }

  TEST_CASE("an answer that is cut short is an error, not a shorter answer") {
    test::ScriptedPeer peer;
    ClientConfig config;
    config.url = peer.url();
    std::thread server{[&] {
      peer.accept();
      peer.read_request();
      peer.say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
      peer.hang_up();
    }};
    const auto response = transport(config)->exchange(request("GET", "/"));
    server.join();
    CHECK(response.error() == errc::server_unreachable);
  }

  TEST_CASE("what is lost on a reused connection is sent once more, if that is harmless") {
    for (const std::string method : {"GET", "POST"}) {
      CAPTURE(method);
      test::ScriptedPeer peer;
      ClientConfig config;
      config.url = peer.url();
      int requests = 0;
      std::thread server{[&] {
        peer.accept();
        peer.read_request();
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        if (!peer.read_request()) return;
        ++requests;
        peer.hang_up();  // before any byte of the second answer
        if (!peer.accept()) return;
        if (!peer.read_request()) return;
        ++requests;
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      }};
      {
        const auto client = transport(config);
        REQUIRE(client->exchange(request(method, "/")).has_value());
        const auto second = client->exchange(request(method, "/"));
        CHECK(second.has_value() == (method == "GET"));
        peer.close();
      }
      server.join();
      CHECK(requests == (method == "GET" ? 2 : 1));
    }
  }

  TEST_CASE("a connection that was closed while idle is replaced before anything is sent") {
    ListenerLimits limits;
    limits.idle = seconds{1};
    SecureServer server{limits};
    const auto client = transport(server.config({server.certificate.spki}));
    REQUIRE(client->exchange(request("POST", "/1")).has_value());
    ::poll(nullptr, 0, 1400);  // past the server's idle limit
    CHECK(client->exchange(request("POST", "/2")).has_value());
    CHECK(server.handled == 2);
  }
}

}  // namespace coffret::http
