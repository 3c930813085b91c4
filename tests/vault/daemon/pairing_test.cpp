// SPDX-License-Identifier: EUPL-1.2
//
// A second device let in through the server, and a server that would rather be let in itself.
#include "vault/daemon/pairing.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "tests/support/daemon_rig.hpp"

namespace coffret::daemon {
namespace {

using protocol::PairingStep;
using test::counting_id;
using test::counting_key;
using test::DaemonRig;
using test::MemberServer;

Conversation talk(std::uint8_t secret = 1) {
  return Conversation{counting_key<crypto::PairingSecret>(secret)};
}

PairingHello hello(std::uint8_t first = 3) {
  return {.device = counting_id<DeviceId>(first),
          .signing_key = counting_id<SigningPublicKey>(first),
          .agreement_key = counting_id<AgreementPublicKey>(first),
          .name = "téléphone"};
}

// Two daemons, and what each of them answered in the end.
struct Pair {
  MemberServer server;
  DaemonRig old_one{server, 1};
  DaemonRig new_one{server, 2};
  Outcome invited;
  Outcome joined;

  Pair() {
    REQUIRE(old_one.init() == errc::ok);
    REQUIRE(old_one.join() == errc::ok);
    (void)old_one.put_text("Ordonnance");
  }

  // `confirm` is what the person at the old device says to the words of the new one.
  void meet(const std::function<errc(const std::string& words)>& confirm) {
    std::atomic<bool> has_code{false};
    std::atomic<bool> invited_ended{false};
    std::atomic<bool> has_words{false};
    std::atomic<bool> other_has_words{false};
    std::atomic<bool> other_ended{false};
    std::string code;
    std::string words;
    class Listener final : public Answer {
     public:
      std::function<void(const boost::json::object&)> on_row;
      std::function<void(const SecretText&)> on_secret;
      Result<void> row(const boost::json::object& row) override {
        on_row(row);
        return {};
      }
      Result<void> progress(const boost::json::object&) override { return {}; }
      Result<void> bytes(ByteView) override { return {}; }
      Result<void> secret(const SecretText& secret) override {
        on_secret(secret);
        return {};
      }
    };
    Listener at_old;
    Listener at_new;
    at_old.on_secret = [&](const SecretText& secret) {
      code = test::shown_text(secret);
      has_code = true;
    };
    at_old.on_row = [&](const boost::json::object&) { has_words = true; };
    at_new.on_row = [&](const boost::json::object& row) {
      words = std::string{row.at("words").as_string()};
      other_has_words = true;
    };
    std::thread inviting{[&] {
      LocalRequest request{{{"command", "device invite"}}, {}};
      invited = old_one.service.handle(request, at_old);
      has_code = true;
      invited_ended = true;
    }};
    while (!has_code) std::this_thread::yield();
    std::thread joining{[&] {
      LocalRequest request{{{"command", "device join"}}, {}};
      request.secrets.emplace("code", test::secret_text(code));
      request.secrets.emplace("passphrase", test::secret_text(new_one.passphrase));
      joined = new_one.service.handle(request, at_new);
      other_ended = true;
    }};
    std::thread confirming{[&] {
      while (!invited_ended && (!has_words || !(other_has_words || other_ended)))
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
      if (has_words) (void)confirm(other_has_words ? words : std::string{});
    }};
    confirming.join();
    joining.join();
    inviting.join();
  }
};

TEST_SUITE("vault/daemon/pairing") {
  TEST_CASE("both sides of a conversation end with the same words") {
    auto one = talk();
    auto other = talk();
    const auto first = wire::encode(hello());
    CHECK(*other.hear(PairingStep::hello, one.say(PairingStep::hello, first)) == first);
    const auto second = wire::encode(PairingState{});
    CHECK(*one.hear(PairingStep::state, other.say(PairingStep::state, second)) == second);
    CHECK(one.words() == other.words());
    CHECK(one.id() == other.id());
    CHECK(talk(2).id() != one.id());
  }

  TEST_CASE("a message altered, from elsewhere or out of its turn is refused") {
    const auto record = wire::encode(hello());
    const auto said = talk().say(PairingStep::hello, record);
    for (std::size_t at = 0; at < said.size(); ++at) {
      auto altered = said;
      altered[at] ^= 1;
      CHECK(talk().hear(PairingStep::hello, altered).error() == errc::unauthenticated);
    }
    CHECK(talk().hear(PairingStep::state, said).error() == errc::unauthenticated);
    CHECK(talk(2).hear(PairingStep::hello, said).error() == errc::unauthenticated);
    auto later = talk();
    (void)later.say(PairingStep::hello, wire::encode(hello(9)));
    CHECK(later.hear(PairingStep::hello, said).error() == errc::unauthenticated);
    CHECK(talk().hear(PairingStep::hello, {}).error() == errc::malformed);
    CHECK(decode_result(wire::encode(PairingResult{})).error() == errc::pairing_refused);
    auto version = record;
    version[0] = 2;
    CHECK(decode_hello(version).error() == errc::other_version);
  }

  TEST_CASE("a device that was let in has every document, and is in every list") {
    Pair pair;
    pair.meet([&](const std::string& words) {
      return pair.old_one.error_of("device confirm", {{"words", words}});
    });
    CHECK(pair.invited.error == errc::ok);
    REQUIRE(pair.joined.error == errc::ok);
    CHECK(pair.server.added.size() == 1);
    CHECK(pair.new_one.number_in_status("documents") == 1);
    CHECK(pair.old_one.error_of("sync") == errc::ok);
    for (auto* rig : {&pair.old_one, &pair.new_one}) {
      CHECK(rig->ask("device list").error == errc::ok);
      CHECK(rig->heard.rows.size() == 2);
    }
    // What each of them sees is the same, in eight words.
    const auto words = pair.old_one.ask("device compare").result;
    const auto at = words.at("at");
    const auto with = std::string{words.at("words").as_string()};
    CHECK(pair.new_one.error_of("device compare", {{"with", with}, {"at", at}}) == errc::ok);
    CHECK(pair.new_one.error_of("device compare", {{"with", with + " x"}, {"at", at}}) ==
          errc::unknown_word);
    const auto first = with.substr(0, with.find(' '));
    const auto others = (first == "abeille" ? "abricot" : "abeille") + with.substr(first.size());
    CHECK(pair.new_one.error_of("device compare", {{"with", others}, {"at", at}}) ==
          errc::words_differ);
    // Too few or too many are no sign of another history.
    for (const auto& count : {first, with + " abeille"})
      CHECK(pair.new_one.error_of("device compare", {{"with", count}, {"at", at}}) == errc::usage);
    CHECK(pair.new_one.error_of("device compare", {{"with", with}, {"at", 999}}) ==
          errc::not_found);

    // A removed one is told so, and what the other writes then is not for it.
    const auto id = pair.joined.result.at("device");
    CHECK(pair.old_one.error_of("device remove", {{"id", id}}) == errc::ok);
    CHECK(pair.server.removed.size() == 1);
    (void)pair.old_one.put_text("Après");
    CHECK(pair.old_one.error_of("sync") == errc::ok);
    CHECK(pair.new_one.error_of("sync") == errc::device_removed);
    CHECK(pair.new_one.number_in_status("documents") == 1);
  }

  TEST_CASE("a device is named by whoever makes it, and taken away by a name that is its alone") {
    MemberServer server;
    DaemonRig first{server, 1};
    REQUIRE(first
                .ask("init", {{"owner", "Camille Exemple"}, {"name", "Bureau"}},
                     {{"passphrase", first.passphrase}})
                .error == errc::ok);
    const auto sheet = test::shown_text(first.heard.secrets.front());
    REQUIRE(first.join() == errc::ok);
    REQUIRE(first.error_of("sync") == errc::ok);
    DaemonRig second{server, 2};
    DaemonRig third{server, 3};
    for (auto* rig : {&second, &third}) {
      REQUIRE(rig->ask("rebuild",
                       {{"url", server.url},
                        {"pin", to_base64url(server.fingerprint().view())},
                        {"name", "Tablette"}},
                       {{"recovery", sheet}, {"passphrase", rig->passphrase}})
                  .error == errc::ok);
    }
    REQUIRE(first.error_of("sync") == errc::ok);
    const auto own = first.ask("status").result.at("device");
    const auto other = third.ask("status").result.at("device");
    struct {
      const char* name;
      boost::json::value id;
      errc error;
    } const cases[] = {
        {"two of that name", "Tablette", errc::ambiguous_name},
        {"nobody's", "Téléphone", errc::not_found},
        {"this one, by its name", "Bureau", errc::own_device},
        {"this one, by its identifier", own, errc::own_device},
        {"one of the two, by its identifier", other, errc::ok},
        {"the one that is left of that name", "Tablette", errc::ok},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      CHECK(first.error_of("device remove", {{"id", c.id}}) == c.error);
    }
    DaemonRig fourth{server, 4};
    CHECK(fourth
              .ask("init", {{"name", std::string(limits::short_text + 1, 'a')}},
                   {{"passphrase", fourth.passphrase}})
              .error == errc::too_large);
  }

  TEST_CASE("a word that is not of the list is a slip, and no answer yet") {
    struct {
      const char* spoken;
      bool of_the_list;
    } const cases[] = {
        {"abeille abricot", true},
        {"Abeille, ABRICOT-acier", true},
        {"abeille abricots", false},
        {"abeile", false},
        {"", false},
        {" , ", false},
    };
    for (const auto& c : cases) {
      CAPTURE(c.spoken);
      CHECK(crypto::are_check_words(c.spoken) == c.of_the_list);
    }
    Pair pair;
    pair.meet([&](const std::string& words) {
      CHECK(pair.old_one.error_of("device confirm", {{"words", words + "s"}}) ==
            errc::unknown_word);
      return pair.old_one.error_of("device confirm", {{"words", words}});
    });
    CHECK(pair.invited.error == errc::ok);
    CHECK(pair.joined.error == errc::ok);
  }

  TEST_CASE(
      "an open vault tells the newest sheet from one that was replaced, and from a stranger's") {
    MemberServer server;
    DaemonRig rig{server, 1};
    REQUIRE(rig.init() == errc::ok);
    REQUIRE(rig.join() == errc::ok);
    REQUIRE(rig.error_of("sync") == errc::ok);
    const auto compare = [&](const std::string& sheet) {
      return rig.ask("recovery compare", {}, {{"recovery", sheet}});
    };
    const auto first = compare(rig.recovery);
    REQUIRE(first.error == errc::ok);
    CHECK(first.result.at("owner").as_string() == "Camille Exemple");
    CHECK(first.result.at("server").as_string() == server.url);
    CHECK(first.result.at("fingerprint").as_string() == to_base64url(server.fingerprint().view()));
    REQUIRE(rig.error_of("recovery renew") == errc::ok);
    const auto second = test::shown_text(rig.heard.secrets.front());
    CHECK(compare(rig.recovery).error == errc::recovery_replaced);
    CHECK(compare(second).error == errc::ok);
    REQUIRE(rig.error_of("recovery renew") == errc::ok);
    CHECK(compare(second).error == errc::recovery_replaced);
    MemberServer elsewhere;
    DaemonRig stranger{elsewhere, 2};
    REQUIRE(stranger.init() == errc::ok);
    CHECK(compare(stranger.recovery).error == errc::wrong_recovery_key);
  }

  TEST_CASE("other words, or a no, share nothing") {
    for (const bool says_no : {false, true}) {
      CAPTURE(says_no);
      Pair pair;
      const auto before = pair.server.log.size();
      pair.meet([&](const std::string&) {
        return says_no ? pair.old_one.error_of("device confirm", {{"no", true}})
                       : pair.old_one.error_of("device confirm", {{"words", "abeille abricot"}});
      });
      CHECK(pair.invited.error == errc::pairing_refused);
      CHECK(pair.joined.error == errc::pairing_refused);
      CHECK(pair.server.added.empty());
      CHECK(pair.server.log.size() <= before + 3);  // what the sync before the invitation sent
      CHECK(pair.new_one.service.session().locked());
    }
    Pair pair;
    CHECK(pair.old_one.error_of("device confirm") == errc::pairing_expired);
  }

  TEST_CASE("a pairing whose last step fails leaves no device that nobody holds") {
    for (const std::string_view lost : {"/log/changes", "/result"}) {
      CAPTURE(lost);
      Pair pair;
      std::atomic<bool> gone{false};
      pair.server.lose = [&](std::string_view target) {
        return gone && target.find(lost) != std::string_view::npos;
      };
      pair.meet([&](const std::string& words) {
        gone = true;
        return pair.old_one.error_of("device confirm", {{"words", words}});
      });
      CHECK(pair.invited.error == errc::server_unreachable);
      CHECK(pair.joined.error != errc::ok);
      CHECK(pair.new_one.service.session().locked());
      gone = false;
      REQUIRE(pair.old_one.error_of("sync") == errc::ok);
      CHECK(pair.old_one.number_in_status("pending") == 0);
      CHECK(pair.server.added.size() == 1);
      CHECK(pair.server.removed == std::set<DeviceId>{pair.server.added.front()});
      CHECK(pair.old_one.ask("device list").error == errc::ok);
      unsigned present = 0;
      for (const auto& row : pair.old_one.heard.rows)
        if (!row.at("removed").as_bool()) ++present;
      CHECK(present == 1);
    }
  }

  TEST_CASE("a server that puts its own keys into the conversation gets nothing") {
    for (const auto step : {PairingStep::hello, PairingStep::state, PairingStep::result}) {
      CAPTURE(static_cast<int>(step));
      Pair pair;
      pair.server.relay = [&](PairingStep at, Bytes& message) {
        if (at != step || message.size() < 60) return;
        // In place of the other's key, wherever it stands.
        const auto mine = pair.server.identity.public_key();
        std::copy(mine.bytes.begin(), mine.bytes.end(), message.begin() + 17);
      };
      pair.meet([&](const std::string& words) {
        return pair.old_one.error_of("device confirm", words.empty()
                                                           ? DaemonRig::Object{{"no", true}}
                                                           : DaemonRig::Object{{"words", words}});
      });
      CHECK(pair.joined.error == errc::unauthenticated);
      CHECK(pair.new_one.service.session().locked());
      if (step == PairingStep::hello) CHECK(pair.invited.error == errc::unauthenticated);
      if (step == PairingStep::state) CHECK(pair.invited.error == errc::pairing_refused);
      if (step != PairingStep::result) CHECK(pair.server.added.empty());
    }
  }
}

}  // namespace
}  // namespace coffret::daemon
