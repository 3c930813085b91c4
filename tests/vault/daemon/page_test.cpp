// SPDX-License-Identifier: EUPL-1.2
//
// Rows 82 to 91 of the attack catalogue, one case each, as requests; with a real browser in
// tests/browser/page_hostile.test.mjs.
#include "vault/daemon/page.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <future>

#include "tests/support/daemon_rig.hpp"
#include "vault/daemon/page_files.hpp"

namespace coffret::daemon {
namespace {

constexpr std::uint16_t port = 4000;

struct Home {
  test::MemberServer server;
  test::DaemonRig rig{server};
  Page page{rig.service, {.redirect_file = rig.machine.folder / "open.html", .idle = Seconds{900}}};

  Home() {
    REQUIRE(rig.init() == errc::ok);
    page.listens_on(port);
    page.tick();
  }

  http::Response answer(http::Request request) {
    auto heard = std::make_shared<std::promise<http::Response>>();
    page.answer(std::move(request),
                [heard](http::Response response) { heard->set_value(std::move(response)); });
    return heard->get_future().get();
  }
  std::string way_in() {
    REQUIRE(page.open().has_value());
    const auto file = rig.machine.disk.read(rig.machine.folder / "open.html", 4096);
    REQUIRE(file.has_value());
    const std::string text{as_text(*file)};
    const auto at = text.find("#code=") + 6;
    return text.substr(at, 43);
  }
  std::string token() {
    const auto answered = answer(post("/api/v1/session", R"({"code":")" + way_in() + R"("})"));
    REQUIRE(answered.status == 200);
    return std::string{boost::json::parse(as_text(answered.body)).at("token").as_string()};
  }

  static http::Request get(std::string target, std::string host = "127.0.0.1:4000") {
    http::Request request;
    request.method = "GET";
    request.target = std::move(target);
    request.fields.set("Host", std::move(host));
    return request;
  }
  static http::Request post(std::string target, std::string_view body,
                            std::string_view token = {}) {
    auto request = get(std::move(target));
    request.method = "POST";
    request.body = to_bytes(as_bytes(body));
    request.fields.set("Content-Type", "application/json");
    if (!token.empty()) request.fields.set("Authorization", "Bearer " + std::string{token});
    return request;
  }
};

TEST_SUITE("vault/daemon/page") {
  TEST_CASE("82, 83: only the listener's own names are answered") {
    Home home;
    for (const char* host : {"127.0.0.1:4000", "[::1]:4000", "localhost:4000"}) {
      CAPTURE(host);
      CHECK(home.answer(Home::get("/", host)).status == 200);
    }
    const auto refused = home.answer(Home::get("/", "evil.example:4000"));
    for (const char* host : {"127.0.0.1", "127.0.0.1:4001", "localhost.:4000", "0.0.0.0:4000",
                             "2130706433:4000", "rebind.test:4000", "[::]:4000", ""}) {
      CAPTURE(host);
      const auto answer = home.answer(Home::get("/", host));
      CHECK(answer.status == 403);
      CHECK(answer.body == refused.body);
    }
    auto nameless = Home::get("/");
    nameless.fields = {};
    CHECK(home.answer(nameless).status == 403);
  }

  TEST_CASE("84: a form of another site changes nothing, token or not") {
    Home home;
    const auto token = home.token();
    for (const auto& [name, value] : {std::pair{"Content-Type", "text/plain"},
                                      {"Content-Type", "application/x-www-form-urlencoded"},
                                      {"Origin", "http://127.0.0.1:4001"},
                                      {"Origin", "https://evil.example"},
                                      {"Sec-Fetch-Site", "cross-site"},
                                      {"Sec-Fetch-Site", "same-site"}}) {
      CAPTURE(value);
      auto request = Home::post("/api/v1/commands/lock", "{}", token);
      auto& list = request.fields.list;
      std::erase_if(list, [&](const auto& field) { return field.name == name; });
      request.fields.set(name, value);
      CHECK(home.answer(request).status == 403);
    }
    CHECK_FALSE(home.rig.service.session().locked());
    auto ours = Home::post("/api/v1/commands/lock", "{}", token);
    ours.fields.set("Origin", "http://127.0.0.1:4000");
    ours.fields.set("Sec-Fetch-Site", "same-origin");
    CHECK(home.answer(ours).status == 200);
    CHECK(home.rig.service.session().locked());
  }

  TEST_CASE("85: an upgrade to a WebSocket is a file that is not there, or a refusal") {
    Home home;
    auto request = Home::get("/api/v1/events");
    request.fields.set("Upgrade", "websocket");
    request.fields.set("Connection", "Upgrade");
    CHECK(home.answer(request).status == 403);
    request.fields.set("Origin", "http://evil.example");
    CHECK(home.answer(request).status == 403);
  }

  TEST_CASE("86: no origin is allowed, the null one least of all, and no preflight passes") {
    Home home;
    const auto token = home.token();
    auto request = Home::post("/api/v1/commands/list", "{}", token);
    request.fields.set("Origin", "null");
    CHECK(home.answer(request).status == 403);
    auto preflight = Home::get("/api/v1/commands/list");
    preflight.method = "OPTIONS";
    preflight.fields.set("Origin", "http://evil.example");
    CHECK(home.answer(preflight).status == 403);
    for (const auto& answered : {home.answer(Home::get("/")), home.answer(preflight),
                                 home.answer(Home::post("/api/v1/commands/list", "{}", token))})
      CHECK(answered.fields.find("Access-Control-Allow-Origin") == nullptr);
  }

  TEST_CASE("87, 88, 90: no cookie, no name, nothing kept, framed by nobody") {
    Home home;
    const auto token = home.token();
    for (const auto& answered :
         {home.answer(Home::get("/")), home.answer(Home::get("/", "evil.example")),
          home.answer(Home::get("/nothing")),
          home.answer(Home::post("/api/v1/commands/list", "{}", token))}) {
      CHECK(answered.fields.find("Set-Cookie") == nullptr);
      CHECK(answered.fields.find("Server") == nullptr);
      CHECK(*answered.fields.find("Cache-Control") == "no-store");
      CHECK(*answered.fields.find("Cross-Origin-Opener-Policy") == "same-origin");
      CHECK(*answered.fields.find("Cross-Origin-Resource-Policy") == "same-origin");
      const auto& policy = *answered.fields.find("Content-Security-Policy");
      CHECK(policy.starts_with("default-src 'none'"));
      CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
    }
  }

  TEST_CASE("88: another site loads none of the page's parts; only a person comes in by \"/\"") {
    Home home;
    for (const char* path : {"/page.mjs", "/page.css", "/mark.svg", "/document.html"}) {
      CAPTURE(path);
      REQUIRE(home.answer(Home::get(path)).status == 200);
      auto request = Home::get(path);
      request.fields.set("Sec-Fetch-Site", "cross-site");
      request.fields.set("Sec-Fetch-Mode", "navigate");
      request.fields.set("Sec-Fetch-Dest", "document");
      CHECK(home.answer(request).status == 403);
    }
    for (const auto& [mode, dest, status] : {std::tuple{"navigate", "document", 200U},
                                             {"navigate", "iframe", 403U},
                                             {"no-cors", "image", 403U},
                                             {"cors", "empty", 403U}}) {
      CAPTURE(dest);
      auto request = Home::get("/");
      request.fields.set("Sec-Fetch-Site", "cross-site");
      request.fields.set("Sec-Fetch-Mode", mode);
      request.fields.set("Sec-Fetch-Dest", dest);
      CHECK(home.answer(request).status == status);
    }
  }

  TEST_CASE("89: the code works once, and its file goes") {
    Home home;
    const auto code = home.way_in();
    const auto body = R"({"code":")" + code + R"("})";
    CHECK(home.answer(Home::post("/api/v1/session", body)).status == 200);
    CHECK(home.answer(Home::post("/api/v1/session", body)).status == 403);
    CHECK(home.rig.machine.disk.read(home.rig.machine.folder / "open.html", 4096).has_error());
    (void)home.way_in();
    home.rig.machine.clock.time += 31;
    home.page.tick();
    CHECK(home.rig.machine.disk.read(home.rig.machine.folder / "open.html", 4096).has_error());
  }

  TEST_CASE("90: whoever holds no token hears one and the same refusal") {
    Home home;
    const auto refused = home.answer(Home::get("/", "evil.example"));
    for (auto request : {Home::get("/api/v1/session"), Home::get("/api/v1/openapi.json"),
                         Home::get("/api/v1/nothing"), Home::post("/api/v1/commands/list", "{}"),
                         Home::post("/api/v1/commands/list", "{}", "guess"),
                         Home::post("/api/v1/commands/nothing", "{}"),
                         Home::post("/api/v1/session", R"({"code":"guess"})"),
                         Home::post("/api/v1/session", "{")}) {
      CAPTURE(request.target);
      const auto answered = home.answer(request);
      CHECK(answered.status == refused.status);
      CHECK(answered.body == refused.body);
    }
  }

  TEST_CASE(
      "91: a document's frame is sandboxed, reaches nothing, and is framed by this page only") {
    for (const auto& file : page_files()) {
      if (file.path != "/document.html" && file.path != "/pdf.html") continue;
      CAPTURE(file.path);
      for (const char* rule :
           {"sandbox allow-scripts;", "default-src 'none'", "connect-src 'none'",
            "frame-ancestors 'self'", "form-action 'none'", "script-src 'sha256-"})
        CHECK(file.policy.find(rule) != std::string_view::npos);
      CHECK(file.policy.find("allow-same-origin") == std::string_view::npos);
    }
  }

  TEST_CASE("the session says how long it lives; locking ends it, whoever locks") {
    Home home;
    const auto token = home.token();
    const auto state = [&] {
      auto request = Home::get("/api/v1/session");
      request.fields.set("Authorization", "Bearer " + token);
      return home.answer(request);
    };
    home.rig.machine.clock.time += 100;
    const auto told = boost::json::parse(as_text(state().body));
    CHECK(told.at("locked") == false);
    CHECK(told.at("seconds_left") == 800);
    REQUIRE(home.rig.error_of("lock") == errc::ok);
    CHECK(state().status == 403);
    REQUIRE(home.rig.unlock() == errc::ok);
    CHECK(state().status == 403);
  }

  TEST_CASE("the page asks for no secret by itself, and without a listener there is none") {
    Home home;
    const auto page = home.answer(Home::get("/"));
    for (const char* never : {"<input", "<form", "password"})
      CHECK(as_text(page.body).find(never) == std::string_view::npos);
    CHECK(home.answer(Home::get("/../etc/passwd")).status == 404);
    home.page.listens_on(0);
    CHECK(home.page.open().error() == errc::unsupported);
  }
}

}  // namespace
}  // namespace coffret::daemon
