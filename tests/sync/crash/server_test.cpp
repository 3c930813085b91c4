// SPDX-License-Identifier: EUPL-1.2
//
// The server's operations, crashed and failed at every durable call: account, uploads, log, grants,
// openings, revocation, sweep. tests/support/crash_walk.hpp says how a longer run is asked for.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include "tests/support/crash_walk.hpp"
#include "tests/support/medium_vfs.hpp"
#include "tests/support/server_rig.hpp"
#include "tools/system/durable_disk.hpp"

namespace coffret::test {
namespace {

struct OnMedium {
  Medium medium;
  MediumVfs vfs{medium};
};

Bytes noise(std::size_t size, std::uint8_t seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + seed);
  return bytes;
}

// What the members know: what they asked for, and what was acknowledged.
struct Known {
  protocol::InviteToken token;
  Member alice{1};
  std::optional<protocol::Policy> lived;    // two openings
  std::optional<protocol::Policy> revoked;  // ended by its owner
  unsigned opened = 0;                      // openings that gave the server's half
};

class House : public OnMedium, public ServerRig {
 public:
  House() : ServerRig(std::make_unique<DurableDisk>(OnMedium::medium)) {}

  void stop() {
    service.reset();
    storage = {};
  }
  // As after a power cut; what `serve` does at its start. False: it does not start.
  bool start_on(const Medium& left) {
    stop();
    medium = left;
    return start();
  }
  bool start() {
    stop();
    auto opened = server::open_storage(folder / "data", machine());
    if (opened.has_error()) return false;
    storage = std::move(*opened);
    const server::Ports ports{*storage.records, *storage.halves,  *storage.objects, clock,
                              random,           *storage.identity};
    service = std::make_unique<server::Service>(
        ports, server::ServiceConfig{"https://vault.example", "card", {}, {}});
    return service->destroy_orphans().has_value();
  }
  std::string object(const ObjectId& id) { return target(known.alice, "/objects/" + id.text()); }
  unsigned part(ByteView whole, std::size_t from, std::size_t to) {
    const auto response = upload(known.alice, object(protocol::object_id(whole)), from,
                                 whole.size(), whole.subspan(from, to - from));
    return response.status;
  }
  bool has(ByteView whole) {
    auto response = signed_ask(known.alice.device, "GET", object(protocol::object_id(whole)));
    if (response.status != 200 || !response.file) return false;
    Bytes out(response.file->length);
    const auto read = disk.read_at(response.file->path, response.file->offset, out);
    return read.has_value() && out == to_bytes(whole);
  }
  std::uint64_t head() {
    const auto response = signed_ask(known.alice.device, "GET", target(known.alice, ""));
    if (response.status != 200) return 0;
    return protocol::from_json<protocol::VaultStatus>(response.body)->head.seq;
  }
  // The same entry as often as it is asked for.
  unsigned append_at(std::uint64_t seq, std::vector<ObjectId> puts, std::vector<ObjectId> drops) {
    auto& m = known.alice;
    const protocol::Append asked{m.head.hash,
                                 {entry(m, m.head, std::move(puts), std::move(drops))}};
    const auto response = signed_ask(m.device, "POST", target(m, "/log"), wire::encode(asked));
    if (response.status == 200) m.head = {seq, protocol::entry_hash(asked.entries[0].body)};
    return response.status;
  }
  // A policy with one file, once it is uploaded.
  unsigned grant(std::optional<protocol::Policy>& policy, std::uint8_t number) {
    auto& m = known.alice;
    const Bytes file = noise(700, number);
    if (!policy) {
      protocol::Policy p;
      p.vault = m.vault;
      p.link.bytes.fill(number);
      p.device = m.device_id;
      p.not_before = to_unix(clock.now());
      p.expires_at = p.not_before + 3600;
      p.openings = 2;
      p.rights = 1;
      p.proof_hash = protocol::sha256(Sha256{}.bytes);
      protocol::PolicyFile about;
      about.id.bytes.fill(number);
      about.size = file.size();
      about.sha256 = protocol::sha256(file);
      p.files = {about};
      policy = p;
    }
    const auto path =
        target(m, "/parcels/" + policy->link.text() + "/" + policy->files[0].id.text());
    const auto sent = upload(m, path, 0, file.size(), file);
    return sent.status == 204 ? publish(m, *policy).status : sent.status;
  }
  // Files of blobs on the disk, and those that a row names.
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& [path, content] : medium.files())
      if (path.find("/data/objects/") != std::string::npos ||
          path.find("/data/uploads/") != std::string::npos)
        if (const auto name = path.substr(path.rfind('/') + 1); name.compare(0, 5, "probe") != 0)
          names.insert(name);
    return names;
  }
  std::set<std::string> named_files() {
    std::set<std::string> names;
    sqlite3* db = nullptr;
    const auto path = (folder / "data") + "/records.db";
    if (::sqlite3_open(path.c_str(), &db) == SQLITE_OK) {
      sqlite3_stmt* rows = nullptr;
      (void)::sqlite3_prepare_v2(db, "SELECT kind, owner, id FROM blobs", -1, &rows, nullptr);
      const auto bytes = [&](int column) {
        const auto* at = static_cast<const std::uint8_t*>(::sqlite3_column_blob(rows, column));
        return ByteView{at, static_cast<std::size_t>(::sqlite3_column_bytes(rows, column))};
      };
      while (::sqlite3_step(rows) == SQLITE_ROW)
        names.insert(std::string{std::string_view{"opd"}.substr(
                         static_cast<std::size_t>(::sqlite3_column_int(rows, 0)), 1)} +
                     "." + to_base32(bytes(1)) + "." + to_base32(bytes(2)));
      (void)::sqlite3_finalize(rows);
    }
    (void)::sqlite3_close(db);
    return names;
  }

  Known known;
};

const Bytes first_object = noise(3000, 1);
const Bytes second_object = noise(2000, 2);

// Each is acknowledged by what it returns, and may be asked for again.
struct ServerAct {
  const char* name;
  std::function<bool(House&)> ask;
  std::function<bool(House&)> holds;  // what was acknowledged, as long as nothing ended it
};

bool opens(House& house) {
  const auto answer = house.open_link(house.known.lived->link);
  if (answer.status == 200) ++house.known.opened;
  return answer.status == 200;
}

const std::vector<ServerAct> acts{
    {"account",
     [](House& h) {
       // A repeat after a lost answer is 201 as well.
       return h.join(h.known.alice, h.known.token).status == 201;
     },
     [](House& h) {
       return h.signed_ask(h.known.alice.device, "GET", h.target(h.known.alice, "")).status == 200;
     }},
    {"first part",
     [](House& h) {
       const auto status = h.part(first_object, 0, 1000);
       return status == 204 || status == 409;  // 409: it is there already
     },
     [](House& h) {
       const auto told =
           h.signed_ask(h.known.alice.device, "HEAD", h.object(protocol::object_id(first_object)));
       const auto* offset = told.fields.find("Upload-Offset");
       return offset != nullptr && (*offset == "1000" || *offset == "3000");
     }},
    {"last part", [](House& h) { return h.part(first_object, 1000, 3000) == 204; },
     [](House& h) { return h.has(first_object); }},
    {"entry",
     [](House& h) { return h.append_at(1, {protocol::object_id(first_object)}, {}) == 200; },
     [](House& h) { return h.head() >= 1; }},
    {"second object", [](House& h) { return h.part(second_object, 0, 2000) == 204; },
     [](House& h) { return h.has(second_object); }},
    {"entry that drops",
     [](House& h) {
       return h.append_at(2, {protocol::object_id(second_object)},
                          {protocol::object_id(first_object)}) == 200;
     },
     [](House& h) { return h.head() == 2 && h.has(second_object); }},
    {"grant", [](House& h) { return h.grant(h.known.lived, 40) == 200; },
     [](House& h) {
       return h.ask("GET", "/v1/links/" + h.known.lived->link.text()).status == 200;
     }},
    {"opening", opens, [](House&) { return true; }},
    {"grant to be revoked", [](House& h) { return h.grant(h.known.revoked, 41) == 200; },
     [](House&) { return true; }},
    {"revocation",
     [](House& h) { return h.revoke(h.known.alice, h.known.revoked->link).status == 200; },
     [](House& h) { return h.open_link(h.known.revoked->link).status == 404; }}};

// Everything acknowledged holds, the rest can be done, and no byte is left that nobody names.
void judge_server(House& house, std::size_t done) {
  for (std::size_t i = 0; i < done; ++i)
    CHECK_MESSAGE(acts[i].holds(house), acts[i].name << " was acknowledged and does not hold");
  for (std::size_t i = done; i < acts.size(); ++i)
    CHECK_MESSAGE(acts[i].ask(house), acts[i].name << " cannot be asked again");
  // Counted before the half left: never more than the policy says, crash or not.
  while (house.known.opened < 10 && opens(house)) continue;
  CHECK(house.known.opened <= 2);
  house.clock.pass(std::int64_t{40} * 86400);
  const auto swept = house.service->sweep();
  CHECK_MESSAGE(swept.has_value(), "sweep: " << row(to_errc(swept.error())).code);
  CHECK(house.has(second_object));
  CHECK(!house.has(first_object));
  const auto links = house.storage.halves->links();
  CHECK((links.has_value() && links->empty()));
  const auto named = house.named_files();
  CHECK(named.size() == 1);
  CHECK(house.files() == named);
}

// What the members know at each mark.
std::vector<Known> play(House& house, const std::function<void()>& mark) {
  std::vector<Known> known{house.known};
  REQUIRE(house.start());
  for (const auto& act : acts) {
    REQUIRE_MESSAGE(act.ask(house), act.name);
    known.push_back(house.known);
    mark();
  }
  house.stop();
  return known;
}

TEST_SUITE("sync/crash/server") {
  TEST_CASE("a server that loses its power anywhere has what it acknowledged, and no orphan") {
    House house;
    house.known.token = house.invite();
    house.stop();
    const auto time = to_unix(house.clock.now());
    Recording recording{house.medium};
    const auto known = play(house, [&] { recording.mark(); });
    recording.stop();
    const auto count = walk(recording, [&](const Crash& crash) {
      house.clock.set(time);
      const bool started = house.start_on(crash.left);
      CHECK(started);
      if (!started) return;
      house.known = known[crash.marks];
      // The opening under way may have been counted, and its half sent or not.
      judge_server(house, crash.marks);
    });
    MESSAGE("server: walked " << count.steps << " durable calls, " << count.crashes << " crashes");
    CHECK(count.crashes > 100);
  }

  TEST_CASE("a sweep that loses its power anywhere is completed by the next one") {
    House house;
    house.known.token = house.invite();
    (void)play(house, [] {});
    const auto later = to_unix(house.clock.now()) + std::int64_t{40} * 86400;
    const auto known = house.known;
    house.clock.set(later);
    Recording recording{house.medium};
    REQUIRE(house.start());
    REQUIRE(house.service->sweep().has_value());
    house.stop();
    recording.stop();
    const auto count = walk(recording, [&](const Crash& crash) {
      const bool started = house.start_on(crash.left);
      CHECK(started);
      if (!started) return;
      house.clock.set(later);
      house.known = known;
      CHECK(house.service->sweep().has_value());
      CHECK(house.has(second_object));
      CHECK(house.files() == house.named_files());
      CHECK(house.named_files().size() == 1);
    });
    MESSAGE("sweep: walked " << count.steps << " durable calls, " << count.crashes << " crashes");
    CHECK(count.crashes > 10);
  }

  TEST_CASE("a server whose disk fails anywhere refuses, and goes on when it is well") {
    House house;
    house.known.token = house.invite();
    house.stop();
    const auto time = to_unix(house.clock.now());
    const Medium start = house.medium;
    const auto before = house.known;
    (void)play(house, [] {});
    const auto steps = house.medium.steps();
    std::size_t met = 0;
    Dice dice{number_in_environment("COFFRET_CRASH_SEED", 20261128)};
    for (std::uint64_t step = 0; step < steps; ++step)
      for (const auto& fault : faults_at(step, dice)) {
        const int kind = static_cast<int>(fault.kind);
        CAPTURE(step);
        CAPTURE(kind);
        house.stop();
        house.clock.set(time);
        house.medium = start;
        house.known = before;
        house.medium.break_at(fault);
        std::size_t done = 0;
        if (house.start())
          while (done < acts.size() && acts[done].ask(house)) ++done;
        if (house.medium.broken() > 0) ++met;
        house.medium.break_at(std::nullopt);
        const bool goes_on = house.service != nullptr && dice.below(2) == 0;
        CAPTURE(goes_on);
        if (!goes_on) {
          const auto left = house.medium.after_power_cut(Kept::everything, Kept::nothing, step);
          const bool started = house.start_on(left);
          CHECK(started);
          if (!started) continue;
        }
        judge_server(house, done);
      }
    MESSAGE("server: " << steps << " durable calls, " << met << " faults met");
    CHECK(met > 50);
  }
}

}  // namespace
}  // namespace coffret::test
