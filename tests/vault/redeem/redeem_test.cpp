// SPDX-License-Identifier: EUPL-1.2
#include "vault/redeem/redeem.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "coffret/json.hpp"
#include "sync/protocol/link_messages.hpp"
#include "sync/protocol/manifest.hpp"
#include "sync/protocol/status.hpp"
#include "tests/support/link_server.hpp"
#include "tests/support/vault_machine.hpp"
#include "vault/crypto/parcel.hpp"

using namespace coffret;
using redeem::RedeemOptions;
using test::counting_id;
using test::LinkServer;
using test::secret_text;
using test::TestSigner;

namespace {

constexpr std::int64_t now = 1'800'000'000;
const auto link_id = counting_id<LinkId>(40);
const auto half = counting_id<ServerHalf>(80);
const std::string base = "/v1/links/" + link_id.text();

crypto::LinkSecret link_secret() {
  return test::counting_key<crypto::LinkSecret>(7);
}

struct Document {
  std::string name;
  std::string type;
  std::string body;
};

// A parcel of a device that the root certified, and the server that keeps it.
struct Shared {
  explicit Shared(const std::vector<Document>& documents) {
    manifest.link = link_id;
    manifest.vault = counting_id<VaultId>(1);
    manifest.issued_at = now;
    manifest.expires_at = now + 3600;
    manifest.owner = "Jeanne Modèle";
    manifest.to = "Dr Alice Martin";
    manifest.purpose = "Consultation";
    manifest.rights = 3;
    manifest.patient_name = "Jeanne Modèle";
    manifest.patient_birth_date = "1954-03-12";
    manifest.root = root.public_key();
    protocol::DeviceCertificate certificate;
    certificate.vault = manifest.vault;
    certificate.device = counting_id<DeviceId>(3);
    certificate.signing_key = device.public_key();
    manifest.chain = {protocol::sign_certificate(certificate, root)};
    for (const auto& document : documents) add(document);
  }

  void add(const Document& document) {
    protocol::ManifestFile file;
    file.name = document.name;
    file.type = document.type;
    file.title = document.name;
    file.size = document.body.size();
    file.sha256 = crypto::sha256(as_bytes(document.body));
    Bytes padded = to_bytes(as_bytes(document.body));
    padded.resize(static_cast<std::size_t>(crypto::padme(padded.size())));
    file.parts = {keep("application/octet-stream", padded)};
    manifest.files.push_back(std::move(file));
  }

  FileId keep(std::string_view type, ByteView content) {
    const auto id = machine.random.make<FileId>();
    const auto jwe = crypto::Sealer::seal(key(), type, content, machine.random);
    files.emplace_back(id, to_text(jwe.view()));
    return id;
  }
  crypto::ContentKey key() const { return crypto::parcel_key(link_secret(), half, link_id, 1); }

  void seal_manifest() { seal_manifest(protocol::sign_manifest(manifest, device)); }
  void seal_manifest(std::string jws) {
    jws.resize(static_cast<std::size_t>(crypto::padme(jws.size())), '\0');
    keep("application/jose", as_bytes(jws));
    std::rotate(files.begin(), files.end() - 1, files.end());
  }

  // What the server answers to a reader. A passcode: what its proof must be.
  void serve() {
    if (files.empty() || !sealed) seal_manifest();
    sealed = true;
    server.on(
        "GET " + base,
        LinkServer::answer(200, protocol::to_json(protocol::LinkInfo{.delivery = Delivery::link,
                                                                     .passcode = proof.has_value(),
                                                                     .expires_at = now + 3600})));
    server.on("POST " + base + "/open", [this](const http::Request& request) {
      const auto ask = protocol::from_json<protocol::OpenRequest>(request.body);
      REQUIRE(ask.has_value());
      asked = *ask;
      if (ask->passcode_proof != proof)
        return LinkServer::answer(401, protocol::error_body(errc::wrong_passcode, 4));
      protocol::OpenAnswer answer;
      answer.server_half = half;
      answer.reader = "reader-token";
      answer.reader_until = now + 900;
      answer.server_time = server_time;
      for (const auto& [id, jwe] : files) answer.files.push_back({id, jwe.size()});
      return LinkServer::answer(200, protocol::to_json(answer));
    });
    server.on("POST " + base + "/read", [this](const http::Request& request) {
      read_proof = protocol::from_json<protocol::ReadProof>(request.body)->proof;
      return LinkServer::answer(204, "");
    });
    for (const auto& [id, jwe] : files)
      server.on("GET " + base + "/files/" + id.text(), LinkServer::answer(200, jwe));
  }

  SecretText link() const {
    crypto::ProtectedLink link{server.url, link_id, link_secret(), {}};
    std::copy_n(server.fingerprint().bytes.begin(), 16, link.server.begin());
    return crypto::format_link(link);
  }
  Result<redeem::Answer> open(const RedeemOptions& options = {}) {
    serve();
    return redeem::redeem(link(), options, server.environment(machine.clock, machine.random));
  }

  test::Machine machine;
  LinkServer server;
  TestSigner root{std::uint8_t{1}};
  TestSigner device{std::uint8_t{2}};
  protocol::Manifest manifest;
  std::vector<std::pair<FileId, std::string>> files;
  bool sealed = false;
  std::optional<Sha256> proof;
  std::int64_t server_time = now;
  protocol::OpenRequest asked;
  std::optional<Sha256> read_proof;
};

const std::vector<Document> two{{"lettre.txt", "text/plain", "Cher confrère"},
                                {"note", "application/pdf", "%PDF-1.4"}};

}  // namespace

TEST_SUITE("vault/redeem protected link") {
  TEST_CASE("a reader gets every file, and the patient hears of it") {
    Shared shared{two};
    RedeemOptions options;
    options.recipient = "Dr Alice Martin, Cabinet Exemple";
    const auto answer = shared.open(options);
    REQUIRE(answer.has_value());
    REQUIRE(answer->redeemed.has_value());
    const auto& got = *answer->redeemed;
    REQUIRE(got.files.size() == 2);
    CHECK(got.files[0].name == "lettre.txt");
    CHECK(as_text(got.files[0].bytes) == "Cher confrère");
    CHECK(got.files[1].name == "note.pdf");
    CHECK(got.files[1].content_type == "application/pdf");
    CHECK(got.patient.name == "Jeanne Modèle");
    CHECK(got.patient.birth_date == "1954-03-12");
    CHECK(got.owner == "Jeanne Modèle");
    CHECK(got.purpose == "Consultation");
    CHECK(got.expires_at == now + 3600);
    CHECK(got.download);
    REQUIRE(got.signature.has_value());
    CHECK(got.signature->root == shared.root.public_key());
    CHECK(got.signature->device == counting_id<DeviceId>(3));
    CHECK(shared.read_proof == crypto::read_proof(shared.key(), link_id));
    const ReceivedParcelFile claim{to_bytes(as_bytes(shared.asked.recipient))};
    const auto opened =
        crypto::open_jwe(crypto::recipient_key(link_secret(), link_id), claim, 4096);
    REQUIRE(opened.has_value());
    CHECK(as_text(opened->content) == options.recipient);
    CHECK_FALSE(shared.asked.passcode_proof.has_value());
  }

  TEST_CASE("nothing is asked of a server that is not the link's own") {
    Shared shared{two};
    shared.serve();
    const auto environment = shared.server.environment(shared.machine.clock, shared.machine.random);
    crypto::ProtectedLink other{shared.server.url, link_id, link_secret(), {}};
    other.server[15] = 1;
    const auto answer = redeem::redeem(crypto::format_link(other), {}, environment);
    CHECK(answer.error() == errc::unpinned);

    RedeemOptions pinned;
    pinned.pin = shared.server.fingerprint();
    pinned.pin->bytes[31] ^= 1;  // the half that the link does not hold
    CHECK(shared.open(pinned).error() == errc::unpinned);
    CHECK(shared.server.log.empty());
    pinned.pin = shared.server.fingerprint();
    CHECK(shared.open(pinned).has_value());
  }

  TEST_CASE("a passcode is asked for once, before the opening, and never sent") {
    Shared shared{two};
    shared.proof = crypto::passcode_proof(link_secret(), link_id, secret_text("123456"));
    CHECK(shared.open().error() == errc::wrong_passcode);
    CHECK_FALSE(shared.server.was_asked("POST " + base + "/open"));

    RedeemOptions options;
    int questions = 0;
    options.ask_passcode = [&]() -> Result<SecretText> {
      ++questions;
      return secret_text("123456");
    };
    CHECK(shared.open(options)->redeemed.has_value());
    CHECK(questions == 1);
    for (const auto& request : shared.server.requests)
      CHECK(as_text(request.body).find("123456") == std::string_view::npos);
  }

  TEST_CASE("a wrong passcode tells how many tries are left") {
    Shared shared{two};
    shared.proof = crypto::passcode_proof(link_secret(), link_id, secret_text("123456"));
    RedeemOptions options;
    options.passcode = secret_text("654321");
    const auto answer = shared.open(options);
    REQUIRE(answer.has_value());
    CHECK_FALSE(answer->redeemed.has_value());
    CHECK(answer->remaining_attempts == 4);
  }

  TEST_CASE("a link that ended opens nothing") {
    Shared shared{two};
    shared.serve();
    shared.server.forget("GET " + base);
    const auto environment = shared.server.environment(shared.machine.clock, shared.machine.random);
    CHECK(redeem::redeem(shared.link(), {}, environment).error() == errc::link_not_active);

    // A server that goes on answering after the end that the patient signed.
    Shared late{two};
    late.server_time = now + 3600;
    CHECK(late.open().error() == errc::link_not_active);
    CHECK_FALSE(late.read_proof.has_value());
  }

  TEST_CASE("an altered character of any file is refused") {
    for (const std::size_t which : {0U, 1U, 2U}) {
      Shared shared{two};
      shared.serve();
      auto& jwe = shared.files[which].second;
      std::size_t accepted = 0;
      for (std::size_t at = 0; at < jwe.size(); at += which == 0 ? 37 : 1) {
        const char kept = jwe[at];
        jwe[at] = kept == 'A' ? 'B' : 'A';
        if (shared.open().has_value()) ++accepted;
        jwe[at] = kept;
      }
      CHECK(accepted == 0);
      CHECK(shared.open().has_value());
    }
  }

  TEST_CASE("files that were swapped, dropped or lengthened are refused") {
    Shared swapped{two};
    swapped.serve();
    std::swap(swapped.files[1].second, swapped.files[2].second);
    CHECK(swapped.open().error() == errc::damaged);

    Shared dropped{two};
    dropped.serve();
    dropped.files.pop_back();
    CHECK(dropped.open().error() == errc::damaged);

    Shared longer{two};
    longer.serve();
    const auto id = longer.files[1].first.text();
    longer.server.on("POST " + base + "/read", [&](const http::Request&) {
      longer.server.on("GET " + base + "/files/" + id,
                       LinkServer::answer(200, longer.files[1].second + "A"));
      return LinkServer::answer(204, "");
    });
    const auto environment = longer.server.environment(longer.machine.clock, longer.machine.random);
    CHECK(redeem::redeem(longer.link(), {}, environment).error() == errc::malformed);
  }

  TEST_CASE("a manifest that does not hold together is refused, though its seal does") {
    struct Case {
      const char* what;
      std::function<void(Shared&)> change;
      errc error;
    };
    const TestSigner stranger{std::uint8_t{9}};
    const std::vector<Case> cases{
        {"another signer",
         [&](Shared& s) { s.seal_manifest(protocol::sign_manifest(s.manifest, stranger)); },
         errc::unauthenticated},
        {"another link",
         [](Shared& s) {
           s.manifest.link = counting_id<LinkId>(41);
           s.seal_manifest();
         },
         errc::unauthenticated},
        {"another version",
         [](Shared& s) {
           s.manifest.version = 2;
           s.seal_manifest();
         },
         errc::unauthenticated},
        {"another root",
         [&](Shared& s) {
           s.manifest.root = stranger.public_key();
           s.seal_manifest();
         },
         errc::unauthenticated},
        {"a shorter file",
         [](Shared& s) {
           --s.manifest.files[0].size;
           s.seal_manifest();
         },
         errc::damaged},
        {"a longer file",
         [](Shared& s) {
           s.manifest.files[0].size += 100;
           s.seal_manifest();
         },
         errc::damaged},
        {"another hash",
         [](Shared& s) {
           s.manifest.files[0].sha256.bytes[0] ^= 1;
           s.seal_manifest();
         },
         errc::damaged},
        {"a part that is not there",
         [](Shared& s) {
           s.manifest.files[0].parts = {counting_id<FileId>(1)};
           s.seal_manifest();
         },
         errc::damaged},
        {"the manifest as a part",
         [](Shared& s) {
           s.manifest.files[0].parts = {s.keep("application/jose", as_bytes("Cher confrère"))};
           s.seal_manifest();
         },
         errc::damaged},
        {"something behind its zeros",
         [](Shared& s) {
           s.seal_manifest(protocol::sign_manifest(s.manifest, s.device) + std::string(1, '\0') +
                           "x");
         },
         errc::damaged},
        {"no signature at all", [](Shared& s) { s.seal_manifest(manifest_json(s.manifest)); },
         errc::malformed},
    };
    for (const auto& one : cases) {
      CAPTURE(one.what);
      Shared shared{two};
      one.change(shared);
      shared.sealed = true;
      const auto answer = shared.open();
      REQUIRE(answer.has_error());
      CHECK(to_errc(answer.error()) == one.error);
    }
  }

  TEST_CASE("a connection that breaks after the opening does not cost it") {
    Shared shared{two};
    shared.serve();
    const std::string path = "GET " + base + "/files/" + shared.files[1].first.text();
    int tries = 0;
    errc first = errc::server_unreachable;
    shared.server.on(path, [&](const http::Request&) -> Result<http::Response> {
      if (++tries == 1) return first;
      return LinkServer::answer(200, shared.files[1].second);
    });
    const auto environment = shared.server.environment(shared.machine.clock, shared.machine.random);
    CHECK(redeem::redeem(shared.link(), {}, environment).has_value());
    CHECK(tries == 2);

    // An answer, even a bad one, is an answer; only silence is asked again.
    tries = 0;
    first = errc::malformed;
    CHECK(redeem::redeem(shared.link(), {}, environment).error() == errc::malformed);
    CHECK(tries == 1);
  }

  TEST_CASE("what is no link is malformed, another form unsupported") {
    Shared shared{two};
    const auto environment = shared.server.environment(shared.machine.clock, shared.machine.random);
    struct Case {
      std::string text;
      errc error;
    };
    const std::vector<Case> cases{{"", errc::malformed},
                                  {"bonjour", errc::malformed},
                                  {"https://coffret.example/v#c1.AAAA", errc::malformed},
                                  {"https://coffret.example/v#c2.AAAA", errc::unsupported},
                                  {"shlink:/e30", errc::malformed}};
    for (const auto& one : cases) {
      CAPTURE(one.text);
      CHECK(redeem::redeem(secret_text(one.text), {}, environment).error() == one.error);
    }
  }

  TEST_CASE("a parcel that another program made from the written formats opens") {
    std::ifstream file{std::string{COFFRET_SOURCE_DIR} +
                       "/tests/vault/redeem/independent_parcel.json"};
    std::stringstream text;
    text << file.rdbuf();
    const auto json = *parse_json(text.str());
    const auto bytes = [&](const char* name) {
      return *from_base64url(std::string{json.at(name).as_string()});
    };
    test::Machine machine;
    LinkServer server;
    const auto id = *LinkId::from(bytes("id"));
    const auto secret_bytes = bytes("secret");
    const auto path = "/v1/links/" + id.text();
    protocol::OpenAnswer open;
    open.server_half = *ServerHalf::from(bytes("half"));
    open.version = 3;
    open.reader = "reader-token";
    open.server_time = now;
    for (const auto& one : json.at("files").as_array()) {
      const std::string name{one.at("id").as_string()};
      const std::string jwe{one.at("jwe").as_string()};
      open.files.push_back({*FileId::parse(name), jwe.size()});
      server.on("GET " + path + "/files/" + name, LinkServer::answer(200, jwe));
    }
    server.on(
        "GET " + path,
        LinkServer::answer(
            200, protocol::to_json(protocol::LinkInfo{
                     .delivery = Delivery::link, .passcode = true, .expires_at = 1'900'000'000})));
    server.on("POST " + path + "/open", [&](const http::Request& request) {
      const auto ask = protocol::from_json<protocol::OpenRequest>(request.body);
      CHECK(ask->passcode_proof->bytes == Sha256::from(bytes("passcode_proof"))->bytes);
      return LinkServer::answer(200, protocol::to_json(open));
    });
    server.on("POST " + path + "/read", [&](const http::Request& request) {
      CHECK(protocol::from_json<protocol::ReadProof>(request.body)->proof ==
            *Sha256::from(bytes("read_proof")));
      return LinkServer::answer(204, "");
    });
    crypto::ProtectedLink link{server.url,
                               id,
                               crypto::LinkSecret::make([&](auto out) {
                                 std::copy(secret_bytes.begin(), secret_bytes.end(), out.begin());
                               }),
                               {}};
    std::copy_n(server.fingerprint().bytes.begin(), 16, link.server.begin());
    RedeemOptions options;
    options.passcode = secret_text(std::string{json.at("passcode").as_string()});
    const auto answer = redeem::redeem(crypto::format_link(link), options,
                                       server.environment(machine.clock, machine.random));
    REQUIRE(answer.has_value());
    REQUIRE(answer->redeemed.has_value());
    CHECK(server.was_asked("POST " + path + "/read"));
    const auto& documents = json.at("documents").as_array();
    REQUIRE(answer->redeemed->files.size() == documents.size());
    for (std::size_t i = 0; i < documents.size(); ++i)
      CHECK(to_base64url(crypto::sha256(answer->redeemed->files[i].bytes).bytes) ==
            documents[i].at("sha256").as_string());
  }
}

TEST_SUITE("vault/redeem save") {
  TEST_CASE("files are written beside what is there, which is left alone") {
    test::Machine machine;
    const auto directory = machine.folder / "received";
    REQUIRE(machine.disk.make_directory(directory).has_value());
    REQUIRE(machine.disk.replace(directory + "/Lettre.txt", as_bytes("mine")).has_value());
    redeem::Redeemed redeemed;
    redeemed.files.push_back({"lettre.txt", "text/plain", "", to_bytes(as_bytes("one"))});
    redeemed.files.push_back({"note.txt", "text/plain", "", to_bytes(as_bytes("two"))});
    const auto names = redeem::save(redeemed, directory, machine.disk);
    REQUIRE(names.has_value());
    CHECK(*names == std::vector<std::string>{"lettre (2).txt", "note.txt"});
    CHECK(as_text(*machine.disk.read(directory + "/Lettre.txt", 100)) == "mine");
    CHECK(as_text(*machine.disk.read(directory + "/lettre (2).txt", 100)) == "one");
    const auto mode = std::filesystem::status(directory + "/note.txt").permissions();
    CHECK(mode == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  }

  TEST_CASE("a full disk is told") {
    test::Machine machine;
    redeem::Redeemed redeemed;
    redeemed.files.push_back({"a.txt", "text/plain", "", to_bytes(as_bytes("one"))});
    machine.disk.writes_left = 1;
    CHECK(redeem::save(redeemed, machine.folder / "received", machine.disk).error() ==
          errc::disk_full);
  }
}
