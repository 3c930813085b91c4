// SPDX-License-Identifier: EUPL-1.2
//
// shared_link.hpp: a protected link with its parcel, made without a vault, and the server that
// keeps it. A test may alter any of it before it is opened.
#ifndef COFFRET_TESTS_SUPPORT_SHARED_LINK_HPP
#define COFFRET_TESTS_SUPPORT_SHARED_LINK_HPP

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sync/protocol/link_messages.hpp"
#include "sync/protocol/manifest.hpp"
#include "sync/protocol/status.hpp"
#include "tests/support/link_server.hpp"
#include "tests/support/vault_machine.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/redeem/redeem.hpp"

namespace coffret::test {

inline constexpr std::int64_t now = 1'800'000'000;
inline const auto link_id = counting_id<LinkId>(40);
inline const auto half = counting_id<ServerHalf>(80);
inline const std::string base = "/v1/links/" + link_id.text();

inline crypto::LinkSecret link_secret() {
  return counting_key<crypto::LinkSecret>(7);
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
                                                                     .expires_at = now + 3600,
                                                                     .reason = reason})));
    server.on("POST " + base + "/open",
              [this](const http::Request& request) -> Result<http::Response> {
                const auto ask = protocol::from_json<protocol::OpenRequest>(request.body);
                if (ask.has_error()) return errc::internal;
                asked = *ask;
                if (ask->passcode_proof != proof)
                  return LinkServer::answer(401, protocol::error_body(errc::wrong_passcode, 4));
                if (delays > 0) {
                  --delays;
                  return LinkServer::answer(
                      202, protocol::to_json(protocol::WaitAnswer{"waiting-token", now + 60, now}));
                }
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
  Result<redeem::Answer> open(const redeem::RedeemOptions& options = {}) {
    serve();
    return redeem::redeem(link(), options, server.environment(machine.clock, machine.random));
  }

  Machine machine;
  LinkServer server;
  TestSigner root{std::uint8_t{1}};
  TestSigner device{std::uint8_t{2}};
  protocol::Manifest manifest;
  std::vector<std::pair<FileId, std::string>> files;
  bool sealed = false;
  bool reason = false;  // an emergency card
  unsigned delays = 0;  // how often it cannot be read yet
  std::optional<Sha256> proof;
  std::int64_t server_time = now;
  protocol::OpenRequest asked;
  std::optional<Sha256> read_proof;
};

inline const std::vector<Document> two{{"lettre.txt", "text/plain", "Cher confrère"},
                                       {"note", "application/pdf", "%PDF-1.4"}};

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_SHARED_LINK_HPP
