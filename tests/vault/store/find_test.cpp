// SPDX-License-Identifier: EUPL-1.2
//
// The search index against a search that reads everything, over a small record of all spellings.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>

#include "tests/support/vault_machine.hpp"
#include "vault/store/documents.hpp"
#include "vault/store/schema.hpp"
#include "vault/store/search.hpp"

namespace coffret::store {
namespace {

// A word as the index has it, and ways to write it.
struct Word {
  std::string folded;
  std::vector<std::string> written;
};
const std::vector<Word> vocabulary = {
    {"glycemie", {"glycémie", "GLYCÉMIE", "glyce\u0301mie", "Glycemie"}},
    {"glycol", {"glycol"}},
    {"glyquee", {"glyquée", "GLYQUÉE"}},
    {"coeur", {"cœur", "CŒUR", "coeur"}},
    {"oedeme", {"œdème", "ŒDÈME", "\u0153de\u0300me"}},
    {"oeil", {"œil", "oeil"}},
    {"fibrillation", {"ﬁbrillation", "fibrillation"}},
    {"strasse", {"Straße", "strasse"}},
    {"garcon", {"garçon", "GARC\u0327ON"}},
    {"eau", {"eau", "EAU"}},
    {"l", {"l"}},
    {"d", {"d"}},
    {"12", {"12"}},
    {"patient", {"patient", "Patient", "PATIENT"}},
    {"patiente", {"patiente"}},
};

// Words in a row: what they are, and one way to write them.
struct Line {
  std::vector<std::string> words;
  std::string written;
};

struct Filed {
  DocumentId id;
  std::vector<std::vector<std::string>> columns;  // words of title, author and text
};

class Pen {
 public:
  std::size_t below(std::size_t most) {
    std::array<std::uint8_t, 4> bytes{};
    random_.fill(bytes);
    return load_le<std::uint32_t>(bytes) % most;
  }
  Line line(std::size_t words) {
    Line line;
    for (std::size_t i = 0; i < words; ++i) {
      const auto& word = vocabulary[below(vocabulary.size())];
      const bool elides = word.folded == "l" || word.folded == "d";
      line.words.push_back(word.folded);
      line.written += word.written[below(word.written.size())];
      static const std::vector<std::string> between = {" ", ", ", "\n", " : ", "-", "\u00a0"};
      line.written += elides ? (below(2) == 0 ? "'" : "\u2019") : between[below(between.size())];
    }
    return line;
  }

 private:
  test::SeededRandom random_{7};
};

struct Asked {
  std::vector<std::string> words;
  bool prefix = false;
};

bool has(const std::vector<std::string>& column, const Asked& asked) {
  const auto same = [&](const std::string& word, const std::string& wanted) {
    return asked.prefix ? word.starts_with(wanted) : word == wanted;
  };
  return std::search(column.begin(), column.end(), asked.words.begin(), asked.words.end(), same) !=
         column.end();
}

bool has(const Filed& document, const Asked& asked) {
  return std::any_of(document.columns.begin(), document.columns.end(),
                     [&](const auto& column) { return has(column, asked); });
}

// A question of up to three terms, as typed and as it is meant.
std::pair<std::string, std::vector<Asked>> question(Pen& pen) {
  std::string typed;
  std::vector<Asked> meant;
  for (std::size_t terms = 1 + pen.below(3); terms > 0; --terms) {
    const auto& word = vocabulary[pen.below(vocabulary.size())];
    const auto& written = word.written[pen.below(word.written.size())];
    switch (pen.below(5)) {
      case 0: {
        auto line = pen.line(2);
        typed += '"' + line.written + "\" ";
        meant.push_back({std::move(line.words)});
        break;
      }
      case 1:
        typed += word.folded.substr(0, 1 + pen.below(4)) + "* ";
        meant.push_back({{typed.substr(typed.rfind(' ', typed.size() - 2) + 1)}, true});
        meant.back().words.front().resize(meant.back().words.front().size() - 2);
        break;
      case 2:
        typed += (pen.below(2) == 0 ? "l'" : "D\u2019") + written + ' ';
        meant.push_back({{word.folded}});
        break;
      case 3:
        typed += "! " + written + ' ';
        meant.push_back({{word.folded}});
        break;
      default:
        typed += written + ' ';
        meant.push_back({{word.folded}});
    }
  }
  return {typed, meant};
}

std::vector<Filed> file_all(Vault& vault, Pen& pen) {
  std::vector<PreparedDocument> batch;
  std::vector<Filed> filed;
  for (int i = 0; i < 60; ++i) {
    const auto title = pen.line(pen.below(3));
    const auto author = pen.line(1 + pen.below(2));
    const auto text = pen.line(pen.below(40));
    auto document = test::prepared(title.written, text.written + " z" + std::to_string(i));
    document.entry.file_name = "f";
    document.entry.category = i % 3 == 0 ? "lab" : "other";
    document.entry.type = {i % 2 == 0 ? "11502-2" : "34133-9", "loinc", ""};
    document.entry.date = "20" + std::to_string(10 + i % 12) + (i % 4 == 0 ? "" : "-06-15");
    Author one;
    one.name = author.written;
    document.entry.authors = {one};
    batch.push_back(std::move(document));
    auto titled = title.words;
    titled.emplace_back("f");
    filed.push_back({{}, {std::move(titled), author.words, text.words}});
  }
  const auto put = vault.put_documents(std::move(batch));
  REQUIRE(put.has_value());
  for (std::size_t i = 0; i < filed.size(); ++i) filed[i].id = (*put)[i].id;
  return filed;
}

std::set<std::string> found(const Vault& vault, const std::string& typed,
                            const DocumentFilter& filter = {}) {
  const auto hits = vault.search(typed, 1000, filter);
  REQUIRE(hits.has_value());
  std::set<std::string> ids;
  for (const auto& hit : *hits) ids.insert(hit.document.id.text());
  CHECK(ids.size() == hits->size());
  return ids;
}

TEST_SUITE("vault/store/find") {
  TEST_CASE("the index finds what a search that reads everything finds, and shows where") {
    test::Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    Pen pen;
    const auto filed = file_all(made->vault, pen);
    std::size_t answers = 0;
    for (int round = 0; round < 400; ++round) {
      const auto [typed, meant] = question(pen);
      CAPTURE(typed);
      std::set<std::string> expected;
      std::set<std::string> marked;  // whose text has one of the terms
      for (const auto& document : filed) {
        const auto& terms = meant;
        if (!std::all_of(terms.begin(), terms.end(),
                         [&](const Asked& asked) { return has(document, asked); }))
          continue;
        expected.insert(document.id.text());
        if (std::any_of(terms.begin(), terms.end(),
                        [&](const Asked& asked) { return has(document.columns[2], asked); }))
          marked.insert(document.id.text());
      }
      answers += expected.size();
      CHECK(found(made->vault, typed) == expected);
      const auto hits = made->vault.search(typed, 1000);
      REQUIRE(hits.has_value());
      for (const auto& hit : *hits)
        CHECK((hit.snippet.find("‹") != std::string::npos) ==
              marked.contains(hit.document.id.text()));
    }
    CHECK(answers > 400);  // the questions were some
  }

  TEST_CASE("filters leave what they leave of the list, also of what was changed since") {
    test::Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    auto& vault = made->vault;
    Pen pen;
    const auto filed = file_all(vault, pen);
    const auto person = vault.add_person("Léo");
    REQUIRE(person.has_value());
    const auto judge = [&](const DocumentFilter& filter) {
      const auto everything = vault.documents({.superseded = true});
      REQUIRE(everything.has_value());
      std::set<std::string> expected;
      for (const auto& view : *everything)
        if (matches(filter, view)) expected.insert(view.id.text());
      CHECK(found(vault, "f", filter) == expected);
      const auto listed = vault.documents(filter);
      REQUIRE(listed.has_value());
      CHECK(listed->size() == expected.size());
    };
    const std::vector<DocumentFilter> filters = {
        {},
        {.category = "lab"},
        {.kind = "11502-2"},
        {.since = "2015"},
        {.since = "2012-06", .until = "2018-06-15"},
        {.kind = "34133-9", .category = "lab", .until = "2016"},
        {.person = *person},
        {.category = "none"},
    };
    for (const auto& filter : filters) judge(filter);
    for (std::size_t i = 0; i < 12; ++i) {
      const auto& id = filed[i * 3].id;
      CHECK(vault
                .amend({.document = id,
                        .title = {},
                        .date = "2030-01-0" + std::to_string(1 + i % 9),
                        .kind = CodedValue{"11502-2", "loinc", ""},
                        .note = {}})
                .has_value());
      if (i % 3 == 0) CHECK(vault.assign(id, *person).has_value());
      if (i % 4 == 0) CHECK(vault.remove(filed[i * 3 + 1].id).has_value());
    }
    for (const auto& filter : filters) judge(filter);
    judge({.since = "2030"});
  }

  TEST_CASE("a title found far behind the candidates shows its text's own place") {
    test::Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    const auto old = test::put(made->vault, test::prepared("Thyroïde", "examen de la thyroïde"));
    std::vector<PreparedDocument> batch;
    for (int i = 0; i < 310; ++i)
      batch.push_back(test::prepared("Note " + std::to_string(i), "thyroïde"));
    REQUIRE(made->vault.put_documents(std::move(batch)).has_value());
    for (const char* words : {"thyroïde", "thyro*"}) {
      const auto hits = made->vault.search(words);
      REQUIRE(!hits->empty());
      CHECK(hits->front().document.id == old);
      CHECK(hits->front().snippet == "examen de la ‹thyroïde›");
    }
  }

  TEST_CASE("a snippet is the part with the most terms, marked once where they overlap") {
    test::Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    std::string far = "glycémie";
    for (int i = 0; i < 40; ++i) far += " mot";
    far += " glycémie à jeun";
    for (int i = 0; i < 40; ++i) far += " fin";
    REQUIRE(made->vault
                .put_documents({test::prepared("Un", far),
                                test::prepared("Deux", "(un deux trois un deux)"),
                                test::prepared("Trois", "")})
                .has_value());
    struct {
      const char* words;
      const char* snippet;
    } const cases[] = {
        {"glycémie jeun",
         "…mot mot mot mot mot mot ‹glycémie› à ‹jeun› fin fin fin fin fin fin fin…"},
        {"jeun", "…mot mot mot mot mot glycémie à ‹jeun› fin fin fin fin fin fin fin fin…"},
        {"\"un deux\" \"deux trois\"", "(‹un deux trois› ‹un deux›)"},
        {"trois deux", "(un ‹deux› ‹trois› un ‹deux›)"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.words);
      const auto hits = made->vault.search(c.words);
      REQUIRE(hits->size() == 1);
      CHECK(hits->front().snippet == c.snippet);
    }
  }

  TEST_CASE("a prefix of more words than are written out is found all the same") {
    test::Machine machine;
    auto made = machine.create();
    REQUIRE(made.has_value());
    std::string text;
    for (int i = 0; i < 300; ++i) text += "abc" + std::to_string(i) + ' ';
    test::put(made->vault, test::prepared("Liste", text));
    for (const char* words : {"abc*", "abc2*", "abc299*", "liste abc*"}) {
      CAPTURE(words);
      const auto hits = made->vault.search(words);
      REQUIRE(hits->size() == 1);
      CHECK(hits->front().snippet.find("‹abc") != std::string::npos);
    }
    CHECK(made->vault.search("abd*")->empty());
  }

  TEST_CASE("a word is known as long as a text has it, and again after an act that was undone") {
    test::Machine machine;
    const auto path = machine.folder / "words.db";
    REQUIRE(machine.disk.replace(path, {}).has_value());
    test::SeededRandom random{3};
    const auto key = crypto::make_key<crypto::StoreKey>(random);
    auto db = Connection::open(path, key);
    REQUIRE(db.has_value());
    REQUIRE(db->execute(schema).has_value());
    REQUIRE(db->execute("PRAGMA foreign_keys = OFF").has_value());
    Search search{*db};
    REQUIRE(search.prepare().has_value());
    const auto known = [&] {
      std::string words;
      auto query = db->prepare("SELECT word FROM words ORDER BY word");
      REQUIRE(query.has_value());
      for (auto more = query->step(); more.has_value() && *more; more = query->step())
        words.append(query->text(0)).push_back(' ');
      return words;
    };
    const DocumentEntry entry{};
    {
      auto undone = Transaction::begin(*db);
      REQUIRE(undone.has_value());
      CHECK(search.add(1, entry, "thorax cœur").has_value());
    }
    CHECK(known().empty());
    CHECK(search.add(1, entry, "thorax cœur").has_value());
    CHECK(search.add(2, entry, "le cœur").has_value());
    CHECK(known() == "coeur le thorax ");
    CHECK(search.replace_text(2, "un rein").has_value());
    CHECK(known() == "coeur rein thorax un ");
    CHECK(search.remove(1).has_value());
    CHECK(known() == "rein un ");
    CHECK(search.add(3, entry, "thorax").has_value());
    CHECK(known() == "rein thorax un ");
  }

  TEST_CASE("a store without an index of names gets one, also for rows added without it") {
    test::Machine machine;
    const auto path = machine.folder / "old.db";
    REQUIRE(machine.disk.replace(path, {}).has_value());
    test::SeededRandom random{3};
    const auto key = crypto::make_key<crypto::StoreKey>(random);
    auto db = Connection::open(path, key);
    REQUIRE(db.has_value());
    REQUIRE(db->execute(schema).has_value());
    REQUIRE(db->execute("PRAGMA foreign_keys = OFF").has_value());
    Search search{*db};
    const auto add_without = [&](const std::string& row) {
      for (const char* table : {"texts(row,", "search(rowid,"})
        REQUIRE(db->execute(("INSERT INTO " + std::string{table} + " title, author, text) VALUES(" +
                             row + ", 'Radiographie', 'Dr Modèle', 'thorax')")
                                .c_str())
                    .has_value());
    };
    const auto wanted = [](std::int64_t) { return true; };
    add_without("1");
    REQUIRE(search.prepare().has_value());
    CHECK(search.by_author("modele")->size() == 1);
    add_without("2");
    CHECK(search.by_author("modele")->size() == 1);
    REQUIRE(search.prepare().has_value());
    CHECK(search.by_author("modele")->size() == 2);
    for (const char* words : {"radiographie", "thor*"}) {
      const auto hits = search.find(*terms_of(words), wanted, 50);
      REQUIRE(hits.has_value());
      CHECK(hits->size() == 2);
    }
  }
}

}  // namespace
}  // namespace coffret::store
