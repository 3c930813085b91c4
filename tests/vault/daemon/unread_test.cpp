// SPDX-License-Identifier: EUPL-1.2
//
// Reading again: what an older release's reader made, and what a reader failed at.
#include "vault/daemon/unread.hpp"

#include <doctest/doctest.h>

#include <optional>

#include "tests/support/daemon_rig.hpp"
#include "vault/store/sqlite.hpp"

namespace coffret::daemon {
namespace {

using test::DaemonRig;
using test::MemberServer;

bool go_on() {
  return false;
}

struct Read {
  MemberServer server;
  std::optional<DaemonRig> rig;

  Read() {
    rig.emplace(server);
    REQUIRE(rig->init() == errc::ok);
  }
  // As if these had been read by that version; 0: never.
  void set_version(const std::string& version) {
    REQUIRE(rig->ask("lock").error == errc::ok);
    const auto file = rig->machine.disk.read(rig->machine.file("keyslot"), 4096);
    REQUIRE(file.has_value());
    auto opened = crypto::open_keyslot(*file, rig->machine.passphrase, test::cheap_cost);
    REQUIRE(opened.has_value());
    auto db = store::Connection::open(rig->machine.file("store.db"), opened->secrets.store_key);
    REQUIRE(db.has_value());
    const auto sql = "UPDATE documents SET derived = " + version;
    REQUIRE(db->execute(sql.c_str()).has_value());
  }
  std::string text(Service& service, const DocumentId& id) {
    const auto text = service.session().with([&](store::Vault& vault) { return vault.text(id); });
    return text.has_value() ? *text : "?";
  }
  std::size_t unread(Service& service) {
    const auto all =
        service.session().with([](store::Vault& vault) { return vault.unread_after(0, 100); });
    REQUIRE(all.has_value());
    return all->size();
  }
};

TEST_SUITE("vault/daemon/unread") {
  TEST_CASE("what an older release's reader read is read again, and recognised words stay") {
    Read read;
    auto& rig = *read.rig;
    const auto plain = rig.put_text("Lettre");
    const auto pictured = rig.put_text("Image");
    const auto purged = rig.put_text("Purgé");
    const auto derive = [&](const DocumentId& id, const char* text) {
      return rig.service.session().with(
          [&](store::Vault& vault) { return vault.set_derived(id, text, {}, {}); });
    };
    REQUIRE(derive(plain, "ancien").has_value());
    REQUIRE(derive(pictured, "mots reconnus\n").has_value());
    CHECK(read.unread(rig.service) == 0);
    for (const auto* version : {"0", "1"}) {
      CAPTURE(version);
      const auto and_purged = std::string{version} + ", place = CASE name WHEN '" + purged.text() +
                              "' THEN 3 ELSE place END";
      read.set_version(and_purged);
      REQUIRE(rig.unlock() == errc::ok);
      CHECK(read.unread(rig.service) == 2);
      CHECK(rig.number_in_status("unread") == 2);
      REQUIRE(read_unread(rig.service, false, go_on).has_value());
      CHECK(read.unread(rig.service) == 0);
      CHECK(read.text(rig.service, plain).find("texte de Lettre") != std::string::npos);
      CHECK(read.text(rig.service, pictured) == "mots reconnus\n");
    }
  }

  TEST_CASE("a reader that fails empties nothing: the document stays unread, with what was known") {
    Read read;
    const auto id = read.rig->put_text("Lettre");
    read.set_version("1");
    Service broken{{.directory = read.rig->machine.directory(),
                    .reader_program = "/bin/false",
                    .device_name = "ordinateur",
                    .cost = test::cheap_cost},
                   read.rig->machine.environment()};
    daemon::LocalRequest request{{{"command", "unlock"}}, {}};
    request.secrets.emplace("passphrase", test::secret_text(read.rig->passphrase));
    test::HeardAnswer heard;
    REQUIRE(broken.handle(request, heard).error == errc::ok);
    Unreadable failed;
    REQUIRE(read_unread(broken, false, go_on, &failed).has_value());
    CHECK(failed.contains(id));
    CHECK(read.unread(broken) == 1);
    CHECK(read.text(broken, id) == "texte de Lettre");
    broken.session().lock();

    REQUIRE(read.rig->unlock() == errc::ok);
    REQUIRE(read_unread(read.rig->service, false, go_on).has_value());
    CHECK(read.unread(read.rig->service) == 0);
  }
}

}  // namespace
}  // namespace coffret::daemon
