// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include <array>
#include <map>

#include "tests/support/vault_machine.hpp"

namespace coffret::store {
namespace {

class Dice {
 public:
  std::size_t below(std::size_t most) {
    std::array<std::uint8_t, 4> bytes{};
    random_.fill(bytes);
    return load_le<std::uint32_t>(bytes) % most;
  }

 private:
  test::SeededRandom random_{11};
};

// A document that is often a version of another: few sets, few identifiers, some that replace.
PreparedDocument related(Dice& dice, int number) {
  auto document = test::prepared("Document " + std::to_string(number), "texte");
  auto& entry = document.entry;
  if (dice.below(3) == 0) entry.set_id = "set " + std::to_string(dice.below(6));
  if (dice.below(2) == 0) entry.unique_id = {"id " + std::to_string(dice.below(30)), "urn:x"};
  if (dice.below(6) == 0)
    entry.relations.push_back(
        {.kind = RelationKind::replaces,
         .target = {.value = "id " + std::to_string(dice.below(30)), .system = "urn:x"}});
  document.quarantined = dice.below(10) == 0;
  return document;
}

std::map<std::string, std::string> replacements(const Vault& vault) {
  std::map<std::string, std::string> replaced_by;
  for (const bool quarantined : {false, true}) {
    const auto views = vault.documents({.quarantined = quarantined, .superseded = true});
    REQUIRE(views.has_value());
    for (const auto& view : *views)
      replaced_by[view.id.text()] = view.replaced_by ? view.replaced_by->text() : "";
  }
  return replaced_by;
}

TEST_SUITE("vault/store/listing") {
  TEST_CASE("versions counted on are those counted anew, whatever came in between") {
    test::Machine machine;
    Dice dice;
    std::vector<DocumentId> ids;
    std::map<std::string, std::string> counted_on;
    {
      auto made = machine.create();
      REQUIRE(made.has_value());
      auto& vault = made->vault;
      const auto person = vault.add_person("Léo");
      REQUIRE(person.has_value());
      for (int i = 0; i < 150; ++i) {
        ids.push_back(test::put(vault, related(dice, i)));
        counted_on = replacements(vault);
        const auto& one = ids[dice.below(ids.size())];
        switch (dice.below(12)) {
          case 0:
            CHECK(vault.remove(one).has_value());
            break;
          case 1:
            CHECK(vault.restore(one).has_value());
            break;
          case 2:
            CHECK(vault.assign(one, *person).has_value());
            break;
          default:
            break;
        }
        if (i % 10 == 0) counted_on = replacements(vault);
      }
      counted_on = replacements(vault);
    }
    std::size_t replaced = 0;
    for (const auto& [id, by] : counted_on) replaced += by.empty() ? 0U : 1U;
    CHECK(replaced > 20);
    auto opened = machine.open();
    REQUIRE(opened.has_value());
    CHECK(replacements(*opened) == counted_on);
  }
}

}  // namespace
}  // namespace coffret::store
