// SPDX-License-Identifier: EUPL-1.2
//
// Who may do what: accounts, devices, signatures, and what strangers are told.
#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

using protocol::Endpoint;
using test::code_of;
using test::Member;
using test::ServerRig;

constexpr Endpoint all_signed[] = {
    Endpoint::vault_status,  Endpoint::enrol_device,  Endpoint::remove_device,
    Endpoint::read_log,      Endpoint::append_log,    Endpoint::missing_objects,
    Endpoint::wait_log,      Endpoint::pack_objects,  Endpoint::fetch_objects,
    Endpoint::object_status, Endpoint::upload_object, Endpoint::fetch_object,
    Endpoint::parcel_status, Endpoint::upload_parcel, Endpoint::publish_grant,
    Endpoint::grant_status,  Endpoint::revoke_grant,  Endpoint::access_log,
};

std::string target_of(Endpoint endpoint, const VaultId& vault) {
  protocol::Target target;
  target.endpoint = endpoint;
  target.vault = vault;
  target.limit = 1;
  target.seconds = 1;
  return protocol::format_target(target);
}

struct TwoTenants : ServerRig {
  TwoTenants() : alice(1), bruno(2) {
    REQUIRE(join(alice, invite()).status == 201);
    REQUIRE(join(bruno, invite()).status == 201);
  }
  http::Response by(const Signer& signer, Endpoint endpoint, const VaultId& vault) {
    return signed_ask(signer, protocol::method_of(endpoint), target_of(endpoint, vault));
  }
  Member alice;
  Member bruno;
};

TEST_SUITE("sync/server/authority") {
  TEST_CASE("another member's vault and no vault at all are the same answer, everywhere") {
    TwoTenants rig;
    VaultId nobody;
    nobody.bytes.fill(77);
    const test::TestSigner stranger{200};
    for (const auto endpoint : all_signed) {
      CAPTURE(static_cast<int>(endpoint));
      const auto other = rig.by(rig.bruno.device, endpoint, rig.alice.vault);
      CHECK(other.status == 404);
      CHECK(code_of(other) == "not_found");
      CHECK(rig.by(rig.bruno.device, endpoint, nobody).body == other.body);
      CHECK(rig.by(stranger, endpoint, rig.alice.vault).body == other.body);
      CHECK(rig.by(rig.bruno.root, endpoint, rig.alice.vault).body == other.body);
    }
  }

  TEST_CASE("an unsigned or wrongly signed request is refused on every signed endpoint") {
    TwoTenants rig;
    for (const auto endpoint : all_signed) {
      CAPTURE(static_cast<int>(endpoint));
      const auto target = target_of(endpoint, rig.alice.vault);
      CHECK(rig.ask(protocol::method_of(endpoint), target).status == 401);
      auto altered = rig.sign(rig.alice.device, protocol::method_of(endpoint), target);
      altered.body.push_back(1);
      CHECK(rig.send(std::move(altered)).status == 401);
    }
  }

  TEST_CASE("the root reads and enrols, and does nothing else") {
    TwoTenants rig;
    for (const auto endpoint :
         {Endpoint::append_log, Endpoint::wait_log, Endpoint::pack_objects, Endpoint::upload_object,
          Endpoint::upload_parcel, Endpoint::publish_grant, Endpoint::revoke_grant,
          Endpoint::remove_device}) {
      CAPTURE(static_cast<int>(endpoint));
      CHECK(code_of(rig.by(rig.alice.root, endpoint, rig.alice.vault)) == "denied");
    }
    CHECK(rig.by(rig.alice.root, Endpoint::vault_status, rig.alice.vault).status == 200);
    CHECK(rig.by(rig.alice.root, Endpoint::read_log, rig.alice.vault).status == 200);
    const auto found = rig.signed_ask(rig.alice.root, "GET", "/v1/vaults/by-root");
    CHECK(protocol::from_json<protocol::VaultAnswer>(found.body)->vault == rig.alice.vault);
    CHECK(rig.signed_ask(rig.alice.device, "GET", "/v1/vaults/by-root").status == 403);
  }

  TEST_CASE("a request works once, also across a restart") {
    TwoTenants rig;
    const auto request =
        rig.sign(rig.alice.device, "GET", target_of(Endpoint::vault_status, rig.alice.vault));
    CHECK(rig.send(request).status == 200);
    CHECK(code_of(rig.send(request)) == "replayed");
    rig.open();
    CHECK(code_of(rig.send(request)) == "replayed");
    // The nonce is kept for as long as the signature could be accepted.
    rig.clock.pass(protocol::signature_window.count());
    REQUIRE(rig.service->sweep().has_value());
    CHECK(code_of(rig.send(request)) == "replayed");
    rig.clock.pass(1);
    CHECK(code_of(rig.send(request)) == "clock_refused");
  }

  TEST_CASE("an invite opens one account, and repeating a lost answer is harmless") {
    ServerRig rig;
    const Member alice{1};
    const Member bruno{2};
    const auto token = rig.invite();
    CHECK(rig.join(alice, token).status == 201);
    CHECK(rig.join(alice, token).status == 201);
    CHECK(code_of(rig.join(bruno, token)) == "invite_expired");
    CHECK(code_of(rig.join(alice, rig.invite())) == "conflict");
    const auto late = rig.invite();
    rig.clock.pass(86400);
    CHECK(code_of(rig.join(bruno, late)) == "invite_expired");
  }

  TEST_CASE("a member who repeats their invite enters no other member's vault") {
    ServerRig rig;
    const Member alice{1};
    Member bruno{2};
    const auto token = rig.invite();
    REQUIRE(rig.join(alice, rig.invite()).status == 201);
    REQUIRE(rig.join(bruno, token).status == 201);
    // Bruno's own root certifies a device of his for Alice's vault.
    const Member own = bruno;
    bruno.device = test::TestSigner{150};
    bruno.certificate.vault = alice.vault;
    bruno.certificate.device.bytes.fill(88);
    bruno.certificate.signing_key = bruno.device.public_key();
    CHECK(code_of(rig.join(bruno, token)) == "conflict");
    const auto read = rig.target(alice, "/log?after=0&limit=1");
    CHECK(rig.signed_ask(bruno.device, "GET", read).status == 404);
    CHECK(rig.storage.records->device(alice.vault, bruno.certificate.device).error() ==
          errc::not_found);
    CHECK(rig.join(own, token).status == 201);
  }

  TEST_CASE("a device enters by the root or an enrolled device, and never returns once removed") {
    TwoTenants rig;
    const test::TestSigner second{150};
    auto certificate = rig.alice.certificate;
    certificate.device.bytes.fill(88);
    certificate.signing_key = second.public_key();
    certificate.issuer = protocol::Issuer::device;
    certificate.issuer_device = rig.alice.device_id;
    const auto devices = rig.target(rig.alice, "/devices");
    const auto enrol = [&](const Signer& issuer) {
      const protocol::DeviceRequest asked{protocol::sign_certificate(certificate, issuer)};
      return rig.signed_ask(rig.alice.device, "POST", devices,
                            test::bytes_of(protocol::to_json(asked)));
    };
    CHECK(enrol(rig.bruno.device).status == 401);
    CHECK(enrol(rig.alice.device).status == 201);
    CHECK(enrol(rig.alice.device).status == 201);
    CHECK(rig.by(second, Endpoint::vault_status, rig.alice.vault).status == 200);
    CHECK(rig.signed_ask(rig.alice.device, "DELETE", devices + "/" + certificate.device.text())
              .status == 204);
    CHECK(code_of(rig.by(second, Endpoint::vault_status, rig.alice.vault)) == "device_removed");
    CHECK(code_of(enrol(rig.alice.device)) == "conflict");
  }

  TEST_CASE("a suspended account is told so, whatever it asks, until it is resumed") {
    TwoTenants rig;
    REQUIRE(rig.storage.records->set_suspended(rig.alice.vault, true).has_value());
    for (const auto endpoint :
         {Endpoint::read_log, Endpoint::revoke_grant, Endpoint::fetch_object, Endpoint::append_log,
          Endpoint::upload_object, Endpoint::publish_grant, Endpoint::enrol_device})
      CHECK(code_of(rig.by(rig.alice.device, endpoint, rig.alice.vault)) == "account_suspended");
    CHECK(rig.by(rig.bruno.device, Endpoint::read_log, rig.bruno.vault).status == 200);
    REQUIRE(rig.storage.records->set_suspended(rig.alice.vault, false).has_value());
    CHECK(rig.by(rig.alice.device, Endpoint::read_log, rig.alice.vault).status == 200);
  }

  TEST_CASE("a device that nobody enrolled may bring the root's certificate for itself") {
    TwoTenants rig;
    const test::TestSigner fresh{210};
    auto certificate = rig.alice.certificate;
    certificate.device.bytes.fill(33);
    certificate.signing_key = fresh.public_key();
    const auto by_root = protocol::sign_certificate(certificate, rig.alice.root);
    const auto by_bruno = protocol::sign_certificate(certificate, rig.bruno.root);
    const auto target = target_of(Endpoint::enrol_device, rig.alice.vault);
    const auto enrol = [&](const Signer& signer, const protocol::SignedCertificate& shown) {
      const auto body = protocol::to_json(protocol::DeviceRequest{shown});
      return rig.signed_ask(signer, "POST", target, to_bytes(as_bytes(body)));
    };
    // Another's certificate, another root's, another vault's: the same answer as no vault at all.
    CHECK(code_of(enrol(test::TestSigner{211}, by_root)) == "not_found");
    CHECK(code_of(enrol(fresh, by_bruno)) == "not_found");
    CHECK(code_of(rig.by(fresh, Endpoint::read_log, rig.alice.vault)) == "not_found");
    CHECK(enrol(fresh, by_root).status == 201);
    CHECK(enrol(fresh, by_root).status == 201);
    CHECK(rig.by(fresh, Endpoint::read_log, rig.alice.vault).status == 200);
    // Once removed, the same certificate brings it back to nothing.
    auto removal = protocol::Target{};
    removal.endpoint = Endpoint::remove_device;
    removal.vault = rig.alice.vault;
    removal.device = certificate.device;
    REQUIRE(rig.signed_ask(rig.alice.device, "DELETE", protocol::format_target(removal)).status ==
            204);
    CHECK(enrol(fresh, by_root).status != 201);
    CHECK(code_of(rig.by(fresh, Endpoint::read_log, rig.alice.vault)) == "device_removed");
  }

  TEST_CASE("pages of other origins may call the reader's side and nothing else") {
    TwoTenants rig;
    const std::string link = "/v1/links/" + LinkId{}.text();
    CHECK(rig.ask("OPTIONS", link + "/open").status == 204);
    CHECK(*rig.ask("GET", link).fields.find("Access-Control-Allow-Origin") == "*");
    CHECK(*rig.ask("GET", link).fields.find("Cache-Control") == "no-store");
    CHECK(rig.ask("OPTIONS", "/v1/accounts").status == 404);
    CHECK(rig.ask("GET", "/v1/card").fields.find("Access-Control-Allow-Origin") == nullptr);
  }
}

}  // namespace
}  // namespace coffret::server
