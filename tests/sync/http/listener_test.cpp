// SPDX-License-Identifier: EUPL-1.2
#include "sync/http/listener.hpp"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <fstream>
#include <thread>

#include "sync/http/body_budget.hpp"
#include "sync/http/channel.hpp"
#include "sync/http/client.hpp"
#include "sync/http/head.hpp"
#include "sync/http/tls.hpp"
#include "tests/support/ambiguous_requests.hpp"
#include "tests/support/test_certificate.hpp"

namespace coffret::http {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

Deadline soon() {
  return steady_clock::now() + seconds{10};
}

// Answers with what it was asked.
void echo(Request request, const Respond& respond) {
  Response response;
  response.fields.set("X-Method", request.method);
  response.fields.set("X-Target", request.target);
  response.fields.set("X-Peer", request.peer);
  response.body = std::move(request.body);
  respond(std::move(response));
}

std::unique_ptr<Listener> listen(ListenerConfig config, Handler handler = echo) {
  auto listener = Listener::start(std::move(config), std::move(handler));
  REQUIRE(listener.has_value());
  return std::move(*listener);
}

std::unique_ptr<Channel> raw(const Listener& listener, ssl_ctx_st* tls = nullptr) {
  auto channel = Channel::connect("127.0.0.1", listener.port(), tls, soon());
  REQUIRE(channel.has_value());
  return std::move(*channel);
}

void say(Channel& channel, std::string_view text) {
  auto bytes = as_bytes(text);
  while (!bytes.empty()) {
    const auto sent = channel.write(bytes, soon());
    REQUIRE(sent.has_value());
    bytes = bytes.subspan(*sent);
  }
}

// All that comes until the other side closes.
std::string hear(Channel& channel) {
  std::string heard;
  Bytes buffer(4096);
  for (;;) {
    const auto size = channel.read(buffer, soon());
    if (size.has_error()) {
      CHECK(size.error() == errc::server_unreachable);
      return heard;
    }
    heard += as_text(ByteView{buffer}.first(*size));
  }
}

std::string hear(Channel& channel, std::size_t at_least) {
  std::string heard;
  Bytes buffer(4096);
  while (heard.size() < at_least) {
    const auto size = channel.read(buffer, soon());
    if (size.has_error()) break;
    heard += as_text(ByteView{buffer}.first(*size));
  }
  return heard;
}

std::unique_ptr<Transport> client(const Listener& listener) {
  ClientConfig config;
  config.url = "http://127.0.0.1:" + std::to_string(listener.port());
  auto made = make_client(config);
  REQUIRE(made.has_value());
  return std::move(*made);
}

Request get(std::string target) {
  Request request;
  request.method = "GET";
  request.target = std::move(target);
  return request;
}

// An option of each socket of this process that was accepted at the port.
std::vector<int> option_of_accepted(std::uint16_t port, int level, int option) {
  std::vector<int> values;
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in local{};
    socklen_t size = sizeof local;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size) != 0 ||
        local.sin_family != AF_INET || ntohs(local.sin_port) != port)
      continue;
    int value = 0;
    size = sizeof value;
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0) continue;
    if (::getsockopt(fd, level, option, &value, &size) == 0) values.push_back(value);
  }
  return values;
}

// Requests that are answered when the test says so.
class Waiting {
 public:
  void keep(Request request, Respond respond) {
    const std::lock_guard lock{mutex_};
    requests_.push_back(std::move(request));
    responds_.push_back(std::move(respond));
    came_.notify_all();
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock{mutex_};
    return came_.wait_for(lock, seconds{10}, [&] { return responds_.size() >= count; });
  }
  void answer() {
    const std::lock_guard lock{mutex_};
    for (const auto& respond : responds_) respond({});
    requests_.clear();
    responds_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Request> requests_;
  std::vector<Respond> responds_;
};

constexpr std::string_view plain_get = "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace

TEST_SUITE("sync/http/listener") {
  TEST_CASE("an ambiguous request gets its refusal, then the end, and no handler sees it") {
    std::atomic<int> handled{0};
    const auto listener = listen({}, [&](Request request, const Respond& respond) {
      ++handled;
      echo(std::move(request), respond);
    });
    for (const auto& c : test::ambiguous_requests()) {
      CAPTURE(c.what);
      const auto channel = raw(*listener);
      say(*channel, c.bytes);
      const auto heard = hear(*channel);
      CHECK(heard.starts_with("HTTP/1.1 " + std::to_string(c.status) + " "));
      CHECK(heard.find("Connection: close\r\n") != std::string::npos);
      CHECK(heard.find("Server:") == std::string::npos);
      CHECK(heard.find("HTTP/1.1", 1) == std::string::npos);
    }
    CHECK(handled == 0);
  }

  TEST_CASE("pipelined requests are answered one by one, in order") {
    const auto listener = listen({});
    const auto channel = raw(*listener);
    say(*channel,
        "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none"
        "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
        "HEAD /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const auto heard = hear(*channel);
    const auto first = heard.find("X-Target: /1\r\n");
    const auto second = heard.find("X-Target: /2\r\n");
    const auto third = heard.find("X-Target: /3\r\n");
    CHECK(first < second);
    CHECK(second < third);
    CHECK(third != std::string::npos);
    CHECK(heard.find("\r\n\r\noneHTTP/1.1 200 OK") != std::string::npos);
  }

  TEST_CASE("an answer of two writes waits for no acknowledgement between them") {
    const auto listener = listen({});
    const auto channel = raw(*listener);
    say(*channel, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(!hear(*channel, 1).empty());
    const auto values = option_of_accepted(listener->port(), IPPROTO_TCP, TCP_NODELAY);
    REQUIRE(values.size() == 1);
    CHECK(values[0] != 0);
  }

  TEST_CASE("a body that waits for 100-continue is asked for") {
    const auto listener = listen({});
    const auto channel = raw(*listener);
    say(*channel,
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
        "Connection: close\r\n\r\n");
    CHECK(hear(*channel, 25) == "HTTP/1.1 100 Continue\r\n\r\n");
    say(*channel, "ok");
    CHECK(hear(*channel).ends_with("\r\n\r\nok"));
  }

  TEST_CASE("too much is refused before it is read") {
    ListenerConfig config;
    config.limits.head = 1024;
    config.limits.body = 1000;
    const auto listener = listen(config);
    struct {
      std::string_view what;
      std::string bytes;
      std::string_view status;
    } const cases[] = {
        {"a long field", "GET / HTTP/1.1\r\nA: " + std::string(2000, 'a'), "431"},
        {"a long finished head",
         "GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(1100, 'a') + "\r\n\r\n", "431"},
        {"a long target", "GET /" + std::string(9000, 'a'), "431"},
        {"a large body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", "413"},
        {"a huge body",
         "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n", "413"},
        {"a large body, sent all the same",
         "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + std::string(200000, 'a'),
         "413"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      const auto channel = raw(*listener);
      say(*channel, c.bytes);
      CHECK(hear(*channel).starts_with("HTTP/1.1 " + std::string{c.status}));
    }
  }

  TEST_CASE("a slow peer is dropped when its time is up") {
    ListenerConfig config;
    config.limits.head_time = seconds{1};
    config.limits.body_time = seconds{1};
    config.limits.idle = seconds{1};
    const auto listener = listen(config);
    struct {
      std::string_view what, bytes, heard;
    } const cases[] = {
        {"says nothing", "", ""},
        {"stops in its head", "GET / HT", "HTTP/1.1 408 "},
        {"stops in its body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab",
         "HTTP/1.1 408 "},
        {"stays after an answer", plain_get, "HTTP/1.1 200 "},
    };
    const auto start = steady_clock::now();
    std::vector<std::unique_ptr<Channel>> channels;
    for (const auto& c : cases) {
      channels.push_back(raw(*listener));
      say(*channels.back(), c.bytes);
    }
    for (std::size_t i = 0; i < std::size(cases); ++i) {
      CAPTURE(cases[i].what);
      const auto heard = hear(*channels[i]);
      CHECK(heard.starts_with(cases[i].heard));
      CHECK(heard.empty() == cases[i].heard.empty());
    }
    CHECK(steady_clock::now() - start < seconds{5});
  }

  TEST_CASE("a peer that drips its body is dropped though it never stops") {
    ListenerConfig config;
    config.limits.body_time = seconds{1};
    const auto listener = listen(config);
    const auto channel = raw(*listener);
    say(*channel, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    const auto start = steady_clock::now();
    Bytes buffer(4096);
    bool dropped = false;
    while (!dropped && steady_clock::now() - start < seconds{5}) {
      // One byte, then as long as a read may wait for an answer that is not yet due.
      const auto sent = channel->write(as_bytes("a"), soon());
      const auto heard = channel->read(buffer, steady_clock::now() + std::chrono::milliseconds{50});
      dropped = sent.has_error() || heard.has_value() || heard.error() != errc::timed_out;
    }
    CHECK(dropped);
    CHECK(steady_clock::now() - start < seconds{4});
  }

  TEST_CASE("a peer that does not read its answer is dropped") {
    ListenerConfig config;
    config.limits.write_time = seconds{1};
    Bytes one_byte(1);
    const auto large = std::make_shared<const Bytes>(Bytes(64u << 20, 'a'));
    const auto listener = listen(config, [&](const Request&, const Respond& respond) {
      Response response;
      response.shared_body = large;
      respond(response);
    });
    const auto deaf = raw(*listener);
    say(*deaf, plain_get);
    REQUIRE(deaf->read(one_byte, soon()).has_value());
    // stop() returns early only if the connection is gone by itself.
    const auto start = steady_clock::now();
    listener->stop(seconds{9});
    CHECK(steady_clock::now() - start < seconds{6});
  }

  TEST_CASE("one address and all together hold no more connections than allowed") {
    for (const bool per_address : {true, false}) {
      CAPTURE(per_address);
      ListenerConfig config;
      (per_address ? config.limits.connections_per_address : config.limits.connections) = 3;
      const auto listener = listen(config);
      std::vector<std::unique_ptr<Channel>> kept;
      for (int i = 0; i < 3; ++i) {
        kept.push_back(raw(*listener));
        say(*kept.back(), plain_get);
        CHECK(hear(*kept.back(), 1).starts_with("HTTP/1.1 200"));
      }
      const auto extra = raw(*listener);
      CHECK(hear(*extra).empty());
      say(*kept.front(), plain_get);
      CHECK(hear(*kept.front(), 1).starts_with("HTTP/1.1 200"));
    }
  }

  TEST_CASE("all bodies together, and those of one address, take no more memory than allowed") {
    const std::size_t size = free_body + 100'000;
    const auto post = [](std::size_t length, std::size_t sent) {
      return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) +
             "\r\n\r\n" + std::string(sent, 'a');
    };
    for (const bool per_address : {true, false}) {
      CAPTURE(per_address);
      ListenerConfig config;
      config.limits.connections_per_address = 1000;
      (per_address ? config.limits.bodies_per_address : config.limits.bodies) = 350'000;
      Waiting waiting;
      const auto listener = listen(config, [&](Request request, const Respond& respond) {
        if (request.body.size() <= free_body) return echo(std::move(request), respond);
        waiting.keep(std::move(request), respond);
      });
      // A length that is stated and a body that stays away reserve nothing.
      std::vector<std::unique_ptr<Channel>> silent;
      for (int i = 0; i < 200; ++i) {
        silent.push_back(raw(*listener));
        say(*silent.back(), post(9'000'000, 1));
      }
      std::vector<std::unique_ptr<Channel>> held;
      for (std::size_t i = 0; i < 3; ++i) {
        held.push_back(raw(*listener));
        say(*held.back(), post(size, size));
        REQUIRE(waiting.wait_for(i + 1));
      }
      for (int i = 0; i < 20; ++i) {
        const auto extra = raw(*listener);
        say(*extra, post(size, size));
        const auto heard = hear(*extra);
        CHECK(heard.starts_with("HTTP/1.1 503 "));
        CHECK(heard.find("Retry-After: 1\r\n") != std::string::npos);
      }
      const auto small = raw(*listener);
      say(*small, post(free_body, free_body));
      CHECK(hear(*small, free_body).starts_with("HTTP/1.1 200"));

      waiting.answer();
      for (const auto& channel : held) CHECK(hear(*channel, 12).starts_with("HTTP/1.1 200"));
      const auto next = raw(*listener);
      say(*next, post(size, size));
      REQUIRE(waiting.wait_for(1));
      waiting.answer();
      CHECK(hear(*next, 12).starts_with("HTTP/1.1 200"));
    }
  }

  TEST_CASE("a budget counts what each took, and forgets who gave it back") {
    BodyBudget budget{1000 + free_body, 600};
    {
      BodyShare one{budget, "a"};
      BodyShare two{budget, "a"};
      BodyShare three{budget, "b"};
      CHECK(one.grow_to(free_body));  // free
      CHECK(budget.held() == 0);
      CHECK(one.grow_to(free_body + 400));
      CHECK(one.grow_to(free_body + 300));  // it has more
      CHECK(budget.held() == 400);
      CHECK_FALSE(two.grow_to(free_body + 201));
      CHECK(two.grow_to(free_body + 200));
      CHECK(three.grow_to(free_body + 600));
      CHECK_FALSE(three.grow_to(free_body + 601));
      one.release();
      one.release();
      CHECK(two.grow_to(free_body + 600));
      CHECK(budget.held() == 1200);
    }
    CHECK(budget.held() == 0);
    BodyShare all{budget, "c"};
    CHECK_FALSE(all.grow_to(std::size_t{0} - 1));
    CHECK(budget.held() == 0);
  }

  TEST_CASE("running out of descriptors stops no listener") {
    const auto listener = listen({});
    const auto before = raw(*listener);
    // Answered, so accepted: what is still to be accepted would take a descriptor behind our back.
    say(*before, plain_get);
    CHECK(hear(*before, 1).starts_with("HTTP/1.1 200"));
    rlimit old{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &old) == 0);
    // The lowest free descriptor: as many as are open now, and not one more for accept.
    const int next = ::dup(0);
    REQUIRE(next >= 0);
    ::close(next);
    rlimit tight = old;
    tight.rlim_cur = static_cast<rlim_t>(next) + 1;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
    auto late = Channel::connect("127.0.0.1", listener->port(), nullptr, soon());
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &old) == 0);
    REQUIRE(late.has_value());
    say(**late, plain_get);
    CHECK(hear(**late, 1).starts_with("HTTP/1.1 200"));
    say(*before, plain_get);
    CHECK(hear(*before, 1).starts_with("HTTP/1.1 200"));
  }

  TEST_CASE("an answer may come later, from another thread, and counts once") {
    std::mutex mutex;
    std::condition_variable changed;
    Respond kept;
    const auto listener = listen({}, [&](const Request&, const Respond& respond) {
      const std::lock_guard lock{mutex};
      kept = respond;
      changed.notify_one();
    });
    const auto channel = raw(*listener);
    say(*channel, plain_get);
    {
      std::unique_lock lock{mutex};
      changed.wait(lock, [&] { return static_cast<bool>(kept); });
    }
    Response first;
    first.status = 201;
    std::thread{[&] { kept(first); }}.join();
    kept(Response{});
    CHECK(hear(*channel, 1).starts_with("HTTP/1.1 201 Created"));
    listener->stop(seconds{0});
    kept(Response{});  // much too late, and harmless
  }

  TEST_CASE("a handler that throws or forgets is a 500, not a hanging connection") {
    const auto listener = listen({}, [](const Request& request, const Respond& respond) {
      if (request.target == "/throw") throw std::runtime_error("handler");
      if (request.target == "/split") {
        Response response;
        response.fields.set("A", "b\r\nC: d");
        respond(response);
      }
    });
    const auto transport = client(*listener);
    for (const std::string target : {"/throw", "/forget"}) {
      CAPTURE(target);
      const auto response = transport->exchange(get(target));
      REQUIRE(response.has_value());
      CHECK(response->status == 500);
    }
    CHECK(transport->exchange(get("/split")).has_error());
  }

  TEST_CASE("bodies from memory, shared memory and files arrive whole") {
    const test::Folder folder;
    Bytes content(1'000'003);
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>(i * 7);
    std::ofstream{folder / "body", std::ios::binary}.write(
        reinterpret_cast<const char*>(content.data()),
        static_cast<std::streamsize>(content.size()));
    const auto shared = std::make_shared<const Bytes>(content);
    const auto listener = listen({}, [&](const Request& request, const Respond& respond) {
      Response response;
      if (request.path() == "/memory") response.body = content;
      if (request.path() == "/shared") response.shared_body = shared;
      if (request.path() == "/file") response.file = FileBody{folder / "body", 0, content.size()};
      if (request.path() == "/parts") {
        response.body = Bytes(content.begin(), content.begin() + 5);
        response.parts = {FileBody{folder / "body", 5, 70000},
                          Bytes(content.begin() + 70005, content.begin() + 70010),
                          FileBody{folder / "body", 70010, content.size() - 70010}};
      }
      if (request.path() == "/gone") response.parts = {FileBody{folder / "absent", 0, 10}};
      if (request.path() == "/part") response.file = FileBody{folder / "body", 3, 70000};
      if (request.path() == "/absent") response.file = FileBody{folder / "absent", 0, 1};
      if (request.path() == "/short") response.file = FileBody{folder / "body", 3, content.size()};
      respond(std::move(response));
    });
    const auto transport = client(*listener);
    for (const std::string target : {"/memory", "/shared", "/file", "/parts"}) {
      CAPTURE(target);
      const auto response = transport->exchange(get(target));
      REQUIRE(response.has_value());
      CHECK(response->status == 200);
      CHECK(response->body == content);
    }
    const auto part = transport->exchange(get("/part"));
    REQUIRE(part.has_value());
    CHECK(part->body == Bytes(content.begin() + 3, content.begin() + 70003));
    CHECK(transport->exchange(get("/absent"))->status == 500);
    CHECK(transport->exchange(get("/short"))->status == 500);
    CHECK(transport->exchange(get("/gone")).error() == errc::server_unreachable);
    auto head = get("/file");
    head.method = "HEAD";
    const auto response = transport->exchange(head);
    REQUIRE(response.has_value());
    CHECK(*response->fields.find("Content-Length") == std::to_string(content.size()));
    CHECK(response->body.empty());
  }

  TEST_CASE("stopping lets the request in flight finish and takes no other") {
    std::mutex mutex;
    std::condition_variable changed;
    Respond kept;
    auto listener = listen({}, [&](const Request&, const Respond& respond) {
      const std::lock_guard lock{mutex};
      kept = respond;
      changed.notify_one();
    });
    const auto channel = raw(*listener);
    say(*channel, plain_get);
    const auto idle = raw(*listener);
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return static_cast<bool>(kept); });
    std::thread stopper{[&] { listener->stop(seconds{10}); }};
    CHECK(hear(*idle).empty());  // closed at once: stop has begun
    kept(Response{});
    const auto heard = hear(*channel);
    stopper.join();
    CHECK(heard.starts_with("HTTP/1.1 200"));
    CHECK(heard.find("Connection: close") != std::string::npos);
    const auto port = listener->port();
    CHECK(Channel::connect("127.0.0.1", port, nullptr, soon()).has_error());
  }

  TEST_CASE("stopping waits no longer than its grace") {
    Respond kept;
    auto listener = listen({}, [&](const Request&, const Respond& respond) { kept = respond; });
    const auto channel = raw(*listener);
    say(*channel, plain_get);
    const auto start = steady_clock::now();
    listener->stop(seconds{1});
    CHECK(steady_clock::now() - start < seconds{5});
    CHECK(hear(*channel).empty());
  }

  TEST_CASE("stopping ends, however its moment falls to the timer's") {
    ListenerConfig config;
    config.sweep = std::chrono::milliseconds{0};  // as good as always just expired
    for (int i = 0; i < 200; ++i) listen(config)->stop(seconds{0});
  }

  TEST_CASE("clear text is spoken on loopback only, and a key must fit its certificate") {
    ListenerConfig config;
    config.address = "0.0.0.0";
    CHECK(Listener::start(config, echo).error() == errc::io);
    config.address = "127.0.0.1";
    const test::Folder folder;
    const test::Folder other;
    const test::TestCertificate certificate{folder};
    const test::TestCertificate another{other};
    config.tls = TlsFiles{certificate.certificate, another.key};
    CHECK(Listener::start(config, echo).error() == errc::malformed);
    config.tls = TlsFiles{certificate.certificate, folder / "absent"};
    CHECK(Listener::start(config, echo).error() == errc::malformed);
  }
}

}  // namespace coffret::http
