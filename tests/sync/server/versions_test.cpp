// SPDX-License-Identifier: EUPL-1.2
//
// Programs of different ages: what a server says of its versions, and what it refuses.
#include "sync/protocol/version.hpp"
#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

using test::code_of;

TEST_SUITE("sync/server/versions") {
  TEST_CASE("every answer says what the server understands, refusals too") {
    test::ServerRig rig;
    for (const char* target : {"/v1/card", "/v1/nothing", "/v1/vaults/by-root"}) {
      CAPTURE(target);
      const auto response = rig.ask("GET", target);
      const auto* said = response.fields.find(protocol::version_field);
      REQUIRE(said != nullptr);
      CHECK((protocol::parse_versions(*said) == protocol::understood_versions));
    }
  }

  TEST_CASE("a request in another version does nothing") {
    test::ServerRig rig;
    test::Member alice{1};
    const auto token = rig.invite();
    const protocol::AccountRequest asked{token, alice.root.public_key(),
                                         protocol::sign_certificate(alice.certificate, alice.root)};
    auto request =
        rig.sign(alice.device, "POST", "/v1/accounts", test::bytes_of(protocol::to_json(asked)));
    auto later = request;
    later.fields.set(protocol::version_field,
                     std::to_string(protocol::understood_versions.newest + 1));
    CHECK(code_of(rig.send(std::move(later))) == "other_version");
    request.fields.set(protocol::version_field, "1");
    CHECK(rig.send(std::move(request)).status == 201);
  }
}

}  // namespace
}  // namespace coffret::server
