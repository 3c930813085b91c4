// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include <functional>

#include "tests/support/shared_link.hpp"

using namespace coffret;
using namespace coffret::test;
using redeem::RedeemOptions;

TEST_SUITE("vault/redeem altered") {
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
}
