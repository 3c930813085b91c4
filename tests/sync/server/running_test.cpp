// SPDX-License-Identifier: EUPL-1.2
//
// A whole server on loopback: listeners, certificate, card, lock, journal.
#include "sync/server/running.hpp"

#include <filesystem>

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

  TEST_CASE("a certificate behind a link, as renewing tools leave it, is followed at each reload") {
    Site site;
    const auto keep = [&](const std::string& name) {
      const auto made = make_certificate("localhost");
      REQUIRE(site.disk.replace(site.folder / (name + ".key"), as_bytes(made->key)).has_value());
      REQUIRE(site.disk.replace(site.folder / name, as_bytes(made->certificate)).has_value());
      return *spki_of(made->certificate);
    };
    const auto link = [&](const std::string& name) {
      for (const std::string end : {"", ".key"}) {
        std::filesystem::remove(site.folder / ("live" + end));
        std::filesystem::create_symlink(site.folder / (name + end), site.folder / ("live" + end));
      }
    };
    const Sha256 first = keep("one");
    const Sha256 second = keep("two");
    link("one");
    auto config = site.config();
    config.tls = http::TlsFiles{site.folder / "live", site.folder / "live.key"};
    const auto running = Running::start(config, site.machine());
    REQUIRE(running.has_value());
    CHECK(Site::get((*running)->url(), {first}, "/v1/card")->status == 200);
    link("two");
    REQUIRE((*running)->reload().has_value());
    CHECK(Site::get((*running)->url(), {second}, "/v1/card")->status == 200);
  }

  TEST_CASE("an interrupted init goes on where it stopped, with the keys that it had made") {
    Site site;
    const std::string data = site.folder / "data";
    const Operator about{"Association d'essai", "FR", "RGPD", "", "", "localhost"};
    CHECK(initialise(data, about, std::nullopt, site.machine()).error() ==
          errc::already_initialised);
    const auto key = *site.disk.read(data + "/identity.key", 100);
    const auto spki = site.spki();
    // In the reverse order of writing, each beginning of the work that a crash can leave.
    for (const char* missing :
         {"/card.jws", "/identity.key", "/tls/certificate.pem", "/tls/key.pem"}) {
      CAPTURE(missing);
      if (data + missing != data + "/card.jws") std::filesystem::remove(data + "/card.jws");
      std::filesystem::remove(data + missing);
      REQUIRE(
          initialise(data, about, std::nullopt, site.machine(), as_bytes("# text")).has_value());
      CHECK(as_text(*site.disk.read(data + "/config.toml", 100)) == "# text");
      if (std::string_view{missing} == "/card.jws") {
        CHECK(*site.disk.read(data + "/identity.key", 100) == key);
        CHECK(site.spki() == spki);
      }
      const auto running = Running::start(site.config(), site.machine());
      REQUIRE(running.has_value());
      CHECK(Site::get((*running)->url(), {site.spki()}, "/v1/card")->status == 200);
    }
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
    Site third;
    auto taken = third.config();
    taken.listen.port =
        parse_endpoint((*behind)->url().substr(std::string{"http://"}.size()))->port;
    CHECK(Running::start(taken, third.machine()).error() == errc::address_in_use);
  }

  TEST_CASE("behind a proxy all connections come from one address, and all may") {
    Site site;
    auto config = site.config();
    config.proxies = {"127.0.0.1"};
    config.connections_per_address = 1;
    const auto running = Running::start(config, site.machine());
    REQUIRE(running.has_value());
    http::ClientConfig client;
    client.url = (*running)->url();
    http::Request request;
    request.method = "GET";
    request.target = "/v1/card";
    // Each keeps its connection.
    const auto one = http::make_client(client);
    const auto other = http::make_client(client);
    CHECK((*one)->exchange(request)->status == 200);
    const auto second = (*other)->exchange(request);
    REQUIRE(second.has_value());
    CHECK(second->status == 200);
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
        {"2001:db8::1", "", 0},
        {"10.0.0.1", "2001:db8::ffff:2", 0},  // of the same /64
        {"2001:db8::3", "", 429},
        {"2001:db8:0:1::3", "", 0},
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
