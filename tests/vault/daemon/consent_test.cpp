// SPDX-License-Identifier: EUPL-1.2
//
// What is agreed to, in the words that were shown.
#include <doctest/doctest.h>

#include "tests/support/grant_life.hpp"
#include "vault/daemon/consent.hpp"

namespace coffret::daemon {
namespace {

using boost::json::object;
using protocol::Endpoint;
using test::asking;
using test::Life;

TEST_SUITE("vault/daemon/consent") {
  TEST_CASE("the text is kept as it was shown, and nothing is made of what was not") {
    Life life;
    const auto seen = life.rig.ask("grant preview", asking({{"all", true}}));
    REQUIRE(seen.error == errc::ok);
    const auto agreed = [&] {
      auto arguments = asking({{"all", true}});
      arguments["seen"] = boost::json::array{seen.result.at("documents").as_array()[0].at("id")};
      for (const auto* name : {"consent", "not_before", "expires_at"})
        arguments[name] = seen.result.at(name);
      return arguments;
    }();
    // Read for a while, and the server's clock is ahead.
    life.rig.machine.clock.time += 600;
    life.server.time = life.rig.machine.clock.time + 3600;
    const auto told = life.shown(life.granted(agreed));
    CHECK(told.at("consent") == seen.result.at("consent"));
    CHECK(told.at("not_before") == seen.result.at("not_before"));
    CHECK(told.at("expires_at") == seen.result.at("expires_at"));
    CHECK(to_rfc3339(from_unix(life.policy().expires_at)) == Life::text(told, "expires_at"));
    const auto refused = [&](const char* name, const object& arguments) {
      CAPTURE(name);
      const auto done = life.rig.ask("grant create", arguments);
      CHECK(done.error == errc::conflict);
      CHECK_FALSE(done.detail.empty());
      CHECK(life.grants() == 1);
    };
    auto other_text = agreed;
    other_text["consent"] = "Ce que je n'ai pas lu.";
    refused("another text", other_text);
    auto other_end = agreed;
    other_end["expires_at"] = to_rfc3339(from_unix(life.policy().expires_at + 86400));
    refused("another end than the text says", other_end);
    auto past = agreed;
    past["expires_at"] = past["not_before"];
    refused("an end that is past", past);
    (void)life.rig.put_text("Arrivé entre-temps");
    refused("another document", agreed);
  }

  TEST_CASE("each reason for leaving a document out has its own sentence") {
    grants::GrantRequest request;
    request.caregiver = "Dr Exemple";
    request.terms.all = true;
    grants::Scope scope;
    scope.left_out = {{{}, {grants::Sensitive::hiv}},
                      {{}, {grants::Sensitive::hiv, grants::Sensitive::masked}},
                      {{}, {grants::Sensitive::masked}},
                      {{}, {}, "undated"},
                      {{}, {}, "unread"},
                      {{}, {}, "unread"},
                      {{}, {}, "body_missing"}};
    const auto says = [&](Language language, std::string_view sentence) {
      return consent_text(request, scope, {}, language).find(sentence) != std::string::npos;
    };
    using enum Language;
    CHECK(says(french,
               "\nJe n'y mets pas 2 documents de nature sensible : je peux les ajouter un "
               "par un.\n"));
    CHECK(says(french, "\nJe n'y mets pas 1 document masqué : je peux l'ajouter.\n"));
    CHECK(says(french, "\nJe n'y mets pas 1 document sans date certaine : je peux l'ajouter.\n"));
    CHECK(says(french, "\n2 documents ne sont pas encore lus : ils n'y sont pas.\n"));
    CHECK(
        says(french, "\n1 document n'est pas encore arrivé sur cet appareil : il n'y est pas.\n"));
    CHECK(says(english,
               "\nI leave out 2 documents of a sensitive kind: I can add them one by "
               "one.\n"));
    CHECK(says(english, "\nI leave out 1 document that is masked: I can add it.\n"));
    CHECK(says(english, "\nI leave out 1 document without a certain date: I can add it.\n"));
    CHECK(says(english, "\n2 documents are not read yet: they are not in it.\n"));
    CHECK(says(english, "\n1 document is not on this device yet: it is not in it.\n"));
    request.terms.evolving = true;  // those come by themselves
    CHECK(says(french,
               "\n2 documents ne sont pas encore lus : ils s'y ajouteront d'eux-mêmes, sauf "
               "ceux qui se révèlent sensibles.\n"));
    CHECK(says(english,
               "\n1 document is not on this device yet: it is added by itself, unless it "
               "proves sensitive.\n"));
  }

  TEST_CASE("whose record it is and what was put in one by one are said") {
    grants::GrantRequest request;
    request.caregiver = "Dr Exemple";
    request.documents.resize(3);
    grants::Scope scope;
    scope.chosen_sensitive = {{{}, {grants::Sensitive::hiv}},
                              {{}, {grants::Sensitive::masked}},
                              {{}, {grants::Sensitive::masked, grants::Sensitive::genetics}}};
    struct {
      const char* name;
      std::string_view person;
      bool several;
      std::string_view french;
      std::string_view english;
    } const cases[] = {
        {"the owner's", "", false, "accès à 3 documents de mon dossier, du ",
         "access to 3 documents of my record, from "},
        {"a child's", "Léa Exemple", false, "accès à 3 documents du dossier de Léa Exemple, du ",
         "access to 3 documents of the record of Léa Exemple, from "},
        {"of several", "Léa Exemple", true, "accès à 3 documents de plusieurs dossiers, du ",
         "access to 3 documents of several records, from "},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      request.several_persons = c.several;
      const auto french = consent_text(request, scope, c.person, Language::french);
      const auto english = consent_text(request, scope, c.person, Language::english);
      CHECK(french.find(c.french) != std::string::npos);
      CHECK(english.find(c.english) != std::string::npos);
      CHECK(
          french.find("\nJ'y mets, choisis un par un : 2 documents de nature sensible, 1 document "
                      "masqué.\n") != std::string::npos);
      CHECK(
          english.find("\nI put in, chosen one by one: 2 documents of a sensitive kind, 1 document "
                       "that is masked.\n") != std::string::npos);
    }
  }

  TEST_CASE("what a rule names is a sentence in both languages") {
    grants::GrantRequest request;
    request.caregiver = "Dr Exemple";
    request.documents.resize(1);
    request.terms.categories = {"laboratory", "other"};
    request.terms.since = "2026-03-01";
    CHECK(
        consent_text(request, {}, {}, Language::french)
            .starts_with("Je donne à Dr Exemple accès aux documents de mon dossier de ces sortes "
                         ": analyses, autres documents à partir du 1er mars 2026 (1 document), "));
    CHECK(consent_text(request, {}, {}, Language::english)
              .starts_with("I give Dr Exemple access to the documents of my record of these kinds: "
                           "laboratory results, other documents from 1 March 2026 (1 document), "));
    request.terms.all = true;
    CHECK(
        consent_text(request, {}, {}, Language::french)
            .starts_with("Je donne à Dr Exemple accès à tous les documents de mon dossier à partir "
                         "du 1er mars 2026 (1 document), "));
  }

  TEST_CASE("a grant to a key speaks of no link and no page") {
    grants::GrantRequest request;
    request.caregiver = "Dr Exemple";
    request.openings = 2;
    for (const auto delivery : {Delivery::link, Delivery::shl, Delivery::key}) {
      request.delivery = delivery;
      const auto french = consent_text(request, {}, {}, Language::french);
      const auto english = consent_text(request, {}, {}, Language::english);
      const bool page = delivery == Delivery::link;
      const bool link = delivery != Delivery::key;
      CHECK((french.find("La page") != std::string::npos) == page);
      CHECK((english.find("The page") != std::string::npos) == page);
      CHECK((french.find("Le lien s'ouvre 2 fois") != std::string::npos) == link);
      CHECK((english.find("The link opens 2 times") != std::string::npos) == link);
      CHECK((french.find("Ce partage s'ouvre 2 fois") != std::string::npos) != link);
      CHECK((english.find("This grant opens 2 times") != std::string::npos) != link);
    }
  }
}

}  // namespace
}  // namespace coffret::daemon
