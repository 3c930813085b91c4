// SPDX-License-Identifier: EUPL-1.2
//
// A vault that began at a checkpoint: what it can do at once, what makes its gaps right, and how
// they are filled.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/checkpoint_world.hpp"
#include "tests/support/shelf_source.hpp"
#include "vault/store/checkpoints.hpp"
#include "vault/store/gap.hpp"
#include "vault/store/sqlite.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::store {
namespace {

using test::CheckpointWorld;
using test::Entries;
namespace fs = std::filesystem;

std::string file_content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write_file(const std::string& path, const std::string& content) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << content;
}

// What the person sees of it.
std::string seen_by(Vault& vault) {
  std::multiset<std::string> lines;
  for (const bool removed : {false, true}) {
    const auto views = vault.documents({.removed = removed});
    for (const auto& view : views.value())
      lines.insert(view.id.text() + view.entry.title + (removed ? " removed" : "") +
                   view.person.text());
  }
  for (const auto& grant : vault.grants())
    lines.insert(grant.decision.grant.text() + (grant.revoked_at ? " ended" : ""));
  for (const auto& person : vault.persons()) lines.insert(person.name + person.identity.family);
  for (const auto& device : vault.devices()) lines.insert(device.id.text());
  lines.insert("epoch " + std::to_string(vault.epoch()));
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  return all;
}

// A third device, begun at a checkpoint of a world that lived through everything.
struct Begun {
  CheckpointWorld world;
  test::Machine third{3};
  protocol::Head at;
  std::uint64_t live = 0;
  std::optional<Vault> vault;

  Begun() {
    world.live_through();
    REQUIRE(world.shelf.sync(*world.first));
    at = world.shelf.head();
    REQUIRE(Checkpoints{*world.first}.write().has_value());
    (void)world.add();
    REQUIRE(world.shelf.push(*world.first));
    REQUIRE(begin(world.shelf));
    REQUIRE(world.shelf.sync(*vault));
    REQUIRE(world.shelf.sync(*world.first));
  }
  bool begin(const test::Shelf& shelf) {
    const auto start = test::start_of(shelf, *world.seed, shelf.head());
    if (start.has_error() || !start->checkpoint) return false;
    at = start->checkpoint->at;
    live = start->checkpoint->entries.size();
    const auto enrolled = [](const protocol::SignedCertificate&) { return Result<void>{}; };
    third.clock.time = world.first_machine.clock.time;
    auto made = Vault::rebuild(third.config(), *world.seed, *start, third.passphrase,
                               third.environment(), enrolled);
    if (made.has_error()) return false;
    vault.emplace(std::move(*made));
    return true;
  }
  std::optional<HistoryProgress> progress() { return History{*vault}.progress(); }
  Result<bool> read(std::uint32_t limit = 7) {
    return test::read_history(*vault, world.shelf, limit);
  }
  void read_all(std::uint32_t limit = 7) {
    while (progress()) REQUIRE(read(limit).has_value());
  }
  Result<void> reopen() {
    vault.reset();
    auto opened = third.open();
    if (opened.has_error()) return opened.error();
    vault.emplace(std::move(*opened));
    return {};
  }
  // Straight into the database, as nobody without its key can; behind it stands what mixing old
  // pages could do.
  void alter(const char* sql) {
    vault.reset();
    const auto file = third.disk.read(third.file("keyslot"), 4096);
    const auto slot = crypto::open_keyslot(*file, third.passphrase, test::cheap_cost);
    auto db = Connection::open(third.file("store.db"), slot->secrets.store_key);
    REQUIRE(db.has_value());
    REQUIRE(db->execute(sql).has_value());
  }
  KeptGap record() {
    const auto file = third.disk.read(third.file("history"), gap_file_limit);
    return *decode_gap(*file, vault->device(), key());
  }
  crypto::HeadKey key() {
    const auto file = third.disk.read(third.file("keyslot"), 4096);
    const auto slot = crypto::open_keyslot(*file, third.passphrase, test::cheap_cost);
    return crypto::head_key(slot->secrets.vault_key, slot->owner.vault, slot->secrets.epoch);
  }
  std::uint64_t in_gap() {
    std::uint64_t seq = 1;
    for (const auto& one : record().live) {
      if (one.seq > seq) return seq;
      seq = one.seq + 1;
    }
    return 0;
  }
};

TEST_SUITE("vault/store/gap") {
  TEST_CASE("a vault that began at a checkpoint is usable at once, and after an unlock") {
    Begun begun;
    CHECK(begun.live < begun.at.seq);
    for (const bool reopened : {false, true}) {
      if (reopened) REQUIRE(begun.reopen().has_value());
      CHECK(seen_by(*begun.vault) == seen_by(*begun.world.first));
      CHECK(begun.vault->check(true)->empty());
      REQUIRE(begun.progress().has_value());
      CHECK(begun.progress()->of == begun.at.seq);
      CHECK(begun.progress()->writer == begun.world.first->device());
      CHECK(file_content(begun.third.file("store.json")).find("\"format\":3") != std::string::npos);
    }
    // It writes, and hears of what others write.
    (void)test::put(*begun.vault, test::prepared("D'ici", "texte"));
    REQUIRE(begun.world.shelf.sync(*begun.vault));
    begun.world.amend(begun.world.add(), false);
    REQUIRE(begun.world.shelf.sync(*begun.world.first));
    (void)test::put(*begun.vault, test::prepared("Encore d'ici", "texte"));
    REQUIRE(begun.world.shelf.sync(*begun.vault));  // signed again behind the other's
    REQUIRE(begun.world.shelf.sync(*begun.world.first));
    REQUIRE(begun.reopen().has_value());
    CHECK(seen_by(*begun.vault) == seen_by(*begun.world.first));
    CHECK(begun.vault->check(true)->empty());
  }

  TEST_CASE("once its history is read it is like a vault that was always there") {
    Begun begun;
    (void)test::put(*begun.vault, test::prepared("D'ici", "texte"));
    REQUIRE(begun.world.shelf.sync(*begun.vault));
    REQUIRE(begun.world.shelf.sync(*begun.world.first));
    begun.read_all();
    for (const bool reopened : {false, true}) {
      if (reopened) REQUIRE(begun.reopen().has_value());
      CHECK_FALSE(begun.progress().has_value());
      CHECK_FALSE(fs::exists(begun.third.file("history")));
      CHECK(file_content(begun.third.file("store.json")).find("\"format\":2") != std::string::npos);
      CHECK(begun.vault->check(true)->empty());
      CHECK(*begun.vault->entries_after(0, 10'000) == begun.world.shelf.log);
      CHECK(*begun.vault->kept_objects() == *begun.world.first->kept_objects());
      for (const auto& id : begun.world.ids)
        CHECK(begun.vault->edits(id).size() == begun.world.first->edits(id).size());
    }
    CHECK(Checkpoints{*begun.vault}.write().has_value());
  }

  TEST_CASE("the reading goes on where a lock cut it short") {
    Begun begun;
    REQUIRE(*begun.read() == false);
    const auto read = begun.progress()->read;
    CHECK(read >= 7);
    REQUIRE(begun.reopen().has_value());
    CHECK(begun.progress()->read >= read);
    // What is here is judged again first.
    CHECK(History{*begun.vault}.take(begun.world.shelf.after(begun.progress()->read)).error() ==
          errc::conflict);
    CHECK(begun.vault->check(true)->empty());
    CHECK(seen_by(*begun.vault) == seen_by(*begun.world.first));
    begun.read_all(1000);
    CHECK(*begun.vault->entries_after(0, 10'000) == begun.world.shelf.log);
  }

  TEST_CASE("what needs the whole log says that it is still being read") {
    Begun begun;
    const auto gap = begun.in_gap();
    REQUIRE(gap != 0);
    auto& vault = *begun.vault;
    WaysOut ways{vault};
    CHECK(vault.entries_after(0, 10).error() == errc::history_unread);
    CHECK(vault.entries_after(begun.at.seq, 10).has_value());
    CHECK(vault.head_at(gap).error() == errc::history_unread);
    CHECK(vault.entry_hash(gap).error() == errc::history_unread);
    CHECK(vault.head_at(begun.at.seq)->hash == begun.at.hash);
    CHECK(vault.pending_after({}, 10).error() == errc::history_unread);
    CHECK(ways.entries(0, 10).error() == errc::history_unread);
    CHECK(ways.describe_own(0).error() == errc::history_unread);
    const protocol::Head base{1, protocol::entry_hash(begun.world.shelf.log[0].body)};
    CHECK(ways.follow(base, std::span{begun.world.shelf.log}.subspan(1, 3), {}).error() ==
          errc::history_unread);
    CHECK(ways.whole_from() == begun.at.seq);
    CHECK(Checkpoints{vault}.write().error() == errc::history_unread);
    CHECK_FALSE(*Checkpoints{vault}.due());
    CHECK(vault.kept_objects().has_value());
    CHECK(seen_by(vault) == seen_by(*begun.world.first));
  }

  TEST_CASE("without its record, or with another, a gap is tampering as ever") {
    Begun begun;
    REQUIRE(begun.read().has_value());
    const auto path = begun.third.file("history");
    const auto own = begun.record();
    const auto key = begun.key();
    const auto put = [&](const KeptGap& gap) { return std::string{as_text(encode_gap(gap, key))}; };
    auto fewer = own;
    fewer.live.erase(fewer.live.begin() + static_cast<std::ptrdiff_t>(fewer.live.size() / 2));
    auto more = own;
    const auto missing = begun.in_gap();
    more.live.insert(std::find_if(more.live.begin(), more.live.end(),
                                  [&](const auto& one) { return one.seq > missing; }),
                     {missing, EntryHash{}});
    auto other = own;
    other.live[1].hash.bytes[3] ^= 1;
    auto foreign = own;
    foreign.device = begun.world.first->device();
    auto unordered = own;
    std::swap(unordered.live[0], unordered.live[1]);
    auto elsewhere = own;
    elsewhere.at.hash.bytes[0] ^= 1;
    const auto good = file_content(path);
    auto flipped = good;
    flipped[40] = static_cast<char>(flipped[40] ^ 1);
    auto later = good;
    later[8] = 9;
    struct {
      const char* name;
      std::string content;
      errc expected;
    } const cases[] = {
        {"a byte", flipped, errc::local_state_tampered},
        {"cut", good.substr(0, good.size() - 1), errc::local_state_tampered},
        {"empty", "", errc::local_state_tampered},
        {"of a later version", later, errc::other_version},
        {"names fewer entries", put(fewer), errc::local_state_tampered},
        {"names more entries", put(more), errc::local_state_tampered},
        {"another hash", put(other), errc::local_state_tampered},
        {"another device's", put(foreign), errc::local_state_tampered},
        {"in no order", put(unordered), errc::local_state_tampered},
        {"another place", put(elsewhere), errc::local_state_tampered},
        {"untouched", good, errc::ok},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      write_file(path, c.content);
      const auto opened = begun.reopen();
      CHECK((opened.has_error() ? to_errc(opened.error()) : errc::ok) == c.expected);
    }
    begun.vault.reset();
    fs::remove(path);
    CHECK(begun.reopen().error() == errc::local_state_tampered);
  }

  TEST_CASE("a record that is put back into a whole log is removed again") {
    Begun begun;
    const auto path = begun.third.file("history");
    const auto good = file_content(path);
    begun.read_all();
    begun.vault.reset();
    write_file(path, good);
    REQUIRE(begun.reopen().has_value());
    CHECK_FALSE(begun.progress().has_value());
    CHECK_FALSE(fs::exists(path));
  }

  TEST_CASE("entries that are changed below a checkpoint are found") {
    struct Case {
      const char* name;
      std::string sql;
      bool opens;
    };
    const auto cases = [](Begun& begun) {
      const auto own = begun.record();
      const auto last = std::to_string(own.live[own.live.size() - 2].seq);
      std::string put;  // a live put, behind a gap
      for (const auto& document : *begun.vault->documents())
        if (document.seq < begun.at.seq && document.seq > begun.in_gap())
          put = std::to_string(document.seq);
      return std::vector<Case>{
          {"nothing", "SELECT 1", true},
          {"a live entry is gone",
           "DELETE FROM operations WHERE seq = " + last +
               "; DELETE FROM entries WHERE seq = " + last,
           false},
          {"the checkpoint's own entry is gone",
           "DELETE FROM operations WHERE seq = " + std::to_string(own.at.seq) +
               "; DELETE FROM entries WHERE seq = " + std::to_string(own.at.seq),
           false},
          {"a live entry's body",
           "UPDATE entries SET body = substr(body, 1, length(body) - 1) || x'77' WHERE seq = " +
               last,
           false},
          {"a history entry out of the middle",
           "DELETE FROM operations WHERE seq = 3; DELETE FROM entries WHERE seq = 3", false},
          {"a history entry's body",
           "UPDATE entries SET body = substr(body, 1, length(body) - 1) || x'77' WHERE seq = " +
               std::to_string(begun.in_gap()),
           false},
          {"a live put's signature",
           "UPDATE entries SET signature = zeroblob(64) WHERE seq = " + put, true},
          {"a history entry's signature",
           "UPDATE entries SET signature = zeroblob(64) WHERE seq = " +
               std::to_string(begun.in_gap()),
           true},
          {"a history entry's operation",
           "UPDATE operations SET blob = zeroblob(2000) WHERE seq = " +
               std::to_string(begun.in_gap()),
           true},
      };
    };
    for (std::size_t i = 0; i < 9; ++i) {
      Begun begun;
      while (begun.progress()->read <= begun.in_gap()) REQUIRE(begun.read(5).has_value());
      const auto one = cases(begun)[i];
      CAPTURE(one.name);
      CAPTURE(one.sql);
      begun.alter(one.sql.c_str());
      const auto opened = begun.reopen();
      if (!one.opens) {
        CHECK(opened.error() == errc::local_state_tampered);
        continue;
      }
      REQUIRE(opened.has_value());
      const auto problems = begun.vault->check(true);
      REQUIRE(problems.has_value());
      CHECK(problems->empty() == (i == 0));
      for (const auto& problem : *problems) CHECK(problem.kind != ProblemKind::chain);
    }
  }

  TEST_CASE("a history that is not the one of the checkpoint is refused, and nothing kept") {
    const auto refused = [](const std::function<void(protocol::EntryPage&)>& alter) {
      Begun begun;
      REQUIRE(begun.read().has_value());
      const auto before = begun.progress()->read;
      auto page = begun.world.shelf.after(before);
      alter(page);
      const auto taken = History{*begun.vault}.take(page);
      REQUIRE(taken.has_error());
      CHECK(begun.progress()->read == before);
      CHECK_FALSE(begun.progress()->contradicted);
      CHECK(seen_by(*begun.vault) == seen_by(*begun.world.first));
      begun.read_all();  // an honest answer afterwards
      CHECK(begun.vault->check(true)->empty());
      return to_errc(taken.error());
    };
    CHECK(refused([](auto& page) { page.entries[2].signature.bytes[0] ^= 1; }) ==
          errc::unauthenticated);
    CHECK(refused([](auto& page) { page.entries.erase(page.entries.begin() + 1); }) ==
          errc::fork_detected);
    CHECK(refused([](auto& page) { page.entries[1].operation[60] ^= 1; }) == errc::unauthenticated);
    CHECK(refused([](auto& page) { page.entries.clear(); }) == errc::malformed);
    CHECK(refused([](auto& page) { page.head.seq = 5; }) == errc::server_rolled_back);
  }

  TEST_CASE("a checkpoint that left something out is found out, and stands so until it is locked") {
    Begun begun;
    begun.vault.reset();
    // The same log, with a checkpoint behind it that lacks one live entry.
    const auto keys = begun.world.keys();
    auto& log = begun.world.shelf.log;
    auto live = test::live_of(log, keys);
    std::erase_if(live, [&](const auto& entry) {
      const auto opened = *keys.open(entry);
      const auto* put = std::get_if<DocumentPut>(&opened.payload);
      return put != nullptr && put->document == begun.world.ids.back();
    });
    REQUIRE(live.size() + 1 == test::live_of(log, keys).size());
    const auto made =
        test::announce(log, live, *begun.world.first, keys, begun.world.first_machine.random);
    log.push_back(made.entry);
    for (std::size_t i = 0; i < made.composed.parts.size(); ++i)
      begun.world.shelf.objects[made.composed.objects[i]] = to_bytes(made.composed.parts[i].view());
    fs::remove_all(begun.third.directory());
    REQUIRE(begun.begin(begun.world.shelf));
    CHECK(begun.vault->document(begun.world.ids.back().text()).error() == errc::not_found);
    const auto before = seen_by(*begun.vault);
    Result<bool> outcome = false;
    while (outcome.has_value()) outcome = begun.read();
    CHECK(outcome.error() == errc::fork_detected);
    REQUIRE(begun.progress().has_value());
    CHECK(begun.progress()->contradicted);
    CHECK(begun.progress()->writer == begun.world.first->device());
    CHECK(begun.read().error() == errc::fork_detected);
    CHECK(seen_by(*begun.vault) == before);
    CHECK(begun.vault->check(true)->empty());
    REQUIRE(begun.reopen().has_value());
    CHECK_FALSE(begun.progress()->contradicted);
    CHECK(begun.read(1000).error() == errc::fork_detected);
    CHECK(begun.progress()->contradicted);
  }

  TEST_CASE("nothing is purged on the word of a checkpoint alone") {
    Begun begun;
    const auto id = begun.world.add();
    REQUIRE(begun.world.first->remove(id).has_value());
    REQUIRE(begun.world.shelf.sync(*begun.world.first));
    REQUIRE(begun.world.shelf.sync(*begun.vault));
    const auto later = begun.third.clock.time += 40 * 24 * 3600;
    REQUIRE(begun.vault->purge(later).has_value());
    CHECK(begun.vault->status()->pending == 0);
    begun.read_all();
    REQUIRE(begun.vault->purge(later).has_value());
    CHECK(begun.vault->status()->pending > 0);
    CHECK(begun.vault->document(id.text()).error() == errc::not_found);
    CHECK(begun.vault->check(true)->empty());
  }

  TEST_CASE("a device that changes its keys keeps its record, and reads on") {
    Begun begun;
    REQUIRE(begun.read().has_value());
    begun.vault.reset();
    const auto enrolled = [](const protocol::SignedCertificate&) { return Result<void>{}; };
    auto renewed =
        Vault::rekey(begun.third.config(), begun.third.passphrase,
                     test::secret_text("une autre phrase"), begun.third.environment(), enrolled);
    REQUIRE(renewed.has_value());
    begun.vault.emplace(std::move(*renewed));
    begun.third.passphrase = test::secret_text("une autre phrase");
    REQUIRE(begun.progress().has_value());
    REQUIRE(begun.reopen().has_value());
    CHECK(begun.record().device == begun.vault->device());
    begun.read_all();
    CHECK(begun.vault->check(true)->empty());
  }

  TEST_CASE("a device that another one let in begins in the same way") {
    CheckpointWorld world;
    world.live_through();
    REQUIRE(world.shelf.sync(*world.first));
    REQUIRE(Checkpoints{*world.first}.write().has_value());
    REQUIRE(world.shelf.push(*world.first));
    test::Machine machine{5};
    crypto::LocalSecrets secrets = crypto::make_local_secrets(machine.random);
    const crypto::KeyslotOwner owner{world.first->id(), machine.random.make<DeviceId>()};
    const auto agreement = crypto::public_key(secrets.agreement_key);
    const auto certificate =
        world.first->certify(owner.device, crypto::public_key(secrets.signing_seed), agreement);
    REQUIRE(world.first->add_device({certificate, "tablette"}).has_value());
    REQUIRE(world.shelf.push(*world.first));
    secrets.epoch = world.first->epoch();
    secrets.vault_key =
        *crypto::Sealer::open_envelope(secrets.agreement_key, {owner.vault, secrets.epoch},
                                       *world.first->seal_epoch_to(agreement));
    const auto head = world.shelf.head();
    const Vault::Admission admission{world.first->root_key(), head};
    const auto read = [&](const protocol::Head& remembered) {
      test::ShelfSource source{world.shelf};
      return *read_log_start(source, *std::make_unique<Keyring>(owner.vault, secrets), remembered);
    };
    const auto start = read(head);
    REQUIRE(start.checkpoint.has_value());
    const auto join = [&](const Vault::Admission& let_in, const LogStart& from) {
      return Vault::join(machine.config(), owner, secrets, let_in, from, machine.passphrase,
                         machine.environment());
    };
    auto other_root = admission;
    other_root.root.bytes[0] ^= 1;
    CHECK(join(other_root, start).error() == errc::unauthenticated);
    auto other_head = admission;
    other_head.head.hash.bytes[0] ^= 1;
    CHECK(join(other_head, start).error() == errc::fork_detected);
    auto vault = join(admission, start);
    REQUIRE(vault.has_value());
    REQUIRE(world.shelf.sync(*vault));
    CHECK(seen_by(*vault) == seen_by(*world.first));
    while (History{*vault}.progress())
      REQUIRE(test::read_history(*vault, world.shelf, 20).has_value());
    CHECK(vault->check(true)->empty());
    CHECK(*vault->entries_after(0, 10'000) == world.shelf.log);
  }
}

}  // namespace
}  // namespace coffret::store
