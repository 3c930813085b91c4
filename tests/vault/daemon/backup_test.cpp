// SPDX-License-Identifier: EUPL-1.2
//
// Backups by the daemon's commands: made, continued, verified, restored and rehearsed; and what
// each kind of damage is told as. The stock program `age` is asked in tests/e2e/coming_back.py.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/daemon_rig.hpp"
#include "vault/backup/chain.hpp"
#include "vault/daemon/restore_proof.hpp"

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;
using test::DaemonRig;
using test::MemberServer;
using Object = DaemonRig::Object;

Bytes content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  return {bytes.begin(), bytes.end()};
}
void write(const std::string& path, const Bytes& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

void flip_middle(const std::string& path) {
  auto bytes = content(path);
  bytes[bytes.size() / 2] ^= 0x10;
  write(path, bytes);
}

// A vault with three documents, one of them large, and a backup of two files.
struct Backed {
  MemberServer server;
  DaemonRig rig{server};
  std::string path = rig.machine.folder / "coffret.age";

  Backed() {
    REQUIRE(rig.init() == errc::ok);
    rig.put_text("Premier");
    put_large();
    REQUIRE(rig.error_of("backup", {{"out", path}}) == errc::ok);
    rig.put_text("Troisième");
    REQUIRE(rig.error_of("backup", {{"out", path}}) == errc::ok);
  }
  void put_large() {
    (void)rig.service.session().with([&](store::Vault& vault) -> Result<void> {
      (void)test::put(vault, test::prepared("Gros", std::string(2u << 20, 'g')));
      return {};
    });
  }
  daemon::Outcome verify() { return rig.ask("backup verify", {{"from", path}}); }
  daemon::Outcome rebuild_on(DaemonRig& other) {
    return other.ask("rebuild", {{"from", path}},
                     {{"recovery", rig.recovery}, {"passphrase", rig.passphrase}});
  }
  daemon::Outcome rehearse() {
    return rig.ask("rehearse", {{"from", path}}, {{"recovery", rig.recovery}});
  }
};

std::vector<std::string> titles(DaemonRig& rig) {
  std::vector<std::string> all;
  REQUIRE(rig.error_of("list") == errc::ok);
  for (const auto& row : rig.heard.rows) all.emplace_back(row.at("title").get_string());
  std::sort(all.begin(), all.end());
  return all;
}

TEST_SUITE("vault/daemon/backup") {
  TEST_CASE("the first file is the whole, the next ones hold what came since") {
    Backed b;
    CHECK(fs::exists(b.path));
    CHECK(fs::exists(b.path + ".2"));
    CHECK(fs::file_size(b.path) > 2u << 20);
    CHECK(fs::file_size(b.path + ".2") < 200u << 10);
    const auto third = b.rig.ask("backup", {{"out", b.path}});
    REQUIRE(third.error == errc::ok);
    CHECK(third.result.at("unchanged").get_bool());
    CHECK_FALSE(fs::exists(b.path + ".3"));
    const auto checked = b.verify();
    REQUIRE(checked.error == errc::ok);
    CHECK(checked.result.at("files").to_number<int>() == 2);
    CHECK(checked.result.at("documents").to_number<int>() == 3);
    CHECK(checked.result.at("verified").to_number<int>() == 3);
  }

  TEST_CASE("the recovery key alone brings everything back, without a server") {
    Backed b;
    DaemonRig other{b.server, 2};
    const auto done = b.rebuild_on(other);
    CAPTURE(done.detail);
    REQUIRE(done.error == errc::ok);
    CHECK(done.result.at("documents").to_number<int>() == 3);
    CHECK(done.result.at("verified").to_number<int>() == 3);
    CHECK(done.result.at("server").is_null());
    CHECK(titles(other) == titles(b.rig));
    CHECK(other.ask("check", {{"read_data", true}}).result.at("ok").get_bool());
    // It goes on from there, backups too.
    other.put_text("Quatrième");
    CHECK(other.error_of("backup", {{"out", b.path}}) == errc::ok);
    CHECK(other.ask("backup verify", {{"from", b.path}}).error == errc::ok);
  }

  TEST_CASE("a restore that a full disk stopped goes on where it stopped") {
    Backed b;
    bool went_on = false;
    for (std::int64_t writes = 0;; ++writes) {
      CAPTURE(writes);
      REQUIRE(writes < 100);
      DaemonRig other{b.server, static_cast<std::uint64_t>(100 + writes)};
      other.machine.disk.writes_left = writes;
      const auto stopped = b.rebuild_on(other).error;
      other.machine.disk.writes_left = -1;
      if (stopped == errc::ok) break;
      CHECK(stopped == errc::disk_full);
      went_on = went_on || fs::exists(other.machine.file("keyslot"));
      CHECK(b.rebuild_on(other).error == errc::ok);
      CHECK(titles(other) == titles(b.rig));
      CHECK(b.rebuild_on(other).error == errc::already_initialised);
    }
    CHECK(went_on);  // at least one stop was behind the making of the vault
  }

  TEST_CASE("a document that is damaged here keeps no other from being backed up") {
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    const auto path = rig.machine.folder / "coffret.age";
    rig.put_text("Premier");
    const std::string text(2u << 20, 'g');
    (void)rig.service.session().with([&](store::Vault& vault) -> Result<void> {
      (void)test::put(vault, test::prepared("Gros", text));
      return {};
    });
    fs::path object;
    for (const auto& one : fs::directory_iterator(rig.machine.file("objects"))) object = one.path();
    const auto whole = content(object.string());
    auto altered = whole;
    altered[100'000] ^= 1;
    const auto backup = [&] { return rig.ask("backup", {{"out", path}}); };
    const auto verify = [&] { return rig.ask("backup verify", {{"from", path}}); };

    write(object.string(), altered);
    auto made = backup();
    REQUIRE(made.error == errc::ok);
    CHECK(made.result.at("exit_status") == 7);
    CHECK(made.result.at("objects") == 1);
    CHECK(made.result.at("missing") == 1);
    REQUIRE(made.result.at("damaged").as_array().size() == 1);
    CHECK(made.result.at("damaged").as_array().front().as_object().at("title") == "Gros");
    CHECK(verify().result.at("missing") == 1);
    CHECK(verify().result.at("verified") == 1);

    // As long as it is, no further file says the same.
    made = backup();
    CHECK(made.result.at("unchanged").as_bool());
    CHECK(made.result.at("exit_status") == 7);
    CHECK_FALSE(fs::exists(path + ".2"));

    // Its original file, imported again, is what was lost.
    const auto original = rig.machine.folder / "note.txt";
    write(original, to_bytes(as_bytes("Gros\n" + text)));
    const auto again =
        rig.ask("import", {{"paths", boost::json::array{boost::json::string{original}}}});
    REQUIRE(again.error == errc::ok);
    CHECK(rig.heard.rows.front().at("outcome") == "duplicate");
    CHECK(rig.heard.rows.front().at("restored").as_bool());
    CHECK(content(object.string()) == whole);
    made = backup();
    CHECK(made.result.at("exit_status") == 0);
    CHECK(made.result.at("objects") == 1);
    CHECK(verify().result.at("missing") == 0);
    CHECK(verify().result.at("verified") == 2);
    // Once more: there is nothing to restore.
    (void)rig.ask("import", {{"paths", boost::json::array{boost::json::string{original}}}});
    CHECK_FALSE(rig.heard.rows.front().contains("restored"));
  }

  TEST_CASE("every damage is found and its file is named") {
    struct {
      const char* name;
      std::function<void(const std::string&)> damage;
      const char* file;
      const char* words;
    } const cases[] = {
        {"a cut copy",
         [](const std::string& path) { fs::resize_file(path, fs::file_size(path) / 2); },
         "coffret.age", "coupé"},
        {"cut between two chunks",
         [](const std::string& path) {
           const auto size = fs::file_size(path);
           fs::resize_file(path, size - (size % 65552) - 65552 * 2);
         },
         "coffret.age", "coupé"},
        {"a flipped byte",
         [](const std::string& path) {
           auto bytes = content(path);
           bytes[bytes.size() / 2] ^= 0x10;
           write(path, bytes);
         },
         "coffret.age", "changé"},
        {"a flipped byte of the header",
         [](const std::string& path) {
           auto bytes = content(path);
           bytes[3] ^= 0x10;
           write(path, bytes);
         },
         "coffret.age", "changé"},
        {"a missing first file", [](const std::string& path) { fs::remove(path); }, "coffret.age",
         "manque"},
        {"a missing last file", [](const std::string& path) { fs::remove(path + ".2"); },
         "coffret.age.2", "manque"},
        {"an older copy in the place of the newer",
         [](const std::string& path) {
           fs::copy_file(path, path + ".2", fs::copy_options::overwrite_existing);
         },
         "coffret.age.2", "place"},
        {"bytes behind the end",
         [](const std::string& path) {
           auto bytes = content(path);
           bytes.resize(bytes.size() + 70'000, 0);
           write(path, bytes);
         },
         "coffret.age", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Backed b;
      c.damage(b.path);
      const auto found = b.verify();
      CAPTURE(found.detail);
      CHECK(found.error == errc::backup_damaged);
      CHECK(found.detail.find(c.file) != std::string::npos);
      CHECK(found.detail.find(c.words) != std::string::npos);
    }
  }

  TEST_CASE("the middle file of three is missed, with and without the sheet") {
    Backed b;
    b.rig.put_text("Quatrième");
    REQUIRE(b.rig.error_of("backup", {{"out", b.path}}) == errc::ok);
    fs::remove(b.path + ".2");
    CHECK(b.verify().error == errc::backup_damaged);
    const auto by_sheet =
        b.rig.ask("backup verify", {{"from", b.path}}, {{"recovery", b.rig.recovery}});
    CHECK(by_sheet.error == errc::backup_damaged);
    CHECK(by_sheet.detail.find("coffret.age.2") != std::string::npos);
    DaemonRig other{b.server, 2};
    CHECK(b.rebuild_on(other).error == errc::backup_damaged);
    CHECK_FALSE(fs::exists(other.machine.file("keyslot")));
    // A new full one makes the set good again, and writes over nothing.
    REQUIRE(b.rig.error_of("backup", {{"out", b.path}, {"full", true}}) == errc::ok);
    CHECK(fs::exists(b.path + ".4"));
    const auto whole = b.verify();
    REQUIRE(whole.error == errc::ok);
    CHECK(whole.result.at("files").to_number<int>() == 1);
    CHECK(whole.result.at("outdated").get_array().size() == 2);
    CHECK(b.rebuild_on(other).error == errc::ok);
  }

  TEST_CASE(
      "a damaged set is not continued: a whole file beside it makes it good, and it is said") {
    struct {
      const char* name;
      std::function<void(const std::string&)> damage;
      const char* file;
      bool news;
    } const cases[] = {
        {"a flipped byte of the full file, and nothing new", flip_middle, "coffret.age", false},
        {"a flipped byte of the full file, and a new document", flip_middle, "coffret.age", true},
        {"a flipped byte of the last file",
         [](const std::string& path) { flip_middle(path + ".2"); }, "coffret.age.2", false},
        {"a cut full file",
         [](const std::string& path) { fs::resize_file(path, fs::file_size(path) / 2); },
         "coffret.age", false},
        {"no full file", [](const std::string& path) { fs::remove(path); }, "coffret.age", true},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Backed b;
      if (c.news) b.rig.put_text("Quatrième");
      c.damage(b.path);
      const auto again = b.rig.ask("backup", {{"out", b.path}});
      CAPTURE(again.detail);
      REQUIRE(again.error == errc::ok);
      CHECK_FALSE(again.result.at("unchanged").get_bool());
      CHECK(again.result.at("full").get_bool());
      CHECK(std::string{again.result.at("damaged_before").get_string()}.find(c.file) !=
            std::string::npos);
      CHECK(fs::exists(b.path + ".3"));
      CHECK(b.verify().error == errc::ok);
      DaemonRig other{b.server, 2};
      REQUIRE(b.rebuild_on(other).error == errc::ok);
      CHECK(titles(other) == titles(b.rig));
      // From there it goes on as ever.
      CHECK(b.rig.ask("backup", {{"out", b.path}}).result.at("unchanged").get_bool());
    }
  }

  TEST_CASE("a full disk keeps the backup that is there, whenever it is full") {
    Backed b;
    b.rig.put_text("Quatrième");
    const auto before = content(b.path + ".2");
    auto& disk = b.rig.machine.disk;
    for (std::int64_t writes = 0;; ++writes) {
      CAPTURE(writes);
      REQUIRE(writes < 100);
      disk.writes_left = writes;
      const auto tried = b.rig.error_of("backup", {{"out", b.path}});
      disk.writes_left = -1;
      CHECK(content(b.path + ".2") == before);
      CHECK(b.rig.ask("backup verify", {{"from", b.path}}).error == errc::ok);
      if (tried == errc::ok) break;
      CHECK(tried == errc::disk_full);
      CHECK_FALSE(fs::exists(b.path + ".3"));
    }
  }

  TEST_CASE("another file of that name is left alone") {
    Backed b;
    const std::string letter = b.rig.machine.folder / "lettre.txt";
    write(letter, to_bytes(as_bytes("Chère Camille,")));
    CHECK(b.rig.error_of("backup", {{"out", letter}}) == errc::file_exists);
    CHECK(content(letter) == to_bytes(as_bytes("Chère Camille,")));
    MemberServer server;
    DaemonRig stranger{server, 3};
    REQUIRE(stranger.init() == errc::ok);
    CHECK(stranger.error_of("backup", {{"out", b.path}}) == errc::file_exists);
    CHECK(stranger.ask("backup verify", {{"from", b.path}}).error == errc::wrong_recovery_key);
  }

  TEST_CASE("a folder that is not there is told as that, and not made") {
    Backed b;
    const std::string folder = b.rig.machine.folder / "absent";
    const auto tried = b.rig.ask("backup", {{"out", folder + "/coffret.age"}});
    CHECK(tried.error == errc::file_not_found);
    CHECK(tried.detail == folder);
    CHECK_FALSE(fs::exists(folder));
  }

  TEST_CASE("a folder is found by its one backup") {
    Backed b;
    const std::string folder = b.rig.machine.folder / "cle-usb";
    fs::create_directory(folder);
    REQUIRE(b.rig.error_of("backup verify", {{"from", folder}}) == errc::file_not_found);
    REQUIRE(b.rig.error_of("backup", {{"out", folder}}) == errc::ok);
    b.rig.put_text("Quatrième");
    REQUIRE(b.rig.error_of("backup", {{"out", folder}}) == errc::ok);
    const auto found = b.rig.ask("backup verify", {{"from", folder}});
    REQUIRE(found.error == errc::ok);
    CHECK(found.result.at("files").to_number<int>() == 2);
  }

  TEST_CASE("a mistyped key is told from a foreign one before anything is read") {
    Backed b;
    DaemonRig other{b.server, 2};
    auto sheet = b.rig.recovery;
    const auto at = sheet.find("key: ") + 5 + 5 * 3;  // the fourth group
    sheet[at] = sheet[at] == 'Q' ? 'R' : 'Q';
    const auto slip = other.ask("rebuild", {{"from", b.path}},
                                {{"recovery", sheet}, {"passphrase", b.rig.passphrase}});
    CHECK(slip.error == errc::wrong_recovery_key);
    CHECK(slip.detail.find("groupe 4") != std::string::npos);
    MemberServer server;
    DaemonRig stranger{server, 3};
    REQUIRE(stranger.init() == errc::ok);
    const auto foreign =
        other.ask("rebuild", {{"from", b.path}},
                  {{"recovery", stranger.recovery}, {"passphrase", b.rig.passphrase}});
    CHECK(foreign.error == errc::wrong_recovery_key);
    CHECK(foreign.detail.find("groupe") == std::string::npos);
  }

  TEST_CASE("a rehearsal proves a restore, leaves nothing behind, and is due again after 90 days") {
    Backed b;
    CHECK(b.rig.ask("status").result.at("restore_proof_due").get_bool());
    const auto done = b.rehearse();
    CAPTURE(done.detail);
    REQUIRE(done.error == errc::ok);
    CHECK(done.result.at("verified").to_number<int>() == 3);
    CHECK(done.result.at("newer").to_number<int>() == 0);
    CHECK_FALSE(fs::exists(b.rig.machine.file("rehearsal")));
    auto status = b.rig.ask("status").result;
    CHECK(status.at("last_proven_restore").get_string() ==
          to_rfc3339(b.rig.machine.clock.now()).c_str());
    CHECK_FALSE(status.at("restore_proof_due").get_bool());
    b.rig.machine.clock.time += 90 * 86'400 + 1;
    CHECK(b.rig.ask("status").result.at("restore_proof_due").get_bool());
    // What came after the backup is counted, not held against it.
    b.rig.put_text("Quatrième");
    const auto later = b.rehearse();
    REQUIRE(later.error == errc::ok);
    CHECK(later.result.at("newer").to_number<int>() == 1);
  }

  TEST_CASE("a rehearsal that finds a difference names it and proves nothing") {
    Backed b;
    // Two vaults of one beginning: the second one's backup lacks what the first has put since.
    DaemonRig other{b.server, 2};
    REQUIRE(b.rebuild_on(other).error == errc::ok);
    const auto unknown = other.put_text("Inconnu du premier");
    REQUIRE(other.error_of("backup", {{"out", b.path}}) == errc::ok);
    const auto found = b.rehearse();
    CHECK(found.error == errc::rehearsal_failed);
    CHECK_FALSE(found.detail.empty());
    CHECK(b.rig.ask("status").result.at("last_proven_restore").is_null());
    CHECK_FALSE(fs::exists(b.rig.machine.file("rehearsal")));
    (void)unknown;
  }

  TEST_CASE("what a stopped rehearsal left is wiped at the next unlock") {
    Backed b;
    REQUIRE(b.rig.error_of("lock") == errc::ok);
    fs::create_directory(b.rig.machine.file("rehearsal"));
    write(b.rig.machine.file("rehearsal") + "/store.db", Bytes(10, 1));
    REQUIRE(b.rig.unlock() == errc::ok);
    CHECK_FALSE(fs::exists(b.rig.machine.file("rehearsal")));
  }

  TEST_CASE("a rehearsal from the server fetches with the sheet's key alone") {
    Backed b;
    REQUIRE(b.rig.join() == errc::ok);
    REQUIRE(b.rig.error_of("sync") == errc::ok);
    const auto enrolled = b.server.enrolled;
    const auto entries = b.server.log.size();
    const auto done = b.rig.ask("rehearse", {}, {{"recovery", b.rig.recovery}});
    CAPTURE(done.detail);
    REQUIRE(done.error == errc::ok);
    CHECK(done.result.at("source").get_string() == "server");
    CHECK(done.result.at("verified").to_number<int>() == 3);
    CHECK(b.server.enrolled == enrolled);  // a rehearsal enrols no device and writes nothing
    CHECK(b.server.log.size() == entries);
    b.server.objects.erase(b.server.objects.begin());
    CHECK(b.rig.ask("rehearse", {}, {{"recovery", b.rig.recovery}}).error ==
          errc::rehearsal_failed);
  }

  TEST_CASE("a rehearsal from the server is no alarm where this device has not heard of all yet") {
    struct {
      const char* name;
      bool other_wrote, pending_here;
      int verified, newer, elsewhere;
    } const cases[] = {
        {"in step", false, false, 3, 0, 0},
        {"not sent yet", false, true, 3, 1, 0},
        {"another device has written", true, false, 3, 0, 1},
        {"both", true, true, 3, 1, 1},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Backed b;
      REQUIRE(b.rig.join() == errc::ok);
      REQUIRE(b.rig.error_of("sync") == errc::ok);
      DaemonRig other{b.server, 2};
      REQUIRE(other.rebuild(b.rig.recovery) == errc::ok);
      REQUIRE(b.rig.error_of("sync") == errc::ok);
      if (c.other_wrote) {
        other.put_text("De l'autre appareil");
        REQUIRE(other.error_of("sync") == errc::ok);
      }
      if (c.pending_here) b.rig.put_text("Pas encore envoyé");
      const auto done = b.rig.ask("rehearse", {}, {{"recovery", b.rig.recovery}});
      CAPTURE(done.detail);
      REQUIRE(done.error == errc::ok);
      CHECK(done.result.at("verified").to_number<int>() == c.verified);
      CHECK(done.result.at("newer").to_number<int>() == c.newer);
      CHECK(done.result.at("elsewhere").to_number<int>() == c.elsewhere);
    }
  }

  TEST_CASE("a rehearsal from a server that lost what it acknowledged is an alarm, in sentences") {
    Backed b;
    REQUIRE(b.rig.join() == errc::ok);
    REQUIRE(b.rig.error_of("sync") == errc::ok);
    b.server.log.resize(b.server.log.size() - 1);
    for (const char* language : {"fr", "en"}) {
      const auto found =
          b.rig.ask("rehearse", {{"lang", language}}, {{"recovery", b.rig.recovery}});
      CHECK(found.error == errc::rehearsal_failed);
      CHECK(found.detail.ends_with("."));
      CHECK(found.detail.find("log") == std::string::npos);
      CHECK(found.detail.find("entry") == std::string::npos);
      REQUIRE_FALSE(b.rig.heard.rows.empty());
      CHECK(b.rig.heard.rows.front().at("kind").get_string() == "log");
    }
  }

  TEST_CASE("a vault that came back with a replaced sheet is told the way to the newest one") {
    struct Case {
      bool offline;
      std::uint64_t version;
      errc to_device;  // what the server says to the device that an earlier sheet certified
      errc synced;
    };
    for (const auto& [offline, version, to_device, told] :
         {Case{false, 2, errc::not_found, errc::recovery_replaced},
          Case{true, 2, errc::not_found, errc::recovery_replaced},
          Case{true, 3, errc::recovery_replaced, errc::recovery_replaced},
          Case{true, 3, errc::not_found, errc::account_unknown}}) {
      CAPTURE(offline);
      CAPTURE(version);
      Backed b;
      b.server.version = version;
      REQUIRE(b.rig.join() == errc::ok);
      REQUIRE(b.rig.error_of("sync") == errc::ok);
      REQUIRE(b.rig.error_of("backup", {{"out", b.path}}) == errc::ok);
      const auto entries = b.server.log.size();
      REQUIRE(b.rig.error_of("recovery renew") == errc::ok);
      REQUIRE(b.server.log.size() > entries);
      // To the old root itself the server says why; to the device that it certified, only from
      // version 3 on.
      bool by_root = true;
      const errc answer = to_device;
      b.server.refuse = [&by_root, answer](const protocol::Target& target) {
        if (target.endpoint != protocol::Endpoint::enrol_device) return errc::ok;
        return by_root ? errc::recovery_replaced : answer;
      };
      b.server.reachable = !offline;
      DaemonRig other{b.server, 2};
      const auto done = b.rebuild_on(other);
      CAPTURE(done.detail);
      REQUIRE(done.error == errc::ok);
      CHECK(done.result.at("server").get_string() ==
            (offline ? "unreachable" : "recovery_replaced"));
      b.server.reachable = true;
      by_root = false;
      const auto synced = other.ask("sync");
      CHECK(synced.error == told);
      if (told != errc::recovery_replaced) continue;
      for (const char* word : {"coffret stop", "rebuild --from-server", "--carry-from"})
        CHECK(synced.detail.find(word) != std::string::npos);
    }
  }

  TEST_CASE("what was pending when the backup was made comes back once, whoever sends it first") {
    for (const bool first_device_sends : {false, true}) {
      CAPTURE(first_device_sends);
      MemberServer server;
      DaemonRig rig{server};
      REQUIRE(rig.init() == errc::ok);
      REQUIRE(rig.join() == errc::ok);
      rig.put_text("Envoyé");
      REQUIRE(rig.error_of("sync") == errc::ok);
      rig.put_text("En attente");
      const std::string path = rig.machine.folder / "coffret.age";
      REQUIRE(rig.error_of("backup", {{"out", path}}) == errc::ok);
      if (first_device_sends) REQUIRE(rig.error_of("sync") == errc::ok);
      DaemonRig other{server, 2};
      const auto done = other.ask("rebuild", {{"from", path}},
                                  {{"recovery", rig.recovery}, {"passphrase", rig.passphrase}});
      CAPTURE(done.detail);
      REQUIRE(done.error == errc::ok);
      CHECK(done.result.at("server").get_string() == "synced");
      REQUIRE(other.error_of("sync") == errc::ok);
      CHECK(titles(other) == std::vector<std::string>{"En attente", "Envoyé"});
      REQUIRE(rig.error_of("sync") == errc::ok);
      REQUIRE(other.error_of("sync") == errc::ok);
      CHECK(titles(rig) == std::vector<std::string>{"En attente", "Envoyé"});
      CHECK(titles(other) == std::vector<std::string>{"En attente", "Envoyé"});
      CHECK(rig.number_in_status("pending") == 0);
      CHECK(other.ask("check", {{"read_data", true}}).result.at("ok").get_bool());
      CHECK(rig.ask("check", {{"read_data", true}}).result.at("ok").get_bool());
    }
  }

  TEST_CASE("a vault that never met a server meets one after it was restored and opened again") {
    Backed b;
    DaemonRig other{b.server, 2};
    REQUIRE(b.rebuild_on(other).error == errc::ok);
    REQUIRE(other.error_of("lock") == errc::ok);
    REQUIRE(other.unlock() == errc::ok);
    REQUIRE(other.join() == errc::ok);
    CHECK(other.error_of("sync") == errc::ok);
    CHECK(other.number_in_status("pending") == 0);
    CHECK(b.server.objects.size() == 3);
    DaemonRig third{b.server, 3};
    CHECK(third.rebuild(b.rig.recovery) == errc::ok);
    CHECK(titles(third) == titles(b.rig));
  }

  TEST_CASE("what was never sent is sent from a restored vault that was locked before") {
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    REQUIRE(rig.join() == errc::ok);
    rig.put_text("Un");
    rig.put_text("Deux");
    const std::string path = rig.machine.folder / "coffret.age";
    REQUIRE(rig.error_of("backup", {{"out", path}}) == errc::ok);
    server.reachable = false;
    DaemonRig other{server, 2};
    REQUIRE(other
                .ask("rebuild", {{"from", path}},
                     {{"recovery", rig.recovery}, {"passphrase", rig.passphrase}})
                .error == errc::ok);
    REQUIRE(other.error_of("lock") == errc::ok);
    REQUIRE(other.unlock() == errc::ok);
    server.reachable = true;
    CHECK(other.error_of("sync") == errc::ok);
    CHECK(other.number_in_status("pending") == 0);
    CHECK(server.objects.size() == 2);
    CHECK(rig.error_of("sync") == errc::ok);
    CHECK(titles(rig) == titles(other));
  }

  TEST_CASE("a vault that changed its keys before it had a server joins one with its whole log") {
    Backed b;
    REQUIRE(b.rig
                .ask("passphrase change", {{"compromised", true}},
                     {{"passphrase", b.rig.passphrase}, {"new_passphrase", "une autre"}})
                .error == errc::ok);
    // A server of before opens an account for the first device alone: told in front of the
    // invitation.
    b.server.version = 2;
    const auto told =
        b.rig.ask("server preview", {{"url", b.server.url}}, {{"invite", b.server.invite()}});
    CHECK(told.error == errc::unsupported);
    CHECK(told.detail.find("server join") != std::string::npos);
    CHECK(b.rig.join() == errc::unsupported);
    CHECK(b.server.asked.empty());  // the invitation is as good as new
    b.server.version = 3;
    REQUIRE(b.rig.join() == errc::ok);
    REQUIRE(b.server.opened.has_value());
    const auto first = protocol::decode_certificate(b.server.opened->certificate.body);
    const auto asking = protocol::decode_certificate(b.server.opened->device->body);
    CHECK(first->issuer == protocol::Issuer::root);
    CHECK(asking->issuer_device == first->device);
    CHECK(protocol::verify_certificate(b.server.opened->certificate, b.server.opened->root_key)
              .has_value());
    CHECK(b.rig.error_of("sync") == errc::ok);
    CHECK(b.rig.number_in_status("pending") == 0);
  }

  TEST_CASE("a vault that changed its keys before it had a server joins one from its backup too") {
    Backed b;
    REQUIRE(b.rig
                .ask("passphrase change", {{"compromised", true}},
                     {{"passphrase", b.rig.passphrase}, {"new_passphrase", "une autre"}})
                .error == errc::ok);
    b.server.version = 3;
    REQUIRE(b.rig.error_of("backup", {{"out", b.path}}) == errc::ok);
    DaemonRig other{b.server, 2};
    REQUIRE(b.rebuild_on(other).error == errc::ok);
    CHECK(other.join() == errc::ok);
    CHECK(other.error_of("sync") == errc::ok);
    CHECK(titles(other) == titles(b.rig));
  }

  TEST_CASE("without a network the documents are back, and the server is met later") {
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    REQUIRE(rig.join() == errc::ok);
    rig.put_text("Envoyé");
    REQUIRE(rig.error_of("sync") == errc::ok);
    const std::string path = rig.machine.folder / "coffret.age";
    REQUIRE(rig.error_of("backup", {{"out", path}}) == errc::ok);
    rig.put_text("Plus tard");
    REQUIRE(rig.error_of("sync") == errc::ok);
    server.reachable = false;
    DaemonRig other{server, 2};
    const auto done = other.ask("rebuild", {{"from", path}},
                                {{"recovery", rig.recovery}, {"passphrase", rig.passphrase}});
    REQUIRE(done.error == errc::ok);
    CHECK(done.result.at("server").get_string() == "unreachable");
    CHECK(titles(other) == std::vector<std::string>{"Envoyé"});
    server.reachable = true;
    const auto enrolled = server.enrolled;
    REQUIRE(other.error_of("sync") == errc::ok);
    CHECK(server.enrolled == enrolled + 1);
    CHECK(titles(other) == std::vector<std::string>{"Envoyé", "Plus tard"});
    REQUIRE(other.error_of("sync") == errc::ok);
    CHECK(server.enrolled == enrolled + 1);  // once
  }
}

}  // namespace
}  // namespace coffret::daemon
