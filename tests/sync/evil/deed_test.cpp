// SPDX-License-Identifier: EUPL-1.2
#include "tools/evil/deed.hpp"

#include <doctest/doctest.h>

#include "sync/protocol/card.hpp"
#include "sync/protocol/messages.hpp"
#include "sync/protocol/signature.hpp"
#include "tests/support/keys.hpp"
#include "tests/support/test_signer.hpp"

namespace coffret::evil {
namespace {

struct Bench {
  test::TestSigner identity{std::uint8_t{77}};
  test::TestSigner device{std::uint8_t{5}};
  Memory memory;
  VaultId vault = test::counting_id<VaultId>(3);
  http::Request request{"GET", "/v1/vaults/x/log?after=0&limit=1000", {}, {}, {}};
  std::vector<protocol::SignedEntry> log;

  Bench() {
    protocol::Head head;
    for (std::uint64_t seq = 1; seq <= 4; ++seq) {
      protocol::Entry entry;
      entry.vault = vault;
      entry.seq = seq;
      entry.previous = head.hash;
      log.push_back(protocol::sign_entry(entry, Bytes(40, std::uint8_t(seq)), device));
      head = {seq, protocol::entry_hash(log.back().body)};
    }
    memory.note(vault.text(), log);
    memory.note_after(1, 2);
  }
  Scene scene() {
    return {request,
            vault.text(),
            1,
            memory,
            identity,
            protocol::fingerprint(identity.public_key()),
            from_unix(1'800'000'000)};
  }
  protocol::Head head() const { return {log.size(), protocol::entry_hash(log.back().body)}; }

  // The page after the deed; the honest one holds all entries.
  Result<protocol::EntryPage> page_after(std::string_view rule) {
    const auto script = parse_script("{\"rules\":[" + std::string{rule} + "]}");
    if (script.has_error()) return script.error();
    Outgoing out;
    out.response.body = wire::encode(protocol::EntryPage{head(), log});
    COFFRET_CHECK(spoil(scene(), script->rules.at(0), out));
    return wire::decode<protocol::EntryPage>(out.response.body);
  }
};

}  // namespace

TEST_SUITE("sync/evil/deed") {
  TEST_CASE("a log is ended, and its head is the one of its new end") {
    Bench bench;
    const auto page = bench.page_after(R"({"on":"*","do":"log_end","at":2})");
    REQUIRE(page.has_value());
    CHECK(page->entries.size() == 2);
    CHECK(page->head == protocol::Head{2, protocol::entry_hash(bench.log[1].body)});
    const auto frozen = bench.page_after(R"({"on":"*","do":"log_end"})");
    REQUIRE(frozen.has_value());
    CHECK(frozen->head.seq == 2);
  }

  TEST_CASE("entries are dropped, exchanged, doubled and altered") {
    Bench bench;
    const auto dropped = bench.page_after(R"({"on":"*","do":"log_drop","entry":2})");
    REQUIRE(dropped.has_value());
    CHECK(dropped->entries.size() == 3);
    CHECK(dropped->entries[1] == bench.log[2]);
    const auto swapped = bench.page_after(R"({"on":"*","do":"log_swap","entry":1})");
    REQUIRE(swapped.has_value());
    CHECK(swapped->entries[0] == bench.log[1]);
    const auto doubled = bench.page_after(R"({"on":"*","do":"log_repeat","entry":4})");
    REQUIRE(doubled.has_value());
    CHECK(doubled->entries.size() == 5);
    const auto altered =
        bench.page_after(R"({"on":"*","do":"log_flip","entry":-1,"part":"body","at":-1})");
    REQUIRE(altered.has_value());
    CHECK(altered->entries[3].body != bench.log[3].body);
    CHECK(altered->head.hash == protocol::entry_hash(altered->entries[3].body));
    CHECK(bench.page_after(R"({"on":"*","do":"log_drop","entry":9})").error() == errc::not_found);
  }

  TEST_CASE("an old entry comes again as the newest, chained, and signed by the identity") {
    Bench bench;
    const auto page = bench.page_after(R"({"on":"*","do":"log_forge","copy":2,"sign":"identity"})");
    REQUIRE(page.has_value());
    REQUIRE(page->entries.size() == 5);
    CHECK(page->head.seq == 5);
    CHECK(protocol::verify_entry(page->entries[4], bench.vault, bench.head(),
                                 bench.identity.public_key())
              .has_value());
    CHECK(protocol::verify_entry(page->entries[4], bench.vault, bench.head(),
                                 bench.device.public_key())
              .error() == errc::unauthenticated);
  }

  TEST_CASE("every field of an entry can be told otherwise") {
    for (const std::string name :
         {"suite", "vault", "seq", "previous", "epoch", "device", "time", "puts", "drops"}) {
      CAPTURE(name);
      Bench bench;
      const auto page =
          bench.page_after(R"({"on":"*","do":"log_field","entry":4,"name":")" + name + "\"}");
      REQUIRE(page.has_value());
      CHECK(page->entries[3].body != bench.log[3].body);
      CHECK(page->entries[3].signature == bench.log[3].signature);
    }
  }

  TEST_CASE("the head of a status is told otherwise, too") {
    Bench bench;
    const auto script = parse_script(R"({"rules":[{"on":"*","do":"log_end","at":1}]})");
    Outgoing out;
    out.response.body =
        to_bytes(as_bytes(protocol::to_json(protocol::VaultStatus{bench.head(), 0, 0, 0})));
    REQUIRE(spoil(bench.scene(), script->rules.at(0), out).has_value());
    const auto status = protocol::from_json<protocol::VaultStatus>(out.response.body);
    REQUIRE(status.has_value());
    CHECK(status->head.seq == 1);
  }

  TEST_CASE("bytes are flipped, cut, added, exchanged, spliced and swapped") {
    struct {
      std::string_view rule;
      std::string_view gives;
    } const cases[] = {
        {R"({"on":"*","do":"flip","at":0,"bit":0})", "`bcdef"},
        {R"({"on":"*","do":"flip","at":-1,"bit":1})", "abcded"},
        {R"({"on":"*","do":"cut","bytes":2})", "ab"},
        {R"({"on":"*","do":"cut","bytes":-1})", "abcde"},
        {R"({"on":"*","do":"append","text":"!"})", "abcdef!"},
        {R"({"on":"*","do":"append","first":1,"length":2})", "abcdefbc"},
        {R"({"on":"*","do":"exchange","first":0,"second":4,"length":2})", "efcdab"},
        {R"({"on":"*","do":"splice","first":1,"length":2})", "aBCdef"},
        {R"({"on":"*","do":"swap"})", "ABCDEF"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.rule);
      Bench bench;
      bench.memory.note_object("/other", as_bytes("ABCDEF"));
      const auto script = parse_script("{\"rules\":[" + std::string{c.rule} + "]}");
      REQUIRE(script.has_value());
      Outgoing out;
      out.response.body = to_bytes(as_bytes("abcdef"));
      REQUIRE(spoil(bench.scene(), script->rules.at(0), out).has_value());
      CHECK(to_text(out.response.body) == c.gives);
    }
    Bench bench;
    const auto script =
        parse_script(R"({"rules":[{"on":"*","do":"exchange","first":0,"second":4,"length":3}]})");
    Outgoing out;
    out.response.body = to_bytes(as_bytes("abcdef"));
    CHECK(spoil(bench.scene(), script->rules.at(0), out).error() == errc::not_found);
  }

  TEST_CASE("a card says what it is told to, under the association's own signature") {
    Bench bench;
    protocol::OperatorCard card;
    card.name = "Association Exemple";
    card.country = "FR";
    card.spki = {test::counting_id<Sha256>(9)};
    const auto script = parse_script(
        R"({"rules":[{"on":"*","do":"card","members":{"serial":7,"country":"US","spki":1}}]})");
    Outgoing out;
    out.response.body = to_bytes(as_bytes(protocol::sign_card(card, bench.identity)));
    REQUIRE(spoil(bench.scene(), script->rules.at(0), out).has_value());
    const auto told = protocol::verify_card(as_text(out.response.body),
                                            protocol::fingerprint(bench.identity.public_key()));
    REQUIRE(told.has_value());
    CHECK(told->card.serial == 7);
    CHECK(told->card.country == "US");
    CHECK(told->card.spki != card.spki);
  }

  TEST_CASE("what would take more than its bound is not remembered") {
    Memory memory{100};
    memory.note_object("/a", Bytes(60, 1));
    memory.note_object("/b", Bytes(60, 2));
    CHECK(memory.another_object("/x") == Bytes(60, 1));
    memory.note_object("/a", Bytes(90, 3));
    CHECK(memory.another_object("/x") == Bytes(90, 3));
    CHECK(memory.client("k1") == 1);
    CHECK(memory.client("k2") == 2);
    CHECK(memory.client("k1") == 1);
    CHECK(memory.client("") == 0);
  }
}

}  // namespace coffret::evil
