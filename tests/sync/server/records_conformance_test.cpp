// SPDX-License-Identifier: EUPL-1.2
//
// What every engine of the records port must do. A new engine adds a line to `records_engines`.
#include <filesystem>
#include <thread>

#include "sync/server/sqlite.hpp"
#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

constexpr std::int64_t t0 = 1'764'000'000;

struct RecordsEngine {
  const char* name;
  Result<std::unique_ptr<Records>> (*open)(const std::string& folder);
  // What a crash leaves of `folder`, seen by a second open in `copy`.
  void (*crash)(const std::string& folder, const std::string& copy);
};

const RecordsEngine records_engines[] = {
    {"sqlite",
     [](const std::string& folder) { return open_sqlite_records(folder + "/records.db"); },
     [](const std::string& folder, const std::string& copy) {
       std::filesystem::copy(folder, copy, std::filesystem::copy_options::recursive);
     }},
};

template <class Test>
void with_each_records_engine(Test test) {
  for (const auto& engine : records_engines) {
    CAPTURE(engine.name);
    const test::Folder folder;
    std::filesystem::create_directory(folder / "first");
    auto records = engine.open(folder / "first");
    REQUIRE(records.has_value());
    test(**records, engine, folder);
  }
}

template <class IdType>
IdType id_of(std::uint8_t byte) {
  IdType id;
  id.bytes.fill(byte);
  return id;
}

Account account(std::uint8_t number) {
  Account a;
  a.vault = id_of<VaultId>(number);
  a.account = id_of<protocol::AccountId>(number);
  a.root = id_of<SigningPublicKey>(number);
  return a;
}

Device device(std::uint8_t number) {
  Device d;
  d.vault = id_of<VaultId>(number);
  d.device = id_of<DeviceId>(number);
  d.key = id_of<SigningPublicKey>(static_cast<std::uint8_t>(number + 100));
  return d;
}

void join(Records& records, std::uint8_t number, Quota quota = {}) {
  const Invite invite{id_of<Sha256>(number), quota, t0 + 100};
  REQUIRE(records.add_invite(invite, from_unix(t0)).has_value());
  REQUIRE(
      records.join(invite.token_hash, account(number), device(number), from_unix(t0)).has_value());
}

protocol::SignedEntry entry(std::uint8_t vault, const protocol::Head& after) {
  protocol::Entry e;
  e.vault = id_of<VaultId>(vault);
  e.seq = after.seq + 1;
  e.previous = after.hash;
  return protocol::sign_entry(e, Bytes(100, 1), test::TestSigner{vault});
}

LinkId publish(Records& records, std::uint8_t vault, std::uint8_t number) {
  protocol::Policy policy;
  policy.vault = id_of<VaultId>(vault);
  policy.link = id_of<LinkId>(number);
  policy.expires_at = t0 + 1000;
  const protocol::SignedPolicy body{wire::encode(policy), {}};
  REQUIRE(records.publish(policy, body, from_unix(t0), [] { return Result<void>{}; }).has_value());
  return policy.link;
}

TEST_SUITE("sync/server/records") {
  TEST_CASE("what a write acknowledged is there after a crash") {
    with_each_records_engine(
        [](Records& records, const RecordsEngine& engine, const test::Folder& folder) {
          join(records, 1);
          protocol::Head head;
          for (int i = 0; i < 5; ++i) {
            const auto appended =
                records.append(id_of<VaultId>(1), head, {entry(1, head)}, {}, from_unix(t0));
            REQUIRE(appended.has_value());
            head = *appended;
          }
          engine.crash(folder / "first", folder / "second");
          const auto second = engine.open(folder / "second");
          REQUIRE(second.has_value());
          CHECK((*second)->account(id_of<VaultId>(1))->head == head);
          CHECK((*second)->entries(id_of<VaultId>(1), 0, 10, 1 << 20)->entries.size() == 5);
        });
  }

  TEST_CASE("of many appends after one head, one is taken") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      join(records, 1);
      std::atomic<int> taken = 0;
      std::atomic<int> refused = 0;
      std::vector<std::thread> threads;
      for (int i = 0; i < 16; ++i)
        threads.emplace_back([&] {
          const auto done =
              records.append(id_of<VaultId>(1), {}, {entry(1, {})}, {}, from_unix(t0));
          if (done.has_value()) ++taken;
          if (done.has_error() && done.error() == errc::conflict) ++refused;
        });
      for (auto& thread : threads) thread.join();
      CHECK(taken == 1);
      CHECK(refused == 15);
    });
  }

  TEST_CASE("a write that fails leaves nothing, and its neighbours in a batch stay") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      join(records, 1);
      const auto link = publish(records, 1, 7);
      std::atomic<int> done = 0;
      std::vector<std::thread> threads;
      for (int i = 0; i < 40; ++i)
        threads.emplace_back([&, i] {
          const auto changed =
              records.change(link, [&](GrantRow& row, Timestamp) -> Result<GrantChange> {
                ++row.openings_used;
                if (i % 2 == 1) return errc::denied;
                return GrantChange{};
              });
          if (changed.has_value()) ++done;
        });
      for (auto& thread : threads) thread.join();
      CHECK(done == 20);
      CHECK(records.grant(link)->openings_used == 20);
    });
  }

  TEST_CASE("an invite opens one account; a taken vault, root or key is a conflict") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      join(records, 1);
      const auto again = [&](const Account& a, const Device& d) {
        const Invite invite{id_of<Sha256>(50), {}, t0 + 100};
        (void)records.add_invite(invite, from_unix(t0)).has_value();
        return records.join(invite.token_hash, a, d, from_unix(t0)).error();
      };
      CHECK(records.join(id_of<Sha256>(1), account(2), device(2), from_unix(t0)).error() ==
            errc::invite_expired);
      CHECK(again(account(1), device(1)) == errc::conflict);
      auto thief = device(2);
      thief.key = device(1).key;
      CHECK(again(account(2), thief) == errc::conflict);
      CHECK(records.account(id_of<VaultId>(2)).error() == errc::not_found);
    });
  }

  TEST_CASE("a repeated invite with another vault changes nothing") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      join(records, 1);
      join(records, 2);
      // Account 1 repeats its own invite, with a device certified for vault 2, or for none.
      auto elsewhere = account(1);
      auto spy = device(9);
      elsewhere.vault = spy.vault = id_of<VaultId>(2);
      CHECK(records.join(id_of<Sha256>(1), elsewhere, spy, from_unix(t0)).error() ==
            errc::conflict);
      elsewhere.vault = spy.vault = id_of<VaultId>(3);
      CHECK(records.join(id_of<Sha256>(1), elsewhere, spy, from_unix(t0)).error() ==
            errc::invite_expired);
      CHECK(records.signatory(spy.key).error() == errc::not_found);
      CHECK(records.device(id_of<VaultId>(2), spy.device).error() == errc::not_found);
      CHECK(records.join(id_of<Sha256>(1), account(1), device(1), from_unix(t0))->vault ==
            id_of<VaultId>(1));
    });
  }

  TEST_CASE("a nonce works once per key, until it is forgotten") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      protocol::RequestSignature signature;
      CHECK(records.use_nonce(signature, from_unix(t0 + 10)).has_value());
      CHECK(records.use_nonce(signature, from_unix(t0 + 10)).error() == errc::replayed);
      auto other = signature;
      other.key = id_of<SigningPublicKey>(1);
      CHECK(records.use_nonce(other, from_unix(t0 + 10)).has_value());
      REQUIRE(records.forget_old(from_unix(t0 + 9)).has_value());
      CHECK(records.use_nonce(signature, from_unix(t0 + 10)).error() == errc::replayed);
      REQUIRE(records.forget_old(from_unix(t0 + 10)).has_value());
      CHECK(records.use_nonce(signature, from_unix(t0 + 10)).has_value());
    });
  }

  TEST_CASE("a blob keeps its key until its bytes are gone") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      join(records, 1);
      const auto vault = id_of<VaultId>(1);
      const auto key = BlobKey::object(vault, id_of<ObjectId>(5));
      REQUIRE(records.begin_upload(key, vault, 100, from_unix(t0)).has_value());
      CHECK(records.begin_upload(key, vault, 101, from_unix(t0)).error() == errc::conflict);
      REQUIRE(records.uploaded(key, 40, std::nullopt).has_value());
      CHECK(records.blob(key)->offset == 40);
      const auto stale = records.take_stale(from_unix(t0 + 7 * 86400), 10);
      REQUIRE(stale->size() == 1);
      CHECK(stale->front().key == key);
      CHECK_FALSE(stale->front().place.has_value());
      CHECK(records.blob(key).error() == errc::not_found);
      CHECK(records.begin_upload(key, vault, 100, from_unix(t0)).error() == errc::conflict);
      CHECK(records.take_stale(from_unix(t0), 10)->size() == 1);  // again after a crash
      REQUIRE(records.forget(key).has_value());
      CHECK(records.account(vault)->used.bytes == 0);
      CHECK(records.begin_upload(key, vault, 100, from_unix(t0)).has_value());
    });
  }

  TEST_CASE("of a pack all is taken that may be, counted once, and its last object is known") {
    with_each_records_engine([](Records& records, const RecordsEngine& engine,
                                const test::Folder& folder) {
      join(records, 1, {1000, 3, 100});
      const auto vault = id_of<VaultId>(1);
      const auto arriving = BlobKey::object(vault, id_of<ObjectId>(9));
      REQUIRE(records.begin_upload(arriving, vault, 100, from_unix(t0)).has_value());
      const std::vector<PackedRow> rows{{id_of<ObjectId>(1), 300, 0},
                                        {id_of<ObjectId>(2), 700, 300},
                                        {id_of<ObjectId>(9), 100, 1000},
                                        {id_of<ObjectId>(3), 200, 1100},
                                        {id_of<ObjectId>(4), 1, 1300}};
      const std::vector free{id_of<ObjectId>(1), id_of<ObjectId>(3)};  // by bytes, then by number
      CHECK(*records.takeable(vault, rows) == free);
      CHECK(records.account(vault)->used.bytes == 100);
      const auto pack = id_of<PackId>(7);
      CHECK(*records.take_pack(vault, pack, rows, from_unix(t0)) == free);
      CHECK(records.take_pack(vault, id_of<PackId>(8), rows, from_unix(t0))->empty());
      CHECK(records.account(vault)->used.bytes == 600);
      CHECK(records.account(vault)->used.objects == 3);
      CHECK(records.takeable(id_of<VaultId>(2), rows).error() == errc::not_found);
      engine.crash(folder / "first", folder / "second");
      const auto second = engine.open(folder / "second");
      REQUIRE(second.has_value());
      const auto key = BlobKey::object(vault, id_of<ObjectId>(3));
      const auto row = (*second)->blob(key);
      REQUIRE(row.has_value());
      CHECK(row->complete);
      CHECK(row->place == Place{pack, 1100});
      CHECK(*(*second)->packs() == std::vector{pack});

      const auto stale = records.take_stale(from_unix(t0 + 7 * 86400), 10);
      REQUIRE(stale->size() == 3);
      std::size_t emptied = 0;
      for (const auto& blob : *stale) {
        const auto left = records.forget(blob.key);
        REQUIRE(left.has_value());
        if (!*left) continue;
        ++emptied;
        CHECK(**left == pack);
        CHECK(blob.place->pack == pack);
      }
      CHECK(emptied == 1);
      CHECK(records.account(vault)->used.bytes == 0);
    });
  }

  TEST_CASE("only what was marked is forgotten, and only what still arrives is discarded") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      join(records, 1);
      const auto vault = id_of<VaultId>(1);
      const auto key = BlobKey::object(vault, id_of<ObjectId>(5));
      REQUIRE(records.begin_upload(key, vault, 100, from_unix(t0)).has_value());
      REQUIRE(records.forget(key).has_value());  // another sweeper's, long ago
      CHECK(records.blob(key).has_value());
      REQUIRE(records.uploaded(key, 100, Sha256{}).has_value());
      REQUIRE(records.forget(key).has_value());
      REQUIRE(records.discard(key).has_value());
      CHECK(records.blob(key)->complete);
      CHECK(records.account(vault)->used.bytes == 100);
      REQUIRE(records.take_stale(from_unix(t0 + 7 * 86400), 10)->size() == 1);
      REQUIRE(records.discard(key).has_value());
      CHECK(records.begin_upload(key, vault, 100, from_unix(t0)).error() == errc::conflict);
      REQUIRE(records.forget(key).has_value());
      REQUIRE(records.begin_upload(key, vault, 100, from_unix(t0)).has_value());
      REQUIRE(records.discard(key).has_value());
      CHECK(records.blob(key).error() == errc::not_found);
      CHECK(records.account(vault)->used.bytes == 0);
    });
  }

  TEST_CASE("entries that drop what is not there fill no disk") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      join(records, 1, {4000, 100, 3});
      const auto vault = id_of<VaultId>(1);
      protocol::Head head;
      std::uint8_t number = 0;
      const auto drop = [&](std::size_t operation) {
        protocol::Entry e;
        e.vault = vault;
        e.seq = head.seq + 1;
        e.previous = head.hash;
        e.drops = {id_of<ObjectId>(++number)};
        const auto sent = protocol::sign_entry(e, Bytes(operation, 1), test::TestSigner{1});
        const auto done = records.append(vault, head, {sent}, {}, from_unix(t0));
        if (done.has_error()) return to_errc(done.error());
        head = *done;
        CHECK(records.account(vault)->used.bytes >= operation + sent.body.size());
        return errc::ok;
      };
      CHECK(drop(1024 * 1024) == errc::over_quota);
      CHECK(drop(8 * 1024 + 1) == errc::over_quota);
      for (int i = 0; i < 6; ++i) CHECK(drop(8 * 1024) == errc::ok);
      CHECK(drop(8 * 1024) == errc::over_quota);
      CHECK(drop(0) == errc::over_quota);
      CHECK(head.seq == 6);
    });
  }

  TEST_CASE("a full vault takes each device out once, and lets none in") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      join(records, 1, {10, 100, 100});  // room for no entry at all
      const auto vault = id_of<VaultId>(1);
      for (const std::uint8_t number : {std::uint8_t{9}, std::uint8_t{10}}) {
        auto other = device(number);
        other.vault = vault;
        REQUIRE(records.add_device(other).has_value());
      }
      protocol::Head head;
      const auto append = [&](std::size_t entries, std::size_t operation,
                              const SignerChanges& changes) {
        std::vector<protocol::SignedEntry> sent;
        auto at = head;
        for (std::size_t i = 0; i < entries; ++i) {
          protocol::Entry e;
          e.vault = vault;
          e.seq = at.seq + 1;
          e.previous = at.hash;
          sent.push_back(protocol::sign_entry(e, Bytes(operation, 1), test::TestSigner{1}));
          at = {e.seq, protocol::entry_hash(sent.back().body)};
        }
        const auto done = records.append(vault, head, sent, changes, from_unix(t0));
        if (done.has_error()) return to_errc(done.error());
        head = *done;
        return errc::ok;
      };
      const auto removal = [](std::uint8_t number) {
        SignerChanges changes;
        changes.removed = {id_of<DeviceId>(number)};
        return changes;
      };
      auto exchange = removal(9);
      exchange.added.resize(2);
      CHECK(append(1, 100, {}) == errc::over_quota);
      CHECK(append(1, 100, exchange) == errc::over_quota);
      CHECK(append(1, 64 * 1024 + 1, removal(9)) == errc::over_quota);
      CHECK(append(2, 100, removal(9)) == errc::over_quota);
      CHECK(append(1, 100, removal(8)) == errc::over_quota);  // nobody's
      CHECK_FALSE(records.device(vault, id_of<DeviceId>(9))->removed);
      CHECK(append(1, 64 * 1024, removal(9)) == errc::ok);
      CHECK(records.device(vault, id_of<DeviceId>(9))->removed);
      CHECK(append(1, 100, removal(9)) == errc::over_quota);  // it is gone already
      CHECK(append(1, 100, removal(10)) == errc::ok);
      CHECK(head.seq == 2);
    });
  }

  TEST_CASE("a write that throws is undone alone, and the next one is taken") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      join(records, 1);
      const auto link = publish(records, 1, 7);
      CHECK(records
                .change(link,
                        [](GrantRow& row, Timestamp) -> Result<GrantChange> {
                          ++row.openings_used;
                          throw std::bad_alloc{};
                        })
                .error() == errc::internal);
      CHECK(records.grant(link)->openings_used == 0);
      CHECK(records.set_suspended(id_of<VaultId>(1), true).has_value());
    });
  }

  TEST_CASE("dropped bytes make room once, not for ever") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      join(records, 1, {1000, 100, 100});
      const auto vault = id_of<VaultId>(1);
      protocol::Head head;
      const auto store = [&](std::uint8_t number) {
        const auto key = BlobKey::object(vault, id_of<ObjectId>(number));
        const auto begun = records.begin_upload(key, vault, 700, from_unix(t0));
        if (begun.has_error()) return to_errc(begun.error());
        REQUIRE(records.uploaded(key, 700, Sha256{}).has_value());
        protocol::Entry e;
        e.vault = vault;
        e.drops = {id_of<ObjectId>(number)};
        e.seq = head.seq + 1;
        e.previous = head.hash;
        head = *records.append(vault, head, {protocol::sign_entry(e, {}, test::TestSigner{1})}, {},
                               from_unix(t0));
        return errc::ok;
      };
      CHECK(store(1) == errc::ok);
      CHECK(store(2) == errc::ok);
      CHECK(store(3) == errc::over_quota);
      CHECK(records.account(vault)->used.dropped_bytes == 1400);
    });
  }

  TEST_CASE("the latest time only moves forward, and decisions see it") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      join(records, 1);
      const auto link = publish(records, 1, 7);
      REQUIRE(records.note_time(from_unix(t0 + 50)).has_value());
      REQUIRE(records.note_time(from_unix(t0 + 20)).has_value());
      std::int64_t seen = 0;
      REQUIRE(records
                  .change(link,
                          [&](GrantRow&, Timestamp last) -> Result<GrantChange> {
                            seen = to_unix(last);
                            GrantChange change;
                            change.time = t0 + 60;
                            return change;
                          })
                  .has_value());
      CHECK(seen == t0 + 50);
      CHECK(to_unix(*records.last_time()) == t0 + 60);
    });
  }

  TEST_CASE("a file's location is given to one of many") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      join(records, 1);
      const auto link = publish(records, 1, 7);
      REQUIRE(records
                  .change(link,
                          [&](GrantRow&, Timestamp) -> Result<GrantChange> {
                            GrantChange change;
                            change.locations = {{id_of<Sha256>(4), link, id_of<FileId>(3), t0 + 9}};
                            return change;
                          })
                  .has_value());
      CHECK(records.take_location(id_of<Sha256>(4), from_unix(t0 + 9)).error() == errc::not_found);
      std::atomic<int> taken = 0;
      std::vector<std::thread> threads;
      for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
          if (records.take_location(id_of<Sha256>(4), from_unix(t0)).has_value()) ++taken;
        });
      for (auto& thread : threads) thread.join();
      CHECK(taken == 1);
    });
  }

  TEST_CASE("a quota and a suspension stay, and grants know of the suspension") {
    with_each_records_engine([](Records& records, const RecordsEngine& engine,
                                const test::Folder& folder) {
      join(records, 1);
      join(records, 2);
      const LinkId link = publish(records, 1, 7);
      const LinkId other = publish(records, 2, 8);
      CHECK(records.set_quota(id_of<VaultId>(3), {}).error() == errc::not_found);
      CHECK(records.set_suspended(id_of<VaultId>(3), true).error() == errc::not_found);
      const Quota quota{1000, 10, 20};
      REQUIRE(records.set_quota(id_of<VaultId>(1), quota).has_value());
      for (int twice = 0; twice < 2; ++twice)
        REQUIRE(records.set_suspended(id_of<VaultId>(1), true).has_value());

      engine.crash(folder / "first", folder / "second");
      const auto second = engine.open(folder / "second");
      REQUIRE(second.has_value());
      const auto all = (*second)->accounts();
      REQUIRE(all.has_value());
      REQUIRE(all->size() == 2);
      const Account kept = *(*second)->account(id_of<VaultId>(1));
      CHECK(kept.quota == quota);
      CHECK(kept.suspended);
      CHECK((*second)->signatory(id_of<SigningPublicKey>(101))->suspended);
      CHECK((*second)->grant(link)->suspended);
      CHECK_FALSE((*second)->grant(other)->suspended);
      CHECK_FALSE((*second)->signatory(id_of<SigningPublicKey>(102))->suspended);

      bool seen = false;
      REQUIRE(
          records
              .change(link,
                      [&](GrantRow& row, Timestamp) -> Result<GrantChange> {
                        seen = row.suspended;
                        return GrantChange{
                            .time = t0, .lines = {}, .readers = {}, .locations = {}, .proved = {}};
                      })
              .has_value());
      CHECK(seen);
      REQUIRE(records.set_suspended(id_of<VaultId>(1), false).has_value());
      CHECK_FALSE(records.grant(link)->suspended);
    });
  }

  TEST_CASE("an erased account leaves nothing, and its neighbour everything") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      join(records, 1);
      join(records, 2);
      const LinkId link = publish(records, 1, 7);
      const LinkId other = publish(records, 2, 8);
      REQUIRE(records.append(id_of<VaultId>(1), {}, {entry(1, {})}, {}, from_unix(t0)).has_value());

      const auto links = records.erase(id_of<VaultId>(1));
      REQUIRE(links.has_value());
      CHECK(*links == std::vector{link});
      CHECK(records.account(id_of<VaultId>(1)).error() == errc::not_found);
      CHECK(records.signatory(id_of<SigningPublicKey>(101)).error() == errc::not_found);
      CHECK(records.signatory(id_of<SigningPublicKey>(1)).error() == errc::not_found);
      CHECK(records.grant(link).error() == errc::not_found);
      CHECK(records.entries(id_of<VaultId>(1), 0, 10, 1 << 20).error() == errc::not_found);
      CHECK(records.erase(id_of<VaultId>(1)).error() == errc::not_found);
      // Its invite opens no second account.
      CHECK(records.join(id_of<Sha256>(1), account(3), device(3), from_unix(t0)).error() ==
            errc::invite_expired);

      CHECK(records.account(id_of<VaultId>(2)).has_value());
      CHECK(records.grant(other).has_value());
      CHECK(records.totals()->accounts == 1);
    });
  }

  TEST_CASE("a vault that joins again balances what its erased account left to be freed") {
    with_each_records_engine([](Records& records, const RecordsEngine&, const test::Folder&) {
      join(records, 1);
      const auto vault = id_of<VaultId>(1);
      const auto kept = id_of<ObjectId>(5);
      const auto left = BlobKey::object(vault, id_of<ObjectId>(6));
      for (const auto& [key, size] :
           {std::pair{BlobKey::object(vault, kept), 100u}, {left, 200u}}) {
        REQUIRE(records.begin_upload(key, vault, size, from_unix(t0)).has_value());
        REQUIRE(records.uploaded(key, size, Sha256{}).has_value());
      }
      REQUIRE(records.erase(vault).has_value());

      join(records, 1);
      CHECK(records.account(vault)->used.bytes == 0);
      CHECK(records.account(vault)->used.dropped_bytes == 300);
      protocol::Entry e;
      e.vault = vault;
      e.seq = 1;
      e.puts = {kept};
      const auto signed_entry = protocol::sign_entry(e, {}, test::TestSigner{1});
      REQUIRE(records.append(vault, {}, {signed_entry}, {}, from_unix(t0)).has_value());
      CHECK(records.account(vault)->used.objects == 1);
      CHECK(records.account(vault)->used.dropped_bytes == 200);
      const auto stale = records.take_stale(from_unix(t0 + 31 * 86400), 10);
      REQUIRE(stale->size() == 1);
      CHECK(stale->front().key == left);
      REQUIRE(records.forget(left).has_value());
      CHECK(records.account(vault)->used.dropped_bytes == 0);
    });
  }

  TEST_CASE("what a later version wrote is refused") {
    const test::Folder folder;
    {
      auto db = Connection::open(folder / "records.db");
      REQUIRE(db.has_value());
      REQUIRE(db->execute("CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;"
                          "INSERT INTO meta VALUES('schema_version', 4)")
                  .has_value());
    }
    CHECK(open_sqlite_records(folder / "records.db").error() == errc::other_version);
  }
}

}  // namespace
}  // namespace coffret::server
