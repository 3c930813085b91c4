// SPDX-License-Identifier: EUPL-1.2
//
// Two histories made one, a copied device retired, damage put right, silence told.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/daemon_rig.hpp"
#include "vault/daemon/branch_file.hpp"
#include "vault/daemon/freshness.hpp"

namespace coffret::daemon {
namespace {

using protocol::Endpoint;
using test::DaemonRig;
using test::MemberServer;

// Two devices of one vault, in step, with one document.
struct Two {
  MemberServer server;
  DaemonRig a{server};
  DaemonRig b{server, 2};

  Two() {
    REQUIRE(a.init() == errc::ok);
    REQUIRE(a.join() == errc::ok);
    first = a.put_text("Premier");
    REQUIRE(a.error_of("sync") == errc::ok);
    REQUIRE(b.rebuild(a.recovery) == errc::ok);
    REQUIRE(a.error_of("sync") == errc::ok);
  }
  std::uint64_t documents(DaemonRig& who) { return who.number_in_status("documents"); }
  bool in_order(DaemonRig& who) {
    return who.ask("check", {{"read_data", true}}).result.at("ok").as_bool();
  }
  DocumentId first;
};

// The server shows each device its own history since they were in step.
struct Forked : Two {
  std::vector<protocol::SignedEntry> to_a;
  std::vector<protocol::SignedEntry> to_b;
  std::string grant;

  Forked() {
    const auto made = a.ask("grant create", {{"to", "Dr Deux"}, {"for", "1h"}, {"all", true}});
    REQUIRE(made.error == errc::ok);
    grant = std::string{made.result.at("id").as_string()};
    REQUIRE(a.error_of("sync") == errc::ok);
    REQUIRE(b.error_of("sync") == errc::ok);
    const auto common = server.log;
    (void)a.put_text("Chez A");
    REQUIRE(a.error_of("grant revoke", {{"id", grant}}) == errc::ok);
    REQUIRE(a.error_of("sync") == errc::ok);
    to_a = server.log;
    server.log = common;
    (void)b.put_text("Chez B");
    (void)b.put_text("Chez B aussi");
    REQUIRE(b.error_of("edit", {{"id", first.text()}, {"note", "vu chez B"}}) == errc::ok);
    REQUIRE(b.error_of("sync") == errc::ok);
    to_b = server.log;
  }
  std::string state_of_grant(DaemonRig& who) {
    return std::string{who.ask("grant show", {{"id", grant}}).result.at("state").as_string()};
  }
};

TEST_SUITE("vault/daemon/ways_out") {
  TEST_CASE("two histories are shown side by side, from where they part") {
    Forked f;
    CHECK(f.a.error_of("sync") == errc::fork_detected);
    const auto shown = f.a.ask("fork show");
    REQUIRE(shown.error == errc::ok);
    const auto& theirs = shown.result.at("theirs").as_object();
    CHECK(theirs.at("count") == 3);
    CHECK(theirs.at("entries").as_array().front().as_object().at("title") == "Chez B");
    CHECK(theirs.at("entries").as_array().front().as_object().at("kind") == "document_put");
    CHECK(shown.result.at("ours").as_object().at("count").to_number<int>() >= 2);
    CHECK(f.b.error_of("fork show") == errc::not_found);
    // Looking changes nothing.
    CHECK(f.a.error_of("sync") == errc::fork_detected);
    CHECK(f.in_order(f.a));
  }

  TEST_CASE("the owner's word makes one history of two, and nothing is lost") {
    Forked f;
    CHECK(f.a.error_of("sync") == errc::fork_detected);
    const auto merged = f.a.ask("fork merge");
    REQUIRE(merged.error == errc::ok);
    CHECK(merged.result.at("taken") == 3);
    CHECK(merged.result.at("left_out").as_array().empty());
    const std::string evidence{merged.result.at("evidence").as_string()};
    CHECK(std::filesystem::exists(f.a.machine.file(evidence)));
    REQUIRE(f.b.error_of("sync") == errc::ok);
    for (auto* one : {&f.a, &f.b}) {
      CHECK(f.documents(*one) == 4);
      CHECK(one->number_in_status("missing") == 0);
      CHECK(f.in_order(*one));
      // Revoked in one history is revoked.
      const auto state = f.state_of_grant(*one);
      CHECK((state == "revoked" || state == "revoking"));
    }
    CHECK(f.a.ask("status").result.at("head") == f.b.ask("status").result.at("head"));
    CHECK(f.a.error_of("fork show") == errc::not_found);
    // And so it is after a new start.
    REQUIRE(f.a.error_of("lock") == errc::ok);
    REQUIRE(f.a.unlock() == errc::ok);
    CHECK(f.a.error_of("sync") == errc::ok);
    CHECK(f.documents(f.a) == 4);
  }

  TEST_CASE("a device that knew the history left follows without saying anything twice") {
    Forked f;
    DaemonRig c{f.server, 3};
    f.server.log = f.to_a;
    REQUIRE(c.rebuild(f.a.recovery) == errc::ok);  // C knows A's history, and enrols in it
    f.server.log = f.to_b;
    REQUIRE(f.a.error_of("fork merge") == errc::ok);
    const auto before = f.server.log.size();
    CHECK(c.error_of("sync") == errc::fork_detected);
    const auto merged = c.ask("fork merge");
    REQUIRE(merged.error == errc::ok);
    CHECK(merged.result.at("carried") == 1);  // its own enrolment alone
    CHECK(f.server.log.size() <= before + 2);
    CHECK(f.documents(c) == 4);
    CHECK(f.in_order(c));
  }

  TEST_CASE("a device that one history removed is out in the other, which goes on without it") {
    Two two;
    DaemonRig c{two.server, 3};
    REQUIRE(c.rebuild(two.a.recovery) == errc::ok);
    REQUIRE(two.a.error_of("sync") == errc::ok);
    REQUIRE(two.b.error_of("sync") == errc::ok);
    const auto common = two.server.log;
    const auto lost = c.ask("status").result.at("device");
    (void)two.a.put_text("Avant le retrait");
    REQUIRE(two.a.error_of("device remove", {{"id", lost}}) == errc::ok);
    (void)two.a.put_text("Après le retrait");
    REQUIRE(two.a.error_of("grant create", {{"to", "Dr Deux"}, {"for", "1h"}, {"all", true}}) ==
            errc::ok);
    REQUIRE(two.a.error_of("sync") == errc::ok);
    two.server.log = common;
    (void)two.b.put_text("Chez B");
    for (const char* note : {"un", "deux", "trois", "quatre", "cinq", "six", "sept"})
      REQUIRE(two.b.error_of("edit", {{"id", two.first.text()}, {"note", note}}) == errc::ok);
    REQUIRE(two.b.error_of("sync") == errc::ok);
    REQUIRE(two.server.log.size() > common.size() + 6);

    two.server.removed.clear();
    CHECK(two.a.error_of("sync") == errc::fork_detected);
    const auto merged = two.a.ask("fork merge");
    REQUIRE(merged.error == errc::ok);
    CHECK(merged.result.at("left_out").as_array().empty());
    CHECK(two.server.removed.size() == 1);
    REQUIRE(two.b.error_of("sync") == errc::ok);
    CHECK(c.error_of("sync") == errc::device_removed);
    for (auto* one : {&two.a, &two.b}) {
      CHECK(two.documents(*one) == 4);
      CHECK(two.in_order(*one));
      REQUIRE(one->error_of("lock") == errc::ok);
      REQUIRE(one->unlock() == errc::ok);
      CHECK(one->error_of("sync") == errc::ok);
      CHECK(two.in_order(*one));
      CHECK(one->ask("grant list").error == errc::ok);
      CHECK(one->heard.rows.size() == 1);
    }
    CHECK(two.a.ask("status").result.at("head") == two.b.ask("status").result.at("head"));
  }

  TEST_CASE("a new sheet is kept by the device that made it, and named by the others") {
    Two two;
    DaemonRig c{two.server, 3};
    REQUIRE(c.rebuild(two.a.recovery) == errc::ok);
    REQUIRE(two.a.error_of("sync") == errc::ok);
    REQUIRE(two.b.error_of("sync") == errc::ok);
    const auto common = two.server.log;
    REQUIRE(two.b.error_of("recovery renew") == errc::ok);
    const auto sheet = test::shown_text(two.b.heard.secrets.front());
    REQUIRE(two.a.error_of("sync") == errc::ok);  // A knows of it, and writes on
    (void)two.a.put_text("Chez A");
    REQUIRE(two.a.error_of("sync") == errc::ok);
    two.server.log = common;
    (void)c.put_text("Chez C");
    REQUIRE(c.error_of("sync") == errc::ok);

    const auto by_a = two.a.ask("fork merge");
    REQUIRE(by_a.error == errc::ok);
    REQUIRE(by_a.result.at("left_out").as_array().size() == 1);
    CHECK(by_a.result.at("left_out").as_array().front().as_object().at("kind") ==
          "recovery_replaced");
    two.server.root.reset();
    const auto by_b = two.b.ask("fork merge");
    REQUIRE(by_b.error == errc::ok);
    CHECK(by_b.result.at("left_out").as_array().empty());
    CHECK(two.server.root.has_value());
    for (auto* one : {&two.a, &two.b, &c}) {
      REQUIRE(one->error_of("sync") == errc::ok);
      CHECK(two.documents(*one) == 3);
      CHECK(two.in_order(*one));
    }
    DaemonRig d{two.server, 4};
    CHECK(d.rebuild(two.a.recovery) == errc::recovery_replaced);
    CHECK(d.rebuild(sheet) == errc::ok);
  }

  TEST_CASE("a server that shows two faces for good is gone round with a file") {
    Forked f;
    const auto out = f.a.machine.folder / "histoire";
    const auto made = f.a.ask("fork export", {{"branch_out", out}, {"since", 1}});
    REQUIRE(made.error == errc::ok);
    CHECK(made.result.at("documents").to_number<int>() >= 2);
    CHECK(f.a.error_of("fork export", {{"branch_out", out}}) == errc::file_exists);
    const auto merged = f.b.ask("fork merge", {{"branch", out}});
    REQUIRE(merged.error == errc::ok);
    CHECK(f.documents(f.b) == 4);
    CHECK(f.b.number_in_status("missing") == 0);
    CHECK(f.in_order(f.b));
    // The server is believed when it shows that history, and not when it shows the one left.
    CHECK(f.b.error_of("sync") == errc::fork_detected);
    f.server.log = f.to_a;
    CHECK(f.b.error_of("sync") == errc::ok);
    CHECK(f.a.error_of("sync") == errc::ok);
    CHECK(f.documents(f.a) == 4);
  }

  TEST_CASE("a file that is cut, altered or another vault's is followed nowhere") {
    Forked f;
    const auto out = f.a.machine.folder / "histoire";
    // From where they part: what both hold is not taken from a file, so that it does not matter
    // there.
    std::size_t common = 0;
    while (f.to_a[common] == f.to_b[common]) ++common;
    REQUIRE(f.a.error_of("fork export", {{"branch_out", out}, {"since", common}}) == errc::ok);
    const auto whole = *f.a.machine.disk.read(out, 1u << 24);
    const auto spoilt = f.a.machine.folder / "abîmé";
    const auto tried = [&](Bytes bytes) {
      REQUIRE(f.a.machine.disk.replace(spoilt, bytes).has_value());
      return f.b.error_of("fork merge", {{"branch", spoilt}});
    };
    for (std::size_t i = 0; i < 400 && i < whole.size(); i += 7) {
      CAPTURE(i);
      auto bytes = whole;
      bytes[i] ^= 1;
      CHECK(tried(bytes) != errc::ok);
      CHECK(tried(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(i))) !=
            errc::ok);
    }
    CHECK(f.documents(f.b) == 3);
    CHECK(f.in_order(f.b));
    MemberServer elsewhere;
    DaemonRig stranger{elsewhere, 9};
    REQUIRE(stranger.init() == errc::ok);
    CHECK(stranger.error_of("fork merge", {{"branch", out}}) == errc::unauthenticated);
    CHECK(stranger.error_of("fork merge", {{"branch", out + "x"}}) == errc::file_not_found);
  }

  TEST_CASE("of a device and its copy only one is ever heard, and what the other wrote is kept") {
    Two two;
    auto& original = two.a;
    REQUIRE(original.error_of("lock") == errc::ok);
    DaemonRig copy{two.server, 7};
    std::filesystem::copy(original.machine.directory(), copy.machine.directory(),
                          std::filesystem::copy_options::recursive);
    std::filesystem::permissions(copy.machine.directory(), std::filesystem::perms::owner_all);
    REQUIRE(original.unlock() == errc::ok);
    REQUIRE(copy.unlock() == errc::ok);
    (void)original.put_text("De l'original");
    (void)copy.put_text("De la copie");
    REQUIRE(original.error_of("sync") == errc::ok);
    CHECK(copy.error_of("sync") == errc::device_cloned);
    CHECK(copy.ask("status").result.at("retired").as_bool());
    CHECK(copy.error_of("remove", {{"id", two.first.text()}}) == errc::device_cloned);
    REQUIRE(copy.error_of("lock") == errc::ok);
    REQUIRE(copy.unlock() == errc::ok);
    CHECK(copy.error_of("remove", {{"id", two.first.text()}}) == errc::device_cloned);
    CHECK(copy.error_of("sync") == errc::device_cloned);
    CHECK(two.documents(copy) == 2);  // still read

    // Back from an old disk: the same, found before anything is sent.
    std::filesystem::remove(copy.machine.file("retired"));
    REQUIRE(copy.error_of("lock") == errc::ok);
    REQUIRE(copy.unlock() == errc::ok);
    CHECK(copy.error_of("sync") == errc::device_cloned);
    for (const auto& [by, hashes] : two.server.signed_entries) {
      CAPTURE(by.second);
      CHECK(hashes.size() == 1);
    }

    REQUIRE(copy.error_of("lock") == errc::ok);
    DaemonRig fresh{two.server, 8};
    const auto pin = to_base64url(two.server.fingerprint().view());
    const auto made =
        fresh.ask("rebuild",
                  {{"url", two.server.url}, {"pin", pin}, {"carry_from", copy.machine.directory()}},
                  {{"recovery", original.recovery}, {"passphrase", fresh.passphrase}});
    REQUIRE(made.error == errc::ok);
    CHECK(made.result.at("carried") == 1);
    REQUIRE(original.error_of("sync") == errc::ok);
    for (auto* one : {&original, &fresh}) {
      CHECK(two.documents(*one) == 3);
      CHECK(two.in_order(*one));
    }
  }

  TEST_CASE("a damaged body is fetched again, named, and never replaced by another") {
    Two two;
    const auto id = two.a.put_text("Abîmé");
    std::string big(2u << 20, 'g');
    DocumentId large;
    (void)two.a.service.session().with([&](store::Vault& vault) -> Result<void> {
      large = test::put(vault, test::prepared("Gros", big));
      return {};
    });
    REQUIRE(two.a.error_of("sync") == errc::ok);
    const auto objects = two.a.machine.file("objects");
    std::filesystem::path file;
    for (const auto& one : std::filesystem::directory_iterator(objects)) file = one.path();
    auto bytes = *two.a.machine.disk.read(file.string(), 1u << 26);
    bytes[100'000] ^= 1;
    REQUIRE(two.a.machine.disk.replace(file.string(), bytes).has_value());

    const auto found = two.a.ask("check", {{"read_data", true}});
    REQUIRE(found.result.at("problems").as_array().size() == 1);
    const auto& problem = found.result.at("problems").as_array().front().as_object();
    CHECK(problem.at("title") == "Gros");
    CHECK(problem.at("kind") == "body");
    CHECK_FALSE(problem.at("way_out").as_string().empty());

    // A server that gives something else mends nothing.
    auto& kept = two.server.objects.at(*ObjectId::parse(file.filename().string()));
    kept[200'000] ^= 1;
    auto tried = two.a.ask("check", {{"read_data", true}, {"repair", true}});
    CHECK_FALSE(tried.result.at("ok").as_bool());
    CHECK(tried.result.at("problems").as_array().front().as_object().at("error") ==
          "unauthenticated");
    kept[200'000] ^= 1;
    tried = two.a.ask("check", {{"read_data", true}, {"repair", true}});
    CHECK(tried.result.at("ok").as_bool());
    CHECK(tried.result.at("repaired").as_array().size() == 1);
    CHECK(two.in_order(two.a));

    // The other way round.
    const auto whole = two.server.objects;
    two.server.objects.clear();
    tried = two.a.ask("check", {{"against_server", true}, {"repair", true}});
    CHECK(tried.result.at("ok").as_bool());
    CHECK(two.server.objects == whole);
    CHECK_FALSE(id.is_zero());
  }

  TEST_CASE("a file that was cut is found by its size alone, and --repair reads what it mends") {
    Two two;
    (void)two.a.service.session().with([&](store::Vault& vault) -> Result<void> {
      (void)test::put(vault, test::prepared("Gros", std::string(2u << 20, 'g')));
      return {};
    });
    REQUIRE(two.a.error_of("sync") == errc::ok);
    std::filesystem::path file;
    for (const auto& one : std::filesystem::directory_iterator(two.a.machine.file("objects")))
      file = one.path();
    const auto whole = *two.a.machine.disk.read(file.string(), 1u << 26);

    std::filesystem::resize_file(file, 1000);
    const auto cut = two.a.ask("check");
    REQUIRE(cut.result.at("problems").as_array().size() == 1);
    CHECK(cut.result.at("problems").as_array().front().as_object().at("kind") == "body");

    // One bit: only reading tells.
    auto bytes = whole;
    bytes[100'000] ^= 1;
    REQUIRE(two.a.machine.disk.replace(file.string(), bytes).has_value());
    CHECK(two.a.ask("check").result.at("ok").as_bool());
    const auto mended = two.a.ask("check", {{"repair", true}});
    CHECK(mended.result.at("ok").as_bool());
    CHECK(mended.result.at("repaired").as_array().size() == 1);
    CHECK(*two.a.machine.disk.read(file.string(), 1u << 26) == whole);

    // Damaged here and gone there: the command that could not mend it does not advise itself.
    REQUIRE(two.a.machine.disk.replace(file.string(), bytes).has_value());
    two.server.objects.erase(*ObjectId::parse(file.filename().string()));
    const auto tried = two.a.ask("check", {{"against_server", true}, {"repair", true}});
    const auto& left = tried.result.at("problems").as_array();
    REQUIRE(left.size() == 2);
    for (const auto& one : left) {
      const std::string way{one.as_object().at("way_out").as_string()};
      CAPTURE(way);
      CHECK(way.find("autre appareil") != std::string::npos);
      CHECK(one.as_object().at("title") == "Gros");
    }
  }

  TEST_CASE("silence of the server is told after the time that was chosen") {
    constexpr std::int64_t hour = 3600;
    Two two;
    auto& clock = two.a.machine.clock;
    const auto stale = [&] { return two.a.ask("status").result.at("stale").as_bool(); };
    two.server.time = clock.time;
    REQUIRE(two.a.error_of("sync") == errc::ok);
    CHECK_FALSE(stale());
    clock.time += 72 * hour;
    CHECK_FALSE(stale());
    clock.time += 1;
    CHECK(stale());
    CHECK(two.a.error_of("server stale-after", {{"duration", "10m"}}) == errc::usage);
    REQUIRE(two.a.error_of("server stale-after", {{"duration", "5d"}}) == errc::ok);
    CHECK_FALSE(stale());
    // A server whose clock stands still says nothing new, however often it is asked.
    clock.time += 72 * hour;
    REQUIRE(two.a.error_of("sync") == errc::ok);
    CHECK(stale());
    two.server.time = clock.time;
    REQUIRE(two.a.error_of("sync") == errc::ok);
    CHECK_FALSE(stale());
    // Never heard of: nothing to be late.
    DaemonRig alone{two.server, 5};
    REQUIRE(alone.init() == errc::ok);
    CHECK_FALSE(alone.ask("status").result.at("stale").as_bool());
  }
}

}  // namespace
}  // namespace coffret::daemon
