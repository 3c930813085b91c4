// SPDX-License-Identifier: EUPL-1.2
//
// Emergency cards at the daemon: what may be on one, its link once more, and what follows a use.
#include "vault/daemon/cards.hpp"

#include "tests/support/grant_life.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/sealer.hpp"
#include "vault/grants/card.hpp"

namespace coffret::daemon {
namespace {

using boost::json::object;
using test::Life;

constexpr std::int64_t minute = 60;  // seconds

struct CardLife : Life {
  DocumentId allergies = rig.put_text("Allergies");
  DocumentId treatment = rig.put_text("Traitement");

  object with(const std::vector<DocumentId>& documents) {
    boost::json::array ids;
    for (const auto& id : documents) ids.emplace_back(id.text());
    return {{"documents", std::move(ids)}};
  }
  object both() { return with({allergies, treatment}); }
  // Of a card that was made: its link.
  std::string made(const object& arguments) {
    const auto done = rig.ask("emergency card", arguments);
    REQUIRE(done.error == errc::ok);
    REQUIRE(rig.heard.secrets.size() == 1);
    return test::shown_text(rig.heard.secrets[0]);
  }
  std::vector<object> cards() {
    REQUIRE(rig.error_of("emergency show") == errc::ok);
    return rig.heard.rows;
  }
  boost::json::array news() { return rig.ask("status").result.at("emergency").as_array(); }
  std::int64_t& now() { return rig.machine.clock.time; }

  // Somebody scans it, and says so.
  void open(const std::string& link_text, const std::string& who, const std::string& why,
            OpeningOutcome outcome = OpeningOutcome::delivered) {
    const auto link = crypto::parse_link(test::secret_text(link_text));
    REQUIRE(link.has_value());
    const auto sealed = [&](const crypto::ContentKey& key, const std::string& words) {
      return to_text(
          crypto::Sealer::seal(key, "text/plain", as_bytes(words), rig.machine.random).view());
    };
    protocol::AccessLine line;
    line.format = protocol::reason_line_format;
    line.outcome = outcome;
    line.index = server.lines.size();
    line.time = now();
    line.link = link->id;
    line.recipient = sealed(crypto::recipient_key(link->secret, link->id), who);
    line.reason = sealed(crypto::reason_key(link->secret, link->id), why);
    server.lines.push_back(line);
    ++server.counted.openings;
  }
  bool look() {
    const auto done = rig.ask("emergency look");
    REQUIRE(done.error == errc::ok);
    return done.result.at("changed").as_bool();
  }
};

std::string member(const boost::json::value& from, boost::json::string_view name) {
  return std::string{from.as_object().at(name).as_string()};
}

TEST_SUITE("vault/daemon/cards") {
  TEST_CASE("a card holds what was chosen, for a year, and says what stands on its paper") {
    CardLife life;
    auto arguments = life.both();
    arguments["call"] = "Léo Exemple, 06 00 00 00 00";
    const auto done = life.rig.ask("emergency card", arguments);
    REQUIRE(done.error == errc::ok);
    CHECK(done.result.at("emergency") == true);
    CHECK(done.result.at("documents") == 2);
    const auto& paper = done.result.at("paper").as_object();
    CHECK(member(paper.at("patient"), "name") == "Camille Exemple");
    CHECK(paper.at("contacts").as_array().at(0) == "Léo Exemple, 06 00 00 00 00");
    CHECK(Life::text(done.result, "consent").find("scellés de nouveau") != std::string::npos);
    const auto policy = life.policy();
    CHECK(protocol::asks_reason(policy));
    CHECK(policy.expires_at - policy.not_before == 365 * 86400);
    CHECK(policy.openings == 0);
    CHECK(life.news().empty());
  }

  TEST_CASE("what a card would hold is shown first, and nothing is made") {
    CardLife life;
    const auto shown = life.rig.ask("emergency preview", life.both());
    REQUIRE(shown.error == errc::ok);
    CHECK(shown.result.at("documents").as_array().size() == 2);
    CHECK(Life::text(shown.result, "consent").starts_with("Carte d'urgence"));
    CHECK(life.cards().empty());
    CHECK(life.published() == 0);
  }

  TEST_CASE("masked and sensitive documents are on no card, chosen or not") {
    CardLife life;
    auto masked = test::prepared("Compte rendu masqué", "texte");
    masked.entry.confidentiality = {{"R", "2.16.840.1.113883.5.25", ""}};
    const auto hidden = life.put(std::move(masked));
    const auto hiv = life.put(test::serology());
    for (const auto& id : {hidden, hiv}) {
      const auto refused = life.rig.ask("emergency card", life.with({life.allergies, id}));
      CHECK(refused.error == errc::denied);
      CHECK(refused.detail.find(id == hiv ? "Sérologie" : "masqué") != std::string::npos);
    }
    CHECK(life.cards().empty());
    CHECK(life.published() == 0);
  }

  TEST_CASE("a card holds a few documents of one person") {
    CardLife life;
    std::vector<DocumentId> many;
    for (int i = 0; i < 11; ++i) many.push_back(life.rig.put_text("Note " + std::to_string(i)));
    CHECK(life.rig.error_of("emergency card", life.with(many)) == errc::usage);
    many.pop_back();
    CHECK(life.rig.error_of("emergency card", life.with(many)) == errc::ok);
  }

  TEST_CASE("printed again it is the same link, and a new card retires the one before") {
    CardLife life;
    CHECK(life.rig.error_of("emergency card") == errc::not_found);
    const auto first = life.made(life.both());
    CHECK(life.made({}) == first);
    CHECK(life.published() == 1);
    const auto second = life.made(life.with({life.allergies}));
    CHECK(second != first);
    CHECK(life.server.revoked.size() == 1);
    const auto cards = life.cards();
    REQUIRE(cards.size() == 2);
    CHECK(Life::text(cards[0], "state") == "live");
    CHECK(Life::text(cards[1], "state") == "revoked");
    CHECK(life.made({}) == second);
  }

  TEST_CASE("removed, the paper opens nothing") {
    CardLife life;
    (void)life.made(life.both());
    CHECK(life.rig.error_of("emergency remove") == errc::ok);
    CHECK(life.server.revoked.size() == 1);
    CHECK(life.rig.error_of("emergency remove") == errc::not_found);
    CHECK(life.rig.error_of("emergency card") == errc::not_found);
  }

  TEST_CASE("without the server no card is made") {
    CardLife life;
    life.server.reachable = false;
    CHECK(life.rig.error_of("emergency card", life.both()) == errc::server_unreachable);
    CHECK(life.rig.heard.secrets.empty());
    CHECK(life.cards().empty());
  }

  TEST_CASE("who opened it and why is noted once, and told") {
    CardLife life;
    const auto link = life.made(life.both());
    CHECK_FALSE(life.look());
    life.open(link, "Dr Alice Martin, SAMU", "trouvé inconscient");
    CHECK(life.look());
    CHECK_FALSE(life.look());
    const auto news = life.news();
    REQUIRE(news.size() == 1);
    CHECK(news[0].at("print") == false);
    const auto& openings = news[0].at("openings").as_array();
    REQUIRE(openings.size() == 1);
    CHECK(member(openings[0], "who") == "Dr Alice Martin, SAMU");
    CHECK(member(openings[0], "why") == "trouvé inconscient");
    REQUIRE(life.rig.error_of("access-log") == errc::ok);
    REQUIRE(life.rig.heard.rows.size() == 1);
    CHECK(Life::text(life.rig.heard.rows[0], "reason") == "trouvé inconscient");
    CHECK(Life::text(life.rig.heard.rows[0], "recipient") == "Dr Alice Martin, SAMU");
  }

  TEST_CASE("a quarter of an hour after its last use it is sealed anew, under another link") {
    CardLife life;
    const auto link = life.made(life.both());
    life.open(link, "Dr Alice Martin", "chute");
    life.now() += 10 * minute;
    life.open(link, "Hôpital Exemple", "accueil");
    CHECK(life.look());
    life.now() += 14 * minute;
    CHECK_FALSE(life.look());
    CHECK(life.server.revoked.empty());  // who reads it now goes on
    life.now() += minute;
    CHECK(life.look());
    CHECK(life.published() == 2);
    REQUIRE(life.server.revoked.size() == 1);
    life.server.counted.openings = 0;  // of the new one
    auto cards = life.cards();
    REQUIRE(cards.size() == 2);
    CHECK(Life::text(cards[0], "state") == "live");
    CHECK(cards[0].at("print") == true);
    CHECK(cards[0].at("documents") == 2);
    CHECK(cards[0].at("expires_at") == cards[1].at("expires_at"));
    CHECK(Life::text(cards[1], "next") == Life::text(cards[0], "id"));
    CHECK(cards[1].at("used").as_array().size() == 2);
    auto news = life.news();
    REQUIRE(news.size() == 1);
    CHECK(news[0].at("print") == true);
    CHECK(news[0].at("openings").as_array().size() == 2);
    // Until it was printed.
    const auto fresh = life.made({});
    CHECK(fresh != link);
    CHECK(life.news().empty());
    CHECK_FALSE(life.look());
  }

  TEST_CASE("opened again and again it is sealed anew all the same, a day after the first time") {
    CardLife life;
    const auto link = life.made(life.both());
    for (int i = 0; i <= 24 * 6; ++i) {
      life.open(link, "quelqu'un", "sans cesse");
      life.now() += 10 * minute;
    }
    CHECK(life.look());
    CHECK(life.server.revoked.size() == 1);
    CHECK(life.published() == 2);
  }

  TEST_CASE("with a delay the person hears of it before, and it is sealed anew only behind it") {
    CardLife life;
    auto arguments = life.both();
    arguments["delay"] = "2d";
    CHECK(life.rig.error_of("emergency card", arguments) == errc::usage);
    arguments["delay"] = "30m";
    const auto link = life.made(arguments);
    CHECK(life.policy().delay == 30 * minute);
    life.open(link, "quelqu'un", "urgence", OpeningOutcome::asked);
    CHECK(life.look());
    const auto news = life.news();
    REQUIRE(news.size() == 1);
    const auto opens_at = to_rfc3339(from_unix(life.now() + 30 * minute));
    CHECK(member(news[0].at("openings").as_array().at(0), "opens_at") == opens_at);
    life.now() += 44 * minute;
    CHECK_FALSE(life.look());
    life.now() += minute;
    CHECK(life.look());
    life.server.counted.openings = 0;
    CHECK(life.cards().at(0).at("delay") == 30 * minute);
  }

  TEST_CASE("who asks is refused at once, and the card is sealed anew") {
    CardLife life;
    auto arguments = life.both();
    arguments["delay"] = "30m";
    const auto link = life.made(arguments);
    CHECK(life.rig.error_of("emergency refuse") == errc::not_found);
    CHECK(life.server.revoked.empty());
    life.open(link, "quelqu'un", "urgence", OpeningOutcome::asked);
    CHECK(life.rig.error_of("emergency refuse") == errc::ok);
    CHECK(life.server.revoked.size() == 1);
    life.server.counted.openings = 0;
    const auto cards = life.cards();
    REQUIRE(cards.size() == 2);
    CHECK(Life::text(cards[0], "state") == "live");
    CHECK(cards[0].at("print") == true);
    CHECK(Life::text(cards[1], "state") == "revoked");
    CHECK(life.made({}) != link);
  }

  TEST_CASE("what was removed or became sensitive is not on the card that follows") {
    CardLife life;
    const auto link = life.made(life.both());
    REQUIRE(life.rig.error_of("remove", {{"id", life.treatment.text()}}) == errc::ok);
    life.open(link, "Dr Alice Martin", "chute");
    life.now() += 16 * minute;
    CHECK(life.look());
    life.server.counted.openings = 0;
    CHECK(life.cards().at(0).at("documents") == 1);
  }

  TEST_CASE(
      "a cut between publishing and writing leaves one card, not two, when it is tried again") {
    CardLife life;
    const auto link = life.made(life.both());
    life.open(link, "Dr Alice Martin", "chute");
    life.now() += 16 * minute;
    life.server.refuse = [](const protocol::Target& target) {
      return target.endpoint == test::Endpoint::publish_grant ? errc::server_error : errc::ok;
    };
    CHECK(life.rig.error_of("emergency look") != errc::ok);
    CHECK(life.news().size() == 1);  // that it was opened is known all the same
    CHECK(life.server.revoked.empty());
    life.server.refuse = {};
    CHECK(life.look());
    life.server.counted.openings = 0;
    std::size_t live = 0;
    for (const auto& card : life.cards()) live += Life::text(card, "state") == "live" ? 1U : 0U;
    CHECK(live == 1);
  }

  TEST_CASE("a sync looks too, and a lie of the log is an alarm") {
    CardLife life;
    const auto link = life.made(life.both());
    life.open(link, "Dr Alice Martin", "chute");
    const auto done = life.rig.ask("sync");
    REQUIRE(done.error == errc::ok);
    CHECK(done.result.at("emergency").as_array().size() == 1);
    life.server.lines.clear();
    life.now() += 16 * minute;
    ++life.server.counted.openings;
    CHECK(life.rig.error_of("sync") == errc::server_rolled_back);
  }
}

}  // namespace
}  // namespace coffret::daemon
