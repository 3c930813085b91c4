// SPDX-License-Identifier: EUPL-1.2
//
// Versions, amendments, persons, quarantine and facts, on one device.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/vault_machine.hpp"

namespace coffret::store {
namespace {

using test::Machine;
using test::prepared;
using test::put;

struct Version {
  const char* title;
  const char* own_id;
  const char* set_id;
  const char* number;
  const char* date;
  const char* replaces;
};

PreparedDocument document_of(const Version& version) {
  auto document = prepared(version.title, "mesure de glycémie", version.date);
  document.entry.unique_id = {version.own_id, "urn:test"};
  document.entry.set_id = version.set_id;
  document.entry.version_number = version.number;
  if (*version.replaces != '\0')
    document.entry.relations = {{RelationKind::replaces, {version.replaces, "urn:test"}}};
  return document;
}

std::vector<std::string> titles(const std::vector<DocumentView>& views) {
  std::vector<std::string> found;
  for (const auto& view : views) found.push_back(view.entry.title);
  return found;
}

DocumentId titled(Vault& vault, const std::string& title) {
  const auto all = vault.documents({.superseded = true});
  for (const auto& view : *all)
    if (view.entry.title == title) return view.id;
  return {};
}

Fact fact(FactKind kind, const std::string& code, const std::string& label,
          const std::string& date) {
  Fact made;
  made.kind = kind;
  made.code = {code, "2.16.840.1.113883.6.1", ""};
  made.label = label;
  made.date = date;
  made.place = "Observation/" + code;
  return made;
}

std::vector<std::string> labels(const Result<std::vector<FactView>>& facts) {
  std::vector<std::string> found;
  REQUIRE(facts.has_value());
  for (const auto& view : *facts) found.push_back(view.fact.label);
  return found;
}

TEST_SUITE("vault/store/record") {
  TEST_CASE("the newest version is the same whichever document arrived first") {
    struct {
      const char* name;
      std::vector<Version> documents;
      std::vector<std::string> history;  // oldest first
    } const cases[] = {
        {"numbers as numbers",
         {{"neuf", "a", "S", "9", "2026-02-01", ""}, {"dix", "b", "S", "10", "2026-01-01", ""}},
         {"neuf", "dix"}},
        {"a document without a number: dates",
         {{"avant", "a", "S", "2", "2026-01-01", ""}, {"après", "b", "S", "", "2026-02-01", ""}},
         {"avant", "après"}},
        {"words are no number",
         {{"avant", "a", "S", "v9", "2026-01-01", ""}, {"après", "b", "S", "1", "2026-02-01", ""}},
         {"avant", "après"}},
        {"offsets are counted",
         {{"avant", "a", "S", "", "2026-01-01T12:00:00+02:00", ""},
          {"après", "b", "S", "", "2026-01-01T11:30:00+01:00", ""}},
         {"avant", "après"}},
        {"a relation, though the dates are the same",
         {{"ancien", "a", "", "", "2026-01-01", ""}, {"nouveau", "b", "", "", "2026-01-01", "a"}},
         {"ancien", "nouveau"}},
        {"a chain of relations",
         {{"un", "a", "", "", "2026-01-03", ""},
          {"deux", "b", "", "", "2026-01-02", "a"},
          {"trois", "c", "", "", "2026-01-01", "b"}},
         {"un", "deux", "trois"}},
        {"a set and a relation together",
         {{"un", "a", "S", "1", "2026-01-01", ""},
          {"deux", "b", "S", "2", "2026-01-02", ""},
          {"trois", "c", "T", "1", "2026-01-03", "b"}},
         {"un", "deux", "trois"}},
        {"documents that replace each other",
         {{"un", "a", "", "", "2026-01-01", "b"}, {"deux", "b", "", "", "2026-01-02", "a"}},
         {"un", "deux"}},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto documents = c.documents;
      const auto by_title = [](const Version& a, const Version& b) {
        return std::string_view{a.title} < std::string_view{b.title};
      };
      std::sort(documents.begin(), documents.end(), by_title);
      do {
        Machine machine;
        auto made = machine.create();
        for (const auto& version : documents)
          REQUIRE(!put(made->vault, document_of(version)).is_zero());
        const auto newest = titled(made->vault, c.history.back());
        CHECK(titles(*made->vault.documents()) == std::vector{c.history.back()});
        CHECK(made->vault.documents({.superseded = true})->size() == documents.size());
        CHECK(made->vault.search("glycemie")->size() == 1);
        for (const auto& title : c.history) {
          const auto id = titled(made->vault, title);
          CHECK(titles(*made->vault.versions(id)) == c.history);
          const auto replaced_by = made->vault.document(id.text())->replaced_by;
          CHECK(replaced_by.value_or(newest) == newest);
          CHECK(replaced_by.has_value() == (id != newest));
        }
        CHECK(made->vault.check(true)->empty());
      } while (std::next_permutation(documents.begin(), documents.end(), by_title));
    }
  }

  TEST_CASE("what makes no versions: another set, no set, the same own id, an unknown target") {
    Machine machine;
    auto made = machine.create();
    const Version cases[] = {
        {"un", "a", "S", "1", "2026-01-01", ""},    {"deux", "b", "T", "1", "2026-01-01", ""},
        {"trois", "", "", "", "2026-01-01", ""},    {"quatre", "", "", "", "2026-01-01", ""},
        {"cinq", "same", "", "", "2026-01-01", ""}, {"six", "same", "", "", "2026-01-02", ""},
        {"sept", "c", "", "", "2026-01-01", "?"},   {"huit", "d", "", "", "2026-01-02", "?"},
        {"neuf", "e", "", "", "2026-01-02", "e"},
    };
    for (const auto& version : cases) REQUIRE(!put(made->vault, document_of(version)).is_zero());
    CHECK(made->vault.documents()->size() == std::size(cases));
    const auto alone = titled(made->vault, "un");
    CHECK(titles(*made->vault.versions(alone)) == std::vector<std::string>{"un"});
    CHECK(made->vault.versions(DocumentId{}).error() == errc::not_found);
  }

  TEST_CASE("when the newest version is removed the one before it is shown again") {
    Machine machine;
    auto made = machine.create();
    auto& vault = made->vault;
    for (const Version& version : {Version{"un", "a", "", "", "2026-01-01", ""},
                                   Version{"deux", "b", "", "", "2026-01-02", "a"},
                                   Version{"trois", "c", "", "", "2026-01-03", "b"}})
      REQUIRE(!put(vault, document_of(version)).is_zero());
    const auto middle = titled(vault, "deux");
    const auto last = titled(vault, "trois");
    CHECK(vault.remove(middle).has_value());  // and still links the others
    CHECK(titles(*vault.documents()) == std::vector<std::string>{"trois"});
    CHECK(titles(*vault.versions(last)) == std::vector<std::string>{"un", "trois"});
    CHECK(vault.remove(last).has_value());
    CHECK(titles(*vault.documents()) == std::vector<std::string>{"un"});
    CHECK(vault.restore(last).has_value());
    CHECK(titles(*vault.documents()) == std::vector<std::string>{"trois"});
  }

  TEST_CASE("a document is found by its own id, in its own system, until it is removed") {
    Machine machine;
    auto made = machine.create();
    auto& vault = made->vault;
    const auto id = put(vault, document_of({"un", "a", "", "", "2026-01-01", ""}));
    REQUIRE(vault.find_by_unique_id({"a", "urn:test"})->size() == 1);
    CHECK(vault.find_by_unique_id({"a", "urn:test"})->front().id == id);
    CHECK(vault.find_by_unique_id({"a", "urn:other"})->empty());
    CHECK(vault.find_by_unique_id({"", ""})->empty());
    CHECK(vault.remove(id).has_value());
    CHECK(vault.find_by_unique_id({"a", "urn:test"})->empty());
  }

  TEST_CASE("an amendment changes how a document is listed, found and sorted, and not its bytes") {
    Machine machine;
    auto made = machine.create();
    auto& vault = made->vault;
    const auto id = put(vault, prepared("Scan 0001", "texte", "2026-03-14"));
    CHECK(!put(vault, prepared("Autre", "x", "2020-01-01")).is_zero());
    const auto before = *vault.document(id.text());
    DocumentAmended change{.document = id,
                           .title = "Radio du genou",
                           .date = "2019-05",
                           .kind = CodedValue{"18748-4", "2.16.840.1.113883.6.1", "Imagerie"},
                           .note = "avant l'opération"};
    REQUIRE(vault.amend(change).has_value());
    const auto after = *vault.document(id.text());
    CHECK(after.entry.title == "Radio du genou");
    CHECK(after.entry.date == "2019-05");
    CHECK(after.entry.type.code == "18748-4");
    CHECK(after.entry.file_name == before.entry.file_name);
    CHECK(after.sha256 == before.sha256);
    CHECK(after.amended == change);
    CHECK(vault.documents()->back().id == id);
    CHECK(vault.documents({.kind = "18748-4"})->size() == 1);
    CHECK(vault.search("genou")->size() == 1);
    CHECK(vault.search("operation")->size() == 1);
    CHECK(vault.search("scan")->empty());

    // Field by field: the later counts, the others stay.
    CHECK(
        vault.amend({.document = id, .title = {}, .date = {}, .kind = {}, .note = ""}).has_value());
    CHECK(vault.document(id.text())->entry.title == "Radio du genou");
    CHECK(vault.search("operation")->empty());
    const auto head = vault.status()->head;
    CHECK(
        vault.amend({.document = id, .title = {}, .date = {}, .kind = {}, .note = {}}).has_value());
    CHECK(vault.status()->head == head);
    change.title = std::string(limits::short_text + 1, 't');
    CHECK(vault.amend(change).error() == errc::malformed);
    change = {.document = {}, .title = "x", .date = {}, .kind = {}, .note = {}};
    CHECK(vault.amend(change).error() == errc::not_found);
    CHECK(vault.status()->head == head);
    CHECK(vault.check(true)->empty());
  }

  TEST_CASE("a quarantined document is in no list, search or fact until it is assigned") {
    Machine machine;
    auto made = machine.create();
    auto& vault = made->vault;
    CHECK(!put(vault, document_of({"le mien", "a", "S", "1", "2026-01-01", ""})).is_zero());
    auto strange = document_of({"étranger", "b", "S", "2", "2026-02-01", ""});
    strange.quarantined = true;
    strange.facts = {fact(FactKind::result, "4548-4", "HbA1c", "2026-02-01")};
    const auto id = put(vault, strange);
    CHECK(titles(*vault.documents()) == std::vector<std::string>{"le mien"});
    CHECK(titles(*vault.documents({.quarantined = true})) == std::vector<std::string>{"étranger"});
    CHECK(vault.search("glycemie")->size() == 1);
    CHECK(vault.facts({})->empty());
    CHECK(vault.document(id.text())->quarantined);
    CHECK(vault.status()->documents == 1);
    CHECK(vault.status()->quarantined == 1);
    CHECK(vault.put_documents({strange})->front().duplicate);

    const auto child = vault.add_person("Léo Exemple");
    REQUIRE(child.has_value());
    REQUIRE(vault.assign(id, *child).has_value());
    CHECK(vault.assign(id, *child).has_value());
    CHECK(vault.documents()->size() == 2);  // another person's: no version of the owner's
    CHECK(titles(*vault.documents({.person = *child})) == std::vector<std::string>{"étranger"});
    CHECK(titles(*vault.documents({.person = PersonId{}})) == std::vector<std::string>{"le mien"});
    CHECK(vault.facts({.person = *child})->size() == 1);
    CHECK(vault.facts({.person = PersonId{}})->empty());

    REQUIRE(vault.assign(id, PersonId{}).has_value());
    CHECK(titles(*vault.documents()) == std::vector<std::string>{"étranger"});
    CHECK(vault.documents({.person = *child})->empty());
    CHECK(vault.assign(id, test::counting_id<PersonId>(9)).error() == errc::not_found);
    CHECK(vault.assign(DocumentId{}, *child).error() == errc::not_found);
    CHECK(vault.check(true)->empty());
  }

  TEST_CASE("the owner is the first of the persons, and names are taken once") {
    Machine machine;
    PersonId child;
    const PatientIdentity identity{.family = "EXEMPLE",
                                   .families = {"EXEMPLE"},
                                   .given = "Léo",
                                   .birth_date = "2015-02-03",
                                   .gender = "M",
                                   .ids = {}};
    {
      auto made = machine.create();
      auto& vault = made->vault;
      REQUIRE(vault.persons().size() == 1);
      CHECK(vault.persons().front().name == "Camille Exemple");
      CHECK(vault.persons().front().id.is_zero());
      child = *vault.add_person("Léo Exemple");
      CHECK(vault.add_person("Anne Exemple").has_value());
      CHECK(vault.add_person("Léo Exemple").error() == errc::conflict);
      CHECK(vault.add_person("Camille Exemple").error() == errc::conflict);
      CHECK(vault.add_person("").error() == errc::malformed);
      CHECK(vault.add_person(std::string(limits::short_text + 1, 'n')).error() == errc::malformed);
      CHECK(vault.identify(child, identity).has_value());
      CHECK(vault.identify(test::counting_id<PersonId>(9), identity).error() == errc::not_found);
    }
    auto vault = machine.open();
    REQUIRE(vault.has_value());
    const auto persons = vault->persons();
    REQUIRE(persons.size() == 3);
    CHECK(persons[0].name == "Camille Exemple");
    CHECK(persons[1].name == "Anne Exemple");
    CHECK(persons[2].id == child);
    CHECK(persons[2].identity == identity);
  }

  TEST_CASE("facts are found by kind, code, words and dates, newest first") {
    Machine machine;
    auto made = machine.create();
    auto& vault = made->vault;
    auto lab = prepared("Biologie", "1");
    lab.facts = {fact(FactKind::result, "4548-4", "Hémoglobine glyquée", "2026-01-05"),
                 fact(FactKind::result, "2345-7", "Glycémie à jeun", "2026-03-05T08:00:00+01:00"),
                 fact(FactKind::result, "X", "Sans date", "")};
    lab.facts[0].codings = {{"4548-4", "2.16.840.1.113883.6.1", "HbA1c"}, {"GHB", "1.2.3", "A1c"}};
    auto letter = prepared("Lettre", "2");
    letter.facts = {fact(FactKind::medicine, "C10AA05", "Atorvastatine", "2024-06"),
                    fact(FactKind::problem, "44054006", "Diabète, hémoglobine élevée", "2020")};
    const auto id = put(vault, lab);
    REQUIRE(!put(vault, letter).is_zero());
    struct {
      const char* name;
      FactFilter filter;
      std::vector<std::string> expected;
    } const cases[] = {
        {"all",
         {},
         {"Glycémie à jeun", "Hémoglobine glyquée", "Atorvastatine", "Diabète, hémoglobine élevée",
          "Sans date"}},
        {"kind", {.kind = FactKind::medicine}, {"Atorvastatine"}},
        {"code", {.code = "4548-4"}, {"Hémoglobine glyquée"}},
        {"part of a code", {.code = "4548"}, {}},
        {"another code of it", {.kind = FactKind::result, .code = "GHB"}, {"Hémoglobine glyquée"}},
        {"another kind's code", {.kind = FactKind::problem, .code = "GHB"}, {}},
        {"words", {.code = "hemoglobine"}, {"Hémoglobine glyquée", "Diabète, hémoglobine élevée"}},
        {"part of a word", {.code = "GLYQ"}, {"Hémoglobine glyquée"}},
        {"kind and words",
         {.kind = FactKind::problem, .code = "hémoglob"},
         {"Diabète, hémoglobine élevée"}},
        {"since", {.since = "2026-01-06"}, {"Glycémie à jeun"}},
        {"until", {.until = "2024"}, {"Atorvastatine", "Diabète, hémoglobine élevée"}},
        {"only signs", {.code = "!"}, {}},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      CHECK(labels(vault.facts(c.filter)) == c.expected);
    }
    const auto one = vault.facts({.code = "4548-4"})->front();
    CHECK(one.fact == lab.facts[0]);
    CHECK(one.document == id);
    CHECK(one.document_title == "Biologie");
    CHECK(one.document_date == "2026-03-14");
    CHECK(vault.check(true)->empty());

    CHECK(vault.facts_of(id)->front() == lab.facts[0]);

    CHECK(vault.set_derived(id, "1", {}, {lab.facts[2]}).has_value());
    CHECK(vault.facts({.code = "GHB"})->empty());
    CHECK(labels(vault.facts({.kind = FactKind::result})) == std::vector<std::string>{"Sans date"});
    CHECK(vault.remove(id).has_value());
    CHECK(vault.facts({.kind = FactKind::result})->empty());
    auto wrong = lab.facts;
    wrong[0].kind = static_cast<FactKind>(99);
    CHECK(vault.set_derived(id, "1", {}, wrong).error() == errc::malformed);
    wrong = lab.facts;
    wrong[0].codings.assign(limits::codings + 1, {"1", "2", "3"});
    CHECK(vault.set_derived(id, "1", {}, wrong).error() == errc::malformed);
    wrong.assign(limits::facts + 1, lab.facts[0]);
    CHECK(vault.set_derived(id, "1", {}, wrong).error() == errc::malformed);
  }

  TEST_CASE("how large a picture is lasts, and follows what is read anew") {
    Machine machine;
    DocumentId id;
    {
      auto made = machine.create();
      auto scan = prepared("Photographie", "1");
      scan.picture = {.width = 640, .height = 480};
      id = put(made->vault, scan);
      CHECK(*made->vault.picture(put(made->vault, prepared("Lettre", "2"))) == PictureSize{});
    }
    auto vault = machine.open();
    REQUIRE(vault.has_value());
    CHECK(*vault->picture(id) == PictureSize{640, 480});
    CHECK(vault->set_derived(id, "1", {}, {}, {.width = 4'000'000'000, .height = 1}).has_value());
    CHECK(*vault->picture(id) == PictureSize{4'000'000'000, 1});
    CHECK(vault->set_derived(id, "1", {}, {}).has_value());
    CHECK(*vault->picture(id) == PictureSize{});
    CHECK(vault->picture(test::counting_id<DocumentId>(9)).error() == errc::not_found);
  }

  TEST_CASE("facts of a version that was replaced are not shown") {
    Machine machine;
    auto made = machine.create();
    auto old_one = document_of({"un", "a", "S", "1", "2026-01-01", ""});
    old_one.facts = {fact(FactKind::result, "1", "ancienne valeur", "2026-01-01")};
    auto new_one = document_of({"deux", "b", "S", "2", "2026-01-02", ""});
    new_one.facts = {fact(FactKind::result, "1", "valeur corrigée", "2026-01-01")};
    REQUIRE(made->vault.put_documents({new_one, old_one}).has_value());
    CHECK(labels(made->vault.facts({})) == std::vector<std::string>{"valeur corrigée"});
  }
}

}  // namespace
}  // namespace coffret::store
