// SPDX-License-Identifier: EUPL-1.2
//
// server_rig.hpp: a server's service over real storage in a folder, with a clock the test moves,
// and members who sign their requests. No sockets.
#ifndef COFFRET_TESTS_SUPPORT_SERVER_RIG_HPP
#define COFFRET_TESTS_SUPPORT_SERVER_RIG_HPP

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <utility>

#include "sync/protocol/card.hpp"
#include "sync/protocol/http_signature.hpp"
#include "sync/protocol/link_messages.hpp"
#include "sync/protocol/messages.hpp"
#include "sync/protocol/paths.hpp"
#include "sync/protocol/signature.hpp"
#include "sync/protocol/status.hpp"
#include "sync/server/data_directory.hpp"
#include "sync/server/service.hpp"
#include "tests/support/folder.hpp"
#include "tests/support/test_signer.hpp"
#include "tools/system/system.hpp"

namespace coffret::test {

class MovedClock final : public Clock {
 public:
  Timestamp now() const override { return from_unix(now_.fetch_add(step_)); }
  void set(std::int64_t now) { now_ = now; }
  void pass(std::int64_t seconds) { now_ += seconds; }
  void pass_at_each_look(std::int64_t seconds) { step_ = seconds; }

 private:
  mutable std::atomic<std::int64_t> now_ = 1'764'000'000;
  std::atomic<std::int64_t> step_ = 0;
};

inline Bytes bytes_of(std::string_view text) {
  return to_bytes(as_bytes(text));
}

// A vault's root and its first device.
struct Member {
  explicit Member(std::uint8_t number)
      : root(number), device(static_cast<std::uint8_t>(number + 100)) {
    vault.bytes.fill(number);
    device_id.bytes.fill(static_cast<std::uint8_t>(number + 50));
    certificate.vault = vault;
    certificate.device = device_id;
    certificate.signing_key = device.public_key();
  }
  TestSigner root;
  TestSigner device;
  VaultId vault;
  DeviceId device_id;
  protocol::DeviceCertificate certificate;
  protocol::Head head;
};

class ServerRig {
 public:
  // On another disk than the machine's, if one is given.
  explicit ServerRig(std::unique_ptr<Disk> other = std::make_unique<SystemDisk>())
      : own_disk_(std::move(other)) {
    const server::Operator about{"Test", "FR", "", "", "", "localhost"};
    REQUIRE(server::initialise(folder / "data", about, http::TlsFiles{tls(), ""}, machine())
                .has_value());
    open();
  }

  // As after a crash: everything in memory is forgotten, the files are opened again.
  void open() {
    service.reset();
    storage = {};
    auto opened = server::open_storage(folder / "data", machine());
    REQUIRE(opened.has_value());
    storage = std::move(*opened);
    const server::Ports ports{*storage.records, *storage.halves,  *storage.objects, clock,
                              random,           *storage.identity};
    service = std::make_unique<server::Service>(
        ports, server::ServiceConfig{"https://vault.example", "card", {}, {}});
  }

  http::Response send(http::Request request) { return service->answer(request).response; }

  http::Response ask(std::string_view method, const std::string& target, std::string_view body = {},
                     std::string bearer = {}) {
    http::Request request;
    request.method = std::string{method};
    request.target = target;
    request.body = bytes_of(body);
    if (!bearer.empty()) request.fields.set("Authorization", "Bearer " + bearer);
    return send(std::move(request));
  }

  http::Request sign(const Signer& signer, std::string_view method, const std::string& target,
                     Bytes body = {}) {
    http::Request request;
    request.method = std::string{method};
    request.target = target;
    request.body = std::move(body);
    const auto fields = protocol::sign_request(
        {request.method, request.target, request.body, storage.identity->fingerprint()},
        clock.now(), random.make<protocol::Nonce>(), signer);
    request.fields.set("Content-Digest", fields.content_digest);
    request.fields.set("Coffret-Server", fields.server);
    request.fields.set("Signature-Input", fields.signature_input);
    request.fields.set("Signature", fields.signature);
    return request;
  }

  http::Response signed_ask(const Signer& signer, std::string_view method,
                            const std::string& target, Bytes body = {}) {
    return send(sign(signer, method, target, std::move(body)));
  }

  protocol::InviteToken invite(std::uint64_t quota = 1 << 20) {
    const auto token = random.make<protocol::InviteToken>();
    server::Invite kept;
    kept.token_hash = protocol::sha256(token.bytes);
    kept.quota = {quota, 100, 100};
    kept.expires_at = to_unix(clock.now()) + 86400;
    REQUIRE(storage.records->add_invite(kept, clock.now()).has_value());
    return token;
  }

  http::Response join(const Member& m, const protocol::InviteToken& token) {
    const protocol::AccountRequest asked{token, m.root.public_key(),
                                         protocol::sign_certificate(m.certificate, m.root)};
    return signed_ask(m.device, "POST", "/v1/accounts", bytes_of(protocol::to_json(asked)));
  }

  std::string target(const Member& m, std::string_view rest) const {
    return "/v1/vaults/" + m.vault.text() + std::string{rest};
  }

  http::Response upload(const Member& m, const std::string& path, std::uint64_t offset,
                        std::uint64_t total, ByteView part) {
    auto request = sign(m.device, "PATCH", path, to_bytes(part));
    request.fields.set("Upload-Offset", std::to_string(offset));
    request.fields.set("Upload-Length", std::to_string(total));
    return send(std::move(request));
  }

  ObjectId put_object(const Member& m, ByteView bytes) {
    const ObjectId id = protocol::object_id(bytes);
    REQUIRE(upload(m, target(m, "/objects/" + id.text()), 0, bytes.size(), bytes).status == 204);
    return id;
  }

  protocol::SignedEntry entry(const Member& m, const protocol::Head& after,
                              std::vector<ObjectId> puts, std::vector<ObjectId> drops) {
    protocol::Entry e;
    e.vault = m.vault;
    e.seq = after.seq + 1;
    e.previous = after.hash;
    e.device = m.device_id;
    e.puts = std::move(puts);
    e.drops = std::move(drops);
    return protocol::sign_entry(e, Bytes(1024, 7), m.device);
  }

  http::Response append(Member& m, std::vector<ObjectId> puts, std::vector<ObjectId> drops = {}) {
    const protocol::Append asked{m.head.hash,
                                 {entry(m, m.head, std::move(puts), std::move(drops))}};
    auto response = signed_ask(m.device, "POST", target(m, "/log"), wire::encode(asked));
    if (response.status == 200)
      m.head = {m.head.seq + 1, protocol::entry_hash(asked.entries[0].body)};
    return response;
  }

  // A link's policy with one uploaded file.
  protocol::Policy policy(const Member& m, std::uint8_t number, std::uint32_t openings) {
    protocol::Policy p;
    p.vault = m.vault;
    p.link.bytes.fill(number);
    p.device = m.device_id;
    p.not_before = to_unix(clock.now());
    p.expires_at = p.not_before + 3600;
    p.openings = openings;
    p.rights = 1;
    p.proof_hash = protocol::sha256(Sha256{}.bytes);
    p.files = {put_file(m, p.link, "a sealed file")};
    return p;
  }

  protocol::PolicyFile put_file(const Member& m, const LinkId& link, std::string_view jwe) {
    protocol::PolicyFile file;
    file.id = random.make<FileId>();
    file.size = jwe.size();
    file.sha256 = protocol::sha256(as_bytes(jwe));
    const auto path = target(m, "/parcels/" + link.text() + "/" + file.id.text());
    REQUIRE(upload(m, path, 0, jwe.size(), as_bytes(jwe)).status == 204);
    return file;
  }

  http::Response publish(const Member& m, const protocol::Policy& p, std::uint8_t half = 9) {
    protocol::Publication publication{protocol::sign_policy(p, m.device), {}};
    if (p.delivery == Delivery::link) publication.server_half.bytes.fill(half);
    return signed_ask(m.device, "PUT", target(m, "/grants/" + p.link.text()),
                      wire::encode(publication));
  }

  http::Response open_link(const LinkId& link, std::optional<Sha256> proof = {},
                           std::string reader = {}) {
    return ask("POST", "/v1/links/" + link.text() + "/open",
               protocol::to_json(protocol::OpenRequest{"", proof, std::move(reader)}));
  }

  http::Response revoke(const Member& m, const LinkId& link) {
    return signed_ask(m.device, "POST", target(m, "/grants/" + link.text() + "/revoke"));
  }

  server::Machine machine() { return {disk, clock, random}; }

  Folder folder;
  MovedClock clock;
  SystemRandom random;

 private:
  std::unique_ptr<Disk> own_disk_;

 public:
  Disk& disk = *own_disk_;
  server::Storage storage;
  std::unique_ptr<server::Service> service;

 private:
  std::string tls() {
    const auto made = server::make_certificate("localhost");
    REQUIRE(made.has_value());
    REQUIRE(disk.make_directory(folder.path()).has_value());
    REQUIRE(disk.replace(folder / "certificate.pem", as_bytes(made->certificate)).has_value());
    return folder / "certificate.pem";
  }
};

inline std::string code_of(const http::Response& response) {
  return std::string{row(protocol::error_of(response.status, response.body)).code};
}

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_SERVER_RIG_HPP
