// SPDX-License-Identifier: EUPL-1.2
//
// The commands of a vault, as the socket calls them, without a server.
#include "vault/daemon/service.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <thread>

#include "tests/support/daemon_rig.hpp"
#include "vault/daemon/local_socket.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;
using boost::json::object;
using test::DaemonRig;
using test::MemberServer;

struct Vaulted {
  MemberServer server;
  DaemonRig rig{server};
  Vaulted() { REQUIRE(rig.init() == errc::ok); }
};

std::string text_of(const boost::json::value& value) {
  return std::string{value.as_string()};
}

TEST_SUITE("vault/daemon/service") {
  TEST_CASE("what needs an open vault says that it is locked, and does nothing") {
    MemberServer server;
    DaemonRig rig{server};
    for (const auto* command :
         {"unlocked",     "check",         "import",       "list",           "search",
          "show",         "remove",        "restore",      "server preview", "server join",
          "server card",  "sync",          "grant create", "grant list",     "grant show",
          "access-log",   "edit",          "history",      "inbox list",     "inbox accept",
          "inbox refuse", "person list",   "note add",     "measure add",    "results",
          "medicines",    "allergies",     "vaccines",     "summary",        "grant preview",
          "grant extend", "grant receipt", "inbox link",   "inbox links",    "inbox close"}) {
      CAPTURE(command);
      CHECK(rig.error_of(command, {{"id", "abcdefgh"}}) == errc::locked);
    }
    CHECK(server.asked.empty());
  }

  TEST_CASE("status tells where the store of before a migration is kept, and until when") {
    Vaulted vaulted;
    auto& rig = vaulted.rig;
    CHECK(rig.ask("status").result.at("old_store").as_array().empty());
    REQUIRE(rig.machine.disk
                .replace(rig.machine.file("store.db.format-2.until-4102444800"), Bytes(3, 1))
                .has_value());
    REQUIRE(rig.machine.disk.replace(rig.machine.file("store.db.format-2.until-soon"), Bytes(3, 1))
                .has_value());
    for (const bool locked : {false, true}) {
      CAPTURE(locked);
      if (locked) REQUIRE(rig.error_of("lock") == errc::ok);
      const auto kept = rig.ask("status").result.at("old_store").as_array();
      REQUIRE(kept.size() == 1);
      CHECK(text_of(kept[0].at("path")) == rig.machine.file("store.db.format-2.until-4102444800"));
      CHECK(text_of(kept[0].at("until")) == "2100-01-01T00:00:00Z");
    }
  }

  TEST_CASE("a command that does not exist is a wrong use") {
    Vaulted vaulted;
    for (const auto* name : {"", "format", "Import", "init "})
      CHECK(vaulted.rig.error_of(name) == errc::usage);
  }

  TEST_CASE("init leaves the vault open, hands over its recovery key once, and happens once") {
    Vaulted vaulted;
    auto& rig = vaulted.rig;
    CHECK(rig.recovery.starts_with("coffret-recovery: 1"));
    CHECK(rig.ask("status").result.at("locked") == false);
    CHECK(rig.init() == errc::already_initialised);
    CHECK(rig.heard.secrets.empty());
  }

  TEST_CASE("status of a locked vault knows nothing, and asks for nothing") {
    Vaulted vaulted;
    REQUIRE(vaulted.rig.error_of("lock") == errc::ok);
    const auto told = vaulted.rig.ask("status");
    REQUIRE(told.error == errc::ok);
    CHECK(told.result.at("locked") == true);
    for (const auto* name : {"vault", "documents", "head", "server", "pending", "last_sync"})
      CHECK(told.result.at(name).is_null());
  }

  TEST_CASE("a wrong passphrase opens nothing and leaves a line") {
    Vaulted vaulted;
    auto& rig = vaulted.rig;
    REQUIRE(rig.error_of("lock") == errc::ok);
    CHECK(rig.ask("unlock", {}, {{"passphrase", "une autre"}}).error == errc::wrong_passphrase);
    CHECK(rig.error_of("list") == errc::locked);
    const auto audit = rig.machine.disk.read(rig.machine.file("audit.log"), 4096);
    REQUIRE(audit.has_value());
    CHECK(as_text(*audit).find("wrong_passphrase") != std::string_view::npos);
    CHECK(rig.unlock() == errc::ok);
  }

  TEST_CASE("a wrong passphrase is wrong also where the vault is open, which it stays") {
    Vaulted vaulted;
    auto& rig = vaulted.rig;
    CHECK(rig.ask("unlock", {}, {{"passphrase", "une autre"}}).error == errc::wrong_passphrase);
    CHECK(rig.error_of("list") == errc::ok);
    CHECK(rig.unlock() == errc::ok);
  }

  TEST_CASE("two commands that unlock at the same moment both find it open") {
    Vaulted vaulted;
    auto& rig = vaulted.rig;
    REQUIRE(rig.error_of("lock") == errc::ok);
    const auto unlock = [&](errc& outcome) {
      test::HeardAnswer heard;
      LocalRequest request{{{"command", "unlock"}}, {}};
      request.secrets.emplace("passphrase", test::secret_text(rig.passphrase));
      outcome = rig.service.handle(request, heard).error;
    };
    errc first = errc::io;
    errc second = errc::io;
    std::thread other{[&] { unlock(first); }};
    unlock(second);
    other.join();
    CHECK(first == errc::ok);
    CHECK(second == errc::ok);
  }

  TEST_CASE("list tells the fields of the contract, newest first, within its filters") {
    Vaulted vaulted;
    auto& rig = vaulted.rig;
    (void)rig.put_text("Ancien");
    (void)rig.service.session().with([](store::Vault& vault) -> Result<void> {
      (void)test::put(vault, test::prepared("Récent", "glycémie", "2026-09-01"));
      return {};
    });
    REQUIRE(rig.ask("list").result.at("count") == 2);
    const auto& newest = rig.heard.rows.at(0);
    for (const auto* name : {"id", "title", "date", "kind", "category", "author", "media_type",
                             "size", "patient", "sha256"})
      CHECK_MESSAGE(newest.contains(name), name);
    CHECK(newest.at("title") == "Récent");
    for (const auto* name : {"code", "system", "label"})
      CHECK(newest.at("kind").as_object().contains(name));

    CHECK(rig.ask("list", {{"since", "2026-06-01"}}).result.at("count") == 1);
    CHECK(rig.ask("list", {{"until", "2026-06-01"}}).result.at("count") == 1);
    CHECK(rig.ask("list", {{"category", "imaging"}}).result.at("count") == 0);
  }

  TEST_CASE("search takes words, phrases and prefixes, and shows where they stand") {
    Vaulted vaulted;
    auto& rig = vaulted.rig;
    (void)rig.put_text("Glycémie à jeun");
    (void)rig.put_text("Radiographie");
    struct {
      array words;
      std::size_t hits;
    } const cases[] = {
        {{"glycemie"}, 1}, {{"GLYC*"}, 1},    {{"texte"}, 2},
        {{"texte de"}, 2}, {{"de texte"}, 0}, {{"texte", "radiographie"}, 1},
        {{"absent"}, 0},   {{}, 0},
    };
    for (const auto& c : cases) {
      CAPTURE(boost::json::serialize(c.words));
      REQUIRE(rig.error_of("search", {{"words", c.words}}) == errc::ok);
      CHECK(rig.heard.rows.size() == c.hits);
      for (const auto& row : rig.heard.rows) CHECK(row.contains("snippet"));
    }
  }

  TEST_CASE("show gives the entry, the original bytes or the text; remove is undone by restore") {
    Vaulted vaulted;
    auto& rig = vaulted.rig;
    const object id{{"id", rig.put_text("Note").text()}};
    const auto with = [&](const char* content) {
      object arguments = id;
      arguments["content"] = content;
      return arguments;
    };
    CHECK(rig.ask("show", id).result.at("title") == "Note");
    CHECK(rig.heard.content.empty());
    REQUIRE(rig.error_of("show", with("original")) == errc::ok);
    CHECK(as_text(rig.heard.content) == "Note\ntexte de Note");
    REQUIRE(rig.error_of("show", with("text")) == errc::ok);
    CHECK(as_text(rig.heard.content) == "texte de Note");

    REQUIRE(rig.error_of("remove", id) == errc::ok);
    CHECK(rig.ask("list").result.at("count") == 0);
    REQUIRE(rig.error_of("restore", id) == errc::ok);
    CHECK(rig.ask("list").result.at("count") == 1);
    CHECK(rig.error_of("show", {{"id", "zzzzzzzz"}}) == errc::not_found);
    CHECK(rig.error_of("show", {{"id", 7}}) == errc::not_found);
  }

  TEST_CASE("what is told over the socket is always UTF-8") {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    const Descriptor ours{ends[0]};
    const Descriptor theirs{ends[1]};
    SocketAnswer answer{ours.get()};
    REQUIRE(answer.row({{"path", "bilan-\xE9t\xE9.txt"}, {"size", 1}}).has_value());
    const auto head = receive_frame_head(theirs.get());
    REQUIRE(head.has_value());
    const auto payload = receive_payload(theirs.get(), head->size);
    REQUIRE(payload.has_value());
    boost::system::error_code ec;
    const auto read = boost::json::parse(as_text(*payload), ec);
    REQUIRE_FALSE(ec);
    CHECK(text_of(read.at("path")) == "bilan-\xEF\xBF\xBDt\xEF\xBF\xBD.txt");
  }
}

}  // namespace
}  // namespace coffret::daemon
