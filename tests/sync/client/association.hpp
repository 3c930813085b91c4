// SPDX-License-Identifier: EUPL-1.2
//
// association.hpp: the server side of the client's tests: an identity, its card, and a client that
// has it pinned.
#ifndef COFFRET_TESTS_SYNC_CLIENT_ASSOCIATION_HPP
#define COFFRET_TESTS_SYNC_CLIENT_ASSOCIATION_HPP

#include <doctest/doctest.h>

#include "sync/client/server.hpp"
#include "sync/protocol/paths.hpp"
#include "sync/protocol/signature.hpp"
#include "sync/protocol/status.hpp"
#include "tests/support/fake_network.hpp"
#include "tests/support/test_signer.hpp"

namespace coffret::client {

inline Sha256 tls_key(std::uint8_t which) {
  Sha256 key;
  key.bytes.fill(which);
  return key;
}

struct Association {
  test::TestSigner identity{std::uint8_t{1}};
  test::TestSigner device{std::uint8_t{2}};
  protocol::OperatorCard card{2,
                              "Association Exemple",
                              "FR",
                              "droit français",
                              "exemple.test",
                              "contact@exemple.test",
                              {tls_key(7)},
                              1'700'000'000};
  test::FixedClock clock;
  test::SteppingRandom random;
  test::FakeNetwork network;
  VaultId vault{{1, 2, 3}};
  LinkId link{{4, 5, 6}};

  Association() { network.spki = tls_key(7); }

  // Serves the card, and everything else with `answer`.
  void serve(test::FakeNetwork::Answer answer) {
    network.answer = [this, answer = std::move(answer)](const http::Request& request) {
      if (request.target == "/v1/card")
        return Result<http::Response>{test::response(200, protocol::sign_card(card, identity))};
      return answer(request);
    };
  }
  Environment environment() { return {clock, random, network.connect()}; }
  ServerIdentity pinned() const {
    ServerIdentity known;
    known.url = "https://exemple.test";
    known.fingerprint = protocol::fingerprint(identity.public_key());
    return known;
  }
  Server server() { return {environment(), pinned()}; }

  // The requests that went out, without those for the card.
  std::vector<http::Request> asked() const {
    std::vector<http::Request> all;
    for (const auto& request : network.requests)
      if (request.target != "/v1/card") all.push_back(request);
    return all;
  }
};

inline http::Response refusal(errc error) {
  return test::response(protocol::http_status(error), protocol::error_body(error));
}

}  // namespace coffret::client

#endif  // COFFRET_TESTS_SYNC_CLIENT_ASSOCIATION_HPP
