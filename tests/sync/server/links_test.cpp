// SPDX-License-Identifier: EUPL-1.2
//
// Protected links: counting, ending, revoking, under races and restarts.
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

using test::code_of;
using test::Member;
using test::ServerRig;

// Runs `act` on `count` threads at once and tells how many answers had `status`.
template <class Act>
int at_once(int count, unsigned status, Act act) {
  std::atomic<int> hits = 0;
  std::atomic<bool> go = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i)
    threads.emplace_back([&] {
      while (!go) std::this_thread::yield();
      if (act() == status) ++hits;
    });
  go = true;
  for (auto& thread : threads) thread.join();
  return hits;
}

struct LinkRig : ServerRig {
  LinkRig() : alice(1) { REQUIRE(join(alice, invite()).status == 201); }

  protocol::OpenAnswer opened(const http::Response& response) {
    REQUIRE(response.status == 200);
    auto answer = protocol::from_json<protocol::OpenAnswer>(response.body);
    REQUIRE(answer.has_value());
    return *answer;
  }
  GrantState state(const LinkId& link) {
    const auto response = signed_ask(alice.device, "GET", target(alice, "/grants/" + link.text()));
    return protocol::from_json<protocol::GrantStatus>(response.body)->state;
  }
  http::Response file(const LinkId& link, const FileId& id, const std::string& reader) {
    return ask("GET", "/v1/links/" + link.text() + "/files/" + id.text(), {}, reader);
  }
  std::vector<protocol::AccessLine> lines() {
    const auto response =
        signed_ask(alice.device, "GET", target(alice, "/access-log?after=0&limit=1000"));
    REQUIRE(response.status == 200);
    const auto page = wire::decode<protocol::AccessPage>(response.body);
    REQUIRE(page.has_value());
    protocol::CompactRange tree;
    std::vector<protocol::AccessLine> all;
    for (const auto& leaf : page->lines) {
      tree.append(protocol::leaf_hash(leaf));
      all.push_back(*wire::decode<protocol::AccessLine>(leaf));
    }
    const auto origin = protocol::checkpoint_origin(storage.identity->fingerprint(), alice.vault);
    const auto checkpoint =
        protocol::verify_checkpoint(page->checkpoint, origin, storage.identity->public_key());
    REQUIRE(checkpoint.has_value());
    CHECK(checkpoint->root == tree.root());
    return all;
  }

  Member alice;
};

TEST_SUITE("sync/server/links") {
  TEST_CASE("a link gives its half, its files for a quarter of an hour, and leaves a line") {
    LinkRig rig;
    const auto policy = rig.policy(rig.alice, 7, 0);
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    CHECK(rig.ask("GET", "/v1/links/" + policy.link.text()).status == 200);

    const auto answer = rig.opened(rig.open_link(policy.link));
    CHECK(answer.server_half.bytes[0] == 9);
    REQUIRE(answer.files.size() == 1);
    const auto body = rig.file(policy.link, answer.files[0].id, answer.reader);
    REQUIRE(body.status == 200);
    CHECK(*body.fields.find("Content-Type") == "application/jose");
    REQUIRE(body.file.has_value());
    CHECK(as_text(*rig.disk.read(body.file->path, 100)) == "a sealed file");
    CHECK(rig.file(policy.link, answer.files[0].id, "another").status == 404);

    const auto proof = protocol::to_json(protocol::ReadProof{});
    const auto read = "/v1/links/" + policy.link.text() + "/read";
    CHECK(rig.ask("POST", read, proof, answer.reader).status == 204);
    CHECK(rig.ask("POST", read, proof, answer.reader).status == 204);

    rig.clock.pass(15 * 60 - 1);
    CHECK(rig.file(policy.link, answer.files[0].id, answer.reader).status == 200);
    rig.clock.pass(1);
    CHECK(rig.file(policy.link, answer.files[0].id, answer.reader).status == 404);
    const auto lines = rig.lines();
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].outcome == OpeningOutcome::delivered);
    CHECK(lines[1].outcome == OpeningOutcome::read);
  }

  TEST_CASE("a hundred readers at once get exactly the allowed openings") {
    LinkRig rig;
    const auto policy = rig.policy(rig.alice, 7, 3);
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    CHECK(at_once(100, 200, [&] { return rig.open_link(policy.link).status; }) == 3);
    CHECK(rig.state(policy.link) == GrantState::used_up);
  }

  TEST_CASE("a publication that is refused leaves nothing of itself on the disk") {
    struct {
      const char* name;
      void (*before)(LinkRig&, const protocol::Policy&);
      void (*spoil)(protocol::Policy&);
      std::string_view code;
    } const cases[] = {
        {"a file that was not sent", [](LinkRig&, const protocol::Policy&) {},
         [](protocol::Policy& p) {
           p.files.push_back({FileId{{9}}, 5, {}, ""});
         },
         "incomplete_upload"},
        {"a file that differs", [](LinkRig&, const protocol::Policy&) {},
         [](protocol::Policy& p) { p.files[0].sha256.bytes[0] ^= 1; }, "incomplete_upload"},
        {"an older version",
         [](LinkRig& r, const protocol::Policy& p) {
           auto newer = p;
           newer.version = 3;
           REQUIRE(r.publish(r.alice, newer, 1).status == 200);
         },
         [](protocol::Policy&) {}, "conflict"},
        {"the same version with other words",
         [](LinkRig& r, const protocol::Policy& p) {
           REQUIRE(r.publish(r.alice, p, 1).status == 200);
         },
         [](protocol::Policy& p) { p.openings = 9; }, "conflict"},
        {"a link that was revoked",
         [](LinkRig& r, const protocol::Policy& p) {
           REQUIRE(r.publish(r.alice, p, 1).status == 200);
           REQUIRE(r.revoke(r.alice, p.link).status == 200);
         },
         [](protocol::Policy& p) { p.version = 2; }, "link_not_active"},
        {"another vault's link",
         [](LinkRig& r, const protocol::Policy& p) {
           Member bob{2};
           REQUIRE(r.join(bob, r.invite()).status == 201);
           auto theirs = p;
           theirs.vault = bob.vault;
           theirs.device = bob.device_id;
           theirs.files = {r.put_file(bob, p.link, "of another vault")};
           REQUIRE(r.publish(bob, theirs, 1).status == 200);
         },
         [](protocol::Policy&) {}, "not_found"},
    };
    constexpr std::uint8_t half = 0xa7;
    for (const auto& c : cases) {
      CAPTURE(c.name);
      LinkRig rig;
      auto policy = rig.policy(rig.alice, 7, 1);
      c.before(rig, policy);
      const auto state_before = rig.storage.records->grant(policy.link);
      c.spoil(policy);
      CHECK(code_of(rig.publish(rig.alice, policy, half)) == c.code);
      const auto state_after = rig.storage.records->grant(policy.link);
      REQUIRE(state_after.has_value() == state_before.has_value());
      if (state_after.has_value()) CHECK(state_after->policy.body == state_before->policy.body);
      for (const auto& entry : std::filesystem::recursive_directory_iterator(rig.folder.path())) {
        if (!entry.is_regular_file()) continue;
        CAPTURE(entry.path().string());
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string all{std::istreambuf_iterator<char>(in), {}};
        CHECK(all.find(std::string(32, static_cast<char>(half))) == std::string::npos);
      }
    }
  }

  TEST_CASE("a half that cannot be kept publishes nothing") {
    LinkRig rig;
    const auto policy = rig.policy(rig.alice, 7, 1);
    const auto body = protocol::sign_policy(policy, rig.alice.device);
    CHECK(rig.storage.records
              ->publish(policy, body, rig.clock.now(), [] { return Result<void>{errc::disk_full}; })
              .error() == errc::disk_full);
    CHECK(rig.storage.records->grant(policy.link).error() == errc::not_found);
  }

  TEST_CASE("a reader comes back uncounted, and a restart keeps the count") {
    LinkRig rig;
    const auto policy = rig.policy(rig.alice, 7, 1);
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    const auto first = rig.opened(rig.open_link(policy.link));
    rig.open();
    CHECK(code_of(rig.open_link(policy.link)) == "link_not_active");
    CHECK(rig.opened(rig.open_link(policy.link, {}, first.reader)).server_half ==
          first.server_half);
  }

  TEST_CASE("the last opening begins an end of fifteen minutes that destroys half and files") {
    LinkRig rig;
    const auto policy = rig.policy(rig.alice, 7, 1);
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    const auto answer = rig.opened(rig.open_link(policy.link));
    const auto file = rig.file(policy.link, answer.files[0].id, answer.reader).file->path;
    rig.clock.pass(15 * 60);
    REQUIRE(rig.service->sweep().has_value());
    CHECK(rig.storage.halves->get(policy.link, 1).error() == errc::not_found);
    CHECK(rig.disk.size(file).error() == errc::not_found);
    CHECK(rig.open_link(policy.link, {}, answer.reader).status == 404);
  }

  TEST_CASE("the interval is half open: live at t-1, gone at t") {
    LinkRig rig;
    auto policy = rig.policy(rig.alice, 7, 0);
    policy.not_before += 10;
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    struct {
      std::int64_t time;
      unsigned status;
    } const cases[] = {{policy.not_before - 1, 404},
                       {policy.not_before, 200},
                       {policy.expires_at - 1, 200},
                       {policy.expires_at, 404}};
    for (const auto& c : cases) {
      CAPTURE(c.time);
      rig.clock.set(c.time);
      CHECK(rig.open_link(policy.link).status == c.status);
    }
    CHECK(rig.storage.halves->get(policy.link, 1).error() == errc::not_found);
  }

  TEST_CASE("a suspended account's link is closed, for readers too, until it is resumed") {
    LinkRig rig;
    const auto policy = rig.policy(rig.alice, 7, 0);
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    const auto answer = rig.opened(rig.open_link(policy.link));
    Records& records = *rig.storage.records;

    REQUIRE(records.set_suspended(rig.alice.vault, true).has_value());
    CHECK(code_of(rig.ask("GET", "/v1/links/" + policy.link.text())) == "link_not_active");
    CHECK(code_of(rig.open_link(policy.link)) == "link_not_active");
    CHECK(code_of(rig.open_link(policy.link, {}, answer.reader)) == "link_not_active");
    CHECK(rig.file(policy.link, answer.files[0].id, answer.reader).status == 404);
    REQUIRE(rig.service->sweep().has_value());

    REQUIRE(records.set_suspended(rig.alice.vault, false).has_value());
    CHECK(rig.open_link(policy.link).status == 200);
    CHECK(rig.file(policy.link, answer.files[0].id, answer.reader).status == 200);
  }

  TEST_CASE("a clock that is behind opens nothing") {
    LinkRig rig;
    const auto policy = rig.policy(rig.alice, 7, 0);
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    rig.clock.pass(60);
    const auto answer = rig.opened(rig.open_link(policy.link));
    rig.clock.pass(-1);
    CHECK(code_of(rig.open_link(policy.link)) == "clock_refused");
    CHECK(code_of(rig.file(policy.link, answer.files[0].id, answer.reader)) == "clock_refused");
    rig.clock.pass(1);
    CHECK(rig.open_link(policy.link).status == 200);
  }

  TEST_CASE("five wrong passcodes end a link for good, in parallel too") {
    LinkRig rig;
    Sha256 proof;
    proof.bytes.fill(3);
    auto policy = rig.policy(rig.alice, 7, 0);
    policy.passcode = to_bytes(protocol::sha256(proof.bytes).bytes);
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    CHECK(rig.open_link(policy.link).status == 401);  // none given: not counted
    CHECK(rig.open_link(policy.link, proof).status == 200);
    CHECK(at_once(50, 401, [&] { return rig.open_link(policy.link, Sha256{}).status; }) == 5);
    CHECK(rig.open_link(policy.link, proof).status == 404);
    CHECK(rig.state(policy.link) == GrantState::locked);
    rig.open();
    CHECK(rig.open_link(policy.link, proof).status == 404);
  }

  TEST_CASE("nothing opens after a revocation was acknowledged") {
    LinkRig rig;
    for (std::uint8_t round = 1; round <= 10; ++round) {
      const auto policy = rig.policy(rig.alice, round, 0);
      REQUIRE(rig.publish(rig.alice, policy).status == 200);
      std::atomic<bool> acknowledged = false;
      std::atomic<int> late = 0;
      std::vector<std::thread> readers;
      for (int i = 0; i < 4; ++i)
        readers.emplace_back([&] {
          for (int n = 0; n < 20; ++n) {
            const bool after = acknowledged;
            if (rig.open_link(policy.link).status == 200 && after) ++late;
          }
        });
      CHECK(rig.revoke(rig.alice, policy.link).status == 200);
      acknowledged = true;
      for (auto& reader : readers) reader.join();
      CHECK(late == 0);
      CHECK(rig.storage.halves->get(policy.link, 1).error() == errc::not_found);
    }
  }

  TEST_CASE("a revoked link cannot be published again, and revoking is repeatable") {
    LinkRig rig;
    auto policy = rig.policy(rig.alice, 7, 0);
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    const auto first = rig.revoke(rig.alice, policy.link);
    const auto acknowledged = wire::decode<protocol::Acknowledged>(first.body);
    REQUIRE(acknowledged.has_value());
    CHECK(protocol::verify_acknowledgement(*acknowledged, rig.storage.identity->public_key()));
    CHECK(rig.revoke(rig.alice, policy.link).status == 200);
    policy.version = 2;
    policy.files = {rig.put_file(rig.alice, policy.link, "again")};
    CHECK(code_of(rig.publish(rig.alice, policy)) == "link_not_active");
    LinkId unknown;
    unknown.bytes.fill(99);
    CHECK(rig.revoke(rig.alice, unknown).status == 200);
  }

  TEST_CASE("a new version closes the door that the old one opened") {
    LinkRig rig;
    auto policy = rig.policy(rig.alice, 7, 0);
    REQUIRE(rig.publish(rig.alice, policy, 1).status == 200);
    CHECK(rig.publish(rig.alice, policy, 1).status == 200);  // a repeat
    const auto old = rig.opened(rig.open_link(policy.link));
    policy.version = 2;
    policy.files = {rig.put_file(rig.alice, policy.link, "newer")};
    REQUIRE(rig.publish(rig.alice, policy, 2).status == 200);
    CHECK(rig.file(policy.link, old.files[0].id, old.reader).status == 404);
    CHECK(rig.opened(rig.open_link(policy.link, {}, old.reader)).server_half.bytes[0] == 2);
    policy.version = 1;
    CHECK(code_of(rig.publish(rig.alice, policy, 1)) == "conflict");
  }

  TEST_CASE("a new version gives a link that is used up or locked nothing back") {
    LinkRig rig;
    auto used_up = rig.policy(rig.alice, 7, 1);
    REQUIRE(rig.publish(rig.alice, used_up, 1).status == 200);
    REQUIRE(rig.open_link(used_up.link).status == 200);
    used_up.version = 2;
    CHECK(code_of(rig.publish(rig.alice, used_up, 2)) == "link_not_active");
    // Its package goes when the first reader's time is over, as if nothing had been tried.
    rig.clock.pass(16 * 60);
    CHECK(code_of(rig.publish(rig.alice, used_up, 2)) == "link_not_active");

    auto locked = rig.policy(rig.alice, 8, 0);
    locked.passcode = to_bytes(protocol::sha256(Sha256{}.bytes).bytes);
    REQUIRE(rig.publish(rig.alice, locked, 1).status == 200);
    Sha256 wrong;
    wrong.bytes.fill(3);
    for (int i = 0; i < 5; ++i) CHECK(rig.open_link(locked.link, wrong).status == 401);
    locked.version = 2;
    CHECK(code_of(rig.publish(rig.alice, locked, 2)) == "link_not_active");
    CHECK(rig.open_link(locked.link, Sha256{}).status == 404);
  }

  TEST_CASE("one more opening than the old version allowed opens once more") {
    LinkRig rig;
    auto policy = rig.policy(rig.alice, 7, 1);
    REQUIRE(rig.publish(rig.alice, policy, 1).status == 200);
    REQUIRE(rig.open_link(policy.link).status == 200);
    policy.version = 2;
    policy.openings = 2;
    REQUIRE(rig.publish(rig.alice, policy, 2).status == 200);
    CHECK(rig.open_link(policy.link).status == 200);
    CHECK(rig.open_link(policy.link).status == 404);
  }

  TEST_CASE("a policy is refused when it is not understood or its files are not here") {
    LinkRig rig;
    const auto good = rig.policy(rig.alice, 7, 0);
    struct {
      const char* name;
      std::string_view code;
      void (*spoil)(protocol::Policy&);
    } const cases[] = {
        {"format", "unknown_policy", [](protocol::Policy& p) { p.format = 2; }},
        {"rights", "unknown_policy", [](protocol::Policy& p) { p.rights = 64; }},
        {"delivery", "unknown_policy", [](protocol::Policy& p) { p.delivery = Delivery::key; }},
        {"hash", "incomplete_upload", [](protocol::Policy& p) { p.files[0].sha256.bytes[0] ^= 1; }},
        {"size", "incomplete_upload", [](protocol::Policy& p) { ++p.files[0].size; }},
        {"file", "incomplete_upload", [](protocol::Policy& p) { p.files[0].id.bytes[0] ^= 1; }},
        {"over", "link_not_active",
         [](protocol::Policy& p) {
           p.expires_at = p.not_before -= 9;
           ++p.expires_at;
         }},
        {"device", "unauthenticated", [](protocol::Policy& p) { p.device.bytes[0] ^= 1; }},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto policy = good;
      c.spoil(policy);
      CHECK(code_of(rig.publish(rig.alice, policy)) == c.code);
    }
    CHECK(rig.publish(rig.alice, good).status == 200);
  }

  TEST_CASE("a stranger who hammers a link writes twenty lines and then a count") {
    LinkRig rig;
    auto policy = rig.policy(rig.alice, 7, 0);
    policy.not_before += 600;
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    for (int i = 0; i < 25; ++i) CHECK(rig.open_link(policy.link).status == 404);
    CHECK(rig.lines().size() == 20);
    rig.clock.pass(86400);
    REQUIRE(rig.service->sweep().has_value());
    const auto lines = rig.lines();
    REQUIRE(lines.size() == 21);
    CHECK(lines.back().outcome == OpeningOutcome::many_attempts);
    CHECK(lines.back().count == 5);
    rig.clock.pass(86400);
    REQUIRE(rig.service->sweep().has_value());
    REQUIRE(rig.service->sweep().has_value());
    REQUIRE(rig.lines().size() == 22);
    CHECK(rig.lines().back().outcome == OpeningOutcome::daily_head);
  }

  TEST_CASE("whoever holds a link without a limit writes twenty lines a day, and then a count") {
    LinkRig rig;
    auto policy = rig.policy(rig.alice, 7, 0);
    policy.expires_at += 3 * 86400;
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    const auto read = "/v1/links/" + policy.link.text() + "/read";
    const auto proof = protocol::to_json(protocol::ReadProof{});
    const auto open_and_prove = [&] {
      const auto answer = rig.opened(rig.open_link(policy.link));
      CHECK(rig.ask("POST", read, proof, answer.reader).status == 204);
      return answer.reader;
    };
    std::string last;
    for (int i = 0; i < 15; ++i) last = open_and_prove();
    CHECK(rig.lines().size() == 20);
    CHECK(rig.ask("POST", read, proof, last).status == 204);  // a repeat is no attempt
    CHECK(rig.storage.records->grant(policy.link)->openings_used == 15);
    rig.clock.pass(86400);
    REQUIRE(rig.service->sweep().has_value());
    const auto lines = rig.lines();
    REQUIRE(lines.size() == 21);
    CHECK(lines.back().outcome == OpeningOutcome::many_attempts);
    CHECK(lines.back().count == 10);
  }

  TEST_CASE("every opening of a link with a limit has its line, and every reading") {
    LinkRig rig;
    const auto policy = rig.policy(rig.alice, 7, 25);
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    const auto read = "/v1/links/" + policy.link.text() + "/read";
    for (int i = 0; i < 25; ++i) {
      const auto answer = rig.opened(rig.open_link(policy.link));
      CHECK(rig.ask("POST", read, protocol::to_json(protocol::ReadProof{}), answer.reader).status ==
            204);
    }
    CHECK(rig.lines().size() == 50);
  }

  TEST_CASE("a link that was published anew since it was seen to have ended is not destroyed") {
    LinkRig rig;
    auto policy = rig.policy(rig.alice, 7, 0);
    REQUIRE(rig.publish(rig.alice, policy).status == 200);
    CHECK_FALSE(*rig.service->destroy(policy.link));
    CHECK(rig.open_link(policy.link).status == 200);
    rig.clock.set(policy.expires_at);
    CHECK(*rig.service->destroy(policy.link));
    CHECK_FALSE(*rig.service->destroy(policy.link));
  }

  TEST_CASE("a link whose files cannot be removed keeps no other from its end") {
    LinkRig rig;
    const auto stuck = rig.policy(rig.alice, 7, 0);
    const auto other = rig.policy(rig.alice, 8, 0);
    REQUIRE(rig.publish(rig.alice, stuck).status == 200);
    REQUIRE(rig.publish(rig.alice, other).status == 200);
    const auto answer = rig.opened(rig.open_link(stuck.link));
    const auto path = rig.file(stuck.link, answer.files[0].id, answer.reader).file->path;
    // A directory where the file was: no unlink removes it, whoever runs this.
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    rig.clock.set(other.expires_at);
    CHECK(rig.service->sweep().error() == errc::io);
    CHECK_FALSE(rig.storage.records->grant(stuck.link)->destroyed);
    CHECK(rig.storage.records->grant(other.link)->destroyed);
    CHECK(rig.storage.halves->get(other.link, 1).error() == errc::not_found);
    std::filesystem::remove(path);
    REQUIRE(rig.service->sweep().has_value());
    CHECK(rig.storage.records->grant(stuck.link)->destroyed);
  }
}

}  // namespace
}  // namespace coffret::server
