// SPDX-License-Identifier: EUPL-1.2
//
// Who may sign, changed together with the entries that say so; and the rendezvous of two devices.
#include <algorithm>
#include <optional>
#include <vector>

#include "sync/protocol/changes.hpp"
#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

using test::bytes_of;
using test::code_of;
using test::Member;
using test::ServerRig;

protocol::SignedCertificate certificate(const Member& m, std::uint8_t id, const Signer& device,
                                        const Signer& issuer, protocol::Issuer kind) {
  protocol::DeviceCertificate c = m.certificate;
  c.device.bytes.fill(id);
  c.signing_key = device.public_key();
  c.issuer = kind;
  c.issuer_device = kind == protocol::Issuer::device ? m.device_id : DeviceId{};
  return protocol::sign_certificate(c, issuer);
}

struct Tenant : ServerRig {
  Tenant() : alice(1) { REQUIRE(join(alice, invite()).status == 201); }

  // The next entry, as `signer` of that device writes it, with these changes.
  http::Response change(const Signer& asks, std::uint8_t device, const Signer& signer,
                        protocol::Changes changes) {
    protocol::Entry e;
    e.vault = alice.vault;
    e.seq = alice.head.seq + 1;
    e.previous = alice.head.hash;
    e.device.bytes.fill(device);
    changes.append = {alice.head.hash, {protocol::sign_entry(e, Bytes(64, 7), signer)}};
    auto response = signed_ask(asks, "POST", target(alice, "/log/changes"), wire::encode(changes));
    if (response.status == 200) {
      alice.head = {e.seq, protocol::entry_hash(changes.append.entries[0].body)};
      taken.push_back(std::move(changes));
    }
    return response;
  }
  // The same again, byte for byte.
  http::Response give(const Signer& asks, const protocol::Changes& changes, bool again = true) {
    auto request = sign(asks, "POST", target(alice, "/log/changes"), wire::encode(changes));
    if (again) request.fields.set("Coffret-Again", "?1");
    return send(std::move(request));
  }
  // An account for a log that was written elsewhere.
  http::Response found(const Signer& asks, const protocol::InviteToken& token,
                       const std::optional<protocol::SignedCertificate>& own) {
    const protocol::AccountRequest asked{token, alice.root.public_key(),
                                         protocol::sign_certificate(alice.certificate, alice.root),
                                         own};
    return signed_ask(asks, "POST", "/v1/accounts", bytes_of(protocol::to_json(asked)));
  }
  std::string status_for(const Signer& signer) {
    const auto response = signed_ask(signer, "GET", target(alice, ""));
    return response.status == 200 ? "ok" : code_of(response);
  }
  http::Response enrol(const Signer& asks, const protocol::SignedCertificate& shown) {
    return signed_ask(asks, "POST", target(alice, "/devices"),
                      bytes_of(protocol::to_json(protocol::DeviceRequest{shown})));
  }
  std::string by_root(const Signer& root) {
    const auto response = signed_ask(root, "GET", "/v1/vaults/by-root");
    return response.status == 200 ? "ok" : code_of(response);
  }

  Member alice;
  std::vector<protocol::Changes> taken;
  test::TestSigner second{150};
  const std::uint8_t first_id = 51;
  const std::uint8_t second_id = 88;
};

TEST_SUITE("sync/server/signers") {
  TEST_CASE("a device that comes with an entry may sign it, and one that goes signs no more") {
    Tenant rig;
    const auto by_device = certificate(rig.alice, rig.second_id, rig.second, rig.alice.device,
                                       protocol::Issuer::device);
    CHECK(
        rig.change(rig.alice.device, rig.second_id, rig.second, {{}, {by_device}, {}, {}}).status ==
        200);
    CHECK(rig.status_for(rig.second) == "ok");
    // The second removes the first: what that one asks is answered with why.
    CHECK(rig.change(rig.second, rig.second_id, rig.second, {{}, {}, {rig.alice.device_id}, {}})
              .status == 200);
    CHECK(rig.status_for(rig.alice.device) == "device_removed");
    CHECK(code_of(rig.append(rig.alice, {})) == "device_removed");
    // Its certificates count no more, and its identifier stays taken.
    const test::TestSigner third{151};
    const auto late = certificate(rig.alice, 90, third, rig.alice.device, protocol::Issuer::device);
    CHECK(code_of(rig.change(rig.second, rig.second_id, rig.second, {{}, {late}, {}, {}})) ==
          "unauthenticated");
    const auto again = protocol::sign_certificate(rig.alice.certificate, rig.alice.root);
    CHECK(code_of(rig.change(rig.second, rig.second_id, rig.second, {{}, {again}, {}, {}})) ==
          "conflict");
  }

  TEST_CASE("a status names whom devices let in for good, and nobody else") {
    Tenant rig;
    const auto named = [&] {
      const auto response = rig.signed_ask(rig.alice.device, "GET", rig.target(rig.alice, ""));
      const auto status = protocol::from_json<protocol::VaultStatus>(response.body);
      REQUIRE(status.has_value());
      CHECK(status->head == rig.alice.head);
      return status->devices.value();
    };
    CHECK(named().empty());  // the root's own device is not named
    const auto by_device = certificate(rig.alice, rig.second_id, rig.second, rig.alice.device,
                                       protocol::Issuer::device);
    CHECK(rig.enrol(rig.alice.device, by_device).status == 201);
    CHECK(named().empty());  // it waits
    // An ordinary entry of a device that was stolen, which brings a second key along.
    CHECK(rig.change(rig.alice.device, rig.first_id, rig.alice.device, {{}, {by_device}, {}, {}})
              .status == 200);
    const auto second = protocol::decode_certificate(by_device.body)->device;
    CHECK(named() == std::vector<DeviceId>{second});
    CHECK(rig.signed_ask(rig.alice.device, "DELETE",
                         rig.target(rig.alice, "/devices/" + second.text()))
              .status == 204);
    CHECK(named().empty());
    CHECK(rig.status_for(rig.second) == "device_removed");
  }

  TEST_CASE("what is refused in an append with changes changes nothing") {
    Tenant rig;
    const test::TestSigner stranger{9};
    const auto bad =
        certificate(rig.alice, rig.second_id, rig.second, stranger, protocol::Issuer::device);
    CHECK(code_of(rig.change(rig.alice.device, rig.first_id, rig.alice.device,
                             {{}, {bad}, {}, {}})) == "unauthenticated");
    const auto good = certificate(rig.alice, rig.second_id, rig.second, rig.alice.device,
                                  protocol::Issuer::device);
    // The entry is signed by nobody: the device does not come in either.
    CHECK(rig.change(rig.alice.device, rig.second_id, stranger, {{}, {good}, {}, {}}).status ==
          401);
    CHECK(rig.status_for(rig.second) == "not_found");
    // A device that never was here: the entry is not taken either.
    CHECK(rig.change(rig.alice.device, rig.first_id, rig.alice.device, {{}, {}, {DeviceId{}}, {}})
              .status == 404);
    CHECK(rig.append(rig.alice, {}).status == 200);
    CHECK(rig.alice.head.seq == 1);
    // The root may enrol, and not write.
    CHECK(code_of(rig.change(rig.alice.root, rig.first_id, rig.alice.device, {})) == "denied");
  }

  TEST_CASE("a new sheet's root takes the place of the old one, which hears why") {
    Tenant rig;
    const test::TestSigner fresh{60};
    const auto of_root = [&](const Signer& root) {
      return protocol::RootChange{
          root.public_key(),
          certificate(rig.alice, rig.first_id, rig.alice.device, root, protocol::Issuer::root)};
    };
    CHECK(rig.by_root(rig.alice.root) == "ok");
    // Nobody takes a root he has not: its certificate must be by it, for the device that asks.
    auto claimed = of_root(fresh);
    claimed.root = test::TestSigner{61}.public_key();
    CHECK(code_of(rig.change(rig.alice.device, rig.first_id, rig.alice.device,
                             {{}, {}, {}, claimed})) == "unauthenticated");
    CHECK(rig.change(rig.alice.device, rig.first_id, rig.alice.device, {{}, {}, {}, of_root(fresh)})
              .status == 200);
    CHECK(rig.by_root(fresh) == "ok");
    CHECK(rig.by_root(rig.alice.root) == "recovery_replaced");
    const auto late =
        certificate(rig.alice, rig.second_id, rig.second, rig.alice.root, protocol::Issuer::root);
    CHECK(rig.signed_ask(rig.alice.device, "POST", rig.target(rig.alice, "/devices"),
                         bytes_of(protocol::to_json(protocol::DeviceRequest{late})))
              .status == 401);
    // Neither back to an earlier one, nor to another vault's.
    CHECK(code_of(rig.change(rig.alice.device, rig.first_id, rig.alice.device,
                             {{}, {}, {}, of_root(rig.alice.root)})) == "conflict");
    Member bruno{2};
    REQUIRE(rig.join(bruno, rig.invite()).status == 201);
    CHECK(code_of(rig.change(rig.alice.device, rig.first_id, rig.alice.device,
                             {{}, {}, {}, of_root(bruno.root)})) == "conflict");
    CHECK(rig.by_root(bruno.root) == "ok");
    rig.open();
    CHECK(rig.by_root(rig.alice.root) == "recovery_replaced");
  }

  TEST_CASE("whom a removed device vouched for beside the log goes with it, and theirs too") {
    Tenant rig;
    REQUIRE(rig.change(rig.alice.device, rig.second_id, rig.second,
                       {{},
                        {certificate(rig.alice, rig.second_id, rig.second, rig.alice.device,
                                     protocol::Issuer::device)},
                        {},
                        {}})
                .status == 200);
    const test::TestSigner alias{151};
    const test::TestSigner next{152};
    protocol::DeviceCertificate c = rig.alice.certificate;
    c.issuer = protocol::Issuer::device;
    c.device.bytes.fill(90);
    c.signing_key = alias.public_key();
    c.issuer_device.bytes.fill(rig.second_id);
    CHECK(rig.enrol(rig.second, protocol::sign_certificate(c, rig.second)).status == 201);
    c.issuer_device = c.device;
    c.device.bytes.fill(91);
    c.signing_key = next.public_key();
    CHECK(rig.enrol(alias, protocol::sign_certificate(c, alias)).status == 201);
    CHECK(rig.status_for(alias) == "ok");
    CHECK(rig.status_for(next) == "ok");
    // It lets nobody in by an entry before one let it in.
    c.device.bytes.fill(92);
    c.signing_key = test::TestSigner{153}.public_key();
    c.issuer_device.bytes.fill(90);
    CHECK(code_of(rig.change(rig.second, rig.second_id, rig.second,
                             {{}, {protocol::sign_certificate(c, alias)}, {}, {}})) ==
          "unauthenticated");
    DeviceId stolen;
    stolen.bytes.fill(rig.second_id);
    REQUIRE(rig.change(rig.alice.device, rig.first_id, rig.alice.device, {{}, {}, {stolen}, {}})
                .status == 200);
    CHECK(rig.status_for(rig.second) == "device_removed");
    CHECK(rig.status_for(alias) == "device_removed");
    CHECK(rig.status_for(next) == "device_removed");
    rig.open();
    CHECK(rig.status_for(alias) == "device_removed");
    CHECK(rig.status_for(rig.alice.device) == "ok");
  }

  TEST_CASE(
      "a device that changes its keys is let in by its entry, and stays without its old self") {
    Tenant rig;
    const auto fresh = certificate(rig.alice, rig.second_id, rig.second, rig.alice.device,
                                   protocol::Issuer::device);
    CHECK(rig.enrol(rig.alice.device, fresh).status == 201);
    CHECK(rig.enrol(rig.alice.device, fresh).status == 201);
    CHECK(rig.status_for(rig.second) == "ok");
    CHECK(
        rig.change(rig.second, rig.second_id, rig.second, {{}, {fresh}, {rig.alice.device_id}, {}})
            .status == 200);
    CHECK(rig.status_for(rig.alice.device) == "device_removed");
    CHECK(rig.status_for(rig.second) == "ok");
    // Its issuer is gone, and it may not have heard so.
    CHECK(rig.enrol(rig.second, fresh).status == 201);
    const auto late = certificate(rig.alice, 90, test::TestSigner{151}, rig.alice.device,
                                  protocol::Issuer::device);
    CHECK(rig.enrol(rig.second, late).status == 401);
    CHECK(rig.change(rig.second, rig.second_id, rig.second, {}).status == 200);
  }

  TEST_CASE("an account is opened again by any device of its log, which gives it all of it") {
    Tenant rig;
    const test::TestSigner fresh{60};
    const test::TestSigner third{151};
    const auto by_fresh = certificate(rig.alice, 90, third, fresh, protocol::Issuer::root);
    REQUIRE(rig.change(rig.alice.device, rig.first_id, rig.alice.device, {}).status == 200);
    const protocol::RootChange sheet{
        fresh.public_key(),
        certificate(rig.alice, rig.first_id, rig.alice.device, fresh, protocol::Issuer::root)};
    REQUIRE(
        rig.change(rig.alice.device, rig.first_id, rig.alice.device, {{}, {}, {}, sheet}).status ==
        200);
    REQUIRE(rig.enrol(fresh, by_fresh).status == 201);
    REQUIRE(rig.change(third, 90, third, {{}, {by_fresh}, {}, {}}).status == 200);
    const auto by_third = [&] {
      protocol::DeviceCertificate c = rig.alice.certificate;
      c.device.bytes.fill(91);
      c.signing_key = rig.second.public_key();
      c.issuer = protocol::Issuer::device;
      c.issuer_device.bytes.fill(90);
      return protocol::sign_certificate(c, third);
    }();
    REQUIRE(rig.change(third, 90, third, {{}, {by_third}, {}, {}}).status == 200);
    REQUIRE(rig.change(rig.second, 91, rig.second, {{}, {}, {rig.alice.device_id}, {}}).status ==
            200);
    const auto log = rig.taken;
    struct Case {
      const char* name;
      const Signer& asks;
      const protocol::SignedCertificate& own;
    };
    for (const auto& c : {Case{"rebuilt from a later sheet", third, by_fresh},
                          Case{"let in by another device", rig.second, by_third}}) {
      CAPTURE(c.name);
      REQUIRE(rig.storage.records->erase(rig.alice.vault).has_value());
      CHECK(rig.status_for(c.asks) == "not_found");
      const auto token = rig.invite();
      // A refusal leaves the invitation as it was.
      CHECK(code_of(rig.found(c.asks, token, {})) == "unauthenticated");
      CHECK(code_of(rig.found(test::TestSigner{7}, token, c.own)) == "unauthenticated");
      REQUIRE(rig.found(c.asks, token, c.own).status == 201);
      CHECK(rig.found(c.asks, token, c.own).status == 201);
      CHECK(rig.storage.records->given_again(rig.alice.vault).value());
      for (const auto& changes : log) CHECK(rig.give(c.asks, changes).status == 200);
      CHECK(rig.status_for(third) == "ok");
      CHECK(rig.status_for(rig.second) == "ok");
      CHECK(rig.status_for(rig.alice.device) == "device_removed");
      CHECK(rig.by_root(fresh) == "ok");
      CHECK(rig.by_root(rig.alice.root) == "recovery_replaced");
      rig.open();
      CHECK(rig.storage.records->account(rig.alice.vault)->head == rig.alice.head);
    }
    // It is an account like any other once its log goes on.
    REQUIRE(rig.change(rig.second, 91, rig.second, {}).status == 200);
    CHECK_FALSE(rig.storage.records->given_again(rig.alice.vault).value());
    CHECK(code_of(rig.found(third, rig.invite(), by_fresh)) == "conflict");
  }

  TEST_CASE("who opens an account again and is not of the log that comes signs no more") {
    Tenant rig;
    const ObjectId gone = rig.put_object(rig.alice, bytes_of("erased everywhere since"));
    REQUIRE(rig.change(rig.alice.device, rig.first_id, rig.alice.device, {}).status == 200);
    const auto entry = rig.entry(rig.alice, rig.alice.head, {gone}, {});
    const protocol::Changes puts{{rig.alice.head.hash, {entry}}, {}, {}, {}};
    REQUIRE(rig.give(rig.alice.device, puts, false).status == 200);
    rig.alice.head = {rig.alice.head.seq + 1, protocol::entry_hash(entry.body)};
    REQUIRE(rig.storage.records->erase(rig.alice.vault).has_value());
    REQUIRE(rig.service->sweep().has_value());
    const test::TestSigner planted{152};
    const auto own = certificate(rig.alice, 92, planted, planted, protocol::Issuer::root);
    REQUIRE(rig.found(planted, rig.invite(), own).status == 201);
    REQUIRE(rig.give(planted, rig.taken.front()).status == 200);
    CHECK(code_of(rig.give(planted, puts, false)) == "incomplete_upload");
    REQUIRE(rig.give(planted, puts).status == 200);
    CHECK(rig.status_for(planted) == "ok");
    REQUIRE(rig.change(rig.alice.device, rig.first_id, rig.alice.device, {}).status == 200);
    CHECK(rig.status_for(planted) == "not_found");
    CHECK(rig.status_for(rig.alice.device) == "ok");
  }

  TEST_CASE("a certificate that only names who would vouch for it ends with the giving") {
    for (const bool itself : {false, true}) {
      CAPTURE(itself);
      Tenant rig;
      REQUIRE(rig.change(rig.alice.device, rig.first_id, rig.alice.device, {}).status == 200);
      REQUIRE(rig.storage.records->erase(rig.alice.vault).has_value());
      REQUIRE(rig.service->sweep().has_value());
      const test::TestSigner planted{152};
      // Signed by itself, in the first device's name or in its own.
      auto stated = rig.alice.certificate;
      stated.device.bytes.fill(92);
      stated.signing_key = planted.public_key();
      stated.issuer = protocol::Issuer::device;
      stated.issuer_device = itself ? stated.device : rig.alice.device_id;
      const auto own = protocol::sign_certificate(stated, planted);
      REQUIRE(rig.found(planted, rig.invite(), own).status == 201);
      REQUIRE(rig.give(planted, rig.taken.front()).status == 200);
      CHECK(rig.status_for(planted) == "ok");
      REQUIRE(rig.change(rig.alice.device, rig.first_id, rig.alice.device, {}).status == 200);
      CHECK(rig.status_for(planted) == "not_found");
      CHECK(rig.status_for(rig.alice.device) == "ok");
    }
  }

  TEST_CASE("a device that an earlier sheet certified hears so, and no other stranger does") {
    Tenant rig;
    const test::TestSigner fresh{60};
    const auto old = certificate(rig.alice, 90, rig.second, rig.alice.root, protocol::Issuer::root);
    const protocol::RootChange sheet{
        fresh.public_key(),
        certificate(rig.alice, rig.first_id, rig.alice.device, fresh, protocol::Issuer::root)};
    REQUIRE(
        rig.change(rig.alice.device, rig.first_id, rig.alice.device, {{}, {}, {}, sheet}).status ==
        200);
    CHECK(code_of(rig.enrol(rig.second, old)) == "recovery_replaced");
    CHECK(code_of(rig.enrol(test::TestSigner{151}, old)) == "not_found");
    const test::TestSigner other{61};
    CHECK(code_of(rig.enrol(rig.second, certificate(rig.alice, 90, rig.second, other,
                                                    protocol::Issuer::root))) == "not_found");
  }

  TEST_CASE("few wait for one device, and a vault has so many devices and no more") {
    Tenant rig;
    const auto waiting = [&](std::uint8_t number) {
      return certificate(rig.alice, number, test::TestSigner{number}, rig.alice.device,
                         protocol::Issuer::device);
    };
    for (std::uint8_t number = 150; number < 155; ++number)
      CHECK(rig.enrol(rig.alice.device, waiting(number)).status == 201);
    CHECK(rig.status_for(test::TestSigner{150}) == "not_found");
    for (std::uint8_t number = 151; number < 155; ++number)
      CHECK(rig.status_for(test::TestSigner{number}) == "ok");

    server::Device device;
    device.vault = rig.alice.vault;
    const auto head = rig.storage.records->account(rig.alice.vault)->head;
    const auto add = [&](std::uint16_t count) {
      SignerChanges changes;
      for (; count > 0; --count) {
        ++device.device.bytes[0];
        if (device.device.bytes[0] == 0) ++device.device.bytes[1];
        std::copy_n(device.device.bytes.begin(), 2, device.key.bytes.begin());
        changes.added.push_back(device);
      }
      return rig.storage.records->append(rig.alice.vault, head, {}, changes, rig.clock.now());
    };
    CHECK(add(1000 - 5).has_value());
    CHECK(add(1).error() == errc::over_quota);
    CHECK(code_of(rig.enrol(rig.alice.root, certificate(rig.alice, 250, test::TestSigner{250},
                                                        rig.alice.root, protocol::Issuer::root))) ==
          "over_quota");
  }

  TEST_CASE("a rendezvous holds each message once, for ten minutes") {
    Tenant rig;
    protocol::PairingId id;
    id.bytes.fill(7);
    const std::string path = "/v1/pairings/" + id.text() + "/";
    const auto open = rig.target(rig.alice, "/pairings/" + id.text());
    CHECK(code_of(rig.ask("PUT", path + "hello", "a")) == "pairing_expired");
    CHECK(rig.ask("POST", open).status == 401);  // a vault's device opens it, nobody else
    CHECK(rig.signed_ask(rig.alice.device, "POST", open).status == 201);
    CHECK(rig.signed_ask(rig.alice.device, "POST", open).status == 201);
    CHECK(rig.ask("GET", path + "hello").status == 404);
    CHECK(rig.ask("PUT", path + "hello", "a").status == 204);
    CHECK(rig.ask("PUT", path + "hello", "a").status == 204);
    CHECK(code_of(rig.ask("PUT", path + "hello", "b")) == "conflict");
    CHECK(rig.ask("GET", path + "hello").body == bytes_of("a"));
    CHECK(rig.ask("GET", path + "state").status == 404);
    CHECK(rig.ask("PUT", path + "state", "").status == 400);
    CHECK(rig.ask("PUT", path + "state", std::string(4097, 'x')).status == 413);
    rig.clock.pass(599);
    CHECK(rig.ask("GET", path + "hello").status == 200);
    rig.clock.pass(1);
    CHECK(code_of(rig.ask("GET", path + "hello")) == "pairing_expired");
    CHECK(code_of(rig.ask("PUT", path + "state", "c")) == "pairing_expired");
  }

  TEST_CASE("a vault opens few of them at once, and another one's not at all") {
    Tenant rig;
    Member bruno{2};
    REQUIRE(rig.join(bruno, rig.invite()).status == 201);
    const auto open = [&](const Member& m, std::uint8_t number) {
      protocol::PairingId id;
      id.bytes.fill(number);
      return rig.signed_ask(m.device, "POST", rig.target(m, "/pairings/" + id.text()));
    };
    for (std::uint8_t i = 1; i <= 4; ++i) CHECK(open(rig.alice, i).status == 201);
    CHECK(code_of(open(rig.alice, 5)) == "rate_limited");
    CHECK(open(bruno, 6).status == 201);
    CHECK(code_of(open(bruno, 1)) == "conflict");
    rig.clock.pass(600);
    CHECK(open(rig.alice, 5).status == 201);
  }
}

}  // namespace
}  // namespace coffret::server
