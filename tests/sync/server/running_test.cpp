// SPDX-License-Identifier: EUPL-1.2
//
// A whole server on loopback: listeners, certificate, card, lock, journal.
#include "sync/server/running.hpp"

#include "sync/http/client.hpp"
#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

struct Site {
  Site() {
    const Operator about{"Association d'essai", "FR", "RGPD", "", "", "localhost"};
    REQUIRE(initialise(folder / "data", about, std::nullopt, machine()).has_value());
  }
  Machine machine() { return {disk, clock, random}; }
  RunningConfig config() {
    RunningConfig c;
    c.directory = folder / "data";
    c.listen.port = 0;
    c.journal = [this](std::string_view line) { journal += line; };
    c.limits.threads = 4;
    return c;
  }
  Sha256 spki() {
    const auto pem = disk.read(own_tls_files(folder / "data").certificate, 100'000);
    return *spki_of(as_text(*pem));
  }
  static Result<http::Response> get(const std::string& url, std::vector<Sha256> pins,
                                    std::string target) {
    http::ClientConfig client;
    client.url = url;
    client.spki = std::move(pins);
    COFFRET_TRY(const auto transport, http::make_client(client));
    http::Request request;
    request.method = "GET";
    request.target = std::move(target);
    return transport->exchange(request);
  }

  test::Folder folder;
  SystemClock clock;
  SystemRandom random;
  SystemDisk disk;
  std::string journal;
};

TEST_SUITE("sync/server/running") {
  TEST_CASE("the card names the association, its country and the key of the connection") {
    Site site;
    const auto running = Running::start(site.config(), site.machine());
    REQUIRE(running.has_value());
    const auto card = Site::get((*running)->url(), {site.spki()}, "/v1/card");
    REQUIRE(card.has_value());
    const auto identity = Identity::load(site.folder / "data/identity.key", site.disk);
    const auto verified = protocol::verify_card(as_text(card->body), (*identity)->fingerprint());
    REQUIRE(verified.has_value());
    CHECK(verified->card.country == "FR");
    CHECK(verified->card.spki == std::vector<Sha256>{site.spki()});
    CHECK((*running)->fingerprint() == to_base64url((*identity)->fingerprint().bytes));
  }

  TEST_CASE("a new certificate comes with a newer card that names it") {
    Site site;
    const auto running = Running::start(site.config(), site.machine());
    REQUIRE(running.has_value());
    const auto files = own_tls_files(site.folder / "data");
    const auto fresh = make_certificate("localhost");
    REQUIRE(site.disk.replace(files.key, as_bytes(fresh->key)).has_value());
    REQUIRE(site.disk.replace(files.certificate, as_bytes(fresh->certificate)).has_value());
    REQUIRE((*running)->reload().has_value());
    const auto card = Site::get((*running)->url(), {site.spki()}, "/v1/card");
    REQUIRE(card.has_value());
    const auto identity = Identity::load(site.folder / "data/identity.key", site.disk);
    const auto verified = protocol::verify_card(as_text(card->body), (*identity)->fingerprint());
    REQUIRE(verified.has_value());
    CHECK(verified->card.serial == 2);
    CHECK(verified->card.spki == std::vector<Sha256>{site.spki()});
  }

  TEST_CASE("health, readiness and figures are on the other listener only, and name nobody") {
    Site site;
    const auto running = Running::start(site.config(), site.machine());
    REQUIRE(running.has_value());
    const auto admin = (*running)->admin_url();
    for (const auto* path : {"/healthz", "/readyz", "/metrics"}) {
      CAPTURE(path);
      CHECK(Site::get(admin, {}, path)->status == 200);
      CHECK(Site::get((*running)->url(), {site.spki()}, path)->status == 404);
    }
    const std::string link = "/v1/links/" + LinkId{}.text();
    CHECK(Site::get((*running)->url(), {site.spki()}, link)->status == 404);
    const auto figures = to_text(Site::get(admin, {}, "/metrics")->body);
    CHECK(figures.find("coffret_requests_total{route=\"link_info\",status=\"404\"} 1") !=
          std::string::npos);
    (*running)->stop(std::chrono::seconds{1});
    CHECK(site.journal.find("\"route\":\"link_info\"") != std::string::npos);
    CHECK(site.journal.find(LinkId{}.text()) == std::string::npos);
    CHECK(site.journal.find("127.0.0.1") == std::string::npos);
  }

  TEST_CASE("one data directory, one server; and no clear text but behind a named proxy") {
    Site site;
    const auto running = Running::start(site.config(), site.machine());
    REQUIRE(running.has_value());
    CHECK(Running::start(site.config(), site.machine()).error() == errc::in_use);
    (*running)->stop(std::chrono::seconds{0});

    Site other;
    auto open = other.config();
    open.admin.address = "0.0.0.0";
    CHECK(Running::start(open, other.machine()).error() == errc::unsafe_location);
    auto clear = other.config();
    clear.proxies = {"127.0.0.1"};
    clear.listen.address = "0.0.0.0";
    CHECK(Running::start(clear, other.machine()).error() == errc::unsafe_location);
    clear.listen.address = "127.0.0.1";
    const auto behind = Running::start(clear, other.machine());
    REQUIRE(behind.has_value());
    CHECK(Site::get((*behind)->url(), {}, "/v1/card")->status == 200);
  }

  TEST_CASE("an address that asks too much at once is told to wait, whatever its proxy writes") {
    test::ServerRig rig;
    Figures figures;
    Journal journal{rig.clock, [](std::string_view) {}};
    // No threads: what is admitted stays in flight.
    Front front{*rig.service, figures, journal, {0, 100, 2}, {"10.0.0.1"}};
    const auto ask = [&](const std::string& peer, const std::string& forwarded) {
      http::Request request;
      request.method = "GET";
      request.target = "/v1/card";
      request.peer = peer;
      if (!forwarded.empty()) request.fields.set("X-Forwarded-For", forwarded);
      unsigned status = 0;
      front.handle(std::move(request), [&](const http::Response& r) { status = r.status; });
      return status;
    };
    struct {
      const char* peer;
      const char* forwarded;
      unsigned status;  // 0: admitted
    } const cases[] = {
        {"192.0.2.1", "", 0},
        {"192.0.2.1", "198.51.100.7", 0},  // not our proxy: its own address counts
        {"192.0.2.1", "", 429},
        {"10.0.0.1", "192.0.2.1", 429},  // the same caller through the proxy
        {"10.0.0.1", "192.0.2.9", 0},
        {"10.0.0.1", "192.0.2.1, 192.0.2.9", 0},  // what the caller wrote is not believed
        {"10.0.0.1", "192.0.2.9,10.0.0.1", 429},
    };
    for (const auto& c : cases) {
      CAPTURE(c.peer);
      CAPTURE(c.forwarded);
      CHECK(ask(c.peer, c.forwarded) == c.status);
    }
  }
}

}  // namespace
}  // namespace coffret::server
